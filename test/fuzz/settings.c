/*
 * For libFuzzer: any bytes as the daemon's configuration file, and any words on
 * its command line.
 *
 * Reading them ends well or with one line that says what is wrong, made of
 * characters that can be printed.  What the daemon prints of settings that it
 * took is a file that it takes, too, and whose settings it prints the same but
 * for where they are from.
 *
 * The first byte says how many words there are; each ends with a NUL, and what
 * is behind them is the file.
 */
#include "test/fuzz/fuzz.h"

#include <string.h>

/*
 * The file is in memory: nothing is opened that an input may name, and nothing
 * has to be written before it can be read.
 */
static FILE *open_input(const char *path, const char *mode);
#define fopen open_input
#include "option/file.c"
#undef fopen
#include "server/settings.h"

#include <ctype.h>

#define MAX       4096
#define WORDS_MAX 8

/* What is printed: quotes and backslashes double, and there are defaults. */
#define PRINTED_MAX (16 * MAX)

struct text {
	char bytes[PRINTED_MAX];
	size_t len;
};

static struct {
	const char *bytes;
	size_t len;
} file;

static FILE *
open_input(const char *path, const char *mode)
{
	(void)path;
	(void)mode;
	/* POSIX lets it refuse a size of 0. */
	return fmemopen((void *)(uintptr_t)(file.len > 0 ? file.bytes : "\n"),
	    file.len > 0 ? file.len : 1, "r");
}

static void
check_error(const struct option_error *error)
{
	const char *at = error->text;

	MUST(*at != '\0');
	for (; *at != '\0'; at++)
		MUST(!iscntrl((unsigned char)*at));
}

/* Reads words and the file; false: something is wrong with them. */
static bool
read_settings(struct settings *s, int argc, char **argv)
{
	struct option_error error = { "" };
	int r = settings_read(s, argc, argv, &error);

	MUST(r == 0 || r == OPTION_WRONG);
	if (r != 0)
		check_error(&error);
	return r == 0;
}

/* Cuts off where each setting is from. */
static void
drop_origins(struct text *out)
{
	size_t line = 0, kept = 0, end;

	for (size_t at = 0; at < out->len; at++) {
		out->bytes[kept++] = out->bytes[at];
		if (out->bytes[at] != '\n')
			continue;
		end = kept - 1;
		while (end > line && out->bytes[end] != '#')
			end--;
		out->bytes[end] = '\n';
		kept = line = end + 1;
	}
	MUST(line == kept);
	out->len = kept;
}

static void
print_settings(const struct settings *s, struct text *out)
{
	FILE *to = fmemopen(out->bytes, sizeof(out->bytes), "w");

	MUST(to != NULL);
	option_print(&s->set, to);
	MUST(fflush(to) == 0);
	out->len = (size_t)ftell(to);
	MUST(fclose(to) == 0 && out->len < sizeof(out->bytes));
}

static void
check_printed(const struct settings *taken)
{
	static struct text printed, again;
	char *argv[] = { (char *)"reversed", (char *)"-f", (char *)"printed",
		NULL };
	struct settings s;

	print_settings(taken, &printed);
	file.bytes = printed.bytes;
	file.len = printed.len;
	MUST(read_settings(&s, 3, argv));
	print_settings(&s, &again);
	settings_free(&s);
	drop_origins(&printed);
	drop_origins(&again);
	MUST(again.len == printed.len);
	MUST(memcmp(again.bytes, printed.bytes, again.len) == 0);
}

/* The words in front of an input; returns how many there are. */
static int
split_words(struct input *in, char **words)
{
	int count = input_byte(in) % WORDS_MAX;
	const uint8_t *end;

	for (int i = 0; i < count; i++) {
		end = memchr(in->at, '\0', in->left);
		if (end == NULL)
			return i;
		words[i] = (char *)(uintptr_t)in->at;
		in->left -= (size_t)(end + 1 - in->at);
		in->at = end + 1;
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[1 + WORDS_MAX + 2 + 1] = { (char *)"reversed" };
	struct input in = { data, size };
	struct settings s;
	int argc;

	if (size > MAX)
		return -1;
	argc = 1 + split_words(&in, argv + 1);
	file.bytes = (const char *)in.at;
	file.len = in.left;
	argv[argc++] = (char *)"-f";
	argv[argc++] = (char *)"input";
	if (read_settings(&s, argc, argv))
		check_printed(&s);
	settings_free(&s);
	return 0;
}
