/* Memory that goes all at once: base/arena. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 2000, LARGE = 1000000 };

static struct arena arena;

static int
end(void **state)
{
	(void)state;
	arena_deinit(&arena);
	arena_deinit(&arena);
	return 0;
}

static void
assert_zero(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(bytes[i], 0);
}

static void
what_is_taken_is_zero_and_aligned(void **state)
{
	unsigned char *taken;

	(void)state;
	for (size_t size = 0; size < MANY; size++) {
		taken = arena_take(&arena, size);
		assert_non_null(taken);
		assert_int_equal((uintptr_t)taken % alignof(max_align_t), 0);
		assert_zero(taken, size);
		memset(taken, 0xff, size);
	}
	arena_reset(&arena);
	for (size_t size = 0; size < MANY; size++) {
		taken = arena_take(&arena, size);
		assert_zero(taken, size);
		memset(taken, 0xff, size);
	}
}

static void
room_has_what_was_left_in_it(void **state)
{
	unsigned char *taken = arena_room(&arena, 100);

	(void)state;
	memset(taken, 0xff, 100);
	arena_reset(&arena);
	assert_ptr_equal(arena_room(&arena, 100), taken);
	assert_int_equal(taken[99], 0xff);
	arena_reset(&arena);
	assert_ptr_equal(arena_take(&arena, 100), taken);
	assert_zero(taken, 100);
}

static void
nothing_is_taken_twice(void **state)
{
	unsigned char *taken[MANY];

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		taken[i] = arena_take(&arena, 100);
		memset(taken[i], (int)(i % 255), 100);
	}
	for (size_t i = 0; i < MANY; i++)
		for (size_t at = 0; at < 100; at++)
			assert_int_equal(taken[i][at], i % 255);
}

static void
one_may_be_larger_than_a_piece(void **state)
{
	unsigned char *small = arena_take(&arena, 10), *large;

	(void)state;
	memset(small, 1, 10);
	large = arena_take(&arena, LARGE);
	assert_zero(large, LARGE);
	memset(large, 2, LARGE);
	assert_int_equal(small[9], 1);
	assert_null(arena_take(&arena, SIZE_MAX));
	assert_null(arena_take(&arena, SIZE_MAX - 10));
}

static void
a_piece_is_used_again(void **state)
{
	void *first = arena_take(&arena, 100);

	(void)state;
	for (int i = 0; i < MANY; i++) {
		arena_reset(&arena);
		assert_ptr_equal(arena_take(&arena, 100), first);
	}
	arena_reset(&arena);
	arena_reset(&arena);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_teardown(test, end)
	const struct CMUnitTest tests[] = {
		CASE(what_is_taken_is_zero_and_aligned),
		CASE(room_has_what_was_left_in_it),
		CASE(nothing_is_taken_twice),
		CASE(one_may_be_larger_than_a_piece),
		CASE(a_piece_is_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
