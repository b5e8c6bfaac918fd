/* What a client's stream does when connections and servers are lost. */
#include "test/lib/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define HOUR_MS 3600000

/* To the time of the next attempt. */
static void
wait_for_the_next_attempt(struct player *p)
{
	if (p->stream.patience.not_before > p->now) {
		player_is_idle(p);
		assert_int_equal(p->stream.due, p->stream.patience.not_before);
		p->now = p->stream.due;
	}
}

/* A stream that waits for what the user says next. */
static void
begin_idle(struct player *p, stream_method method, answer first)
{
	static const char *const one[] = { "ab", NULL };

	player_begin(p, method, 4, one);
	p->open_ended = true;
	player_open(p, first);
	player_is_idle(p);
}

static void
connection_lost_between_calls_is_no_failure(void **state)
{
	static const char *const more[] = { "ab", "cd", NULL };
	struct player p;

	(void)state;
	begin_idle(&p, METHOD_EACH, player_say(TEXTS("ba"), 0, 1));
	for (int i = 0; i < 10; i++)
		player_lose(&p);
	p.stream.patience.retry_ms = 0;
	player_lose(&p);
	p.texts = more;
	assert_false(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

static void
many_calls_lost_in_one_moment_are_one_failure(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, CLIENT_FLIGHTS_MAX, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	for (int i = 0; i < CLIENT_FLIGHTS_MAX / 2; i++)
		player_next(&p);
	for (int i = 0; i < CLIENT_FLIGHTS_MAX; i++)
		player_lose(&p);
	assert_int_equal(p.stream.patience.failures, 1);
	player_next(&p);
	player_finish(&p);
}

static void
connection_lost_in_a_pause_adds_nothing(void **state)
{
	struct client_call first;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 4, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	first = *player_next(&p);
	player_next(&p);
	player_refuse(&p, &first, STATUS_RESOURCE_EXHAUSTED);
	player_lose(&p);
	player_lose(&p);
	assert_int_equal(p.stream.patience.failures, 1);
	player_is_idle(&p);
	assert_int_equal(p.stream.due, p.now + PLAYER_RETRY_MS / 2);
	p.now = p.stream.due;
	assert_false(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

static void
server_that_hangs_is_given_up_in_time(void **state)
{
	struct player p;
	uint64_t begun;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	begun = p.now;
	while (p.stream.phase != CLIENT_ENDED && p.now < begun + HOUR_MS) {
		wait_for_the_next_attempt(&p);
		player_next(&p);
		p.now += 30;
		player_lose(&p);
	}
	player_is_over(&p, STATUS_UNAVAILABLE);
	assert_in_range(p.now - begun, PLAYER_RETRY_MS,
	    PLAYER_RETRY_MS + PLAYER_RETRY_MS / 2);
	player_finish(&p);
}

/* It takes the text each time, which is no progress after the first. */
static void
server_that_loses_the_stream_again_and_again_is_given_up(void **state)
{
	struct player p;
	unsigned int streams;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	p.open_ended = true;
	for (streams = 1; streams < 20; streams++) {
		player_open(&p, player_say(TEXTS(NULL), 0, 1));
		player_next(&p);
		p.now += 10;
		player_answer(&p, &p.call, player_say(TEXTS(NULL), 0, 1));
		player_next(&p);
		player_refuse(&p, &p.call, STATUS_NOT_FOUND);
		if (p.stream.phase == CLIENT_ENDED)
			break;
		wait_for_the_next_attempt(&p);
		player_greet(&p, "1.0");
	}
	player_is_over(&p, STATUS_UNAVAILABLE);
	assert_in_range(streams, 3, 8);
	player_finish(&p);
}

/* One that takes a text again, for long, is working. */
static void
long_replay_is_not_given_up_at_the_next_loss(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd", "ef"));
	player_open(&p, player_say(TEXTS(NULL), 0, 3));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS(NULL), 0, 1));
	player_next(&p);
	p.now += HOUR_MS;
	player_answer(&p, &p.call, player_say(TEXTS(NULL), 0, 2));
	player_next(&p);
	player_lose(&p);
	wait_for_the_next_attempt(&p);
	assert_int_equal(player_next(&p)->args.exchange.piece.first, 2);
	player_finish(&p);
}

static void
user_may_think_for_an_hour(void **state)
{
	static const char *const more[] = { "ab", "cd", NULL };
	struct player p;

	(void)state;
	begin_idle(&p, METHOD_COLLECT, player_say(TEXTS(NULL), 0, 1));
	/* A failure before that is over. */
	p.now = p.stream.due;
	player_next(&p);
	player_lose(&p);
	player_next(&p);
	player_answer(&p, &p.call, player_say(TEXTS(NULL), 0, 1));
	player_is_idle(&p);
	p.now += HOUR_MS;
	p.texts = more;
	player_next(&p);
	for (int failures = 0; failures < 3; failures++) {
		player_lose(&p);
		wait_for_the_next_attempt(&p);
		player_next(&p);
	}
	player_finish(&p);
}

static void
server_may_be_slow(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_SPELL, 1, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	for (int i = 0; i < 10; i++) {
		player_next(&p);
		p.now += PLAYER_RETRY_MS;
		player_answer(&p, &p.call, player_say(TEXTS(NULL), 1, 1));
	}
	for (int failures = 0; failures < 3; failures++) {
		player_next(&p);
		player_lose(&p);
		wait_for_the_next_attempt(&p);
	}
	player_next(&p);
	player_finish(&p);
}

static void
time_that_passes_without_calls_allows_one_more(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	for (int failures = 0; failures < 2; failures++) {
		player_next(&p);
		player_lose(&p);
	}
	player_is_idle(&p);
	p.now += HOUR_MS;
	player_next(&p);
	player_lose(&p);
	player_is_over(&p, STATUS_UNAVAILABLE);
	assert_memory_equal(
	    p.stream.why.detail.detail_val, "the connection is gone", 22);
	player_finish(&p);
}

static void
without_retries_a_loss_is_the_end(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	p.stream.patience.retry_ms = 0;
	player_next(&p);
	player_lose(&p);
	player_is_over(&p, STATUS_UNAVAILABLE);
	player_finish(&p);
}

/* Refuses the call, and asks to be left alone for a while. */
static void
give_up(struct player *p, status_code code)
{
	exchange_result result = { .code = code };

	result.exchange_result_u.why.code = code;
	result.exchange_result_u.why.retry_after_ms = PLAYER_RETRY_MS / 2;
	client_stream_exchanged(&p->stream, p->now, &p->call, &result);
}

static void
server_that_gives_up_is_left_for_another_at_once(void **state)
{
	struct player p;

	(void)state;
	for (int others = 0; others < 2; others++) {
		player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
		p.stream.terms.others = others;
		player_open(&p, player_say(TEXTS("ba"), 0, 1));
		player_next(&p);
		give_up(&p, STATUS_UNAVAILABLE);
		assert_int_equal(client_stream_moves_on(&p.stream), others);
		assert_false(client_stream_moves_on(&p.stream));
		if (!others) {
			player_is_idle(&p);
			p.now = p.stream.due;
		}
		assert_int_equal(player_next(&p)->kind, CLIENT_GREET);
		player_finish(&p);
	}
}

static void
server_that_forgot_the_stream_is_not_left(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	p.stream.terms.others = true;
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	player_next(&p);
	give_up(&p, STATUS_NOT_FOUND);
	assert_false(client_stream_moves_on(&p.stream));
	player_finish(&p);
}

/* It may be another server that the OPEN comes to, of another release. */
static void
open_that_is_lost_is_made_again_after_a_greeting(void **state)
{
	struct player p;
	char nonce[16];

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	memcpy(nonce, player_next(&p)->args.open.nonce, sizeof(nonce));
	player_lose(&p);
	player_greet(&p, "1.1");
	assert_int_equal(player_next(&p)->kind, CLIENT_OPEN);
	assert_memory_equal(p.call.args.open.nonce, nonce, sizeof(nonce));
	player_finish(&p);
}

static void
what_was_heard_does_not_go_on_at_another_line(void **state)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 2));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0.7");
	assert_int_equal(player_next(&p)->kind, CLIENT_OPEN);
	player_lose(&p);
	wait_for_the_next_attempt(&p);
	assert_int_equal(player_next(&p)->kind, CLIENT_GREET);
	hello->release.release_val = (char *)"1.1.0";
	hello->release.release_len = 5;
	client_stream_greeted(&p.stream, p.now, &p.call, &result);
	player_is_over(&p, STATUS_DATA_LOSS);
	player_finish(&p);
}

/* Returns how many calls are made before there is a pause. */
static unsigned int
calls_in_vain(struct player *p, bool aborted)
{
	unsigned int calls = 0;

	while (
	    client_stream_next(&p->stream, p->now, &p->call) == CLIENT_CALL) {
		assert_in_range(++calls, 1, 100);
		if (aborted)
			player_refuse(p, &p->call, STATUS_ABORTED);
		else
			player_answer(
			    p, &p->call, player_say(TEXTS(NULL), 1, 1));
	}
	return calls;
}

/* A server that does not wait until it has something, or lets others have the
 * stream, keeps nobody busy. */
static void
calls_in_vain_are_made_slowly(void **state)
{
	struct player p;

	(void)state;
	for (int aborted = 0; aborted < 2; aborted++) {
		player_begin(&p, METHOD_SPELL, 1, TEXTS("abc"));
		player_open(&p, player_say(TEXTS("c"), 0, 1));
		assert_true(calls_in_vain(&p, aborted) > 10);
		for (int i = 0; i < (aborted ? 2 : 10); i++) {
			p.now = p.stream.due;
			assert_int_equal(calls_in_vain(&p, aborted), 1);
		}
		p.now = p.stream.due;
		player_answer(
		    &p, player_next(&p), player_say(TEXTS("b", "a"), 1, 1));
		assert_string_equal(p.heard, "c,b,a");
		player_finish(&p);
	}
}

/* To take it back is tried for as long as anything is. */
static void
stream_that_others_always_have_is_given_up(void **state)
{
	struct player p;
	uint64_t began;

	(void)state;
	player_begin(&p, METHOD_SPELL, 1, TEXTS("abc"));
	player_open(&p, player_say(TEXTS("c"), 0, 1));
	began = p.now;
	while (p.stream.phase != CLIENT_ENDED) {
		assert_in_range(calls_in_vain(&p, true), 0, 40);
		assert_in_range(p.now - began, 0, 2 * PLAYER_RETRY_MS);
		p.now = p.stream.due;
	}
	assert_true(p.now - began >= PLAYER_RETRY_MS);
	player_is_over(&p, STATUS_ABORTED);
	player_finish(&p);
}

/* As much as was taken before the loss is no progress, and no vain call. */
static void
replay_has_no_pauses(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("a", "b"));
	player_open(&p, player_say(TEXTS(NULL), 0, 0));
	for (unsigned int i = 0; i < 100; i++) {
		p.stream.best = UINT64_MAX;
		p.stream.sending.taken = 0;
		p.stream.sending.cursor = 0;
		player_answer(
		    &p, player_next(&p), player_say(TEXTS(NULL), 0, 1));
	}
	player_finish(&p);
}

static void
replay_that_is_cut_goes_on_at_once(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_WHOLE, 1, TEXTS("a", "b", "c", "d", "e", "f"));
	player_open(&p, player_say(TEXTS(NULL), 0, 6));
	player_next(&p);
	player_refuse(&p, &p.call, STATUS_NOT_FOUND);
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS(NULL), 0, 1));
	for (u_int taken = 2; taken < 6; taken++) {
		player_next(&p);
		player_lose(&p);
		player_next(&p);
		player_answer(&p, &p.call, player_say(TEXTS(NULL), 0, taken));
	}
	player_finish(&p);
}

/* Several calls are lost with their connection, after the pause before them. */
static void
lose_calls(struct player *p)
{
	wait_for_the_next_attempt(p);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    player_next(p)->args.exchange.piece.window, 100000);
	player_lose(p);
}

static void
where_little_gets_through_calls_are_made_one_by_one(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd", "ef", "gh"));
	p.stream.terms.credit = 100000;
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	for (int i = 0; i < 2; i++) {
		lose_calls(&p);
		lose_calls(&p);
		wait_for_the_next_attempt(&p);
		assert_false(player_next(&p)->args.exchange.ahead);
		assert_in_range(p.call.args.exchange.piece.window, 1, 40000);
		player_is_idle(&p);
		player_answer(
		    &p, &p.call, player_say(TEXTS(NULL), 1, (u_int)i + 2));
	}
	assert_true(player_next(&p)->args.exchange.ahead);
	player_finish(&p);
}

int
main(void)
{
#define FACT(name) cmocka_unit_test(name)
	const struct CMUnitTest tests[] = {
		FACT(connection_lost_between_calls_is_no_failure),
		FACT(many_calls_lost_in_one_moment_are_one_failure),
		FACT(connection_lost_in_a_pause_adds_nothing),
		FACT(server_that_hangs_is_given_up_in_time),
		FACT(server_that_loses_the_stream_again_and_again_is_given_up),
		FACT(long_replay_is_not_given_up_at_the_next_loss),
		FACT(user_may_think_for_an_hour),
		FACT(server_may_be_slow),
		FACT(time_that_passes_without_calls_allows_one_more),
		FACT(without_retries_a_loss_is_the_end),
		FACT(server_that_gives_up_is_left_for_another_at_once),
		FACT(server_that_forgot_the_stream_is_not_left),
		FACT(open_that_is_lost_is_made_again_after_a_greeting),
		FACT(what_was_heard_does_not_go_on_at_another_line),
		FACT(calls_in_vain_are_made_slowly),
		FACT(stream_that_others_always_have_is_given_up),
		FACT(replay_has_no_pauses),
		FACT(replay_that_is_cut_goes_on_at_once),
		FACT(where_little_gets_through_calls_are_made_one_by_one),
	};

	return cmocka_run_group_tests_name("losses", tests, NULL, NULL);
}
