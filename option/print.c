/*
 * option_print: what the table says, for people.
 */
#include "option/option.h"

#include "base/printable.h"

#include <string.h>

/* Column of the explanations in the help. */
#define HELP_COLUMN 26

static void
help_row(const struct option_row *row, FILE *to)
{
	int column = fprintf(
	    to, row->letter != '\0' ? "  -%c, " : "      ", row->letter);

	column += fprintf(to, "--%s%s%s%s", option_prefix(row), row->name,
	    row->argument != NULL ? " " : "",
	    row->argument != NULL ? row->argument : "");
	if (column > HELP_COLUMN - 2) {
		fputc('\n', to);
		column = 0;
	}
	fprintf(to, "%*s", HELP_COLUMN - column, "");
	for (const char *at = row->help; *at != '\0'; at++) {
		fputc(*at, to);
		if (*at == '\n')
			fprintf(to, "%*s", HELP_COLUMN, "");
	}
	fputc('\n', to);
}

void
option_help(const struct option_set *set, FILE *to)
{
	for (size_t g = 0; g < set->count; g++) {
		const struct option_row *row = set->groups[g].rows;

		if (set->groups[g].title != NULL)
			fprintf(to, "%s%s:\n", g > 0 ? "\n" : "",
			    set->groups[g].title);
		for (; row->name != NULL; row++)
			help_row(row, to);
	}
}

/* A value in quotes takes twice its bytes, or one with escapes four times. */
#define SHOWN_SIZE ((size_t)PRINTABLE_ESCAPE * OPTION_TEXT_MAX + 1)

/* The value as it stands between quotes, but for control characters; cut where
 * it is longer than a file may have it. */
static void
protect(char *out, const char *value)
{
	const char *end = out + SHOWN_SIZE - sizeof("\\x");

	for (; *value != '\0' && out < end; value++) {
		if (*value == '"' || *value == '\\')
			*out++ = '\\';
		*out++ = *value;
	}
	*out = '\0';
}

static void
print_value(const char *name, const char *value, const char *origin, FILE *to)
{
	char shown[SHOWN_SIZE], protected[SHOWN_SIZE];

	printable(shown, sizeof(shown), value, strlen(value));
	if (strpbrk(value, "#\" ") == NULL && strcmp(shown, value) == 0) {
		fprintf(to, "%s = %s  # %s\n", name, value, origin);
		return;
	}
	protect(protected, value);
	printable(shown, sizeof(shown), protected, strlen(protected));
	fprintf(to, "%s = \"%s\"  # %s\n", name, shown, origin);
}

void
option_print(const struct option_set *set, FILE *to)
{
	static const char *const origins[] = {
		[OPTION_DEFAULT] = "default",
		[OPTION_FILE] = "file",
		[OPTION_LINE] = "command line",
	};
	struct option_place p;

	for (size_t i = 0; option_at(set, i, &p); i++) {
		const void *field = (char *)p.into + p.row->offset;
		const char *origin = origins[set->origin[i]];
		char scratch[OPTION_SCRATCH];
		const char *value;
		size_t n = 0;

		if ((p.row->flags & OPTION_LINE_ONLY) != 0 ||
		    p.row->kind->show == NULL)
			continue;
		while ((value = p.row->kind->show(p.row, field, n, scratch))) {
			print_value(p.row->name, value, origin, to);
			n++;
		}
		if (n == 0)
			fprintf(to, "# %s =  # %s\n", p.row->name, origin);
	}
}
