/*
 * JSON (RFC 8259) as the bytes of values, by what a schema says of them; which
 * JSON is in schema/to_json.h.  Beside that, an enum and a bool may be numbers.
 *
 * A member that is missing, or that no field has, is wrong, and so is what a
 * limit of the schema does not allow.
 */
#ifndef SCHEMA_FROM_JSON_H
#define SCHEMA_FROM_JSON_H

#include "base/buffer.h"
#include "schema/schema.h"

enum {
	FROM_JSON_DEPTH = 256, /* objects and arrays within each other */
	FROM_JSON_TEXT_MAX = 64 * 1024 * 1024, /* bytes */
};

enum from_json_result {
	FROM_JSON_WRONG = 1, /* error says what */
};

/* One line, which may quote the JSON: see base/printable. */
struct from_json_error {
	char text[512];
};

/*
 * Adds the arguments of a procedure, as its fields: none is no text, or null;
 * one is its value; several are an array of theirs.  Returns 0,
 * FROM_JSON_WRONG, also where the buffer may hold no more, or -ENOMEM; what was
 * added until then is to be truncated.
 */
int from_json(struct buffer *out, const struct schema_field *arguments,
    const char *text, size_t len, struct from_json_error *error);

#endif
