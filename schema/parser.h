/*
 * The parser of schema/: a file is definitions (definitions.c), these are made
 * of declarations (declarations.c), and both know names (names.c).
 *
 * Functions that return bool return false when something is wrong, which the
 * lexer has noted, or when memory is out.
 */
#ifndef SCHEMA_PARSER_H
#define SCHEMA_PARSER_H

#include "base/arena.h"
#include "base/hash.h"
#include "base/map.h"
#include "schema/lexer.h"

/* Bodies within bodies. */
#define PARSER_DEPTH 32

struct parser {
	struct lexer lexer;
	struct arena *arena;
	struct hash_key key;
	struct map names;
	struct schema_type *types, **types_end;
	struct schema_program *programs, **programs_end;
	unsigned int depth;
	bool no_memory;
};

/* The whole file. */
bool parser_run(struct parser *p);

/* Zeroed memory of the schema; NULL: there is none, and that is noted. */
void *parser_take(struct parser *p, size_t size);

/* names.c */

/* Takes a name that is no word of the language; what it names is for the
 * error. */
bool name_take(struct parser *p, const char **name, const char *what);

/* The type of the name, which may be defined later; NULL: no memory, or it is a
 * constant. */
struct schema_type *name_type(
    struct parser *p, const char *name, unsigned int line);

/* A type that has no name, or is being defined under it: false, it was
 * before. */
bool name_define_type(struct parser *p, const char *name, unsigned int line,
    enum schema_kind kind, struct schema_type **out);

bool name_define_constant(
    struct parser *p, const char *name, unsigned int line, int64_t value);

/* The name of a procedure is a constant as well, unless it is one before: each
 * version may have it. */
bool name_note_number(struct parser *p, const char *name, uint32_t number);

/* Takes a number, or the name of a constant, which is at least low and at most
 * high. */
bool name_value(struct parser *p, int64_t low, int64_t high, int64_t *value);

/* One of the types that need no definition; NULL: none. */
const struct schema_type *name_basic(const struct lexer *lexer);

/* All types are defined, and make sense. */
bool names_check(struct parser *p);

/* declarations.c */

/* Takes what a body or a name says of a type. */
bool declare_type(struct parser *p, const struct schema_type **type);

/* Takes a declaration; void counts where it may. */
bool declare_field(
    struct parser *p, bool may_be_void, struct schema_field **out);

/* Take the body of a type, which has been made. */
bool declare_enum(struct parser *p, struct schema_type *type);
bool declare_struct(struct parser *p, struct schema_type *type);
bool declare_union(struct parser *p, struct schema_type *type);

/* Takes an argument or a result; *out is NULL for void. */
bool declare_unnamed(
    struct parser *p, const char *name, struct schema_field **out);

/* programs.c: takes what follows the word program. */
bool program_define(struct parser *p);

#endif
