/* What a client's stream does about limits that a server may have, or say. */
#include "test/lib/player.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Calls have as many messages as ever, and answers may be as long. */
static void
no_message_is_longer_than_the_server_takes(void **state)
{
	struct player p;

	(void)state;
	player_start(&p, METHOD_EACH, 1, TEXTS("four", "4444", "fives", "x"));
	p.message_max = 4;
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS("ruof", "4444"), 0, 2));
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 2);
	assert_int_equal(p.call.args.open.piece.window, 1000);
	player_is_over(&p, STATUS_OUT_OF_RANGE);
	assert_string_equal(p.heard, "ruof,4444");
	assert_int_equal(p.stream.why.at_message, 2);
	assert_non_null(strstr(p.stream.detail,
	    "message 2 is longer than this server takes, 4 bytes"));
	player_finish(&p);
}

/* Nor in a datagram, which may take more. */
static void
nor_over_udp(void **state)
{
	struct player p;

	(void)state;
	player_start_udp(&p, METHOD_EACH, TEXTS("four", "fives"));
	p.message_max = 4;
	player_greet(&p, "1.0");
	player_open(&p, player_say(TEXTS("ruof"), 0, 1));
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 1);
	player_is_over(&p, STATUS_OUT_OF_RANGE);
	player_finish(&p);
}

/* A stream whose input is silent, on a lease of so many milliseconds. */
static void
lease_is(struct player *p, uint32_t ms)
{
	static const char *const texts[] = { "ab", NULL };

	player_start(p, METHOD_EACH, 1, texts);
	p->open_ended = true;
	p->lease_ms = ms;
	player_greet(p, "1.0");
	player_open(p, player_say(TEXTS("ba"), 0, 1));
	player_is_idle(p);
}

static void
a_lease_of_nothing_is_not_renewed_all_the_time(void **state)
{
	struct player p;

	(void)state;
	lease_is(&p, 0);
	assert_int_equal(p.stream.due, p.now + 100);
	p.now += 99;
	player_is_idle(&p);
	p.now++;
	assert_int_equal(player_next(&p)->kind, CLIENT_EXCHANGE);
	player_finish(&p);
}

static void
an_endless_lease_is_renewed_all_the_same(void **state)
{
	struct player p;

	(void)state;
	lease_is(&p, UINT32_MAX);
	assert_int_equal(p.stream.due, p.now + 300000);
	p.now += 300000;
	assert_int_equal(player_next(&p)->kind, CLIENT_EXCHANGE);
	player_finish(&p);
}

/* Nobody waits for a pause that is longer than it is tried again. */
static void
an_endless_pause_is_the_end(void **state)
{
	exchange_result result = { .code = STATUS_RESOURCE_EXHAUSTED };
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	result.exchange_result_u.why.code = STATUS_RESOURCE_EXHAUSTED;
	result.exchange_result_u.why.retry_after_ms = UINT32_MAX;
	player_next(&p);
	client_stream_exchanged(&p.stream, p.now, &p.call, &result);
	player_is_over(&p, STATUS_RESOURCE_EXHAUSTED);
	player_finish(&p);
}

/* Nor without end for many that are short. */
static void
pauses_without_progress_have_an_end(void **state)
{
	exchange_result result = { .code = STATUS_RESOURCE_EXHAUSTED };
	unsigned int pauses = 0;
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	player_open(&p, player_say(TEXTS("ba"), 0, 1));
	result.exchange_result_u.why.code = STATUS_RESOURCE_EXHAUSTED;
	result.exchange_result_u.why.retry_after_ms = 1;
	while (client_stream_next(&p.stream, p.now, &p.call) == CLIENT_CALL) {
		assert_true(++pauses < PLAYER_RETRY_MS);
		client_stream_exchanged(&p.stream, p.now, &p.call, &result);
		p.now = MAX_OF(p.now, p.stream.patience.not_before);
	}
	assert_true(p.now <= 4 * PLAYER_RETRY_MS);
	player_is_over(&p, STATUS_RESOURCE_EXHAUSTED);
	player_finish(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_is_longer_than_the_server_takes),
		cmocka_unit_test(nor_over_udp),
		cmocka_unit_test(
		    a_lease_of_nothing_is_not_renewed_all_the_time),
		cmocka_unit_test(an_endless_lease_is_renewed_all_the_same),
		cmocka_unit_test(an_endless_pause_is_the_end),
		cmocka_unit_test(pauses_without_progress_have_an_end),
	};

	return cmocka_run_group_tests_name("client_limits", tests, NULL, NULL);
}
