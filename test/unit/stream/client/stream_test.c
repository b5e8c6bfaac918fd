/* The client's end of a stream against a server that the test plays. */
#include "test/lib/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

static void
first_call_on_a_connection_takes_over(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd", "ef"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	assert_true(player_next(&p)->args.exchange.ahead);
	client_stream_lost(&p.stream, p.now, "the connection is gone");
	assert_false(player_next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.window, 1000);
	assert_true(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

static void
answers_are_progress(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 1, TEXTS("abcdefgh"));
	player_open(&p, player_say(TEXTS("h"), 0, 1));
	for (uint64_t n = 1; n < 7; n++) {
		client_stream_lost(&p.stream, p.now, "the connection is gone");
		player_next(&p);
		p.now += PLAYER_RETRY_MS;
		player_answer(&p, &p.call, player_say(TEXTS("g"), n, 1));
		player_next(&p);
	}
	player_finish(&p);
}

static void
lost_messages_are_sent_again_at_once(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd", "ef"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 1);
	client_stream_lost(&p.stream, p.now, "the connection is gone");
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 1);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 2);
	player_finish(&p);
}

static void
repeated_answers_are_heard_once(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 2));
	player_next(&p);
	player_answer(&p, &p.call, player_say(TEXTS("ba", "dc"), 0, 2));
	assert_string_equal(p.heard, "ba,dc");
	assert_int_equal(p.done, 2);
	player_finish(&p);
}

static void
gap_makes_it_take_over_from_there(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 2, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS(NULL), 0, 2));
	player_next(&p);
	player_answer(&p, &p.call, player_say(TEXTS("dc"), 1, 2));
	assert_string_equal(p.heard, "");
	assert_false(player_next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.next, 0);
	player_finish(&p);
}

static void
window_is_not_exceeded(void **state)
{
	struct player p;

	(void)state;
	/* 8 bytes a message: twelve fit into 100. */
	player_begin(&p, METHOD_EACH, 1,
	    TEXTS("aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa",
		"aa", "aa", "aa", "aa"));
	assert_int_equal(
	    player_next(&p)->args.open.piece.messages.messages_len, 12);
	assert_false(p.call.args.open.piece.last);
	player_finish(&p);
}

static void
window_of_0_is_pulled_open(void **state)
{
	struct player p;
	answer a = player_say(TEXTS(NULL), 0, 1);

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	a.piece.window = 0;
	player_open(&p, a);
	assert_int_equal(
	    player_next(&p)->args.exchange.piece.messages.messages_len, 0);
	assert_int_equal(p.call.args.exchange.wait_ms, 500);
	player_answer(&p, &p.call, player_say(TEXTS(NULL), 0, 1));
	assert_int_equal(
	    player_next(&p)->args.exchange.piece.messages.messages_len, 1);
	assert_true(p.call.args.exchange.piece.last);
	player_finish(&p);
}

static void
what_was_not_taken_is_sent_again(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_COLLECT, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS(NULL), 0, 1));
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 1);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 1);
	assert_true(p.call.args.exchange.piece.last);
	player_finish(&p);
}

static void
lost_stream_is_replaced_and_replayed(void **state)
{
	char nonce[16];
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd", "ef"));
	memcpy(nonce, p.stream.nonce, sizeof(nonce));
	player_open(&p, player_say(TEXTS("ba"), 0, 3));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->kind, CLIENT_OPEN);
	assert_int_equal(p.call.args.open.piece.first, 1);
	assert_int_equal(p.call.args.open.piece.next, 1);
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 2);
	assert_memory_not_equal(p.call.args.open.nonce, nonce, 16);
	player_finish(&p);
}

static void
whole_is_replayed_from_its_start(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("d"), 0, 2));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	assert_int_equal(player_next(&p)->args.open.piece.first, 0);
	assert_int_equal(p.call.args.open.piece.next, 1);
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 2);
	player_finish(&p);
}

static void
input_that_is_gone_ends_it(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	p.gone = true;
	player_open(&p, player_say(TEXTS(NULL), 0, 2));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_UNAVAILABLE);
	player_finish(&p);
}

static void
another_release_does_not_go_on(void **state)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 2));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_next(&p);
	hello->release.release_val = (char *)"1.1";
	hello->release.release_len = 3;
	client_stream_greeted(&p.stream, p.now, &p.call, &result);
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_DATA_LOSS);
	player_finish(&p);
}

static void
lease_is_kept_while_the_input_is_silent(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	p.open_ended = true;
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 30000);
	p.now += 30000;
	assert_int_equal(player_next(&p)->args.exchange.wait_ms, 0);
	player_finish(&p);
}

static void
overtaken_call_makes_it_take_over(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 3, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 2));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_ABORTED);
	assert_false(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

static void
end_comes_out_with_its_counts(void **state)
{
	stream_end end = { .messages_in = 1, .bytes_in = 2, .bytes_out = 2 };
	answer a = player_say(TEXTS("ba"), 0, 1);
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	a.piece.last = TRUE;
	a.end = &end;
	player_open(&p, a);
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_OK);
	assert_int_equal(p.stream.bytes_out, 2);
	player_finish(&p);
}

static void
server_that_contradicts_itself_is_refused(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	player_open(&p, player_say(TEXTS("ba"), 0, 7));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_INTERNAL);
	player_finish(&p);
}

static void
server_that_never_helps_is_given_up(void **state)
{
	struct player p;
	int refusals = 0;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	player_open(&p, player_say(TEXTS(NULL), 0, 0));
	for (; refusals < 3; refusals++) {
		player_next(&p);
		player_refuse(&p, &p.call, STATUS_RESOURCE_EXHAUSTED);
		p.now += PLAYER_RETRY_MS / 2 - 1;
		if (refusals < 2)
			assert_int_equal(
			    client_stream_next(&p.stream, p.now, &p.call),
			    CLIENT_IDLE);
		p.now++;
	}
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_RESOURCE_EXHAUSTED);
	player_finish(&p);
}

static void
datagram_has_the_cost_of_the_longest_message(void **state)
{
	struct player p;

	(void)state;
	/* 16 bytes: two messages of 4, then one of 12, then the rest. */
	player_begin_udp(
	    &p, METHOD_EACH, TEXTS("abcd", "abcd", "abcdefghijkl", "a"));
	assert_int_equal(
	    player_next(&p)->args.open.piece.messages.messages_len, 2);
	assert_int_equal(p.call.args.open.piece.window, 16);
	client_stream_lost(&p.stream, p.now, "no answer");
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS("dcba", "dcba"), 0, 2));
	assert_int_equal(
	    player_next(&p)->args.exchange.piece.messages.messages_len, 1);
	assert_false(p.call.args.exchange.piece.last);
	player_answer(&p, &p.call, player_say(TEXTS("lkjihgfedcba"), 2, 3));
	assert_true(player_next(&p)->args.exchange.piece.last);
	assert_false(p.call.args.exchange.ahead);
	player_finish(&p);
}

static void
message_too_long_for_a_datagram_ends_it(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(
	    &p, METHOD_EACH, TEXTS("ab", "cd", "abcdefghijklm", "ef"));
	player_open(&p, player_say(TEXTS("ba"), 0, 2));
	/* What came before it is answered first. */
	assert_int_equal(
	    player_next(&p)->args.exchange.piece.messages.messages_len, 0);
	assert_int_equal(p.call.args.exchange.wait_ms, 500);
	player_answer(&p, &p.call, player_say(TEXTS("dc"), 1, 2));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_string_equal(p.heard, "ba,dc");
	assert_int_equal(p.stream.why.code, STATUS_OUT_OF_RANGE);
	assert_int_equal(p.stream.why.at_message, 2);
	player_finish(&p);
}

static void
message_too_long_opens_no_stream(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_SPELL, TEXTS("abcdefghijklm"));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_OUT_OF_RANGE);
	player_finish(&p);
}

static void
lease_over_udp_grows_once_it_is_continued(void **state)
{
	struct player p;

	(void)state;
	player_begin_udp(&p, METHOD_EACH, TEXTS("ab"));
	p.open_ended = true;
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	p.stream.lease_ms = 5000;
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 2500);
	p.now += 2500;
	player_next(&p);
	player_answer(&p, &p.call, player_say(TEXTS(NULL), 1, 1));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 30000);
	player_finish(&p);
}

static void
lease_has_bounds_whatever_the_server_says(void **state)
{
	static const uint32_t leases[][2] = { { 0, 200 }, { 200, 200 },
		{ 600000, 600000 }, { UINT32_MAX, 600000 } };
	open_result result = { .code = STATUS_OK };
	struct player p;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
		result.open_result_u.started.lease_ms = leases[i][0];
		player_next(&p);
		client_stream_opened(&p.stream, p.now, &p.call, &result);
		assert_int_equal(p.stream.lease_ms, leases[i][1]);
		player_finish(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_call_on_a_connection_takes_over),
		cmocka_unit_test(answers_are_progress),
		cmocka_unit_test(lost_messages_are_sent_again_at_once),
		cmocka_unit_test(repeated_answers_are_heard_once),
		cmocka_unit_test(gap_makes_it_take_over_from_there),
		cmocka_unit_test(window_is_not_exceeded),
		cmocka_unit_test(window_of_0_is_pulled_open),
		cmocka_unit_test(what_was_not_taken_is_sent_again),
		cmocka_unit_test(lost_stream_is_replaced_and_replayed),
		cmocka_unit_test(whole_is_replayed_from_its_start),
		cmocka_unit_test(input_that_is_gone_ends_it),
		cmocka_unit_test(another_release_does_not_go_on),
		cmocka_unit_test(lease_is_kept_while_the_input_is_silent),
		cmocka_unit_test(overtaken_call_makes_it_take_over),
		cmocka_unit_test(end_comes_out_with_its_counts),
		cmocka_unit_test(server_that_contradicts_itself_is_refused),
		cmocka_unit_test(server_that_never_helps_is_given_up),
		cmocka_unit_test(datagram_has_the_cost_of_the_longest_message),
		cmocka_unit_test(message_too_long_for_a_datagram_ends_it),
		cmocka_unit_test(message_too_long_opens_no_stream),
		cmocka_unit_test(lease_over_udp_grows_once_it_is_continued),
		cmocka_unit_test(lease_has_bounds_whatever_the_server_says),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
