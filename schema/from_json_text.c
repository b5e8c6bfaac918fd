/* The text of JSON, as json-c reads it. */
#include "schema/from_json.h"
#include "schema/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes the text with its NUL, which says that a number at its end is over. */
static bool
tokenize(struct reading *reading, struct json_tokener *tokener,
    const char *text, size_t len, struct json_object **value)
{
	enum json_tokener_error error;

	json_tokener_set_flags(
	    tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*value = json_tokener_parse_ex(tokener, text, (int)len + 1);
	error = json_tokener_get_error(tokener);
	if (error == json_tokener_success)
		return true;
	return reading_fail(reading, "not JSON from byte %zu on: %s",
	    json_tokener_get_parse_end(tokener),
	    json_tokener_error_desc(error));
}

/* How far it is from a quote to what follows the string. */
static size_t
string_len(const char *text)
{
	size_t len = 1;

	while (text[len] != '\0' && text[len] != '"')
		len += text[len] == '\\' && text[len + 1] != '\0' ? 2 : 1;
	return text[len] == '"' ? len + 1 : len;
}

/* json-c takes a whole number that has more than 64 bits for the largest, so
 * that is looked for before.  The text ends in NUL. */
static bool
check_numbers(struct reading *reading, const char *text)
{
	size_t len;

	for (; *text != '\0'; text += len) {
		len = 1;
		if (*text == '"') {
			len = string_len(text);
			continue;
		}
		if (strchr("-0123456789", *text) == NULL)
			continue;
		len = strspn(text, "+-.0123456789Ee");
		if (strcspn(text, ".Ee") < len)
			continue;
		errno = 0;
		if (*text == '-')
			strtoll(text, NULL, 10);
		else
			strtoull(text, NULL, 10);
		if (errno == ERANGE)
			return reading_fail(reading,
			    "%.*s has more than 64 bits",
			    (int)MIN_OF(len, (size_t)100), text);
	}
	return true;
}

bool
reading_parse(struct reading *reading, const char *text, size_t len,
    struct json_object **value)
{
	struct json_tokener *tokener = json_tokener_new_ex(FROM_JSON_DEPTH);
	char *copy = malloc(len + 1);
	bool taken = false;

	*value = NULL;
	if (tokener == NULL || copy == NULL) {
		reading->no_memory = true;
	} else if (len >= FROM_JSON_TEXT_MAX || memchr(text, '\0', len)) {
		reading_fail(reading, "not JSON: %s",
		    len >= FROM_JSON_TEXT_MAX ? "too long" : "it has a NUL");
	} else {
		memcpy(copy, text, len);
		copy[len] = '\0';
		taken = check_numbers(reading, copy) &&
		    tokenize(reading, tokener, copy, len, value);
	}
	free(copy);
	if (tokener != NULL)
		json_tokener_free(tokener);
	return taken;
}
