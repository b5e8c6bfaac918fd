/*
 * Values as JSON (RFC 8259), by what a schema says of them:
 *
 *	int, unsigned, hyper	a number, of all 64 bits
 *	float, double		a number; "NaN", "Infinity", "-Infinity"
 *	bool, enum		true, false, the name of the word; a number
 *				where the schema has none
 *	string, opaque		a string where it is UTF-8 without a NUL, else
 *				{"base64": "..."}
 *	quadruple		as its 16 bytes
 *	struct			an object
 *	union			an object of the discriminant and its arm
 *	x[n], x<n>		an array
 *	*x			null, or the value
 *
 * schema/from_json reads the same.
 */
#ifndef SCHEMA_TO_JSON_H
#define SCHEMA_TO_JSON_H

#include "base/buffer.h"
#include "schema/parts.h"

enum to_json_result {
	TO_JSON_WRONG = 1, /* the bytes are not what the schema says */
	TO_JSON_LONG,      /* the buffer holds as much as it may */
};

/* A value; all borrowed. */
struct to_json_value {
	const struct schema_field *field; /* NULL: void */
	const uint8_t *bytes;
	size_t len;
};

/* What is wrong, and where. */
struct to_json_error {
	const char *what; /* static */
	const char *name; /* of the field; "": none; the schema's */
	size_t at;        /* which byte of the value */
};

/*
 * Adds all bytes as one value; void is null.  Indented, in lines, or in one
 * line; without the end of the last line.  Returns 0, a to_json_result, of
 * which TO_JSON_WRONG fills *error, or -ENOMEM.
 */
int to_json(struct buffer *out, const struct to_json_value *value,
    bool indented, struct to_json_error *error);

#endif
