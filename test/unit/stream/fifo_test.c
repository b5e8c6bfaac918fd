/* stream/fifo: against a plain list, and its limits. */
#include "stream/fifo.h"

#include "base/block.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define LIMIT 4096
#define HELD  2048

/* What a fifo should hold: message n is lens[n] bytes of value n. */
struct model {
	struct fifo fifo;
	size_t lens[HELD];
	uint64_t first;
	uint64_t next;
};

static size_t
model_cost(const struct model *m)
{
	size_t sum = 0;

	for (uint64_t n = m->first; n < m->next; n++)
		sum += message_cost(m->lens[n]);
	return sum;
}

static void
check_model(const struct model *m)
{
	struct fifo_mark mark = fifo_begin(&m->fifo);
	const unsigned char *bytes;
	size_t len;

	assert_int_equal(m->fifo.first, m->first);
	assert_int_equal(m->fifo.next, m->next);
	assert_int_equal(m->fifo.used, model_cost(m));
	assert_true(m->fifo.size <= LIMIT);
	for (uint64_t n = m->first; n < m->next; n++) {
		assert_int_equal(mark.number, n);
		assert_int_equal(
		    fifo_peek_cost(&m->fifo, &mark), message_cost(m->lens[n]));
		bytes = fifo_get(&m->fifo, &mark, &len);
		assert_int_equal(len, m->lens[n]);
		for (size_t i = 0; i < len; i++)
			assert_int_equal(bytes[i], (unsigned char)n);
	}
	assert_int_equal(fifo_find(&m->fifo, m->next).at, mark.at);
}

/* Some from the middle on, with room for whole messages or a part of one. */
static void
get_some(const struct model *m)
{
	message got[HELD];
	uint64_t from = m->first + (m->next - m->first) / 3;
	struct fifo_mark mark = fifo_find(&m->fifo, from), each = mark;
	size_t room = (size_t)(rand() % (2 * LIMIT)), sum = 0, len;
	u_int most = (u_int)(rand() % 8),
	      count = fifo_get_some(&m->fifo, &mark, got, most, room);

	assert_true(count <= most);
	for (u_int i = 0; i < count; i++) {
		assert_ptr_equal(
		    got[i].message_val, fifo_get(&m->fifo, &each, &len));
		assert_int_equal(got[i].message_len, len);
		sum += message_cost(len);
	}
	assert_int_equal(mark.number, each.number);
	assert_int_equal(mark.at, each.at);
	assert_true(count <= 1 || sum <= room);
	if (count < most && each.number < m->next)
		assert_true(sum + fifo_peek_cost(&m->fifo, &each) > room);
}

static void
put(struct model *m, size_t len)
{
	bool fits = message_cost(len) <= LIMIT - model_cost(m);
	void *room = fifo_reserve(&m->fifo, len);

	assert_int_equal(room != NULL, fits);
	if (room == NULL)
		return;
	if (rand() % 8 == 0) {
		fifo_cancel(&m->fifo);
		return;
	}
	memset(room, (int)m->next, len);
	/* What lies before it may go while a message is open. */
	if (m->first < m->next && rand() % 4 == 0)
		fifo_drop_below(&m->fifo, ++m->first);
	fifo_commit(&m->fifo, len);
	m->lens[m->next++] = len;
}

/* What a row takes is what there is memory for, up to most bytes. */
static void
put_row(struct model *m)
{
	size_t most = (size_t)(rand() % (2 * LIMIT)), left, len;
	struct fifo_row row = fifo_row_begin(&m->fifo, most);
	void *room;

	left = m->fifo.size - m->fifo.head - m->fifo.used;
	if (left + m->fifo.used > most)
		left = most > m->fifo.used ? most - m->fifo.used : 0;
	for (int i = rand() % 4; i > 0 && m->next < HELD - 1; i--) {
		len = (size_t)(rand() % 20);
		room = fifo_row_reserve(&row, len);
		assert_int_equal(room != NULL, message_cost(len) <= left);
		if (room == NULL)
			break;
		memset(room, (int)m->next, len);
		fifo_row_commit(&row, len);
		left -= message_cost(len);
		m->lens[m->next++] = len;
	}
	assert_null(fifo_row_reserve(&row, SIZE_MAX));
	fifo_row_end(&m->fifo, &row);
}

static void
fifo_holds_what_was_put(void **state)
{
	struct model m = { .first = 0 };
	struct fifo_mark mark;

	(void)state;
	srand(7);
	fifo_init(&m.fifo, 0, LIMIT);
	while (m.next < HELD - 1) {
		put(&m,
		    (size_t)(rand() % 3 == 0 ? rand() % LIMIT : rand() % 20));
		if (rand() % 2 == 0 && m.next > m.first) {
			m.first += (uint64_t)rand() % (m.next - m.first + 1);
			fifo_drop_below(&m.fifo, m.first);
		}
		if (rand() % 16 == 0) {
			m.next -= (m.next - m.first) / 2;
			mark = fifo_find(&m.fifo, m.next);
			fifo_truncate(&m.fifo, &mark);
		}
		put_row(&m);
		check_model(&m);
		get_some(&m);
	}
	fifo_clear(&m.fifo);
	assert_int_equal(m.fifo.size, 0);
	assert_int_equal(m.fifo.next, m.next);
}

static void
fifo_gives_memory_back_when_empty(void **state)
{
	struct fifo fifo;
	static const char text[5000];

	(void)state;
	fifo_init(&fifo, 3, 100000);
	for (int i = 0; i < 10; i++)
		assert_int_equal(fifo_put(&fifo, text, sizeof(text)), 0);
	assert_true(fifo.size >= 10 * sizeof(text));
	fifo_drop_below(&fifo, 13);
	assert_int_equal(fifo.size, 0);
	fifo_clear(&fifo);
}

/* One who waits for the next message finds it, whatever happened before. */
static void
a_mark_at_the_end_stays_good(void **state)
{
	struct fifo_mark cleared, dropped;
	struct fifo fifo;
	size_t len;

	(void)state;
	fifo_init(&fifo, 3, 1000);
	assert_int_equal(fifo_put(&fifo, "before", 6), 0);
	cleared = fifo_find(&fifo, 4);
	fifo_clear(&fifo);
	assert_int_equal(fifo_put(&fifo, "one", 3), 0);
	assert_memory_equal(fifo_get(&fifo, &cleared, &len), "one", 3);
	assert_int_equal(len, 3);
	dropped = fifo_find(&fifo, 5);
	fifo_drop_below(&fifo, 5);
	assert_int_equal(fifo_put(&fifo, "two", 3), 0);
	assert_memory_equal(fifo_get(&fifo, &dropped, &len), "two", 3);
	fifo_clear(&fifo);
}

static void
fifo_costs_what_xdr_does(void **state)
{
	(void)state;
	assert_int_equal(message_cost(0), 4);
	assert_int_equal(message_cost(1), 8);
	assert_int_equal(message_cost(4), 8);
	assert_int_equal(message_cost(5), 12);
}

static void
fifo_refuses_what_exceeds_its_limit(void **state)
{
	struct fifo fifo;
	char text[16] = { 0 };

	(void)state;
	fifo_init(&fifo, 0, 40);
	assert_int_equal(fifo_put(&fifo, text, 16), 0);
	assert_int_equal(fifo_put(&fifo, text, 16), 0);
	assert_int_equal(fifo_put(&fifo, text, 0), -ENOMEM);
	fifo_drop_below(&fifo, 1);
	assert_int_equal(fifo_put(&fifo, text, 16), 0);
	assert_null(fifo_reserve(&fifo, SIZE_MAX));
	fifo_clear(&fifo);
}

static void
no_hurry(struct blocks *blocks)
{
	(void)blocks;
}

static void
fifo_has_large_messages_in_blocks_of_their_own(void **state)
{
	enum { LEN = 300000 };
	static char text[LEN];
	struct blocks blocks;
	struct fifo fifo;

	(void)state;
	blocks_init(&blocks, no_hurry);
	fifo_init(&fifo, 0, 3 * LEN);
	for (unsigned int i = 1; i < 5; i++) {
		assert_int_equal(fifo_put(&fifo, text, LEN), 0);
		assert_int_equal(fifo_put(&fifo, text, LEN), 0);
		assert_true(fifo.size >= 2 * LEN && fifo.size <= 3 * LEN);
		assert_int_equal(fifo_put(&fifo, text, LEN), -ENOMEM);
		assert_true(blocks.bytes < LEN);
		fifo_drop_below(&fifo, 2 * i);
		assert_true(blocks.bytes == 0 || blocks.bytes >= 2 * LEN);
	}
	fifo_clear(&fifo);
	blocks_deinit(&blocks);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifo_holds_what_was_put),
		cmocka_unit_test(fifo_gives_memory_back_when_empty),
		cmocka_unit_test(a_mark_at_the_end_stays_good),
		cmocka_unit_test(fifo_costs_what_xdr_does),
		cmocka_unit_test(fifo_refuses_what_exceeds_its_limit),
		cmocka_unit_test(
		    fifo_has_large_messages_in_blocks_of_their_own),
	};

	return cmocka_run_group_tests_name("fifo", tests, NULL, NULL);
}
