/* What server/process/trim gives back, what stays, and how long a step is. */
#include "server/process/trim.h"

#include "base/base.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	MEBIBYTE = 1024 * 1024,
	HEAP_BYTES = 48 * MEBIBYTE,
	COUNT_MAX = HEAP_BYTES / 1000,
	/* What a step may take of the processor, in microseconds. */
	STEP_US = 3000,
};

static void *blocks[COUNT_MAX];

static size_t
resident(void)
{
	FILE *statm = fopen("/proc/self/statm", "re");
	unsigned long pages;

	assert_non_null(statm);
	assert_int_equal(fscanf(statm, "%*u %lu", &pages), 1);
	fclose(statm);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t
processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Whoever stands in for the kernel may take it for mere advice. */
static bool
pages_go_when_told(void)
{
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool gone;

	assert_true(page != MAP_FAILED);
	*page = 1;
	madvise(page, 4096, MADV_DONTNEED);
	gone = *page == 0;
	munmap(page, 4096);
	return gone;
}

/* Sanitizers and valgrind have allocators of their own, which nobody trims. */
static bool
is_own_allocator(void)
{
	void *block = malloc(100000);
	uintptr_t at = (uintptr_t)block, end = (uintptr_t)sbrk(0);

	assert_non_null(block);
	free(block);
	return at < end && at > end - 256 * MEBIBYTE && pages_go_when_told();
}

static uint64_t
patience(void)
{
	const char *text = getenv("TEST_PATIENCE");
	uint64_t times = text != NULL ? strtoul(text, NULL, 10) : 1;

	return MAX_OF(times, 1);
}

/* Fills the heap with blocks of a size, and frees all but one of so many. */
static size_t
fill_and_free(size_t size, size_t stays)
{
	size_t count = HEAP_BYTES / size;

	for (size_t i = 0; i < count; i++) {
		blocks[i] = malloc(size);
		assert_non_null(blocks[i]);
		memset(blocks[i], (int)i, size);
	}
	for (size_t i = 0; i < count; i++) {
		if (i % stays == 0)
			continue;
		free(blocks[i]);
		blocks[i] = NULL;
	}
	return count;
}

static void
assert_rest_is_whole(size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++) {
		const unsigned char *block = blocks[i];

		for (size_t at = 0; block != NULL && at < size; at++)
			assert_int_equal(block[at], (unsigned char)i);
		free(blocks[i]);
		blocks[i] = NULL;
	}
}

/* Returns how many steps there were. */
static unsigned int
trim_all(void)
{
	struct trim trim = { 0 };
	uint64_t begun, longest = 0;
	unsigned int steps = 0;
	bool more = true;

	trim_begin(&trim);
	while (more) {
		begun = processor_us();
		more = trim_step(&trim);
		longest = MAX_OF(longest, processor_us() - begun);
		steps++;
	}
	assert_int_equal(trim.stage, TRIM_DONE);
	assert_null(trim.taken);
	print_message(
	    "# %u steps, the longest %u us\n", steps, (unsigned int)longest);
	assert_true(longest < STEP_US * patience());
	return steps;
}

/* Bytes that it gave back, of so large blocks of which some stay. */
static size_t
given_back(size_t size, size_t stays, unsigned int least)
{
	size_t count = fill_and_free(size, stays), before = resident(), after;

	assert_true(trim_all() >= least);
	after = resident();
	assert_rest_is_whole(count, size);
	return before > after ? before - after : 0;
}

static void
what_is_free_between_blocks_goes_back_in_steps(void **state)
{
	(void)state;
	if (!is_own_allocator())
		return;
	/* A page at each end of what is free stays. */
	assert_true(given_back(60000, 2, 10) > HEAP_BYTES / 2 / 10 * 8);
	assert_true(given_back(60000, 50, 10) > HEAP_BYTES / 10 * 9);
}

static void
what_is_little_more_than_a_page_goes_back_too(void **state)
{
	(void)state;
	if (!is_own_allocator())
		return;
	assert_true(given_back(1000, 8, 10) > HEAP_BYTES / 10 * 3);
	assert_true(given_back(1000, 16, 10) > HEAP_BYTES / 10 * 6);
}

static void
the_end_of_the_heap_goes_back_and_shrinks(void **state)
{
	char *end = sbrk(0);

	(void)state;
	if (!is_own_allocator())
		return;
	assert_true(given_back(20000, COUNT_MAX, 10) > HEAP_BYTES / 10 * 9);
	assert_true((char *)sbrk(0) < end + MEBIBYTE);
}

static void
trimming_again_and_again_makes_nothing_grow(void **state)
{
	size_t before;
	char *end;

	(void)state;
	if (!is_own_allocator())
		return;
	fill_and_free(60000, 50);
	trim_all();
	before = resident();
	end = sbrk(0);
	for (unsigned int i = 0; i < 20; i++)
		trim_all();
	assert_true(resident() <= before + MEBIBYTE);
	assert_true((char *)sbrk(0) <= end + 2 * MEBIBYTE);
	assert_rest_is_whole(HEAP_BYTES / 60000, 60000);
}

static void
an_end_in_between_puts_everything_back(void **state)
{
	struct trim trim = { 0 };
	size_t before, count;

	(void)state;
	if (!is_own_allocator())
		return;
	count = fill_and_free(60000, 2);
	before = trim_free_bytes();
	trim_begin(&trim);
	for (unsigned int i = 0; i < 5; i++)
		assert_true(trim_step(&trim));
	assert_true(trim_free_bytes() < before - MEBIBYTE);
	trim_deinit(&trim);
	trim_deinit(&trim);
	assert_true(trim_free_bytes() >= before);
	assert_rest_is_whole(count, 60000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_free_between_blocks_goes_back_in_steps),
		cmocka_unit_test(what_is_little_more_than_a_page_goes_back_too),
		cmocka_unit_test(the_end_of_the_heap_goes_back_and_shrinks),
		cmocka_unit_test(trimming_again_and_again_makes_nothing_grow),
		cmocka_unit_test(an_end_in_between_puts_everything_back),
	};

	/* As server/process/heap has it. */
	mallopt(M_TRIM_THRESHOLD, -1);
	mallopt(M_MMAP_THRESHOLD, 4 * MEBIBYTE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
