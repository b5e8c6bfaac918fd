/* Values that have no parts. */
#include "schema/reading.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Words of an enum that are listed. */
enum { WORDS_SIZE = 300 };

const char *
reading_kind(const struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_boolean:
		return "true or false";
	case json_type_double:
		return "a number with a fraction";
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	default:
		return "null";
	}
}

/* A number that may be negative. */
static bool
read_signed(struct reading *reading, struct json_object *value, int64_t low,
    int64_t high, int64_t *number)
{
	if (!json_object_is_type(value, json_type_int))
		return reading_fail(reading, "a whole number is wanted, not %s",
		    reading_kind(value));
	*number = json_object_get_int64(value);
	/* What is larger is given as the largest. */
	if (*number >= low && *number <= high &&
	    (*number < 0 || json_object_get_uint64(value) <= (uint64_t)high))
		return true;
	return reading_fail(reading, "%s is not from %" PRId64 " to %" PRId64,
	    json_object_get_string(value), low, high);
}

static bool
read_unsigned(struct reading *reading, struct json_object *value, uint64_t high,
    uint64_t *number)
{
	if (!json_object_is_type(value, json_type_int))
		return reading_fail(reading, "a whole number is wanted, not %s",
		    reading_kind(value));
	*number = json_object_get_uint64(value);
	if (json_object_get_int64(value) >= 0 && *number <= high)
		return true;
	return reading_fail(reading, "%s is not from 0 to %" PRIu64,
	    json_object_get_string(value), high);
}

/* Which there are, as far as they fit. */
static void
list_words(const struct schema_type *type, char out[WORDS_SIZE])
{
	size_t len = 0;

	*out = '\0';
	for (const struct schema_word *word = type->words; word != NULL;
	     word = word->next) {
		size_t more = strlen(word->name) + strlen(", ");

		if (len + more + sizeof("...") > WORDS_SIZE) {
			strcpy(out + len, "...");
			return;
		}
		strcpy(out + len, word->name);
		len += more;
		strcpy(
		    out + len - strlen(", "), word->next != NULL ? ", " : "");
	}
}

static bool
read_name(struct reading *reading, const struct schema_type *type,
    struct json_object *value, uint32_t *number)
{
	const char *name = json_object_get_string(value);
	const struct schema_word *word = type->words;
	char words[WORDS_SIZE];

	while (word != NULL && strcmp(word->name, name) != 0)
		word = word->next;
	if (word == NULL) {
		list_words(type, words);
		return reading_fail(reading, "%s has no word \"%.60s\": %s",
		    *type->name != '\0' ? type->name : "the enum", name, words);
	}
	*number = (uint32_t)word->value;
	return true;
}

/* A kind of number that fits a word. */
static bool
read_number(struct reading *reading, enum schema_kind kind,
    struct json_object *value, uint32_t *word)
{
	uint64_t number;
	int64_t with_sign;

	if (kind == SCHEMA_UNSIGNED) {
		if (!read_unsigned(reading, value, UINT32_MAX, &number))
			return false;
		*word = (uint32_t)number;
		return true;
	}
	if (!read_signed(reading, value, INT32_MIN, INT32_MAX, &with_sign))
		return false;
	*word = (uint32_t)with_sign;
	return true;
}

bool
reading_word(struct reading *reading, const struct schema_type *type,
    struct json_object *value, uint32_t *word)
{
	enum json_type is = json_object_get_type(value);

	if (type->kind == SCHEMA_BOOL && is == json_type_boolean) {
		*word = json_object_get_boolean(value) ? 1 : 0;
		return true;
	}
	if (type->kind == SCHEMA_BOOL && is != json_type_int)
		return reading_fail(reading, "true or false is wanted, not %s",
		    reading_kind(value));
	if (type->kind == SCHEMA_ENUM && is == json_type_string)
		return read_name(reading, type, value, word);
	if (type->kind == SCHEMA_ENUM && is != json_type_int)
		return reading_fail(reading, "a word of %s is wanted, not %s",
		    *type->name != '\0' ? type->name : "the enum",
		    reading_kind(value));
	return read_number(reading, type->kind, value, word);
}

/* A number, or a word for what is none. */
static bool
read_real(struct reading *reading, struct json_object *value, double *real)
{
	static const struct {
		const char *name;
		double value;
	} words[] = {
		{ "NaN", (double)NAN },
		{ "Infinity", (double)INFINITY },
		{ "-Infinity", -(double)INFINITY },
	};
	enum json_type is = json_object_get_type(value);

	if (is == json_type_int || is == json_type_double) {
		*real = json_object_get_double(value);
		return true;
	}
	for (size_t i = 0; is == json_type_string && i < ARRAY_LEN(words); i++)
		if (strcmp(json_object_get_string(value), words[i].name) == 0) {
			*real = words[i].value;
			return true;
		}
	return reading_fail(reading,
	    "a number is wanted, or \"NaN\", \"Infinity\" or \"-Infinity\", "
	    "not %s",
	    reading_kind(value));
}

static bool
add_long(struct reading *reading, uint64_t number)
{
	return reading_add_word(reading, (uint32_t)(number >> 32)) &&
	    reading_add_word(reading, (uint32_t)number);
}

static bool
add_float(struct reading *reading, struct json_object *value)
{
	double real;
	float narrow;
	uint32_t bits;

	if (!read_real(reading, value, &real))
		return false;
	narrow = (float)real;
	if (isinf(narrow) && !isinf(real))
		return reading_fail(reading, "%s is too large for a float",
		    json_object_get_string(value));
	memcpy(&bits, &narrow, sizeof(bits));
	return reading_add_word(reading, bits);
}

static bool
add_double(struct reading *reading, struct json_object *value)
{
	double real;
	uint64_t bits;

	if (!read_real(reading, value, &real))
		return false;
	memcpy(&bits, &real, sizeof(bits));
	return add_long(reading, bits);
}

static bool
add_hyper(
    struct reading *reading, enum schema_kind kind, struct json_object *value)
{
	uint64_t number;
	int64_t with_sign;

	if (kind == SCHEMA_UNSIGNED_HYPER)
		return read_unsigned(reading, value, UINT64_MAX, &number) &&
		    add_long(reading, number);
	return read_signed(reading, value, INT64_MIN, INT64_MAX, &with_sign) &&
	    add_long(reading, (uint64_t)with_sign);
}

/* The value of a digit of base64; -1: it is none. */
static int
digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '/')
		return c == '+' ? 62 : 63;
	return -1;
}

/* Decodes in place (RFC 4648, section 4).  False: it is no base64. */
static bool
decode_base64(char *text, size_t *len)
{
	size_t digits = *len, out = 0;
	uint32_t bits = 0;

	if (digits % 4 != 0)
		return false;
	while (digits > 0 && digits + 2 > *len && text[digits - 1] == '=')
		digits--;
	for (size_t i = 0; i < digits; i++) {
		int digit = digit_of(text[i]);

		if (digit < 0)
			return false;
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4 > 0)
			text[out++] = (char)(bits >> (6 - 2 * (i % 4)));
	}
	*len = out;
	return true;
}

/* The bytes that a value stands for, to be free()d. */
static bool
read_bytes(struct reading *reading, struct json_object *value, char **bytes,
    size_t *len)
{
	struct json_object *base64 = NULL, *text = value;

	if (json_object_is_type(value, json_type_object) &&
	    json_object_object_length(value) == 1 &&
	    json_object_object_get_ex(value, "base64", &base64))
		text = base64;
	if (!json_object_is_type(text, json_type_string))
		return reading_fail(reading,
		    "a string or {\"base64\": \"...\"} is wanted, not %s",
		    reading_kind(value));
	*len = (size_t)json_object_get_string_len(text);
	*bytes = malloc(*len + 1);
	if (*bytes == NULL) {
		reading->no_memory = true;
		return false;
	}
	memcpy(*bytes, json_object_get_string(text), *len);
	if (base64 == NULL || decode_base64(*bytes, len))
		return true;
	free(*bytes);
	return reading_fail(reading, "this is no base64 (RFC 4648, section 4)");
}

static bool
add_bytes(struct reading *reading, const struct schema_field *bare,
    const char *bytes, size_t len)
{
	bool fixed = bare->shape == SCHEMA_FIXED;

	if (fixed && len != bare->count)
		return reading_fail(reading,
		    "%" PRIu32 " bytes are wanted, not %zu", bare->count, len);
	if (len > bare->count)
		return reading_fail(reading, "%zu bytes are more than %" PRIu32,
		    len, bare->count);
	return (fixed || reading_add_word(reading, (uint32_t)len)) &&
	    reading_add(reading, bytes, len);
}

static bool
copy_bytes(struct reading *reading, const struct schema_field *bare,
    struct json_object *value)
{
	char *bytes = NULL;
	size_t len = 0;
	bool added;

	if (!read_bytes(reading, value, &bytes, &len))
		return false;
	added = add_bytes(reading, bare, bytes, len);
	free(bytes);
	return added;
}

bool
reading_value(struct reading *reading, const struct schema_field *bare,
    struct json_object *value)
{
	const struct schema_field quadruple = {
		.shape = SCHEMA_FIXED,
		.type = bare->type,
		.count = 16,
	};
	enum schema_kind kind = bare->type->kind;
	uint32_t word;

	switch (kind) {
	case SCHEMA_HYPER:
	case SCHEMA_UNSIGNED_HYPER:
		return add_hyper(reading, kind, value);
	case SCHEMA_FLOAT:
		return add_float(reading, value);
	case SCHEMA_DOUBLE:
		return add_double(reading, value);
	case SCHEMA_QUADRUPLE:
		return copy_bytes(reading, &quadruple, value);
	case SCHEMA_OPAQUE:
	case SCHEMA_STRING:
		return copy_bytes(reading, bare, value);
	default:
		return reading_word(reading, bare->type, value, &word) &&
		    reading_add_word(reading, word);
	}
}
