/* When server/process/heap gives memory back, in a loop that has nothing else
 * to do. */
#include "server/process/heap.h"

#include "base/base.h"
#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	MEBIBYTE = 1024 * 1024,
	SMALL = 60000,
	COUNT = 16 * MEBIBYTE / SMALL,
	LARGE_COUNT = 20,
	/* Whatever else the machine does. */
	PATIENCE_MS = 60000,
};

static struct loop l;
static struct heap heap;
static uint64_t calls;
static void *small[COUNT];
static bool is_trimmed; /* not where an allocator is not the C library's */
static bool is_mapped;

static void
fill(void)
{
	for (size_t i = 0; i < COUNT; i++) {
		small[i] = malloc(SMALL);
		assert_non_null(small[i]);
		memset(small[i], 1, SMALL);
	}
}

/* The last one stays, as something always does. */
static void
empty(void)
{
	for (size_t i = 0; i + 1 < COUNT; i++)
		free(small[i]);
}

static void
free_large(void)
{
	void *blocks[LARGE_COUNT];
	size_t sizes[LARGE_COUNT];

	for (size_t i = 0; i < LARGE_COUNT; i++) {
		sizes[i] = MEBIBYTE;
		blocks[i] = block_new(&sizes[i], 0);
		assert_non_null(blocks[i]);
	}
	for (size_t i = 0; i < LARGE_COUNT; i++)
		block_free(blocks[i], sizes[i]);
}

static uint64_t
count_calls(const void *context)
{
	(void)context;
	return calls;
}

static int
begin(void **state)
{
	(void)state;
	calls = 0;
	assert_int_equal(loop_init(&l, 512 * 1024), 0);
	assert_int_equal(heap_init(&heap, &l, count_calls, NULL), 0);
	free_large();
	assert_int_equal(loop_turn(&l), 0);
	is_mapped = heap.blocks.bytes > 0;
	fill();
	empty();
	is_trimmed = trim_free_bytes() > COUNT / 2 * SMALL;
	return 0;
}

static int
end(void **state)
{
	(void)state;
	heap_deinit(&heap);
	heap_deinit(&heap);
	loop_deinit(&l);
	free(small[COUNT - 1]);
	return 0;
}

/* When there is something to do. */
static void
wait_for_turn(void)
{
	struct pollfd fd = { .fd = loop_fd(&l), .events = POLLIN };

	assert_int_equal(poll(&fd, 1, PATIENCE_MS), 1);
	assert_int_equal(loop_turn(&l), 0);
}

/* Runs the loop until it holds, with a call between any two turns or not. */
static void
wait_for(bool (*holds)(void), unsigned int more_calls)
{
	uint64_t deadline = clock_now_ms() + PATIENCE_MS;

	assert_int_equal(loop_turn(&l), 0);
	while (!holds()) {
		assert_true(clock_now_ms() < deadline);
		wait_for_turn();
		calls += more_calls;
	}
}

static bool
is_trimming(void)
{
	return heap.trim.stage != TRIM_DONE;
}

static bool
has_trimmed(void)
{
	return heap.left > 0 && !is_trimming();
}

static bool
keeps_what_it_may(void)
{
	return heap.blocks.bytes <= BLOCKS_KEPT_BYTES;
}

static bool
keeps_nothing(void)
{
	return heap.blocks.bytes == 0;
}

static void
a_heap_is_trimmed_though_calls_come_all_the_time(void **state)
{
	(void)state;
	if (is_trimmed)
		wait_for(has_trimmed, 1);
}

static void
a_heap_is_trimmed_though_no_call_has_ever_come(void **state)
{
	(void)state;
	if (is_trimmed)
		wait_for(has_trimmed, 0);
}

static void
what_is_freed_in_silence_is_trimmed_too(void **state)
{
	(void)state;
	if (!is_trimmed)
		return;
	wait_for(has_trimmed, 0);
	free(small[COUNT - 1]);
	fill();
	empty();
	wait_for(is_trimming, 0);
	wait_for(has_trimmed, 0);
}

/* Before there is a look at the heap. */
static void
what_is_too_much_to_keep_goes_back_soon_in_turns(void **state)
{
	uint64_t look_ms = heap.look_ms;
	size_t before = heap.blocks.bytes;

	(void)state;
	assert_int_equal(before > 0, is_mapped);
	while (!keeps_what_it_may()) {
		before = heap.blocks.bytes;
		wait_for_turn();
		assert_true(before - heap.blocks.bytes <= TRIM_STEP_BYTES);
	}
	assert_true(heap.look_ms == look_ms || clock_now_ms() > look_ms);
}

static void
what_is_kept_goes_back_though_calls_come_all_the_time(void **state)
{
	(void)state;
	wait_for(keeps_nothing, 1);
}

/* As at the end of a daemon. */
static void
it_may_end_in_the_middle_of_it(void **state)
{
	(void)state;
	if (is_trimmed)
		wait_for(is_trimming, 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(a_heap_is_trimmed_though_calls_come_all_the_time),
		CASE(a_heap_is_trimmed_though_no_call_has_ever_come),
		CASE(what_is_freed_in_silence_is_trimmed_too),
		CASE(what_is_too_much_to_keep_goes_back_soon_in_turns),
		CASE(what_is_kept_goes_back_though_calls_come_all_the_time),
		CASE(it_may_end_in_the_middle_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
