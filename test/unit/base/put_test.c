/* base/put: text goes into a buffer as long as all of it has room. */
#include "base/put.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* Needs the headers above. */
#include <cmocka.h>

static struct buffer out;
static struct put put;

static int
setup(void **state)
{
	(void)state;
	buffer_init(&out, 8);
	put = (struct put){ .out = &out };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	buffer_deinit(&out);
	return 0;
}

static void
assert_holds(const char *expect)
{
	assert_int_equal(buffer_len(&out), strlen(expect));
	assert_memory_equal(buffer_head(&out), expect, strlen(expect));
}

static void
pieces_follow_each_other(void **state)
{
	(void)state;
	put_text(&put, "ab");
	put_format(&put, "%d%s", 12, "c");
	put_bytes(&put, "def", 1);
	assert_int_equal(put.result, 0);
	assert_holds("ab12cd");
}

static void
nothing_follows_what_had_no_room(void **state)
{
	(void)state;
	put_text(&put, "abcd");
	put_text(&put, "fghij");
	assert_int_equal(put.result, BUFFER_FULL);
	put_format(&put, "%c", 'k');
	put_bytes(&put, "l", 1);
	assert_int_equal(put.result, BUFFER_FULL);
	assert_holds("abcd");
}

int
main(void)
{
#define FACT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		FACT(pieces_follow_each_other),
		FACT(nothing_follows_what_had_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
