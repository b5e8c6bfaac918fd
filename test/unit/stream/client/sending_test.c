/* What a client has to send, and what again: stream/client/sending. */
#include "stream/client/sending.h"

#include "base/base.h"
#include "stream/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
/* Needs the headers above. */
#include <cmocka.h>

static unsigned int asked; /* how often the source was */
static u_int at_once;      /* how many it gives */
static uint64_t longer;    /* one that fits no call */

/* Messages that cost 8 bytes each, of which there are as many as context
 * says. */
static int
messages_of(void *context, uint64_t number, message *out, u_int *found)
{
	const uint64_t *count = context;

	asked++;
	if (number >= *count)
		return CLIENT_SOURCE_END;
	assert_in_range(*found, 1, SEGMENT_MAX);
	*found = MIN_OF(*found, MIN_OF(at_once, (u_int)(*count - number)));
	for (u_int i = 0; i < *found; i++) {
		out[i].message_val = (char *)(uintptr_t) "text";
		out[i].message_len = number + i == longer ? 101 : 4;
	}
	return 0;
}

static uint64_t count;
static struct sending s;

static int
setup(void **state)
{
	(void)state;
	count = 10;
	at_once = 1;
	longer = SENDING_NEVER;
	if (sending_init(&s, messages_of, &count, 1) != 0)
		return -1;
	s.message_max = 100;
	s.call_max = message_cost(100);
	sending_start(&s, 0);
	s.window = 40;
	return 0;
}

/* The source gives as many as are asked for. */
static int
setup_many(void **state)
{
	int r = setup(state);

	at_once = SEGMENT_MAX;
	return r;
}

static int
teardown(void **state)
{
	(void)state;
	sending_deinit(&s);
	return 0;
}

/* Gathers a piece, which has to begin there and have so many messages. */
static void
gather(uint64_t first, unsigned int messages)
{
	segment piece = { .first = 99 };

	sending_gather(&s, &piece);
	assert_int_equal(piece.first, first);
	assert_int_equal(piece.messages.messages_len, messages);
}

static void
as_much_goes_as_the_window_has_room_for(void **state)
{
	(void)state;
	gather(0, 5);
	gather(5, 0);
	sending_acknowledge(&s, 2, 40);
	gather(5, 2);
	sending_acknowledge(&s, 7, 39);
	gather(7, 3);
	assert_true(sending_is_at_end(&s));
}

static void
what_was_not_taken_goes_again(void **state)
{
	(void)state;
	gather(0, 5);
	sending_acknowledge(&s, 2, 40);
	sending_rewind(&s);
	gather(2, 5);
}

/* The server may have taken more than is known when it is begun again. */
static void
what_was_taken_does_not_go_again(void **state)
{
	(void)state;
	gather(0, 5);
	sending_rewind(&s);
	sending_acknowledge(&s, 3, 40);
	gather(3, 5);
}

/* Whatever is on the way: with many calls in flight that is much more. */
static void
source_is_asked_again_only_for_what_was_taken(void **state)
{
	(void)state;
	count = 500;
	s.window = 4000;
	for (uint64_t first = 0; first < 481; first += 13)
		gather(first, 13);
	asked = 0;
	sending_acknowledge(&s, 3, 4000);
	assert_int_equal(asked, 3);
	assert_int_equal(s.on_the_way, (481 - 3) * 8);
	/* Nothing is on the way any more: no cost matters. */
	sending_acknowledge(&s, 481, 4000);
	assert_int_equal(asked, 3);
	assert_int_equal(s.on_the_way, 0);
}

/* What calls took along is known, when all of it was taken. */
static void
source_is_not_asked_for_what_whole_calls_took(void **state)
{
	(void)state;
	count = 500;
	s.window = 4000;
	for (uint64_t first = 0; first < 130; first += 13)
		gather(first, 13);
	asked = 0;
	sending_acknowledge(&s, 26, 4000);
	assert_int_equal(s.on_the_way, (130 - 26) * 8);
	assert_int_equal(asked, 0);
	sending_acknowledge(&s, 41, 4000);
	assert_int_equal(s.on_the_way, (130 - 41) * 8);
	assert_int_equal(asked, 2);
	sending_acknowledge(&s, 52, 4000);
	assert_int_equal(s.on_the_way, (130 - 52) * 8);
	assert_int_equal(asked, 2);
}

/* Those that go again were taken off when the sending was begun again. */
static void
what_was_not_on_the_way_takes_nothing_off(void **state)
{
	(void)state;
	gather(0, 5);
	sending_rewind(&s);
	s.window = 16;
	gather(0, 2);
	sending_acknowledge(&s, 1, 40);
	assert_int_equal(s.on_the_way, 8);
	sending_acknowledge(&s, 4, 40);
	assert_int_equal(s.on_the_way, 0);
	gather(4, 5);
}

/* One that is larger than its share goes by itself. */
static void
calls_in_flight_share_the_window(void **state)
{
	(void)state;
	s.shares = 2;
	gather(0, 2);
	gather(2, 2);
	gather(4, 1);
	gather(5, 0);
	sending_acknowledge(&s, 5, 40);
	s.shares = 8;
	for (uint64_t first = 5; first < 10; first++)
		gather(first, 1);
	assert_true(sending_is_at_end(&s));
}

/* Of those that the source gives at once some are for this call. */
static void
one_that_is_too_long_stops_what_comes_after_it(void **state)
{
	segment piece;

	(void)state;
	longer = 3;
	gather(0, 3);
	assert_int_equal(sending_gather(&s, &piece), SENDING_TOO_LONG);
	assert_int_equal(piece.messages.messages_len, 0);
	assert_int_equal(s.cursor, 3);
	assert_int_equal(s.on_the_way, 24);
}

/* Whatever the window, and where the source does not stop there by chance. */
static void
a_call_has_no_more_messages_than_a_segment(void **state)
{
	(void)state;
	count = SEGMENT_MAX + 10;
	at_once = 31;
	s.message_max = 1000000;
	s.call_max = 1000000;
	s.window = 1000000;
	gather(0, SEGMENT_MAX);
	gather(SEGMENT_MAX, 10);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define MANY(name) cmocka_unit_test_setup_teardown(name, setup_many, teardown)
	const struct CMUnitTest tests[] = {
		TEST(as_much_goes_as_the_window_has_room_for),
		TEST(calls_in_flight_share_the_window),
		TEST(what_was_not_taken_goes_again),
		TEST(what_was_taken_does_not_go_again),
		TEST(source_is_asked_again_only_for_what_was_taken),
		TEST(source_is_not_asked_for_what_whole_calls_took),
		TEST(what_was_not_on_the_way_takes_nothing_off),
		TEST(one_that_is_too_long_stops_what_comes_after_it),
		TEST(a_call_has_no_more_messages_than_a_segment),
		MANY(as_much_goes_as_the_window_has_room_for),
		MANY(calls_in_flight_share_the_window),
		MANY(what_was_not_taken_goes_again),
		MANY(what_was_taken_does_not_go_again),
		MANY(what_was_not_on_the_way_takes_nothing_off),
		MANY(one_that_is_too_long_stops_what_comes_after_it),
	};

	return cmocka_run_group_tests_name("sending", tests, NULL, NULL);
}
