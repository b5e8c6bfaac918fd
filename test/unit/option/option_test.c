/* What option/option reads, refuses and writes. */
#include "option/option.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum shape { SHAPE_ROUND = 3, SHAPE_SQUARE = 5 };

struct settings {
	bool json, lookup;
	int level;
	unsigned int port, wait_ms;
	uint64_t memory;
	const char *host;
	enum shape shape;
	struct option_list listen;
};

struct extra {
	unsigned int count;
};

static const struct option_choice shapes[] = {
	{ "round", SHAPE_ROUND },
	{ "square", SHAPE_SQUARE },
	{ NULL, 0 },
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct settings, name_)

static const struct option_row rows[] = {
	{ .name = "json", .help = "as JSON", FIELD(option_flag, json) },
	{ .name = "lookup",
	    .help = "no look-up",
	    FIELD(option_flag, lookup),
	    .flags = OPTION_NO },
	{ .name = "verbose",
	    .letter = 'v',
	    .help = "say more",
	    FIELD(option_preset, level),
	    .max = 2,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "quiet",
	    .letter = 'q',
	    .help = "say less",
	    FIELD(option_preset, level),
	    .max = 0,
	    .flags = OPTION_LINE_ONLY },
	{ .name = "port",
	    .letter = 'p',
	    .argument = "PORT",
	    .help = "the port\n(of the server)",
	    FIELD(option_number, port),
	    .min = 1,
	    .max = 65535 },
	{ .name = "wait",
	    .argument = "SECONDS",
	    .help = "patience",
	    FIELD(option_seconds, wait_ms),
	    .min = 1,
	    .max = 10000 },
	{ .name = "memory",
	    .letter = 'm',
	    .argument = "SIZE",
	    .help = "bytes",
	    FIELD(option_size, memory),
	    .min = 1024,
	    .max = UINT64_MAX },
	{ .name = "host",
	    .letter = 'h',
	    .argument = "HOST",
	    .help = "where",
	    FIELD(option_string, host) },
	{ .name = "shape",
	    .argument = "SHAPE",
	    .help = "which",
	    FIELD(option_choice, shape),
	    .choices = shapes },
	{ .name = "listen-on-this-address",
	    .letter = 'l',
	    .argument = "ADDRESS",
	    .help = "serve here",
	    FIELD(option_list, listen) },
	{ .name = NULL },
};

static const struct option_row extra_rows[] = {
	{ .name = "count",
	    .letter = 'c',
	    .argument = "N",
	    .help = "how often",
	    .kind = &option_number,
	    .offset = offsetof(struct extra, count),
	    .max = 9 },
	{ .name = NULL },
};

/* One of everything that a test reads into. */
struct fixture {
	struct settings settings;
	struct extra extra;
	struct option_group groups[2];
	struct option_set set;
	struct option_error error;
	char *argv[32];
	int operands;
	char path[64];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->settings = (struct settings){
		.lookup = true,
		.level = 1,
		.port = 111,
		.wait_ms = 1500,
		.memory = 3 << 20,
		.shape = SHAPE_ROUND,
	};
	f->groups[0] = (struct option_group){ "Server", rows, &f->settings };
	f->groups[1] = (struct option_group){ "Ping", extra_rows, &f->extra };
	option_init(&f->set, f->groups, 2);
	strcpy(f->path, "/tmp/option-test.XXXXXX");
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	option_release(&f->set);
	free(f);
	return 0;
}

/* Reads words, which end with NULL, as the line of a program. */
static int
read_line(struct fixture *f, bool stop, const char *const *words)
{
	int argc = 0;

	for (; words[argc] != NULL; argc++)
		f->argv[argc] = (char *)words[argc];
	f->argv[argc] = NULL;
	return option_line(
	    &f->set, argc, f->argv, stop, &f->operands, &f->error);
}

#define LINE(f, stop, ...) \
	read_line(         \
	    f, stop, (const char *const[]){ "program", __VA_ARGS__, NULL })

static int
read_bytes(struct fixture *f, const char *bytes, size_t length)
{
	int fd = mkstemp(f->path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	r = option_file(&f->set, f->path, &f->error);
	unlink(f->path);
	return r;
}

static int
read_text(struct fixture *f, const char *text)
{
	return read_bytes(f, text, strlen(text));
}

/* The error of a file is expect, with the file's name before it. */
static void
assert_file_error(const struct fixture *f, const char *expect)
{
	assert_memory_equal(f->error.text, f->path, strlen(f->path));
	assert_string_equal(f->error.text + strlen(f->path), expect);
}

static void
line_sets_every_kind(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    LINE(f, false, "--json", "--no-lookup", "-vp80", "--wait=0.25",
		"-m", "2G", "--host", "a b", "--shape=square", "-l", "one",
		"-ltwo", "--listen-on-this-address=three", "-c", "9"),
	    0);
	assert_true(f->settings.json);
	assert_false(f->settings.lookup);
	assert_int_equal(f->settings.level, 2);
	assert_int_equal(f->settings.port, 80);
	assert_int_equal(f->settings.wait_ms, 250);
	assert_true(f->settings.memory == UINT64_C(2) << 30);
	assert_string_equal(f->settings.host, "a b");
	assert_int_equal(f->settings.shape, SHAPE_SQUARE);
	assert_int_equal(f->settings.listen.count, 3);
	assert_string_equal(f->settings.listen.items[0], "one");
	assert_string_equal(f->settings.listen.items[2], "three");
	assert_int_equal(f->extra.count, 9);
}

static void
the_last_preset_wins(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LINE(f, false, "-vq"), 0);
	assert_int_equal(f->settings.level, 0);
	assert_int_equal(LINE(f, false, "-qv"), 0);
	assert_int_equal(f->settings.level, 2);
}

static void
operands_mix_with_options(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LINE(f, false, "a", "--json", "-", "--", "-v"), 0);
	assert_true(f->settings.json);
	assert_int_equal(f->settings.level, 1);
	assert_int_equal(f->operands, 3);
	assert_string_equal(f->argv[3], "a");
	assert_string_equal(f->argv[4], "-");
	assert_string_equal(f->argv[5], "-v");
}

static void
stop_leaves_what_follows_the_first_operand(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LINE(f, true, "-v", "command", "--json", "-?"), 0);
	assert_int_equal(f->settings.level, 2);
	assert_false(f->settings.json);
	assert_int_equal(f->operands, 2);
}

static void
a_long_name_may_be_cut_while_it_is_clear(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(LINE(f, false, "--mem", "1K"), 0);
	assert_true(f->settings.memory == 1024);
}

static void
line_errors_name_option_and_remedy(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *words[3];
		const char *text;
	} cases[] = {
		{ { "-x" }, "-x: no such option" },
		{ { "-vx" }, "-x: no such option" },
		{ { "--nonsense" },
		    "--nonsense: no such option, or short for more than one" },
		{ { "--lookup" },
		    "--lookup: no such option, or short for more than one" },
		{ { "-p" }, "--port: needs a value: PORT" },
		{ { "--host" }, "--host: needs a value: HOST" },
		{ { "--json=yes" }, "--json: takes no value" },
		{ { "--no-lookup=1" }, "--no-lookup: takes no value" },
		{ { "-p", "0" },
		    "--port: \"0\" is not a whole number "
		    "from 1 to 65535" },
		{ { "-p", "65536" },
		    "--port: \"65536\" is not a whole number "
		    "from 1 to 65535" },
		{ { "--shape", "flat" },
		    "--shape: \"flat\" is not one of round, square" },
		{ { "--host", "" }, "--host: needs a value" },
		{ { "-l", "" }, "--listen-on-this-address: needs a value" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
		    LINE(f, false, cases[i].words[0], cases[i].words[1]),
		    OPTION_WRONG);
		assert_string_equal(f->error.text, cases[i].text);
	}
}

static void
file_sets_every_kind(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    read_text(f,
		"# a comment\n"
		"\n"
		"json=on # and one behind\n"
		"\tlookup = no\r\n"
		"port = 80\n"
		"  wait  =  2.5  \n"
		"memory = 64K\n"
		"host = a b#c # d\n"
		"shape = square\n"
		"listen-on-this-address = \" one # two \" # three\n"
		"listen-on-this-address = \"a\\\"b\\\\c\\d\"\n"
		"count = 3"),
	    0);
	assert_true(f->settings.json);
	assert_false(f->settings.lookup);
	assert_int_equal(f->settings.port, 80);
	assert_int_equal(f->settings.wait_ms, 2500);
	assert_true(f->settings.memory == 65536);
	assert_string_equal(f->settings.host, "a b#c");
	assert_int_equal(f->settings.shape, SHAPE_SQUARE);
	assert_int_equal(f->settings.listen.count, 2);
	assert_string_equal(f->settings.listen.items[0], " one # two ");
	assert_string_equal(f->settings.listen.items[1], "a\"b\\c\\d");
	assert_int_equal(f->extra.count, 3);
}

static void
file_errors_name_file_and_line(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *file, *text;
	} cases[] = {
		{ "port 5\n", ":1: not of the form name = value" },
		{ "\n\nprot = 5\n", ":3: no setting is called \"prot\"" },
		{ "= 5\n", ":1: no setting is called \"\"" },
		{ "no-lookup = yes\n",
		    ":1: no setting is called \"no-lookup\"" },
		{ "port = 8O\n",
		    ":1: port: \"8O\" is not a whole number "
		    "from 1 to 65535" },
		{ "json = maybe\n",
		    ":1: json: \"maybe\" is neither yes nor no" },
		{ "host =\n", ":1: host: needs a value" },
		{ "host = # none\n", ":1: host: needs a value" },
		{ "verbose = 1\n",
		    ":1: verbose: belongs on the command line only" },
		{ "host = \"a\n", ":1: host: a value in quotes ends with one" },
		{ "host = \"a\" b\n",
		    ":1: host: a value in quotes ends with one" },
		{ "port = 5\nport = 6\n", ":2: port: set more than once" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		option_release(&f->set);
		strcpy(f->path, "/tmp/option-test.XXXXXX");
		assert_int_equal(read_text(f, cases[i].file), OPTION_WRONG);
		assert_file_error(f, cases[i].text);
	}
}

static void
file_refuses_long_lines_and_nul(void **state)
{
	struct fixture *f = *state;
	char line[8192];

	memset(line, '#', sizeof(line));
	assert_int_equal(read_bytes(f, line, sizeof(line)), OPTION_WRONG);
	assert_file_error(f, ":1: longer than 4350 bytes, or with a NUL in it");
	strcpy(f->path, "/tmp/option-test.XXXXXX");
	assert_int_equal(read_bytes(f, "port = 5\0\nport", 14), OPTION_WRONG);
	assert_file_error(f, ":1: longer than 4350 bytes, or with a NUL in it");
}

static void
file_that_cannot_be_read_is_an_error(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    option_file(&f->set, "/nowhere/at all", &f->error), -ENOENT);
	assert_string_equal(f->error.text,
	    "cannot read /nowhere/at all: No such file or directory");
	assert_int_equal(option_file(&f->set, "/", &f->error), -EIO);
	assert_string_equal(f->error.text, "cannot read /: Is a directory");
}

/* Of the descriptors the lowest that is free comes next. */
static void
a_file_that_was_read_is_closed(void **state)
{
	struct fixture *f = *state;
	int before = dup(STDIN_FILENO), after;

	close(before);
	assert_int_equal(read_text(f, "port = 5\n"), 0);
	strcpy(f->path, "/tmp/option-test.XXXXXX");
	assert_int_equal(read_text(f, "nothing = 5\n"), OPTION_WRONG);
	after = dup(STDIN_FILENO);
	close(after);
	assert_int_equal(after, before);
}

static void
line_outweighs_file(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_text(f,
			     "port = 5\nlisten-on-this-address = a\n"
			     "listen-on-this-address = b\n"),
	    0);
	assert_int_equal(LINE(f, false, "-p6", "-lc", "-ld"), 0);
	assert_int_equal(f->settings.port, 6);
	assert_int_equal(f->settings.listen.count, 2);
	assert_string_equal(f->settings.listen.items[0], "c");
}

/* What write puts out for the set. */
static void
assert_written(const struct fixture *f,
    void (*write_set)(const struct option_set *, FILE *), const char *expect)
{
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	assert_non_null(to);
	write_set(&f->set, to);
	fclose(to);
	assert_string_equal(text, expect);
	free(text);
}

static void
print_says_value_and_origin(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    read_text(f, "wait = 0.25\nmemory = 5\n"), OPTION_WRONG);
	assert_int_equal(
	    LINE(f, false, "--no-lookup", "-la#b", "-lc", "-h-"), 0);
	assert_written(f, option_print,
	    "json = no  # default\n"
	    "lookup = no  # command line\n"
	    "port = 111  # default\n"
	    "wait = 0.250  # file\n"
	    "memory = 3M  # default\n"
	    "host = -  # command line\n"
	    "shape = round  # default\n"
	    "listen-on-this-address = \"a#b\"  # command line\n"
	    "listen-on-this-address = c  # command line\n"
	    "count = 0  # default\n");
}

static void
print_is_a_file_that_reads_back(void **state)
{
	struct fixture *f = *state;
	char *text = NULL;
	size_t length;
	FILE *to = open_memstream(&text, &length);

	assert_non_null(to);
	assert_int_equal(
	    LINE(f, false, "--json", "-m7T", "--wait=9.999", "-h",
		" \"x\" # y\\ ", "-l", "\"", "-l", "z ", "--shape=square"),
	    0);
	option_print(&f->set, to);
	fclose(to);
	option_release(&f->set);
	memset(&f->settings, 0, sizeof(f->settings));
	assert_int_equal(read_text(f, text), 0);
	free(text);
	assert_true(f->settings.json);
	assert_true(f->settings.memory == UINT64_C(7) << 40);
	assert_int_equal(f->settings.wait_ms, 9999);
	assert_int_equal(f->settings.shape, SHAPE_SQUARE);
	assert_string_equal(f->settings.host, " \"x\" # y\\ ");
	assert_int_equal(f->settings.listen.count, 2);
	assert_string_equal(f->settings.listen.items[0], "\"");
	assert_string_equal(f->settings.listen.items[1], "z ");
}

static void
print_marks_what_has_no_value(void **state)
{
	struct fixture *f = *state;

	f->settings.shape = (enum shape)77;
	assert_written(f, option_print,
	    "json = no  # default\n"
	    "lookup = yes  # default\n"
	    "port = 111  # default\n"
	    "wait = 1.500  # default\n"
	    "memory = 3M  # default\n"
	    "# host =  # default\n"
	    "# shape =  # default\n"
	    "# listen-on-this-address =  # default\n"
	    "count = 0  # default\n");
}

static void
help_lists_every_row(void **state)
{
	assert_written(*state, option_help,
	    "Server:\n"
	    "      --json              as JSON\n"
	    "      --no-lookup         no look-up\n"
	    "  -v, --verbose           say more\n"
	    "  -q, --quiet             say less\n"
	    "  -p, --port PORT         the port\n"
	    "                          (of the server)\n"
	    "      --wait SECONDS      patience\n"
	    "  -m, --memory SIZE       bytes\n"
	    "  -h, --host HOST         where\n"
	    "      --shape SHAPE       which\n"
	    "  -l, --listen-on-this-address ADDRESS\n"
	    "                          serve here\n"
	    "\n"
	    "Ping:\n"
	    "  -c, --count N           how often\n");
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(line_sets_every_kind),
		CASE(the_last_preset_wins),
		CASE(operands_mix_with_options),
		CASE(stop_leaves_what_follows_the_first_operand),
		CASE(a_long_name_may_be_cut_while_it_is_clear),
		CASE(line_errors_name_option_and_remedy),
		CASE(file_sets_every_kind),
		CASE(file_errors_name_file_and_line),
		CASE(file_refuses_long_lines_and_nul),
		CASE(file_that_cannot_be_read_is_an_error),
		CASE(a_file_that_was_read_is_closed),
		CASE(line_outweighs_file),
		CASE(print_says_value_and_origin),
		CASE(print_is_a_file_that_reads_back),
		CASE(print_marks_what_has_no_value),
		CASE(help_lists_every_row),
	};

	/* It would end the options at the first operand. */
	unsetenv("POSIXLY_CORRECT");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
