#include "schema/from_json.h"

#include "schema/reading.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORD = 4, NAMES_SIZE = 200 };

bool
reading_fail(struct reading *reading, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(reading->error, reading->error_size, "%.*s%s%.*s",
	    READING_PATH_SIZE, reading->path,
	    *reading->path != '\0' ? ": " : "", 300, text);
	return false;
}

bool
reading_add(struct reading *reading, const void *bytes, size_t len)
{
	static const uint8_t zeroes[WORD];
	size_t padding = (WORD - len % WORD) % WORD;
	int r = buffer_append(reading->out, bytes, len);

	if (r == 0)
		r = buffer_append(reading->out, zeroes, padding);
	if (r == BUFFER_FULL)
		return reading_fail(reading,
		    "the arguments are longer than %zu bytes",
		    reading->out->max);
	reading->no_memory = r != 0;
	return r == 0;
}

bool
reading_add_word(struct reading *reading, uint32_t word)
{
	const uint8_t bytes[WORD] = { (uint8_t)(word >> 24),
		(uint8_t)(word >> 16), (uint8_t)(word >> 8), (uint8_t)word };

	return reading_add(reading, bytes, sizeof(bytes));
}

/* Adds to the path; returns its length before, to cut it off again. */
static size_t PRINTF_LIKE(2, 3)
    enter(struct reading *reading, const char *format, ...)
{
	size_t len = strlen(reading->path);
	va_list args;

	va_start(args, format);
	vsnprintf(
	    reading->path + len, sizeof(reading->path) - len, format, args);
	va_end(args);
	return len;
}

static void
leave(struct reading *reading, size_t len)
{
	reading->path[len] = '\0';
}

static bool read_field(struct reading *reading,
    const struct schema_field *field, struct json_object *value);

static const char *
type_name(const struct schema_field *field)
{
	return *field->type->name != '\0' ? field->type->name : field->name;
}

/* The names of fields that follow each other, as far as they fit. */
static void
list_names(const struct schema_field *fields, char out[NAMES_SIZE])
{
	int len = 0;

	*out = '\0';
	for (; fields != NULL && len < NAMES_SIZE; fields = fields->next)
		len += snprintf(out + len, NAMES_SIZE - (size_t)len, "%s%s",
		    fields->name, fields->next != NULL ? ", " : "");
}

static bool
is_object(struct reading *reading, struct json_object *value,
    const struct schema_field *fields)
{
	char names[NAMES_SIZE];

	if (json_object_is_type(value, json_type_object))
		return true;
	list_names(fields, names);
	return reading_fail(reading, "an object of %s is wanted, not %s", names,
	    reading_kind(value));
}

static bool
has_name(const struct schema_field *fields, const char *name)
{
	while (fields != NULL && strcmp(fields->name, name) != 0)
		fields = fields->next;
	return fields != NULL;
}

/* All members are fields. */
static bool
check_members(struct reading *reading, struct json_object *value,
    const struct schema_field *fields)
{
	struct json_object_iterator at = json_object_iter_begin(value),
				    end = json_object_iter_end(value);
	char names[NAMES_SIZE];

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);

		if (has_name(fields, name))
			continue;
		list_names(fields, names);
		enter(reading, ".%.60s", name);
		return reading_fail(
		    reading, "there is no such field, but %s", names);
	}
	return true;
}

/* The member of an object that is a field. */
static bool
read_member(struct reading *reading, const struct schema_field *field,
    struct json_object *object)
{
	size_t before = enter(reading, ".%.100s", field->name);
	struct json_object *value;
	bool taken;

	if (!json_object_object_get_ex(object, field->name, &value))
		return reading_fail(
		    reading, "is missing (%s)", type_name(field));
	taken = read_field(reading, field, value);
	if (taken)
		leave(reading, before);
	return taken;
}

static bool
read_struct(struct reading *reading, const struct schema_type *type,
    struct json_object *value)
{
	if (!is_object(reading, value, type->fields) ||
	    !check_members(reading, value, type->fields))
		return false;
	for (const struct schema_field *field = type->fields; field != NULL;
	     field = field->next)
		if (!read_member(reading, field, value))
			return false;
	return true;
}

/* Which number the discriminant has. */
static bool
read_case(struct reading *reading, const struct schema_field *field,
    struct json_object *object, uint32_t *number)
{
	struct schema_field bare = schema_field_bare(field);
	size_t before = enter(reading, ".%.100s", field->name);
	struct json_object *value;

	if (!json_object_object_get_ex(object, field->name, &value))
		return reading_fail(
		    reading, "is missing (%s)", type_name(field));
	if (!reading_word(reading, bare.type, value, number))
		return false;
	leave(reading, before);
	return true;
}

static bool
read_union(struct reading *reading, const struct schema_type *type,
    struct json_object *value)
{
	struct schema_field members[2] = { *type->fields };
	const struct schema_field *arm;
	uint32_t number;

	if (!is_object(reading, value, type->fields) ||
	    !read_case(reading, type->fields, value, &number))
		return false;
	arm = schema_arm_of(type, number);
	if (arm == NULL) {
		enter(reading, ".%.100s", type->fields->name);
		return reading_fail(
		    reading, "the union has no case of that value");
	}
	if (arm->type->kind != SCHEMA_VOID) {
		members[0].next = &members[1];
		members[1] = *arm;
	}
	return check_members(reading, value, members) &&
	    reading_add_word(reading, number) &&
	    (members[0].next == NULL || read_member(reading, arm, value));
}

static bool
check_count(
    struct reading *reading, const struct schema_field *bare, size_t count)
{
	if (bare->shape == SCHEMA_FIXED && count != bare->count)
		return reading_fail(reading,
		    "%" PRIu32 " elements are wanted, not %zu", bare->count,
		    count);
	if (count > bare->count)
		return reading_fail(reading,
		    "%zu elements are more than %" PRIu32, count, bare->count);
	return true;
}

static bool
read_array(struct reading *reading, const struct schema_field *bare,
    struct json_object *value)
{
	struct schema_field one = { .name = "", .type = bare->type };
	size_t count, before;

	if (!json_object_is_type(value, json_type_array))
		return reading_fail(reading, "an array of %s is wanted, not %s",
		    bare->type->name, reading_kind(value));
	count = json_object_array_length(value);
	if (!check_count(reading, bare, count))
		return false;
	if (bare->shape == SCHEMA_VARIABLE &&
	    !reading_add_word(reading, (uint32_t)count))
		return false;
	for (size_t i = 0; i < count; i++) {
		before = enter(reading, "[%zu]", i);
		if (!read_field(
			reading, &one, json_object_array_get_idx(value, i)))
			return false;
		leave(reading, before);
	}
	return true;
}

static bool
read_single(struct reading *reading, const struct schema_field *bare,
    struct json_object *value)
{
	switch (bare->type->kind) {
	case SCHEMA_STRUCT:
		return read_struct(reading, bare->type, value);
	case SCHEMA_UNION:
		return read_union(reading, bare->type, value);
	default:
		return reading_value(reading, bare, value);
	}
}

static bool
read_optional(struct reading *reading, const struct schema_field *bare,
    struct json_object *value)
{
	struct schema_field one = { .name = bare->name, .type = bare->type };
	bool is_there = value != NULL;

	return reading_add_word(reading, is_there ? 1 : 0) &&
	    (!is_there || read_field(reading, &one, value));
}

static bool
read_field(struct reading *reading, const struct schema_field *field,
    struct json_object *value)
{
	struct schema_field bare = schema_field_bare(field);

	switch (bare.shape) {
	case SCHEMA_SINGLE:
		return read_single(reading, &bare, value);
	case SCHEMA_OPTIONAL:
		return read_optional(reading, &bare, value);
	default:
		if (bare.type->kind == SCHEMA_OPAQUE ||
		    bare.type->kind == SCHEMA_STRING)
			return reading_value(reading, &bare, value);
		return read_array(reading, &bare, value);
	}
}

/* Each of them in an array. */
static bool
read_several(struct reading *reading, const struct schema_field *arguments,
    struct json_object *value)
{
	size_t count = 0, i = 0, before;

	for (const struct schema_field *it = arguments; it != NULL;
	     it = it->next)
		count++;
	if (!json_object_is_type(value, json_type_array) ||
	    json_object_array_length(value) != count)
		return reading_fail(
		    reading, "an array of %zu arguments is wanted", count);
	for (; arguments != NULL; arguments = arguments->next) {
		before = enter(reading, "[%zu]", i);
		if (!read_field(reading, arguments,
			json_object_array_get_idx(value, i++)))
			return false;
		leave(reading, before);
	}
	return true;
}

static bool
read_arguments(struct reading *reading, const struct schema_field *arguments,
    struct json_object *value)
{
	if (arguments == NULL)
		return value == NULL ||
		    reading_fail(reading, "there are no arguments");
	return arguments->next == NULL
	    ? read_field(reading, arguments, value)
	    : read_several(reading, arguments, value);
}

/* Whether there is no text at all. */
static bool
is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *text) != NULL) {
		text++;
		len--;
	}
	return len == 0;
}

int
from_json(struct buffer *out, const struct schema_field *arguments,
    const char *text, size_t len, struct from_json_error *error)
{
	struct reading reading = {
		.out = out,
		.error = error->text,
		.error_size = sizeof(error->text),
	};
	struct json_object *value = NULL;
	bool taken;

	if (arguments == NULL && is_blank(text, len))
		return 0;
	taken = reading_parse(&reading, text, len, &value) &&
	    read_arguments(&reading, arguments, value);
	json_object_put(value);
	if (reading.no_memory)
		return -ENOMEM;
	return taken ? 0 : FROM_JSON_WRONG;
}
