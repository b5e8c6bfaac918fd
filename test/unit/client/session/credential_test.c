/* As whom calls are made, and what comes of a server that refuses that. */
#include "client/session/call.h"

#include "base/base.h"
#include "test/lib/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum {
	/* Where a call has the flavor of its credential. */
	FLAVOR_WORD = 6,
	CALLS_MAX = 8,
};

/* What the server has seen, and how it refuses calls of a flavor. */
static atomic_uint calls;
static uint32_t flavors[CALLS_MAX];
static uint32_t refusal[] = { REPLY, MSG_DENIED, AUTH_ERROR, AUTH_BADCRED };
static bool refuses_none;

static void
play_refusing(struct script *script, int fd)
{
	static const uint32_t pong[] = { REPLY, MSG_ACCEPTED, AUTH_NONE, 0,
		SUCCESS };
	unsigned int n;
	bool refuses;

	while (script_read_call(script, fd)) {
		n = atomic_load(&calls);
		assert_true(n < CALLS_MAX);
		flavors[n] = script_call_word(script, FLAVOR_WORD);
		refuses = flavors[n] == AUTH_SYS || refuses_none;
		script->words = refuses ? refusal : pong;
		script->count = refuses ? ARRAY_LEN(refusal) : ARRAY_LEN(pong);
		atomic_store(&calls, n + 1);
		script_reply(script, fd);
	}
}

static void
begin(struct user *u, enum auth_stat why, enum security security)
{
	atomic_store(&calls, 0);
	refusal[3] = why;
	refuses_none = false;
	u->settings.security = security;
	user_play(u, play_refusing);
}

static int
ping(struct user *u)
{
	return user_calls(u, &procedure_ping, NULL, NULL);
}

static void
assert_flavors(const uint32_t *expected, unsigned int count)
{
	assert_int_equal(atomic_load(&calls), count);
	assert_memory_equal(flavors, expected, count * sizeof(*expected));
}

static void
a_server_without_auth_sys_is_called_without(void **state)
{
	static const enum auth_stat whys[] = { AUTH_BADCRED, AUTH_REJECTEDCRED,
		AUTH_TOOWEAK };
	static const uint32_t expected[] = { AUTH_SYS, AUTH_NONE, AUTH_NONE };
	struct user *u = *state;

	for (size_t i = 0; i < ARRAY_LEN(whys); i++) {
		begin(u, whys[i], SECURITY_ANY);
		user_restart(u);
		assert_int_equal(ping(u), EXIT_DONE);
		assert_string_equal(u->text, "");
		assert_int_equal(ping(u), EXIT_DONE);
		assert_flavors(expected, 3);
		assert_int_equal(atomic_load(&u->script.accepted), 1);
		user_stop_playing(u);
	}
}

static void
that_it_is_is_said_with_v(void **state)
{
	struct user *u = *state;

	begin(u, AUTH_TOOWEAK, SECURITY_ANY);
	say_at(SAY_STEPS);
	assert_int_equal(ping(u), EXIT_DONE);
	say_at(SAY_ERRORS);
	assert_says(u,
	    " does not accept AUTH_SYS (AUTH_TOOWEAK), and is "
	    "called without it\n");
}

static void
who_refuses_that_too_wants_more(void **state)
{
	static const uint32_t expected[] = { AUTH_SYS, AUTH_NONE };
	struct user *u = *state;

	begin(u, AUTH_TOOWEAK, SECURITY_ANY);
	refuses_none = true;
	assert_int_equal(ping(u), EXIT_FAILED);
	assert_says(u, "AUTH_TOOWEAK; the server wants more than AUTH_SYS\n");
	assert_flavors(expected, 2);
}

static void
other_refusals_are_no_reason(void **state)
{
	static const enum auth_stat whys[] = { AUTH_BADVERF, AUTH_REJECTEDVERF,
		AUTH_INVALIDRESP, AUTH_FAILED };
	static const uint32_t expected[] = { AUTH_SYS };
	struct user *u = *state;

	for (size_t i = 0; i < ARRAY_LEN(whys); i++) {
		begin(u, whys[i], SECURITY_ANY);
		assert_int_equal(ping(u), EXIT_FAILED);
		assert_null(strstr(u->text, "wants more"));
		assert_flavors(expected, 1);
		user_stop_playing(u);
	}
}

static void
after_sec_sys_it_is_not_tried(void **state)
{
	static const uint32_t expected[] = { AUTH_SYS };
	struct user *u = *state;

	begin(u, AUTH_TOOWEAK, SECURITY_SYS);
	assert_int_equal(ping(u), EXIT_FAILED);
	assert_says(u,
	    "does not accept the credential of this user: "
	    "AUTH_TOOWEAK\n");
	assert_flavors(expected, 1);
}

static void
sec_none_has_no_user(void **state)
{
	static const uint32_t expected[] = { AUTH_NONE, AUTH_NONE };
	struct user *u = *state;

	begin(u, AUTH_TOOWEAK, SECURITY_NONE);
	assert_int_equal(ping(u), EXIT_DONE);
	refuses_none = true;
	assert_int_equal(ping(u), EXIT_FAILED);
	assert_says(
	    u, "does not accept calls without a credential: AUTH_TOOWEAK\n");
	assert_flavors(expected, 2);
}

static void
another_server_is_told_the_user_again(void **state)
{
	static const uint32_t expected[] = { AUTH_SYS, AUTH_NONE, AUTH_NONE,
		AUTH_SYS, AUTH_NONE };
	struct user *u = *state;

	begin(u, AUTH_BADCRED, SECURITY_ANY);
	assert_int_equal(ping(u), EXIT_DONE);
	/* The same one, on another connection. */
	session_disconnect(&u->session);
	assert_int_equal(ping(u), EXIT_DONE);
	user_stop_playing(u);
	user_play(u, play_refusing);
	assert_int_equal(ping(u), EXIT_DONE);
	assert_flavors(expected, 5);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, user_setup, user_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_server_without_auth_sys_is_called_without),
		CASE(that_it_is_is_said_with_v),
		CASE(who_refuses_that_too_wants_more),
		CASE(other_refusals_are_no_reason),
		CASE(after_sec_sys_it_is_not_tried),
		CASE(sec_none_has_no_user),
		CASE(another_server_is_told_the_user_again),
	};

	user_main();
	return cmocka_run_group_tests_name(
	    "client_credential", tests, NULL, NULL);
}
