/*
 * Several calls of one client's stream under way: who takes it over, and what
 * their results mean.
 */
#include "base/base.h"
#include "test/lib/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Makes all the calls there are; returns how many, and who takes over. */
static unsigned int
make_all(struct player *p, unsigned int *takeovers)
{
	unsigned int calls = 0;

	*takeovers = 0;
	while (
	    client_stream_next(&p->stream, p->now, &p->call) == CLIENT_CALL) {
		*takeovers += !p->call.args.exchange.ahead;
		calls++;
	}
	return calls;
}

static void
first_call_on_every_connection_takes_over(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "ab", "ab", "ab", "ab"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	assert_true(player_next(&p)->args.exchange.ahead);
	for (uint64_t n = 1; n < 4; n++) {
		player_lose(&p);
		assert_false(player_next(&p)->args.exchange.ahead);
		assert_true(player_next(&p)->args.exchange.ahead);
		player_answer(&p, &p.call, player_say(TEXTS("ba"), n, n + 1));
	}
	player_finish(&p);
	/* Nothing was in flight when this one was lost. */
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab"));
	p.open_ended = true;
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	player_is_idle(&p);
	player_lose(&p);
	p.now += 30000;
	assert_false(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

static void
one_of_many_lost_calls_takes_over(void **state)
{
	unsigned int takeovers, calls;
	struct player p;

	(void)state;
	player_begin(
	    &p, METHOD_SPELL, CLIENT_FLIGHTS_MAX, TEXTS("abcdefghijkl"));
	player_open(&p, player_say(TEXTS("l"), 0, 1));
	calls = make_all(&p, &takeovers);
	assert_int_equal(calls, CLIENT_FLIGHTS_MAX / 2);
	assert_int_equal(takeovers, 0);
	player_lose(&p);
	assert_int_equal(make_all(&p, &takeovers), calls);
	assert_int_equal(takeovers, 1);
	player_finish(&p);
}

static void
results_of_a_lost_connection_mean_nothing(void **state)
{
	struct client_call old, taker;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 4, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	old = *player_next(&p);
	player_lose(&p);
	taker = *player_next(&p);
	player_answer(&p, &old, player_say(TEXTS("b"), 1, 1));
	player_refuse(&p, &old, STATUS_NOT_FOUND);
	player_refuse(&p, &old, STATUS_ABORTED);
	assert_string_equal(p.heard, "c");
	assert_true(player_next(&p)->args.exchange.ahead);
	player_answer(&p, &taker, player_say(TEXTS("b", "a"), 1, 1));
	assert_string_equal(p.heard, "c,b,a");
	player_finish(&p);
}

/*
 * Three calls that push a message each; the answer to the first has a gap, so
 * that the fourth takes over on the same connection.  It pushes too, if there
 * are 4 inputs, one after the other.
 */
static void
take_over_after_a_gap(struct player *p, struct client_call calls[4], int inputs)
{
	static const char *const texts[4][6] = {
		{ "ab", "cd" },
		{ "ab", "cd", "ef" },
		{ "ab", "cd", "ef", "gh" },
		{ "ab", "cd", "ef", "gh", "ij" },
	};

	player_begin(p, METHOD_EACH, 4, TEXTS("ab"));
	p->open_ended = true;
	player_open(p, player_say(TEXTS("ba"), 0, 1));
	for (int i = 0; i < 4; i++) {
		if (i == 3)
			player_answer(
			    p, &calls[0], player_say(TEXTS("fe"), 2, 3));
		p->texts = texts[MIN_OF(i, inputs - 1)];
		calls[i] = *player_next(p);
	}
	assert_true(calls[2].args.exchange.ahead);
	assert_false(calls[3].args.exchange.ahead);
	assert_int_equal(calls[3].args.exchange.piece.first, 4);
	assert_int_equal(calls[3].args.exchange.piece.next, 1);
}

static void
calls_that_our_own_overtook_are_not_made_again(void **state)
{
	struct client_call calls[4];
	struct player p;

	(void)state;
	take_over_after_a_gap(&p, calls, 4);
	player_refuse(&p, &calls[1], STATUS_ABORTED);
	player_refuse(&p, &calls[2], STATUS_ABORTED);
	/* It waits beside the one that took over, and pushes nothing. */
	assert_true(player_next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.first, 5);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 0);
	player_is_idle(&p);
	player_answer(
	    &p, &calls[3], player_say(TEXTS("dc", "fe", "hg", "ji"), 1, 5));
	assert_string_equal(p.heard, "ba,dc,fe,hg,ji");
	player_is_idle(&p);
	player_finish(&p);
}

/* Nor when the one that took over has brought nothing. */
static void
what_they_brought_waits_for_the_one_that_took_over(void **state)
{
	struct client_call calls[4];
	struct player p;

	(void)state;
	take_over_after_a_gap(&p, calls, 3);
	assert_false(calls[3].pushes);
	player_refuse(&p, &calls[1], STATUS_ABORTED);
	player_refuse(&p, &calls[2], STATUS_ABORTED);
	assert_false(player_next(&p)->pushes);
	player_is_idle(&p);
	player_answer(&p, &calls[3], player_say(TEXTS("dc", "fe"), 1, 3));
	assert_true(player_next(&p)->pushes);
	assert_int_equal(p.call.args.exchange.piece.first, 3);
	player_finish(&p);
}

/* However late they are answered. */
static void
late_abortion_takes_nothing_over(void **state)
{
	struct client_call calls[4];
	struct player p;

	(void)state;
	take_over_after_a_gap(&p, calls, 4);
	player_answer(&p, &calls[3], player_say(TEXTS("dc", "fe", "hg"), 1, 5));
	for (int i = 1; i < 3; i++) {
		player_refuse(&p, &calls[i], STATUS_ABORTED);
		assert_true(player_next(&p)->args.exchange.ahead);
		assert_int_equal(p.call.args.exchange.piece.first, 5);
	}
	player_is_idle(&p);
	player_finish(&p);
}

/* What they brought, and the call that took over did not find, goes again. */
static void
what_an_overtaken_call_lost_goes_again(void **state)
{
	struct client_call calls[4];
	struct player p;

	(void)state;
	take_over_after_a_gap(&p, calls, 4);
	player_answer(&p, &calls[3], player_say(TEXTS("dc", "fe"), 1, 3));
	player_refuse(&p, &calls[1], STATUS_ABORTED);
	player_refuse(&p, &calls[2], STATUS_ABORTED);
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 3);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 2);
	assert_true(p.call.args.exchange.ahead);
	player_finish(&p);
}

static void
call_that_others_overtook_takes_the_stream_back(void **state)
{
	struct client_call calls[4];
	struct player p;

	(void)state;
	take_over_after_a_gap(&p, calls, 4);
	player_refuse(&p, &calls[3], STATUS_ABORTED);
	assert_false(player_next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.first, 3);
	player_finish(&p);
}

static void
deadline_passes_while_calls_are_in_flight(void **state)
{
	struct client_call call;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 4, TEXTS("abc"));
	p.stream.deadline = p.now + 50;
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	player_next(&p);
	call = *player_next(&p);
	p.now += 49;
	player_is_idle(&p);
	assert_int_equal(p.stream.due, p.now + 1);
	p.now++;
	player_is_over(&p, STATUS_DEADLINE_EXCEEDED);
	/* What still comes is not heard, and a loss is none any more. */
	player_answer(&p, &call, player_say(TEXTS("b"), 1, 1));
	player_lose(&p);
	player_is_over(&p, STATUS_DEADLINE_EXCEEDED);
	assert_string_equal(p.heard, "c");
	player_finish(&p);
}

/* As for Ctrl-C: the driver has the token to tell the server. */
static void
cancelled_stream_stays_cancelled(void **state)
{
	struct client_call call;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 4, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	call = *player_next(&p);
	client_stream_give_up(&p.stream, STATUS_CANCELLED, "interrupted");
	assert_true(p.stream.named);
	client_stream_give_up(&p.stream, STATUS_INTERNAL, "too late");
	player_refuse(&p, &call, STATUS_NOT_FOUND);
	player_is_over(&p, STATUS_CANCELLED);
	assert_memory_equal(p.stream.why.detail.detail_val, "interrupted", 11);
	player_finish(&p);
}

/* Nor that it failed. */
static void
what_a_renewal_brings_means_nothing(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	assert_true(client_stream_renew(&p.stream, p.now, &p.call));
	player_answer(&p, &p.call, player_say(TEXTS("x"), 1, 2));
	assert_true(client_stream_renew(&p.stream, p.now, &p.call));
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	assert_int_equal(p.stream.flights.flying, 0);
	assert_string_equal(p.heard, "ba");
	player_answer(&p, player_next(&p), player_say(TEXTS("dc"), 1, 2));
	assert_string_equal(p.heard, "ba,dc");
	player_finish(&p);
}

/* One without messages misses nothing, wherever it is. */
static void
missing_answers_are_asked_for_by_a_call_that_takes_over(void **state)
{
	static const char *const nothing[] = { NULL };
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd", "ef"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	player_answer(&p, player_next(&p), player_say(nothing, 2, 3));
	assert_true(player_next(&p)->args.exchange.ahead);
	player_answer(&p, &p.call, player_say(TEXTS("fe"), 2, 3));
	assert_false(player_next(&p)->args.exchange.ahead);
	player_answer(&p, &p.call, player_say(TEXTS("ba", "dc"), 0, 3));
	assert_string_equal(p.heard, "ba,dc");
	player_answer(&p, player_next(&p), player_say(TEXTS("dc", "fe"), 1, 3));
	assert_string_equal(p.heard, "ba,dc,fe");
	player_finish(&p);
}

/* It costs a quarter of the window. */
#define LONG_TEXT "aaaaaaaaaaaaaaaaaaaa"

/* All calls that can be are in flight, and the first one is answered. */
static void
first_of_many_brings(struct player *p, const char *const *texts)
{
	static const char *const input[] = { LONG_TEXT, LONG_TEXT, LONG_TEXT,
		LONG_TEXT, NULL };
	struct client_call first;

	player_begin(p, METHOD_EACH, 4, input);
	p->stream.terms.wait_ms = 1000;
	player_open(p, player_say(TEXTS(NULL), 0, 1));
	first = *player_next(p);
	player_next(p);
	player_next(p);
	assert_true(p->call.args.exchange.piece.last);
	player_is_idle(p);
	player_answer(p, &first, player_say(texts, 0, 4));
}

static void
many_answers_are_told_of_while_other_calls_wait(void **state)
{
	struct player p;

	(void)state;
	first_of_many_brings(&p, TEXTS(LONG_TEXT));
	player_is_idle(&p);
	player_finish(&p);
	first_of_many_brings(&p, TEXTS(LONG_TEXT, LONG_TEXT, LONG_TEXT));
	assert_int_equal(player_next(&p)->args.exchange.piece.next, 3);
	assert_int_equal(p.call.args.exchange.wait_ms, 0);
	player_is_idle(&p);
	player_finish(&p);
}

int
main(void)
{
#define FACT(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		FACT(first_call_on_every_connection_takes_over),
		FACT(one_of_many_lost_calls_takes_over),
		FACT(results_of_a_lost_connection_mean_nothing),
		FACT(calls_that_our_own_overtook_are_not_made_again),
		FACT(what_they_brought_waits_for_the_one_that_took_over),
		FACT(late_abortion_takes_nothing_over),
		FACT(what_an_overtaken_call_lost_goes_again),
		FACT(call_that_others_overtook_takes_the_stream_back),
		FACT(deadline_passes_while_calls_are_in_flight),
		FACT(cancelled_stream_stays_cancelled),
		FACT(what_a_renewal_brings_means_nothing),
		FACT(missing_answers_are_asked_for_by_a_call_that_takes_over),
		FACT(many_answers_are_told_of_while_other_calls_wait),
	};

	return cmocka_run_group_tests_name("flights", tests, NULL, NULL);
}
