/*
 * What schema/from_json has in hand while it reads JSON.  For it,
 * schema/from_json_text and schema/from_json_value alone.
 */
#ifndef SCHEMA_READING_H
#define SCHEMA_READING_H

#include "base/base.h"
#include "base/buffer.h"
#include "schema/schema.h"

#include <json-c/json.h>

enum { READING_PATH_SIZE = 200 };

/* The functions return false when something is wrong, which is noted. */
struct reading {
	struct buffer *out;
	char *error; /* what is wrong; borrowed, */
	size_t error_size;
	bool no_memory;
	char path[READING_PATH_SIZE]; /* of the value; cut where it is longer */
};

/* Notes what is wrong with the value of the path. */
bool reading_fail(struct reading *reading, const char *format, ...)
    PRINTF_LIKE(2, 3);

/* Adds bytes, and zeroes up to a multiple of four. */
bool reading_add(struct reading *reading, const void *bytes, size_t len);
bool reading_add_word(struct reading *reading, uint32_t word);

/* What a value is, for people. */
const char *reading_kind(const struct json_object *value);

/* schema/from_json_text: the whole text is one
 * value, of which null is NULL; to be json_object_put(), also where it is
 * wrong. */
bool reading_parse(struct reading *reading, const char *text, size_t len,
    struct json_object **value);

/* schema/from_json_value: a value of a type that has no parts, once, or that is
 * bytes. */
bool reading_value(struct reading *reading, const struct schema_field *bare,
    struct json_object *value);

/* The number of an enum, a bool or an integer of at most 32 bits. */
bool reading_word(struct reading *reading, const struct schema_type *type,
    struct json_object *value, uint32_t *word);

#endif
