/* Which options are refused beside others: option/rule. */
#include "option/option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

struct settings {
	bool fast;
	unsigned int pause;
};

static const struct option_row rows[] = {
	{ .name = "fast",
	    .help = "no pause",
	    .kind = &option_flag,
	    .offset = offsetof(struct settings, fast) },
	{ .name = "pause",
	    .argument = "N",
	    .help = "how long",
	    .kind = &option_number,
	    .offset = offsetof(struct settings, pause),
	    .max = 9 },
	{ .name = NULL },
};

static bool
pause_is_vain(const void *context)
{
	return ((const struct settings *)context)->fast;
}

static const struct option_rule rules[] = {
	{ "pause", pause_is_vain, "not with --fast" },
	{ .name = NULL },
};

static struct fixture {
	struct settings settings;
	struct option_group group;
	struct option_set set;
	struct option_error error;
} f;

static int
setup(void **state)
{
	(void)state;
	f.settings = (struct settings){ false, 1 };
	f.group = (struct option_group){ "Options", rows, &f.settings };
	option_init(&f.set, &f.group, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	option_release(&f.set);
	return 0;
}

static void
read_line(struct option_set *set, const char *option)
{
	char *argv[] = { (char *)"test", (char *)option, NULL };
	int operands;

	assert_int_equal(
	    option_line(set, 2, argv, false, &operands, &f.error), 0);
}

static int
check(const struct option_set *set)
{
	return option_check(set, rules, &f.settings, &f.error);
}

static void
what_was_given_in_vain_is_refused(void **state)
{
	(void)state;
	read_line(&f.set, "--pause=2");
	assert_int_equal(check(&f.set), 0);
	read_line(&f.set, "--fast");
	assert_int_equal(check(&f.set), OPTION_WRONG);
	assert_string_equal(f.error.text, "--pause: not with --fast");
}

static void
a_default_is_never_in_vain(void **state)
{
	(void)state;
	read_line(&f.set, "--fast");
	assert_int_equal(check(&f.set), 0);
	assert_int_equal(check(NULL), OPTION_WRONG);
}

static void
nor_is_what_a_file_says(void **state)
{
	static const char text[] = "pause = 2\nfast = yes\n";
	int fd = memfd_create("file", MFD_CLOEXEC);
	char path[64];

	(void)state;
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	assert_int_equal(option_file(&f.set, path, &f.error), 0);
	assert_int_equal(check(&f.set), 0);
	assert_false(option_is_given(&f.set, "pause"));
	close(fd);
}

/* The rest of a line, which another set reads. */
static void
what_was_given_before_counts(void **state)
{
	struct option_set rest;

	(void)state;
	read_line(&f.set, "--pause=2");
	option_init(&rest, &f.group, 1);
	option_follow(&rest, &f.set);
	read_line(&rest, "--fast");
	assert_true(option_is_given(&rest, "pause"));
	assert_int_equal(check(&rest), OPTION_WRONG);
	option_release(&rest);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(what_was_given_in_vain_is_refused),
		TEST(a_default_is_never_in_vain),
		TEST(nor_is_what_a_file_says),
		TEST(what_was_given_before_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
