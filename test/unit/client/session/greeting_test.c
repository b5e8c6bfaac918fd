/* How long a message may be on a connection: client/session/call. */
#include "client/session/call.h"

#include "test/lib/hand.h"
#include "test/lib/user.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static uint32_t message_max;

/* Over TCP what datagrams take counts for nothing. */
static void
play_greeting(struct script *script, int fd)
{
	greet_result result = { .code = STATUS_OK };
	struct hand_call call;

	result.greet_result_u.hello.message_max = message_max;
	result.greet_result_u.hello.datagram_max = 5;
	while (hand_take(script, fd, &call)) {
		hand_reply(fd, &call, &result);
		hand_free(&call);
	}
}

static int
ask_for_max(struct user *u, uint32_t max, uint32_t *out)
{
	int r;

	message_max = max;
	user_play(u, play_greeting);
	user_listens(u);
	r = call_message_max(&u->session, out);
	user_has_heard(u);
	user_stop_playing(u);
	return r;
}

static void
the_server_says_how_long_a_message_may_be(void **state)
{
	struct user *u = *state;
	uint32_t max;

	assert_int_equal(ask_for_max(u, 1000, &max), EXIT_DONE);
	assert_int_equal(max, 1000);
	assert_int_equal(ask_for_max(u, MESSAGE_MAX, &max), EXIT_DONE);
	assert_int_equal(max, MESSAGE_MAX);
}

static void
more_than_the_protocol_has_is_no_more(void **state)
{
	struct user *u = *state;
	uint32_t max;

	assert_int_equal(ask_for_max(u, UINT32_MAX, &max), EXIT_DONE);
	assert_int_equal(max, MESSAGE_MAX);
}

static void
a_server_may_take_no_text(void **state)
{
	struct user *u = *state;
	uint32_t max;

	assert_int_equal(ask_for_max(u, 0, &max), EXIT_FAILED);
	assert_string_equal(u->text, "reverse: the server takes no text\n");
}

static void
what_it_said_is_known_as_long_as_the_connection(void **state)
{
	struct user *u = *state;
	uint32_t max;

	message_max = 1000;
	user_play(u, play_greeting);
	assert_int_equal(call_message_max(&u->session, &max), EXIT_DONE);
	assert_true(u->session.greeted);
	assert_int_equal(
	    u->session.hello.greet_result_u.hello.message_max, 1000);
	session_disconnect(&u->session);
	assert_false(u->session.greeted);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_server_says_how_long_a_message_may_be),
		CASE(more_than_the_protocol_has_is_no_more),
		CASE(a_server_may_take_no_text),
		CASE(what_it_said_is_known_as_long_as_the_connection),
	};

	user_main();
	return cmocka_run_group_tests_name(
	    "client_greeting", tests, NULL, NULL);
}
