/* What client/session/spare keeps, and what goes back. */
#include "client/session/spare.h"

#include "base/clock.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { MEGABYTE = 1024 * 1024, BLOCKS = 12, PATIENCE_MS = 10000 };

static struct loop loop;
static struct spare spare;

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(loop_init(&loop, MEGABYTE), 0);
	assert_int_equal(spare_init(&spare, &loop), 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	spare_deinit(&spare);
	spare_deinit(&spare);
	loop_deinit(&loop);
	return 0;
}

/* So many blocks are needed at once, and then none. */
static void
use(size_t count)
{
	size_t size[BLOCKS];
	void *block[BLOCKS];

	for (size_t i = 0; i < count; i++) {
		size[i] = MEGABYTE;
		block[i] = block_new(&size[i], MEGABYTE);
		assert_non_null(block[i]);
	}
	for (size_t i = 0; i < count; i++)
		block_free(block[i], size[i]);
}

/* Whether blocks are mappings at all, which have more than was asked for: the
 * address sanitizer has none. */
static bool
are_mapped(void)
{
	size_t size = MEGABYTE;
	void *block = block_new(&size, MEGABYTE);

	assert_non_null(block);
	block_free(block, size);
	return size > MEGABYTE;
}

static void
what_was_freed_is_there_for_the_next(void **state)
{
	size_t bytes;

	(void)state;
	if (!are_mapped())
		return;
	bytes = spare.blocks.bytes;
	assert_true(bytes > 0);
	for (int i = 0; i < 100; i++)
		use(1);
	assert_int_equal(spare.blocks.bytes, bytes);
}

static void
more_than_is_kept_goes_back_in_a_while(void **state)
{
	uint64_t until = clock_now_ms() + PATIENCE_MS;

	(void)state;
	if (!are_mapped())
		return;
	use(BLOCKS);
	assert_true(spare.blocks.bytes > BLOCKS_KEPT_BYTES);
	while (
	    spare.blocks.bytes > BLOCKS_KEPT_BYTES && clock_now_ms() < until) {
		assert_true(loop_turn(&loop) >= 0);
		poll(NULL, 0, 10);
	}
	assert_true(spare.blocks.bytes <= BLOCKS_KEPT_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    what_was_freed_is_there_for_the_next, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    more_than_is_kept_goes_back_in_a_while, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
