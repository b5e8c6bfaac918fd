/*
 * A schema: what a file in the language of RPC and XDR says (RFC 4506, section
 * 6; RFC 5531, section 12), as a tree.  schema/file reads one.
 *
 * Each type takes at least four bytes on the wire, so a value has no more parts
 * than its bytes allow.
 */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a file that are kept. */
#define SCHEMA_KEPT_MAX (64 * 1024)

/* Typedefs of typedefs. */
#define SCHEMA_ALIASES_MAX 64

enum schema_kind {
	SCHEMA_VOID,
	SCHEMA_INT, /* and what is as long on the wire: long, short, char */
	SCHEMA_UNSIGNED,
	SCHEMA_HYPER,
	SCHEMA_UNSIGNED_HYPER,
	SCHEMA_FLOAT,
	SCHEMA_DOUBLE,
	SCHEMA_QUADRUPLE,
	SCHEMA_BOOL,
	SCHEMA_OPAQUE, /* with a shape: bytes */
	SCHEMA_STRING, /* likewise: text */
	SCHEMA_ENUM,
	SCHEMA_STRUCT,
	SCHEMA_UNION,
	SCHEMA_ALIAS,   /* a typedef */
	SCHEMA_UNKNOWN, /* is in no schema */
};

/* How often a type stands in a field. */
enum schema_shape {
	SCHEMA_SINGLE,
	SCHEMA_FIXED,    /* x[n] */
	SCHEMA_VARIABLE, /* x<n> */
	SCHEMA_OPTIONAL, /* *x */
};

/* A declaration. */
struct schema_field {
	struct schema_field *next; /* of the struct, or the arguments */
	const char *name;
	unsigned int line;
	enum schema_shape shape;
	const struct schema_type *type;
	uint32_t count; /* elements, or bytes, of x[n]; the most of x<n> */
};

/* A word of an enum. */
struct schema_word {
	struct schema_word *next;
	const char *name;
	unsigned int line;
	int32_t value;
};

/* What follows a discriminant of that value. */
struct schema_arm {
	struct schema_arm *next;
	bool is_default;
	int64_t value;
	struct schema_field *field; /* may be void; shared by cases */
};

struct schema_type {
	struct schema_type *next; /* of the file */
	enum schema_kind kind;
	const char *name; /* "" of a body without one */
	unsigned int line;
	/* Of a struct; the discriminant of a union; of an alias what it stands
	 * for. */
	struct schema_field *fields;
	struct schema_arm *arms;
	struct schema_word *words;
};

struct schema_procedure {
	struct schema_procedure *next;
	const char *name;
	unsigned int line;
	uint32_t number;
	struct schema_field *arguments; /* NULL: void */
	struct schema_field *result;    /* NULL: void */
};

struct schema_version {
	struct schema_version *next;
	const char *name;
	uint32_t number;
	struct schema_procedure *procedures;
};

struct schema_program {
	struct schema_program *next;
	const char *name;
	uint32_t number;
	struct schema_version *versions;
};

/* All of it is there to be read, in the order of the file, and goes with the
 * schema. */
struct schema {
	const char *file; /* its name, borrowed */
	const char *text; /* the file, for who shows its lines; NULL: it is
			     longer than SCHEMA_KEPT_MAX */
	size_t len;
	struct schema_type *types;
	struct schema_program *programs;
};

/* The type of that name; NULL: there is none. */
const struct schema_type *schema_type_named(
    const struct schema *schema, const char *name);

/* As far as there is one of that number, else NULL. */
const struct schema_program *schema_program_of(
    const struct schema *schema, uint32_t number);
const struct schema_version *schema_version_of(
    const struct schema_program *program, uint32_t number);
const struct schema_procedure *schema_procedure_of(
    const struct schema_version *version, uint32_t number);

/* The name of a value of an enum; NULL: it has none. */
const char *schema_word_of(const struct schema_type *type, int32_t value);

/* What follows a discriminant of that value, which may be void; NULL: the
 * schema does not say. */
const struct schema_field *schema_arm_of(
    const struct schema_type *type, uint32_t value);

/* What a field is when all typedefs are taken away: its shape, type and count
 * are those of the last of them that has a shape.  Name and line stay. */
struct schema_field schema_field_bare(const struct schema_field *field);

#endif
