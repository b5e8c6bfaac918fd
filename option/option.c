/*
 * The table, and the reader of the command line.  option/file.c reads files;
 * what a value looks like is the business of option/kind.c; option/print.c
 * writes.
 */
#include "option/option.h"

#include "base/printable.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* With the number of a row, what getopt_long returns; above every letter. */
#define LONG_BASE 256

struct option_kept {
	struct option_kept *next;
	alignas(max_align_t) unsigned char bytes[];
};

void
option_init(
    struct option_set *set, const struct option_group *groups, size_t count)
{
	size_t rows = 0;

	for (size_t g = 0; g < count; g++)
		for (const struct option_row *r = groups[g].rows; r->name; r++)
			rows++;
	assert(rows <= OPTION_ROWS_MAX);
	memset(set, 0, sizeof(*set));
	set->groups = groups;
	set->count = count;
}

void
option_release(struct option_set *set)
{
	while (set->kept != NULL) {
		struct option_kept *kept = set->kept;

		set->kept = kept->next;
		free(kept);
	}
	option_init(set, set->groups, set->count);
}

void
option_follow(struct option_set *set, const struct option_set *before)
{
	memcpy(set->origin, before->origin, sizeof(set->origin));
}

void *
option_keep(struct option_set *set, size_t size)
{
	struct option_kept *kept;

	if (size > SIZE_MAX - sizeof(*kept))
		return NULL;
	kept = calloc(1, sizeof(*kept) + size);
	if (kept == NULL)
		return NULL;
	kept->next = set->kept;
	set->kept = kept;
	return kept->bytes;
}

int
option_refuse(struct option_error *error, const char *format, ...)
{
	char plain[sizeof(error->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(plain, sizeof(plain), format, args);
	va_end(args);
	printable(error->text, sizeof(error->text), plain, strlen(plain));
	return OPTION_WRONG;
}

static int
no_memory(struct option_error *error)
{
	option_refuse(error, "out of memory");
	return -ENOMEM;
}

bool
option_at(
    const struct option_set *set, size_t index, struct option_place *place)
{
	size_t before = 0;

	for (size_t g = 0; g < set->count; g++) {
		const struct option_group *group = &set->groups[g];

		for (const struct option_row *r = group->rows; r->name; r++) {
			if (before++ < index)
				continue;
			*place = (struct option_place){ r, group->into, index };
			return true;
		}
	}
	return false;
}

static bool
row_of_letter(
    const struct option_set *set, int letter, struct option_place *place)
{
	for (size_t i = 0; option_at(set, i, place); i++)
		if (place->row->letter != '\0' && place->row->letter == letter)
			return true;
	return false;
}

bool
option_of_name(
    const struct option_set *set, const char *name, struct option_place *place)
{
	for (size_t i = 0; option_at(set, i, place); i++)
		if (strcmp(place->row->name, name) == 0)
			return true;
	return false;
}

/* A source that sets a list for the first time replaces what was there. */
int
option_set_row(struct option_set *set, const struct option_place *place,
    enum option_origin origin, const char *value, struct option_error *error)
{
	const struct option_kind *kind = place->row->kind;
	void *field = (char *)place->into + place->row->offset;
	int r;

	if (set->origin[place->index] != origin && kind->clear != NULL)
		kind->clear(field);
	r = kind->set(set, place->row, field, value, error);
	if (r == 0)
		set->origin[place->index] = (unsigned char)origin;
	else if (r == -ENOMEM)
		no_memory(error);
	return r;
}

const char *
option_prefix(const struct option_row *row)
{
	return (row->flags & OPTION_NO) != 0 ? "no-" : "";
}

/* What getopt_long wants to know; shorts holds 2 + 2 bytes a row + NUL. */
static int
describe_rows(
    struct option_set *set, bool stop, char *shorts, struct option *longs)
{
	struct option_place p;
	char *at = shorts;

	if (stop)
		*at++ = '+';
	*at++ = ':';
	for (size_t i = 0; option_at(set, i, &p); i++) {
		size_t size = strlen(p.row->name) + sizeof("no-");
		char *name = option_keep(set, size);

		if (name == NULL)
			return -ENOMEM;
		snprintf(name, size, "%s%s", option_prefix(p.row), p.row->name);
		longs[i] = (struct option){
			.name = name,
			.has_arg = p.row->argument != NULL ? required_argument
							   : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (p.row->letter != '\0')
			*at++ = p.row->letter;
		if (p.row->letter != '\0' && p.row->argument != NULL)
			*at++ = ':';
	}
	*at = '\0';
	return 0;
}

static bool
row_of_getopt(
    const struct option_set *set, int code, struct option_place *place)
{
	if (code >= LONG_BASE)
		return option_at(set, (size_t)(code - LONG_BASE), place);
	return row_of_letter(set, code, place);
}

/* Says what getopt_long, which returned code, did not like. */
static int
refuse_option(const struct option_set *set, int code, char **argv,
    struct option_error *error)
{
	struct option_place p;

	if (optopt != 0 && row_of_getopt(set, optopt, &p)) {
		if (code == ':')
			return option_refuse(error, "--%s: needs a value: %s",
			    p.row->name, p.row->argument);
		return option_refuse(error, "--%s%s: takes no value",
		    option_prefix(p.row), p.row->name);
	}
	if (optopt != 0)
		return option_refuse(error, "-%c: no such option", optopt);
	return option_refuse(error,
	    "%s: no such option, or short for more than one", argv[optind - 1]);
}

static int
line_option(
    struct option_set *set, int code, char **argv, struct option_error *error)
{
	struct option_error why = { "" };
	struct option_place p;
	int r;

	if (code == ':' || code == '?' || !row_of_getopt(set, code, &p))
		return refuse_option(set, code, argv, error);
	r = option_set_row(set, &p, OPTION_LINE, optarg, &why);
	if (r != 0)
		option_refuse(error, "--%s%s: %.400s", option_prefix(p.row),
		    p.row->name, why.text);
	return r;
}

int
option_line(struct option_set *set, int argc, char **argv, bool stop,
    int *operands, struct option_error *error)
{
	char shorts[2 + 2 * OPTION_ROWS_MAX + 1];
	struct option longs[OPTION_ROWS_MAX + 1] = { { .name = NULL } };
	int r = describe_rows(set, stop, shorts, longs);
	int code;

	if (r != 0)
		return no_memory(error);
	optind = 0; /* makes GNU getopt start anew */
	opterr = 0;
	for (;;) {
		optopt = 0;
		code = getopt_long(argc, argv, shorts, longs, NULL);
		if (code == -1)
			break;
		r = line_option(set, code, argv, error);
		if (r != 0)
			return r;
	}
	*operands = optind;
	return 0;
}
