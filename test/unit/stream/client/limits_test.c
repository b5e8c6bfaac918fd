/* What a client's stream does about limits that a server may have, or say. */
#include "test/lib/player.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_is_longer_than_the_server_takes),
		cmocka_unit_test(nor_over_udp),
	};

	return cmocka_run_group_tests_name("client_limits", tests, NULL, NULL);
}
