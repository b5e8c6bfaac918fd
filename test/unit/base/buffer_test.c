/* What base/buffer holds, refuses and gives back. */
#include "base/buffer.h"

#include "base/block.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
append(struct buffer *b, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(buffer_reserve(b, len), 0);
	memcpy(buffer_tail(b), text, len);
	buffer_commit(b, len);
}

static void
assert_holds(const struct buffer *b, const char *text)
{
	assert_int_equal(buffer_len(b), strlen(text));
	assert_memory_equal(buffer_head(b), text, strlen(text));
}

static void
an_empty_buffer_has_no_memory(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 100);
	assert_null(b.data);
	append(&b, "x");
	assert_non_null(b.data);
	buffer_trim(&b);
	assert_non_null(b.data);
	buffer_consume(&b, 1);
	buffer_trim(&b);
	assert_null(b.data);
	buffer_deinit(&b);
	buffer_deinit(&b);
}

static void
bytes_come_out_as_they_went_in(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 100);
	append(&b, "reverse");
	append(&b, "d");
	assert_holds(&b, "reversed");
	buffer_consume(&b, 2);
	assert_holds(&b, "versed");
	buffer_truncate(&b, 3);
	assert_holds(&b, "ver");
	buffer_deinit(&b);
}

static void
the_limit_is_kept_to_the_byte(void **state)
{
	struct buffer b;

	(void)state;
	buffer_init(&b, 8);
	append(&b, "12345678");
	assert_int_equal(buffer_reserve(&b, 1), BUFFER_FULL);
	assert_int_equal(buffer_reserve(&b, SIZE_MAX), BUFFER_FULL);
	assert_holds(&b, "12345678");
	buffer_consume(&b, 3);
	assert_int_equal(buffer_reserve(&b, 4), BUFFER_FULL);
	append(&b, "abc");
	assert_holds(&b, "45678abc");
	buffer_deinit(&b);
}

/* Against a plain array, through many sizes and moves. */
static void
growth_and_moves_lose_nothing(void **state)
{
	enum { STEPS = 20000, MAX = 5000 };
	static uint8_t model[MAX];
	struct buffer b;
	size_t held = 0, n;
	uint8_t next = 0;

	(void)state;
	srand(1);
	buffer_init(&b, MAX);
	for (int step = 0; step < STEPS; step++) {
		n = (size_t)rand() % 700;
		if (rand() % 2 == 0 && n <= MAX - held) {
			assert_int_equal(buffer_reserve(&b, n), 0);
			for (size_t i = 0; i < n; i++)
				model[held++] = *buffer_tail(&b) = next++,
				buffer_commit(&b, 1);
		} else if (n <= held) {
			buffer_consume(&b, n);
			memmove(model, model + n, held - n);
			held -= n;
		}
		assert_int_equal(buffer_len(&b), held);
		if (held > 0)
			assert_memory_equal(buffer_head(&b), model, held);
	}
	buffer_deinit(&b);
}

static void
lent_memory_is_left_when_settled(void **state)
{
	uint8_t scratch[64];
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	buffer_lend(&b, scratch, sizeof(scratch));
	assert_ptr_equal(b.data, scratch);
	append(&b, "call and rest");
	buffer_consume(&b, 9);
	assert_int_equal(buffer_settle(&b), 0);
	assert_ptr_not_equal(b.data, scratch);
	memset(scratch, 0, sizeof(scratch));
	assert_holds(&b, "rest");
	buffer_deinit(&b);
}

static void
lent_memory_that_is_used_up_is_returned(void **state)
{
	uint8_t scratch[64];
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	buffer_lend(&b, scratch, sizeof(scratch));
	append(&b, "call");
	buffer_consume(&b, 4);
	assert_int_equal(buffer_settle(&b), 0);
	assert_null(b.data);
	buffer_deinit(&b);
}

static void
lent_memory_can_be_outgrown(void **state)
{
	uint8_t scratch[4];
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	buffer_lend(&b, scratch, sizeof(scratch));
	append(&b, "1234");
	append(&b, "56789");
	assert_holds(&b, "123456789");
	buffer_deinit(&b);
}

static void
a_buffer_in_use_is_not_lent_memory(void **state)
{
	uint8_t scratch[64];
	struct buffer b;

	(void)state;
	buffer_init(&b, 1000);
	append(&b, "half a record");
	buffer_lend(&b, scratch, sizeof(scratch));
	assert_ptr_not_equal(b.data, scratch);
	assert_holds(&b, "half a record");
	buffer_deinit(&b);
}

/* A slow reader takes a little at a time from a queue that is kept full. */
static void
a_full_queue_is_seldom_moved(void **state)
{
	enum { HELD = 64 * 1024, STEP = 64, STEPS = 8192 };
	unsigned int moves = 0;
	const uint8_t *data;
	struct buffer b;

	(void)state;
	buffer_init(&b, SIZE_MAX / 2);
	assert_int_equal(buffer_reserve(&b, HELD), 0);
	memset(buffer_tail(&b), 'x', HELD);
	buffer_commit(&b, HELD);
	for (int i = 0; i < STEPS; i++) {
		buffer_consume(&b, STEP);
		data = buffer_head(&b);
		assert_int_equal(buffer_reserve(&b, STEP), 0);
		moves += buffer_head(&b) != data;
		memset(buffer_tail(&b), 'x', STEP);
		buffer_commit(&b, STEP);
	}
	/* Each byte that came is moved twice at most. */
	assert_true(moves <= 2 * STEPS * STEP / HELD);
	buffer_deinit(&b);
}

static void
no_hurry(struct blocks *blocks)
{
	(void)blocks;
}

/* What it has then is what it says, and all of it may be used. */
static void
a_large_buffer_has_what_another_gave_back(void **state)
{
	enum { FIRST = 1000000, SECOND = 150000 };
	struct blocks blocks;
	struct buffer b;
	size_t kept;

	(void)state;
	blocks_init(&blocks, no_hurry);
	buffer_init(&b, 2 * FIRST);
	assert_int_equal(buffer_reserve(&b, FIRST), 0);
	buffer_commit(&b, FIRST);
	buffer_consume(&b, FIRST);
	buffer_trim(&b);
	kept = blocks.bytes;
	assert_int_equal(buffer_memory(&b), 0);
	assert_int_equal(buffer_reserve(&b, SECOND), 0);
	if (kept > 0) {
		assert_int_equal(blocks.bytes, 0);
		assert_true(buffer_memory(&b) >= FIRST);
	}
	memset(buffer_tail(&b), 'x', buffer_room(&b));
	buffer_deinit(&b);
	assert_int_equal(blocks.bytes, kept);
	blocks_deinit(&blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_has_no_memory),
		cmocka_unit_test(bytes_come_out_as_they_went_in),
		cmocka_unit_test(the_limit_is_kept_to_the_byte),
		cmocka_unit_test(growth_and_moves_lose_nothing),
		cmocka_unit_test(lent_memory_is_left_when_settled),
		cmocka_unit_test(lent_memory_that_is_used_up_is_returned),
		cmocka_unit_test(lent_memory_can_be_outgrown),
		cmocka_unit_test(a_buffer_in_use_is_not_lent_memory),
		cmocka_unit_test(a_full_queue_is_seldom_moved),
		cmocka_unit_test(a_large_buffer_has_what_another_gave_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
