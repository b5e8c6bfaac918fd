/* How base/lender divides its memory, and gets it back. */
#include "base/lender.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BUFFERS = 200 };

static struct lender lender;
static struct buffer buffers[BUFFERS];

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < BUFFERS; i++)
		buffer_init(&buffers[i], SIZE_MAX / 2);
	return lender_init(&lender);
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < BUFFERS; i++)
		buffer_deinit(&buffers[i]);
	lender_deinit(&lender);
	lender_deinit(&lender);
	return 0;
}

static void
append(struct buffer *b, char letter, size_t len)
{
	assert_int_equal(buffer_reserve(b, len), 0);
	memset(buffer_extend(b, len), letter, len);
}

static void
assert_holds(const struct buffer *b, char letter, size_t len)
{
	assert_int_equal(buffer_len(b), len);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(buffer_head(b)[i], letter);
}

static bool
is_lent(const struct buffer *b)
{
	return b->data >= lender.memory &&
	    b->data < lender.memory + LENDER_SIZE;
}

/* Nothing is lent under the address sanitizer. */
static void
lend(struct buffer *b)
{
	if (BASE_IS_WATCHED)
		skip();
	assert_true(lender_lend(&lender, b));
	assert_true(is_lent(b));
}

static void
return_empty(struct buffer *b)
{
	buffer_consume(b, buffer_len(b));
	assert_int_equal(lender_take_back(&lender, b), 0);
	assert_false(is_lent(b));
	assert_int_equal(buffer_len(b), 0);
}

static void
one_gets_all_there_is_again_and_again(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		lend(&buffers[0]);
		assert_ptr_equal(buffers[0].data, lender.memory);
		append(&buffers[0], 'a', LENDER_SIZE);
		assert_true(is_lent(&buffers[0]));
		return_empty(&buffers[0]);
	}
}

static void
the_next_leaves_each_what_it_has_used(void **state)
{
	(void)state;
	for (int i = 0; i < 50; i++) {
		lend(&buffers[i]);
		append(&buffers[i], (char)i, 100);
	}
	for (int i = 0; i < 50; i++) {
		append(&buffers[i], (char)i, LENDER_LEAST);
		assert_true(is_lent(&buffers[i]));
	}
	for (int i = 0; i < 50; i++)
		assert_holds(&buffers[i], (char)i, 100 + LENDER_LEAST);
	for (int i = 0; i < 50; i++)
		return_empty(&buffers[i]);
}

static void
whoever_outgrows_it_hurts_nobody(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		lend(&buffers[i]);
		append(&buffers[i], (char)i, 100);
	}
	append(&buffers[0], 0, 5000);
	assert_false(is_lent(&buffers[0]));
	append(&buffers[2], 2, LENDER_SIZE);
	assert_false(is_lent(&buffers[2]));
	/* What the last one has outgrown is there for the next. */
	lend(&buffers[3]);
	append(&buffers[3], 3, 5000);
	assert_true(is_lent(&buffers[3]));
	assert_holds(&buffers[0], 0, 5100);
	assert_holds(&buffers[1], 1, 100);
	assert_holds(&buffers[2], 2, LENDER_SIZE + 100);
	assert_holds(&buffers[3], 3, 5000);
	for (int i = 0; i < 4; i++)
		return_empty(&buffers[i]);
}

static void
what_is_left_gets_memory_of_its_own(void **state)
{
	(void)state;
	lend(&buffers[0]);
	append(&buffers[0], 'a', 100);
	assert_int_equal(lender_take_back(&lender, &buffers[0]), 0);
	lend(&buffers[1]);
	assert_ptr_equal(buffers[1].data, lender.memory);
	append(&buffers[1], 'b', 1000);
	assert_holds(&buffers[0], 'a', 100);
	return_empty(&buffers[1]);
}

static void
what_the_last_one_gives_back_is_lent_again(void **state)
{
	const uint8_t *data;

	(void)state;
	lend(&buffers[0]);
	append(&buffers[0], 'a', 100);
	lend(&buffers[1]);
	data = buffers[1].data;
	return_empty(&buffers[1]);
	/* Something else may be where it was. */
	memset(&buffers[1], 0xff, sizeof(buffers[1]));
	lend(&buffers[2]);
	assert_ptr_equal(buffers[2].data, data);
	buffer_init(&buffers[1], SIZE_MAX / 2);
	append(&buffers[2], 'c', 1000);
	assert_holds(&buffers[0], 'a', 100);
	return_empty(&buffers[0]);
	return_empty(&buffers[2]);
}

static void
who_comes_when_there_is_too_little_gets_none(void **state)
{
	int count = 0;

	(void)state;
	if (BASE_IS_WATCHED)
		skip();
	for (; lender_lend(&lender, &buffers[count]); count++) {
		assert_true(buffer_room(&buffers[count]) >= LENDER_LEAST);
		append(&buffers[count], (char)count, 56);
	}
	assert_in_range(count, 100, BUFFERS - 1);
	assert_null(buffers[count].data);
	for (int i = 0; i < count; i++) {
		assert_holds(&buffers[i], (char)i, 56);
		return_empty(&buffers[i]);
	}
	lend(&buffers[count]);
	assert_ptr_equal(buffers[count].data, lender.memory);
	return_empty(&buffers[count]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_gets_all_there_is_again_and_again),
		TEST(the_next_leaves_each_what_it_has_used),
		TEST(whoever_outgrows_it_hurts_nobody),
		TEST(what_is_left_gets_memory_of_its_own),
		TEST(what_the_last_one_gives_back_is_lent_again),
		TEST(who_comes_when_there_is_too_little_gets_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
