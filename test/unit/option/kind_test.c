/* Numbers, sizes and times: which option/kind and option/mode take. */
#include "option/option.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct settings {
	unsigned int port, wait_ms, mode;
	uint64_t memory;
};

#define FIELD(kind_, name_) \
	.kind = &(kind_), .offset = offsetof(struct settings, name_)

static const struct option_row rows[] = {
	{ .name = "port",
	    .argument = "PORT",
	    .help = "the port",
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
	{ .name = "mode",
	    .argument = "MODE",
	    .help = "who may",
	    FIELD(option_mode, mode),
	    .max = 0777 },
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
	f->settings.port = 111;
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

/* Reads an option and its value as the line of a program. */
static int
read_line(struct fixture *f, const char *option, const char *value)
{
	char *argv[] = { (char *)"program", (char *)option, (char *)value,
		NULL };
	int operands;

	return option_line(&f->set, 3, argv, false, &operands, &f->error);
}

static void
numbers_take_digits_only(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "", " 5", "5 ", "+5", "-5", "0x5",
		"5.", "five", "18446744073709551616", "99999999999999999999" };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
		    read_line(f, "--port", wrong[i]), OPTION_WRONG);
	assert_int_equal(f->settings.port, 111);
}

static void
sizes_do_not_wrap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(read_line(f, "-m", "18446744073709551615"), 0);
	assert_true(f->settings.memory == UINT64_MAX);
	assert_int_equal(read_line(f, "-m", "16777215T"), 0);
	assert_true(f->settings.memory == UINT64_C(16777215) << 40);
	assert_int_equal(read_line(f, "-m", "16777216T"), OPTION_WRONG);
	assert_int_equal(
	    read_line(f, "-m", "18014398509481984K"), OPTION_WRONG);
	/* These would be 1K and 3K in 64 bits. */
	assert_int_equal(
	    read_line(f, "-m", "18014398509481985K"), OPTION_WRONG);
	assert_int_equal(
	    read_line(f, "-m", "18446744073709551619K"), OPTION_WRONG);
	assert_int_equal(read_line(f, "-m", "1023"), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--memory: \"1023\" is not a size from 1K to "
	    "18446744073709551615 (K, M, G, T for powers of 1024)");
	assert_int_equal(read_line(f, "-m", "1KB"), OPTION_WRONG);
	assert_int_equal(read_line(f, "-m", "M"), OPTION_WRONG);
}

static void
seconds_have_three_decimals(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "0", "10.001", "1.", ".5",
		"1.0001", "1.-1", "1s", "4294967296", "0.0" };

	assert_int_equal(read_line(f, "--wait", "1.05"), 0);
	assert_int_equal(f->settings.wait_ms, 1050);
	assert_int_equal(read_line(f, "--wait", "0.001"), 0);
	assert_int_equal(f->settings.wait_ms, 1);
	assert_int_equal(read_line(f, "--wait", "10.000"), 0);
	assert_int_equal(f->settings.wait_ms, 10000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
		    read_line(f, "--wait", wrong[i]), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--wait: \"0.0\" is not a number of seconds from 0.001 to 10, "
	    "with at most three decimals");
}

static void
modes_are_octal(void **state)
{
	struct fixture *f = *state;
	static const char *const wrong[] = { "", "8", "068", "1000", "-1", "+7",
		" 7", "0x1f", "rw" };

	assert_int_equal(read_line(f, "--mode", "660"), 0);
	assert_int_equal(f->settings.mode, 0660);
	assert_int_equal(read_line(f, "--mode", "0777"), 0);
	assert_int_equal(f->settings.mode, 0777);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(
		    read_line(f, "--mode", wrong[i]), OPTION_WRONG);
	assert_string_equal(f->error.text,
	    "--mode: \"rw\" is no mode: three octal digits, such as 660");
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(numbers_take_digits_only),
		TEST(sizes_do_not_wrap),
		TEST(seconds_have_three_decimals),
		TEST(modes_are_octal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
