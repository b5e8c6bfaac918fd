/* Texts from the user: which option/option takes, and how it shows them. */
#include "option/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct settings {
	const char *user;
};

static const struct option_row rows[] = {
	{ .name = "user",
	    .argument = "USER",
	    .help = "who",
	    .kind = &option_string,
	    .offset = offsetof(struct settings, user) },
	{ .name = NULL },
};

struct fixture {
	struct settings settings;
	struct option_group group;
	struct option_set set;
	struct option_error error;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->group = (struct option_group){ "Options", rows, &f->settings };
	option_init(&f->set, &f->group, 1);
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

/* Gives the line --user=VALUE, or VALUE alone. */
static int
read_word(struct fixture *f, const char *option, const char *value)
{
	char word[2 * OPTION_TEXT_MAX];
	char *argv[] = { (char *)"test", word, NULL };
	int operands;

	snprintf(word, sizeof(word), "%s%s", option, value);
	return option_line(&f->set, 2, argv, false, &operands, &f->error);
}

/* Prints the settings and reads what was printed, as a file. */
static int
read_printed(struct fixture *f)
{
	int fd = memfd_create("printed", 0);
	FILE *to = fdopen(fd, "w");
	char path[64];
	int r;

	assert_non_null(to);
	option_print(&f->set, to);
	fflush(to);
	option_release(&f->set);
	f->settings.user = NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = option_file(&f->set, path, &f->error);
	fclose(to);
	return r;
}

/* Given as --user it is printed so that it is read back as it was. */
static void
comes_back(struct fixture *f, const char *text)
{
	assert_int_equal(read_word(f, "--user=", text), 0);
	assert_int_equal(read_printed(f), 0);
	assert_string_equal(f->settings.user, text);
}

static void
a_carriage_return_is_printed_in_quotes(void **state)
{
	comes_back(*state, "ab\r");
}

static void
a_tab_at_the_end_is_printed_in_quotes(void **state)
{
	comes_back(*state, "ab\t");
}

static void
the_longest_text_is_printed_in_one_line(void **state)
{
	struct fixture *f = *state;
	char text[OPTION_TEXT_MAX + 2];

	memset(text, '"', sizeof(text));
	text[OPTION_TEXT_MAX] = '\0';
	comes_back(f, text);
	text[OPTION_TEXT_MAX] = '"';
	text[OPTION_TEXT_MAX + 1] = '\0';
	assert_int_equal(read_word(f, "--user=", text), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--user: longer than 1024 bytes, or with a newline in it");
}

/* What is printed: the line of the setting, up to its comment. */
static void
assert_printed(struct fixture *f, const char *expect)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	option_print(&f->set, to);
	assert_int_equal(fclose(to), 0);
	assert_true(len > strlen(expect));
	assert_memory_equal(text, expect, strlen(expect));
	free(text);
}

/* A file is read by people, at a terminal. */
static void
control_characters_are_printed_as_escapes(void **state)
{
	static const char wild[] = "\x1b[2J\xc2\x9b\xff\\x41\"\xc3\xa9";
	struct fixture *f = *state;

	assert_int_equal(read_word(f, "--user=", wild), 0);
	assert_printed(
	    f, "user = \"\\x1b[2J\\xc2\\x9b\\xff\\\\x41\\\"\xc3\xa9\"  #");
	assert_int_equal(read_printed(f), 0);
	assert_string_equal(f->settings.user, wild);
	assert_int_equal(read_word(f, "--user=", "a\\x41"), 0);
	assert_printed(f, "user = a\\x41  #");
}

static void
the_longest_text_of_escapes_is_one_line(void **state)
{
	char text[OPTION_TEXT_MAX + 1];

	memset(text, '\x1b', sizeof(text));
	text[OPTION_TEXT_MAX] = '\0';
	comes_back(*state, text);
}

/* What is no escape stays as it is. */
static void
an_escape_is_x_and_two_digits(void **state)
{
	static const char file[] = "user = \"\\x4\\xg1\\x00\\X41\\x4A\"\n";
	struct fixture *f = *state;
	int fd = memfd_create("file", MFD_CLOEXEC);
	char path[64];

	assert_int_equal(write(fd, file, sizeof(file) - 1), sizeof(file) - 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(option_file(&f->set, path, &f->error), 0);
	assert_string_equal(f->settings.user, "\\x4\\xg1\\x00\\X41J");
	close(fd);
}

static void
a_text_of_two_lines_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_word(f, "--user=", "a\nspool = /"), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--user: longer than 1024 bytes, or with a newline in it");
}

static void
an_error_is_one_line_that_can_be_printed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_word(f, "--a\nb\033[1m", ""), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--a\\x0ab\\x1b[1m: no such option, or short for more than one");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_carriage_return_is_printed_in_quotes),
		TEST(a_tab_at_the_end_is_printed_in_quotes),
		TEST(the_longest_text_is_printed_in_one_line),
		TEST(control_characters_are_printed_as_escapes),
		TEST(the_longest_text_of_escapes_is_one_line),
		TEST(an_escape_is_x_and_two_digits),
		TEST(a_text_of_two_lines_is_refused),
		TEST(an_error_is_one_line_that_can_be_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
