/*
 * option_kind: the kinds of values, each with its reader and its writer, which
 * agree: what show returns, set reads back.
 */
#include "option/option.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define MILLISECONDS 1000

/* The letters of sizes, each 1024 times the one before. */
static const char size_letters[] = "KMGT";

/* Moves *at past a decimal number; false: there is none, or it is too big. */
static bool
read_digits(const char **at, uint64_t *number)
{
	const char *digit = *at;
	uint64_t sum = 0;

	for (; *digit >= '0' && *digit <= '9'; digit++) {
		uint64_t next = (uint64_t)(*digit - '0');

		if (sum > (UINT64_MAX - next) / 10)
			return false;
		sum = sum * 10 + next;
	}
	if (digit == *at)
		return false;
	*at = digit;
	*number = sum;
	return true;
}

static bool
is_between(const struct option_row *row, uint64_t number)
{
	return number >= row->min && number <= row->max;
}

static int
flag_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	static const struct {
		const char *name;
		bool value;
	} words[] = {
		{ "yes", true },
		{ "true", true },
		{ "on", true },
		{ "no", false },
		{ "false", false },
		{ "off", false },
	};
	bool *flag = field;

	(void)set;
	if (value == NULL) {
		*flag = (row->flags & OPTION_NO) == 0;
		return 0;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].name, value) != 0)
			continue;
		*flag = words[i].value;
		return 0;
	}
	return option_refuse(error, "\"%.100s\" is neither yes nor no", value);
}

static const char *
flag_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	const bool *flag = field;

	(void)row;
	(void)scratch;
	if (index > 0)
		return NULL;
	return *flag ? "yes" : "no";
}

const struct option_kind option_flag = { .set = flag_set, .show = flag_show };

static int
preset_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	(void)set;
	if (value != NULL)
		return option_refuse(error, "takes no value");
	*(int *)field = (int)row->max;
	return 0;
}

const struct option_kind option_preset = { .set = preset_set };

static int
number_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	const char *at = value;
	uint64_t number;

	(void)set;
	if (!read_digits(&at, &number) || *at != '\0' ||
	    !is_between(row, number))
		return option_refuse(error,
		    "\"%.100s\" is not a whole number from %" PRIu64
		    " to %" PRIu64,
		    value, row->min, row->max);
	*(unsigned int *)field = (unsigned int)number;
	return 0;
}

static const char *
number_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	(void)row;
	if (index > 0)
		return NULL;
	snprintf(scratch, OPTION_SCRATCH, "%u", *(const unsigned int *)field);
	return scratch;
}

const struct option_kind option_number = {
	.set = number_set,
	.show = number_show,
};

/* With the largest letter that leaves a whole number. */
static const char *
write_size(uint64_t bytes, char scratch[OPTION_SCRATCH])
{
	size_t power = 0;
	char letter[2] = "";

	while (bytes > 0 && bytes % 1024 == 0 && size_letters[power] != '\0') {
		bytes /= 1024;
		letter[0] = size_letters[power++];
	}
	snprintf(scratch, OPTION_SCRATCH, "%" PRIu64 "%s", bytes, letter);
	return scratch;
}

/* Reads a number and its letter; false: not of that form, or too big. */
static bool
read_size(const char *value, uint64_t *bytes)
{
	const char *letter;

	if (!read_digits(&value, bytes))
		return false;
	if (*value == '\0')
		return true;
	letter = strchr(size_letters, *value);
	if (letter == NULL || value[1] != '\0')
		return false;
	for (const char *step = size_letters; step <= letter; step++) {
		if (*bytes > UINT64_MAX / 1024)
			return false;
		*bytes *= 1024;
	}
	return true;
}

static int
size_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	char least[OPTION_SCRATCH], most[OPTION_SCRATCH];
	uint64_t bytes;

	(void)set;
	if (!read_size(value, &bytes) || !is_between(row, bytes))
		return option_refuse(error,
		    "\"%.100s\" is not a size from %s to %s "
		    "(K, M, G, T for powers of 1024)",
		    value, write_size(row->min, least),
		    write_size(row->max, most));
	*(uint64_t *)field = bytes;
	return 0;
}

static const char *
size_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	(void)row;
	return index == 0 ? write_size(*(const uint64_t *)field, scratch)
			  : NULL;
}

const struct option_kind option_size = { .set = size_set, .show = size_show };

static const char *
write_seconds(uint64_t milliseconds, char scratch[OPTION_SCRATCH])
{
	uint64_t whole = milliseconds / MILLISECONDS;
	unsigned int part = (unsigned int)(milliseconds % MILLISECONDS);

	if (part == 0)
		snprintf(scratch, OPTION_SCRATCH, "%" PRIu64, whole);
	else
		snprintf(
		    scratch, OPTION_SCRATCH, "%" PRIu64 ".%03u", whole, part);
	return scratch;
}

static bool
read_seconds(const char *value, uint64_t *milliseconds)
{
	uint64_t whole, scale = MILLISECONDS;

	if (!read_digits(&value, &whole) || whole > UINT32_MAX)
		return false;
	*milliseconds = whole * MILLISECONDS;
	if (*value != '.')
		return *value == '\0';
	while (*++value >= '0' && *value <= '9' && scale > 1) {
		scale /= 10;
		*milliseconds += (uint64_t)(*value - '0') * scale;
	}
	return *value == '\0' && scale < MILLISECONDS;
}

static int
seconds_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	char least[OPTION_SCRATCH], most[OPTION_SCRATCH];
	uint64_t milliseconds;

	(void)set;
	if (!read_seconds(value, &milliseconds) ||
	    !is_between(row, milliseconds))
		return option_refuse(error,
		    "\"%.100s\" is not a number of seconds from %s to %s, "
		    "with at most three decimals",
		    value, write_seconds(row->min, least),
		    write_seconds(row->max, most));
	*(unsigned int *)field = (unsigned int)milliseconds;
	return 0;
}

static const char *
seconds_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	(void)row;
	return index == 0 ? write_seconds(*(const unsigned int *)field, scratch)
			  : NULL;
}

const struct option_kind option_seconds = {
	.set = seconds_set,
	.show = seconds_show,
};

static int
keep_text(struct option_set *set, const char *value, const char **text,
    struct option_error *error)
{
	char *copy;

	if (*value == '\0')
		return option_refuse(error, "needs a value");
	if (strlen(value) > OPTION_TEXT_MAX || strchr(value, '\n') != NULL)
		return option_refuse(error,
		    "longer than %d bytes, or with a newline in it",
		    OPTION_TEXT_MAX);
	copy = option_keep(set, strlen(value) + 1);
	if (copy == NULL)
		return -ENOMEM;
	*text = strcpy(copy, value);
	return 0;
}

static int
string_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	(void)row;
	return keep_text(set, value, field, error);
}

static const char *
string_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	(void)row;
	(void)scratch;
	return index == 0 ? *(const char *const *)field : NULL;
}

const struct option_kind option_string = {
	.set = string_set,
	.show = string_show,
};

static int
choice_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	const struct option_choice *choice;
	char names[256] = "";
	size_t used = 0;

	(void)set;
	for (choice = row->choices; choice->name != NULL; choice++) {
		if (strcmp(choice->name, value) == 0) {
			*(int *)field = choice->value;
			return 0;
		}
		if (used < sizeof(names))
			used +=
			    (size_t)snprintf(names + used, sizeof(names) - used,
				"%s%s", used > 0 ? ", " : "", choice->name);
	}
	return option_refuse(
	    error, "\"%.100s\" is not one of %s", value, names);
}

static const char *
choice_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	const struct option_choice *choice = row->choices;

	(void)scratch;
	if (index > 0)
		return NULL;
	while (choice->name != NULL && choice->value != *(const int *)field)
		choice++;
	return choice->name;
}

const struct option_kind option_choice = {
	.set = choice_set,
	.show = choice_show,
};

static int
list_set(struct option_set *set, const struct option_row *row, void *field,
    const char *value, struct option_error *error)
{
	struct option_list *list = field;
	const char *text = NULL;
	int r;

	(void)row;
	r = keep_text(set, value, &text, error);
	if (r != 0)
		return r;
	/* There is room up to the next power of two. */
	if ((list->count & (list->count - 1)) == 0) {
		size_t room = list->count > 0 ? 2 * list->count : 1;
		const char **items = option_keep(set, room * sizeof(*items));

		if (items == NULL)
			return -ENOMEM;
		if (list->count > 0)
			memcpy(
			    items, list->items, list->count * sizeof(*items));
		list->items = items;
	}
	list->items[list->count++] = text;
	return 0;
}

static const char *
list_show(const struct option_row *row, const void *field, size_t index,
    char scratch[OPTION_SCRATCH])
{
	const struct option_list *list = field;

	(void)row;
	(void)scratch;
	return index < list->count ? list->items[index] : NULL;
}

static void
list_clear(void *field)
{
	*(struct option_list *)field = (struct option_list){ NULL, 0 };
}

const struct option_kind option_list = {
	.set = list_set,
	.show = list_show,
	.clear = list_clear,
};
