/* Where base/block has its memory, what it keeps, and what it gives back. */
#include "base/block.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	MEBIBYTE = 1024 * 1024,
	MANY = 40,
};

static struct blocks blocks;
static unsigned int excesses;

static void
on_excess(struct blocks *of)
{
	assert_ptr_equal(of, &blocks);
	excesses++;
}

static int
begin(void **state)
{
	(void)state;
	excesses = 0;
	blocks_init(&blocks, on_excess);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	blocks_deinit(&blocks);
	blocks_deinit(&blocks);
	return 0;
}

/* Not under the address sanitizer. */
static bool
are_mapped(void)
{
	size_t size = BLOCK_LARGE;
	void *block = block_new(&size, 0);

	block_free(block, size);
	if (blocks.bytes == 0)
		return false;
	while (blocks_give_back(
		   &blocks, clock_now_ms() + BLOCKS_KEPT_MS, MEBIBYTE) > 0)
		continue;
	return true;
}

static void *
filled(size_t *size)
{
	void *block = block_new(size, 0);

	assert_non_null(block);
	memset(block, 0x5a, *size);
	return block;
}

static void
assert_filled(const uint8_t *block, size_t len)
{
	for (size_t i = 0; i < len; i++)
		assert_int_equal(block[i], 0x5a);
}

static void
a_small_block_is_as_large_as_asked_for(void **state)
{
	size_t size = BLOCK_LARGE - 1;
	void *block = filled(&size);

	(void)state;
	assert_int_equal(size, BLOCK_LARGE - 1);
	block_free(block, size);
	assert_int_equal(blocks.bytes, 0);
}

static void
a_large_block_may_be_used_as_far_as_it_says(void **state)
{
	size_t size;
	void *block;

	(void)state;
	for (size_t asked = BLOCK_LARGE; asked < 3 * BLOCK_LARGE;
	     asked += 4999) {
		size = asked;
		block = filled(&size);
		assert_true(size >= asked);
		assert_true(size < asked + BLOCK_LARGE);
		block_free(block, size);
	}
}

static void
what_a_block_holds_stays_when_it_is_resized(void **state)
{
	static const size_t steps[] = { 500, 1000, BLOCK_LARGE, 5 * BLOCK_LARGE,
		5 * BLOCK_LARGE + 1, 2 * BLOCK_LARGE, 900, 10 };
	size_t size = 0, wanted, least;
	uint8_t *block = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		wanted = steps[i];
		least = MIN_OF(size, wanted);
		block = block_resize(block, size, &wanted, 0);
		assert_non_null(block);
		assert_true(wanted >= steps[i]);
		assert_filled(block, least);
		size = wanted;
		memset(block, 0x5a, size);
	}
	block_free(block, size);
}

static void
what_cannot_be_had_changes_nothing(void **state)
{
	/* The first is refused by the system, where it is not the second. */
	static const size_t sizes[] = { (size_t)MIN_OF(
					    PTRDIFF_MAX, UINT64_C(1) << 60),
		PTRDIFF_MAX, SIZE_MAX - MEBIBYTE, SIZE_MAX };
	size_t size = BLOCK_LARGE, wanted;
	uint8_t *block = filled(&size);

	(void)state;
	/* The address sanitizer would end the program. */
	if (!are_mapped())
		return block_free(block, size);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		wanted = sizes[i];
		assert_null(block_resize(block, size, &wanted, 0));
		assert_null(block_new(&wanted, 0));
		assert_int_equal(wanted, sizes[i]);
	}
	assert_filled(block, size);
	block_free(block, size);
}

static void
a_block_that_was_freed_is_used_again(void **state)
{
	size_t size = MEBIBYTE, again = MEBIBYTE;
	void *block = filled(&size), *other;

	(void)state;
	if (!are_mapped())
		return block_free(block, size);
	block_free(block, size);
	assert_true(blocks.bytes >= size);
	other = block_new(&again, 0);
	assert_ptr_equal(other, block);
	assert_int_equal(again, size);
	assert_int_equal(blocks.bytes, 0);
	block_free(other, again);
}

static void
the_one_that_fits_best_is_used_and_none_beyond_most(void **state)
{
	size_t sizes[] = { 2 * MEBIBYTE, MEBIBYTE, 3 * MEBIBYTE }, size;
	void *kept[ARRAY_LEN(sizes)], *block;

	(void)state;
	if (!are_mapped())
		return;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		kept[i] = filled(&sizes[i]);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		block_free(kept[i], sizes[i]);
	size = BLOCK_LARGE;
	block = block_new(&size, BLOCK_LARGE);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		assert_ptr_not_equal(block, kept[i]);
	block_free(block, size);
	size = MEBIBYTE + MEBIBYTE / 2;
	block = block_new(&size, 3 * MEBIBYTE);
	assert_ptr_equal(block, kept[0]);
	assert_int_equal(size, sizes[0]);
	block_free(block, size);
}

static void
free_many(size_t size)
{
	void *all[MANY];
	size_t sizes[MANY];

	for (size_t i = 0; i < MANY; i++) {
		sizes[i] = size;
		all[i] = filled(&sizes[i]);
	}
	for (size_t i = 0; i < MANY; i++)
		block_free(all[i], sizes[i]);
}

static void
what_is_more_than_is_kept_goes_back_in_steps(void **state)
{
	size_t before, given;
	unsigned int steps = 0;
	uint64_t now = clock_now_ms();

	(void)state;
	if (!are_mapped())
		return;
	free_many(MEBIBYTE);
	assert_int_equal(excesses, 1);
	before = blocks.bytes;
	assert_true(before > MANY * MEBIBYTE);
	assert_int_equal(blocks_give_back(&blocks, now, MEBIBYTE), 0);
	now = clock_now_ms() + BLOCKS_EXCESS_MS;
	while ((given = blocks_give_back(&blocks, now, MEBIBYTE)) > 0) {
		assert_true(given <= MEBIBYTE);
		assert_int_equal(blocks.bytes, before - given);
		before = blocks.bytes;
		steps++;
	}
	assert_true(steps >= MANY - BLOCKS_KEPT_BYTES / MEBIBYTE);
	assert_true(blocks.bytes <= BLOCKS_KEPT_BYTES);
	assert_true(blocks.bytes > BLOCKS_KEPT_BYTES - 2 * MEBIBYTE);
}

static void
what_nobody_needed_for_a_second_goes_back(void **state)
{
	uint64_t now = clock_now_ms();

	(void)state;
	if (!are_mapped())
		return;
	free_many(BLOCK_LARGE);
	assert_int_equal(excesses, 0);
	assert_int_equal(blocks_give_back(&blocks, now, MEBIBYTE), 0);
	assert_true(blocks.bytes > 0);
	now = clock_now_ms() + BLOCKS_KEPT_MS;
	while (blocks_give_back(&blocks, now, MEBIBYTE) > 0)
		continue;
	assert_int_equal(blocks.bytes, 0);
}

/* Also one that is longer than a step. */
static void
what_went_back_is_no_longer_mapped(void **state)
{
	size_t size = 20 * MEBIBYTE;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), at;
	unsigned char resident;
	void *block;

	(void)state;
	if (!are_mapped())
		return;
	block = filled(&size);
	at = (uintptr_t)block & ~(page - 1);
	block_free(block, size);
	while (blocks_give_back(&blocks, UINT64_MAX / 2, MEBIBYTE) > 0)
		continue;
	for (size_t i = 0; i < size; i += MEBIBYTE) {
		assert_int_equal(
		    mincore((void *)(at + i), page, &resident), -1);
		assert_int_equal(errno, ENOMEM);
	}
}

static void
without_a_keeper_a_block_goes_back_at_once(void **state)
{
	size_t size = MEBIBYTE, again = MEBIBYTE;
	void *block;

	(void)state;
	blocks_deinit(&blocks);
	block = filled(&size);
	block_free(block, size);
	block = filled(&again);
	block_free(block, again);
	block_free(NULL, 0);
	block_free(NULL, MEBIBYTE);
	assert_int_equal(blocks.bytes, 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_small_block_is_as_large_as_asked_for),
		CASE(a_large_block_may_be_used_as_far_as_it_says),
		CASE(what_a_block_holds_stays_when_it_is_resized),
		CASE(what_cannot_be_had_changes_nothing),
		CASE(a_block_that_was_freed_is_used_again),
		CASE(the_one_that_fits_best_is_used_and_none_beyond_most),
		CASE(what_is_more_than_is_kept_goes_back_in_steps),
		CASE(what_nobody_needed_for_a_second_goes_back),
		CASE(what_went_back_is_no_longer_mapped),
		CASE(without_a_keeper_a_block_goes_back_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
