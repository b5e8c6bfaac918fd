/*
 * option_file: files of settings, line by line.
 */
#include "option/option.h"

#include "base/printable.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/*
 * Bytes of a line of a file, with the newline: room for a text of which each
 * byte is written as \xHH.
 */
#define LINE_MAX_BYTES (PRINTABLE_ESCAPE * OPTION_TEXT_MAX + 256)

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Cuts the white space at both ends; returns the start. */
static char *
trim(char *text)
{
	size_t length;

	while (is_blank(*text))
		text++;
	length = strlen(text);
	while (length > 0 && is_blank(text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* Cuts the comment, which starts the text or follows white space. */
static char *
cut_comment(char *text)
{
	for (char *at = text; *at != '\0'; at++) {
		if (*at == '#' && (at == text || is_blank(at[-1]))) {
			*at = '\0';
			break;
		}
	}
	return trim(text);
}

static unsigned int
hex_value(char digit)
{
	return digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}

/* The byte that stands before *from in quotes, which moves past it. */
static char
unescape(char **from)
{
	char *at = *from;

	if (at[0] == '\\' && (at[1] == '"' || at[1] == '\\')) {
		*from += 2;
		return at[1];
	}
	if (at[0] == '\\' && at[1] == 'x' && isxdigit((unsigned char)at[2]) &&
	    isxdigit((unsigned char)at[3]) && strncmp(at + 2, "00", 2) != 0) {
		*from += PRINTABLE_ESCAPE;
		return (char)(hex_value(at[2]) << 4 | hex_value(at[3]));
	}
	*from += 1;
	return at[0];
}

/* A value without its quotes and escapes, or NULL if they are not right. */
static char *
unquote(char *value)
{
	char *from = value + 1, *to = value;

	while (*from != '"' && *from != '\0')
		*to++ = unescape(&from);
	if (*from == '\0' || *cut_comment(from + 1) != '\0')
		return NULL;
	*to = '\0';
	return value;
}

static int
file_line(struct option_set *set, char *line, struct option_error *error)
{
	struct option_error why = { "" };
	struct option_place p;
	char *name = trim(line);
	char *equals, *value;
	int r;

	if (*name == '\0' || *name == '#')
		return 0;
	equals = strchr(name, '=');
	if (equals == NULL)
		return option_refuse(error, "not of the form name = value");
	*equals = '\0';
	trim(name);
	if (!option_of_name(set, name, &p))
		return option_refuse(
		    error, "no setting is called \"%.100s\"", name);
	if ((p.row->flags & OPTION_LINE_ONLY) != 0)
		return option_refuse(
		    error, "%s: belongs on the command line only", name);
	if (set->origin[p.index] == OPTION_FILE && p.row->kind->clear == NULL)
		return option_refuse(error, "%s: set more than once", name);
	value = trim(equals + 1);
	value = *value == '"' ? unquote(value) : cut_comment(value);
	if (value == NULL)
		return option_refuse(
		    error, "%s: a value in quotes ends with one", name);
	r = option_set_row(set, &p, OPTION_FILE, value, &why);
	if (r != 0)
		option_refuse(error, "%s: %.300s", name, why.text);
	return r;
}

/* The outcome r of a file's line, with its place put before the text. */
static int
file_error(
    const char *path, unsigned long number, int r, struct option_error *error)
{
	struct option_error why = *error;

	option_refuse(error, "%.480s:%lu: %.500s", path, number, why.text);
	return r;
}

static int
read_lines(struct option_set *set, FILE *file, const char *path,
    struct option_error *error)
{
	char line[LINE_MAX_BYTES];

	for (unsigned long number = 1; fgets(line, sizeof(line), file);
	     number++) {
		int r;

		if (strchr(line, '\n') == NULL && !feof(file))
			r = option_refuse(error,
			    "longer than %d bytes, or with a NUL in it",
			    LINE_MAX_BYTES - 2);
		else
			r = file_line(set, line, error);
		if (r != 0)
			return file_error(path, number, r, error);
	}
	if (!ferror(file))
		return 0;
	option_refuse(error, "cannot read %.800s: %s", path, strerror(errno));
	return -EIO;
}

int
option_file(
    struct option_set *set, const char *path, struct option_error *error)
{
	FILE *file = fopen(path, "re");
	int r;

	if (file == NULL) {
		r = -errno;
		option_refuse(
		    error, "cannot read %.800s: %s", path, strerror(-r));
		return r;
	}
	r = read_lines(set, file, path, error);
	fclose(file);
	return r;
}
