/*
 * A part of a value: see schema/parts.h.
 */
#ifndef SCHEMA_PART_H
#define SCHEMA_PART_H

#include "schema/schema.h"

enum part_kind {
	PART_BEGIN,   /* of a struct, a union or an array; no bytes */
	PART_END,     /* of it; no bytes */
	PART_VALUE,   /* of a type of fixed length that is no opaque */
	PART_CASE,    /* a value that is the discriminant of a union */
	PART_PRESENT, /* whether an optional value follows */
	PART_LENGTH,  /* bytes of an opaque or string; elements of an array,
			 which has begun, and whose depth it has */
	PART_BYTES,   /* an opaque or a string: there is always one, which may
			 be empty */
	PART_REST,    /* of a message (schema/message.h): what no schema has, or
			 that is wrong, which word says */
};

/* Not the element of an array. */
#define PART_NO_INDEX UINT32_MAX

/* A part.  What it points to is the schema's. */
struct part {
	enum part_kind kind;
	const char *name;        /* of the field; "" if it has none */
	const char *type_name;   /* as the field has it; may be "" */
	unsigned int line;       /* of the field's declaration */
	unsigned int depth;      /* parts that have begun around it */
	uint32_t index, indexes; /* which element of how many it belongs to;
				    or PART_NO_INDEX */
	struct schema_field is;  /* without typedefs */
	size_t at, len;          /* the bytes, without padding */
	size_t padding;          /* bytes after them */
	uint64_t value;          /* of all that have at most eight bytes and are
				    not PART_BYTES; of signed types
				    sign-extended */
	const char *word;        /* the name of the value; NULL: it has none */
	const struct schema *from; /* of a message; else NULL */
};

#endif
