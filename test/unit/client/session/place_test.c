/* Where the user says that servers are: client/session/place. */
#include "client/session/place.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct option_row rows[] = {
	{ .name = "server",
	    .letter = 's',
	    .argument = "HOST",
	    .help = "the server",
	    .kind = &option_places },
	{ .name = NULL },
};

static struct {
	struct places places;
	struct option_group group;
	struct option_set set;
	struct option_error error;
} f;

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.places.at[0] = (struct place){ "localhost", 0 };
	f.places.count = 1;
	f.group = (struct option_group){ "Options", rows, &f.places };
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

/* Reads -s with each of these, of which the last is NULL. */
static int
read_line(const char *first, const char *second)
{
	char *argv[] = { (char *)"program", (char *)"-s", (char *)first,
		(char *)"-s", (char *)second, NULL };
	int operands, argc = second != NULL ? 5 : 3;

	argv[argc] = NULL;
	return option_line(&f.set, argc, argv, false, &operands, &f.error);
}

static void
assert_place(size_t i, const char *host, uint16_t port)
{
	assert_true(i < f.places.count);
	assert_string_equal(f.places.at[i].host, host);
	assert_int_equal(f.places.at[i].port, port);
}

static void
a_place_has_a_host_and_perhaps_a_port(void **state)
{
	static const struct {
		const char *value, *host;
		uint16_t port;
	} expected[] = {
		{ "host", "host", 0 },
		{ "host.example:1", "host.example", 1 },
		{ "192.0.2.1", "192.0.2.1", 0 },
		{ "127.0.0.1:20726", "127.0.0.1", 20726 },
		{ "::1", "::1", 0 },
		{ "2001:db8::1:2072", "2001:db8::1:2072", 0 },
		{ "fe80::1%eth0", "fe80::1%eth0", 0 },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1", 0 },
		{ "[::1]", "::1", 0 },
		{ "[::1]:65535", "::1", 65535 },
		{ "[fe80::1%eth0]:7", "fe80::1%eth0", 7 },
		{ "[192.0.2.1]:7", "192.0.2.1", 7 },
		{ "host:007", "host", 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		assert_int_equal(read_line(expected[i].value, NULL), 0);
		assert_int_equal(f.places.count, 1);
		assert_place(0, expected[i].host, expected[i].port);
		teardown(state);
		setup(state);
	}
}

static void
all_are_kept_in_order(void **state)
{
	(void)state;
	assert_int_equal(read_line("b,a:2,[::1]:3", "::2,b"), 0);
	assert_int_equal(f.places.count, 5);
	assert_place(0, "b", 0);
	assert_place(1, "a", 2);
	assert_place(2, "::1", 3);
	assert_place(3, "::2", 0);
	assert_place(4, "b", 0);
}

static void
what_names_no_port_has_that_of_the_others(void **state)
{
	const struct place named = { "a", 7 }, other = { "b", 0 };

	(void)state;
	assert_int_equal(place_port(&named, 20726), 7);
	assert_int_equal(place_port(&other, 20726), 20726);
	assert_int_equal(place_port(&other, 0), 0);
}

/* What is refused, and in which words. */
static const struct {
	const char *value, *why;
} wrong[] = {
	{ "", "\"\" names no host" },
	{ ",", "\"\" names no host" },
	{ "a,", "\"\" names no host" },
	{ "a,,b", "\"\" names no host" },
	{ ":20726", "\":20726\" names no host" },
	{ "a:0",
	    "\"a:0\" has no port from 1 to 65535 after its last "
	    "colon" },
	{ "a:65536",
	    "\"a:65536\" has no port from 1 to 65535 after "
	    "its last colon" },
	{ "a:4294967297",
	    "\"a:4294967297\" has no port from 1 to "
	    "65535 after its last colon" },
	{ "a:",
	    "\"a:\" has no port from 1 to 65535 after its last "
	    "colon" },
	{ "a:+1",
	    "\"a:+1\" has no port from 1 to 65535 after its "
	    "last colon" },
	{ "b,a:x",
	    "\"a:x\" has no port from 1 to 65535 after its "
	    "last colon" },
	{ "[::1]:0",
	    "\"[::1]:0\" has no port from 1 to 65535 after "
	    "its last colon" },
	{ "[::1]:",
	    "\"[::1]:\" has no port from 1 to 65535 after its "
	    "last colon" },
	{ "a:b:c",
	    "\"a:b:c\" is none of HOST:PORT, ADDR and "
	    "[ADDR]:PORT" },
	{ "2001:db8::1:20726",
	    "\"2001:db8::1:20726\" is none of HOST:PORT, ADDR and "
	    "[ADDR]:PORT" },
	{ "::1%",
	    "\"::1%\" is none of HOST:PORT, ADDR and "
	    "[ADDR]:PORT" },
	{ "::1]",
	    "\"::1]\" is none of HOST:PORT, ADDR and "
	    "[ADDR]:PORT" },
	{ "[::1", "\"[::1\" has no ] after its address" },
	{ "[", "\"[\" has no ] after its address" },
	{ "[]", "\"[]\" has no address in its brackets" },
	{ "[host]:1", "\"[host]:1\" has no address in its brackets" },
	{ "[192.0.2.1%x]", "\"[192.0.2.1%x]\" has no address in its brackets" },
	{ "[::1]20726",
	    "\"[::1]20726\" has something else than :PORT after its "
	    "]" },
	{ "a, b", "\" b\" has a blank in its host" },
};

static void
what_is_no_place_is_refused(void **state)
{
	char expected[256];

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_int_equal(read_line(wrong[i].value, NULL), OPTION_WRONG);
		snprintf(
		    expected, sizeof(expected), "--server: %s", wrong[i].why);
		assert_string_equal(f.error.text, expected);
		teardown(state);
		setup(state);
	}
}

static void
sixteen_are_enough(void **state)
{
	static const char eight[] = "1,2,3,4,5,6,7,8";

	(void)state;
	assert_int_equal(read_line(eight, eight), 0);
	assert_int_equal(f.places.count, PLACES_MAX);
	assert_place(15, "8", 0);
	assert_int_equal(read_line("17", NULL), OPTION_WRONG);
	assert_string_equal(f.error.text, "--server: more than 16 servers");
	assert_int_equal(f.places.count, PLACES_MAX);
}

static void
a_long_value_is_refused(void **state)
{
	char longest[OPTION_TEXT_MAX + 2];

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	longest[OPTION_TEXT_MAX + 1] = '\0';
	assert_int_equal(read_line(longest, NULL), OPTION_WRONG);
	longest[OPTION_TEXT_MAX] = '\0';
	assert_int_equal(read_line(longest, NULL), 0);
	longest[100] = ':';
	assert_int_equal(read_line(longest, NULL), OPTION_WRONG);
	memset(longest, ':', OPTION_TEXT_MAX);
	assert_int_equal(read_line(longest, NULL), OPTION_WRONG);
}

static void
this_host_is_known_by_the_loopback(void **state)
{
	static const char *const here[] = { "localhost", "Localhost",
		"127.0.0.1", "127.1.2.3", "::1" };
	static const char *const elsewhere[] = { "localhost.invalid",
		"127.invalid", "192.0.2.1", "::2", "example.org" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(here); i++) {
		f.places.at[0].host = here[i];
		assert_true(places_are_here(&f.places));
	}
	for (size_t i = 0; i < ARRAY_LEN(elsewhere); i++) {
		f.places.at[0].host = elsewhere[i];
		assert_false(places_are_here(&f.places));
	}
	f.places.at[1] = (struct place){ "127.0.0.1", 0 };
	f.places.count = 2;
	assert_true(places_are_here(&f.places));
	f.places.count = 0;
	assert_true(places_are_here(&f.places));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_place_has_a_host_and_perhaps_a_port),
		TEST(all_are_kept_in_order),
		TEST(what_names_no_port_has_that_of_the_others),
		TEST(what_is_no_place_is_refused),
		TEST(sixteen_are_enough),
		TEST(a_long_value_is_refused),
		TEST(this_host_is_known_by_the_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
