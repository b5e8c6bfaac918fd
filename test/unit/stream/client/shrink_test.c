/* A path that carries less than the server takes: client_stream_shrink(). */
#include "test/lib/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Room for one message of 4 bytes. */
#define SHORT 8

static void
assert_detail(const struct player *p, const char *text)
{
	const failure *why = &p->stream.why;

	assert_int_equal(why->detail.detail_len, strlen(text));
	assert_memory_equal(why->detail.detail_val, text, strlen(text));
}

static void
longest_message_leaves_room_for_its_length(void **state)
{
	(void)state;
	assert_int_equal(sending_longest(1204), 1200);
	assert_int_equal(sending_longest(1203), 1196);
	assert_int_equal(sending_longest(4), 0);
	assert_int_equal(sending_longest(3), 0);
	assert_int_equal(sending_longest(0), 0);
}

static void
calls_and_answers_have_less(void **state)
{
	struct client_call old;
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_EACH, TEXTS("ab", "cd", "ef", "gh"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	old = *player_next(&p);
	assert_int_equal(old.args.exchange.piece.messages.messages_len, 2);
	client_stream_shrink(&p.stream, SHORT);
	/* What was in flight goes again, at once, and shorter. */
	assert_int_equal(p.stream.patience.failures, 0);
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 1);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 1);
	assert_int_equal(p.call.args.exchange.piece.window, SHORT);
	player_answer(&p, &old, player_say(TEXTS("no"), 1, 2));
	assert_string_equal(p.heard, "ba");
	player_answer(&p, &p.call, player_say(TEXTS("dc"), 1, 2));
	/* Nor does another greeting make it longer. */
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	assert_int_equal(
	    player_next(&p)->args.open.piece.messages.messages_len, 1);
	assert_int_equal(p.call.args.open.piece.window, SHORT);
	assert_int_equal(p.call.args.open.largest, 0);
	player_finish(&p);
}

static void
message_that_does_not_fit_ends_it(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_EACH, TEXTS("abcd", "abcde"));
	player_next(&p);
	client_stream_shrink(&p.stream, SHORT);
	player_open(&p, player_say(TEXTS("dcba"), 0, 1));
	player_is_over(&p, STATUS_OUT_OF_RANGE);
	assert_int_equal(p.stream.why.at_message, 1);
	assert_detail(&p,
	    "message 1 does not fit a datagram of this path, 4 bytes: use "
	    "TCP");
	assert_string_equal(p.heard, "dcba");
	player_finish(&p);
}

/* It has arrived, but its answer will not. */
static void
answer_that_does_not_fit_is_not_waited_for(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_EACH, TEXTS("abcd", "ab", "abcde", "ab"));
	player_open(&p, player_say(TEXTS(NULL), 0, 2));
	player_next(&p);
	player_answer(&p, &p.call, player_say(TEXTS("dcba"), 0, 3));
	player_next(&p);
	client_stream_shrink(&p.stream, SHORT);
	player_is_over(&p, STATUS_OUT_OF_RANGE);
	assert_int_equal(p.stream.why.at_message, 2);
	player_finish(&p);
}

static void
server_is_told_how_long_an_answer_may_be(void **state)
{
	struct player p;
	char nonce[16];

	(void)state;
	player_begin_udp(&p, METHOD_COLLECT, TEXTS("ab", "cd"));
	memcpy(nonce, p.stream.nonce, sizeof(nonce));
	assert_int_equal(player_next(&p)->args.open.largest, 0);
	client_stream_shrink(&p.stream, SHORT);
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->args.open.largest, 4);
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 1);
	assert_memory_not_equal(p.call.args.open.nonce, nonce, 16);
	/* Once more, in the middle. */
	player_lose(&p);
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS(NULL), 0, 1));
	client_stream_shrink(&p.stream, 4);
	player_greet(&p, "1.0");
	player_is_over(&p, STATUS_OUT_OF_RANGE);
	player_finish(&p);
}

/* Other pieces could not go on with those that were heard. */
static void
answers_that_were_heard_are_not_cut_anew(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_WHOLE, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("dcb"), 0, 2));
	player_next(&p);
	client_stream_shrink(&p.stream, SHORT);
	assert_int_equal(player_next(&p)->kind, CLIENT_EXCHANGE);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->args.open.largest, 0);
	assert_int_equal(p.call.args.open.piece.next, 1);
	player_finish(&p);
}

static void
only_what_is_less_over_udp_has_an_effect(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_SPELL, TEXTS("abcd"));
	client_stream_shrink(&p.stream, SHORT);
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->args.open.largest, 4);
	for (uint32_t bytes = SHORT; bytes < 1000; bytes += 100)
		client_stream_shrink(&p.stream, bytes);
	player_is_idle(&p);
	client_stream_give_up(&p.stream, STATUS_CANCELLED, "");
	client_stream_shrink(&p.stream, 0);
	player_is_over(&p, STATUS_CANCELLED);
	player_finish(&p);

	player_begin(&p, METHOD_SPELL, 1, TEXTS("abcd"));
	player_next(&p);
	client_stream_shrink(&p.stream, SHORT);
	player_is_idle(&p);
	assert_int_equal(p.call.args.open.piece.window, 1000);
	player_finish(&p);
}

static void
what_is_known_of_the_path_counts_for_the_next_server(void **state)
{
	struct player p;

	(void)state;
	player_start_udp(&p, METHOD_EACH, TEXTS("ab", "cd"));
	assert_int_equal(player_next(&p)->kind, CLIENT_GREET);
	assert_false(client_stream_shrink(&p.stream, SHORT));
	player_lose(&p);
	p.now += PLAYER_RETRY_MS / 2;
	player_greet(&p, "1.0");
	assert_int_equal(
	    player_next(&p)->args.open.piece.messages.messages_len, 1);
	player_finish(&p);

	player_start_udp(&p, METHOD_COLLECT, TEXTS("ab"));
	assert_false(client_stream_shrink(&p.stream, SHORT));
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->args.open.largest, 4);
	player_finish(&p);
}

int
main(void)
{
#define FACT(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		FACT(longest_message_leaves_room_for_its_length),
		FACT(calls_and_answers_have_less),
		FACT(message_that_does_not_fit_ends_it),
		FACT(answer_that_does_not_fit_is_not_waited_for),
		FACT(server_is_told_how_long_an_answer_may_be),
		FACT(answers_that_were_heard_are_not_cut_anew),
		FACT(what_is_known_of_the_path_counts_for_the_next_server),
		FACT(only_what_is_less_over_udp_has_an_effect),
	};

	return cmocka_run_group_tests_name("shrink", tests, NULL, NULL);
}
