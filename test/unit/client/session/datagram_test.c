/*
 * What client/session/session and call promise over UDP, where replies come
 * twice, or not at all.
 */
#include "client/session/call.h"

#include "base/clock.h"
#include "test/lib/pings.h"
#include "test/lib/user.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define CALLS 20

struct fixture {
	struct user *user;
	struct endpoint at; /* of the server */
	int server;
	uint32_t last; /* xid of the call that it read last */
	pthread_t thread;
};

static bool no_room; /* for datagrams */

/* This takes the place of the C library's. */
ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	if (!no_room)
		return sendto(fd, bytes, len, flags, NULL, 0);
	errno = EMSGSIZE;
	return -1;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	void *user;

	assert_non_null(f);
	no_room = false;
	user_setup(&user);
	f->user = user;
	f->server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->at.type = SOCK_DGRAM;
	f->at.len = sizeof(f->at.at.in);
	f->at.at.in.sin_family = AF_INET;
	f->at.at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(f->server, &f->at.at.any, f->at.len), 0);
	assert_int_equal(getsockname(f->server, &f->at.at.any, &f->at.len), 0);
	f->user->settings.transport = TRANSPORT_UDP;
	user_knows(f->user, &f->at);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;
	void *user = f->user;

	user_teardown(&user);
	if (f->server >= 0)
		close(f->server);
	free(f);
	return 0;
}

/* Reads a call; false: there is none. */
static bool
read_call(struct fixture *f, uint32_t *xid, struct endpoint *from)
{
	uint32_t call[64];

	from->len = sizeof(from->at);
	if (recvfrom(f->server, call, sizeof(call), 0, &from->at.any,
		&from->len) < (ssize_t)sizeof(*xid))
		return false;
	*xid = call[0];
	return true;
}

/* Reads a call other than the last one, which is repeated where the machine is
 * slow, before its reply has come. */
static bool
read_another(struct fixture *f, uint32_t *xid, struct endpoint *from)
{
	do
		if (!read_call(f, xid, from))
			return false;
	while (*xid == f->last);
	f->last = *xid;
	return true;
}

/* Accepts a call to which nothing is to be returned. */
static void
reply(struct fixture *f, uint32_t xid, const struct endpoint *to)
{
	uint32_t words[6] = { xid, htonl(1) };

	sendto(f->server, words, sizeof(words), 0, &to->at.any, to->len);
}

/* The second reply to a call comes before the first one to the next.  The first
 * call is the search's. */
static void *
reply_twice(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t xid, before = 0;

	for (int i = 0; i <= CALLS && read_another(f, &xid, &from); i++) {
		reply(f, before, &from);
		reply(f, xid, &from);
		before = xid;
	}
	return NULL;
}

static void
a_second_reply_makes_no_second_call(void **state)
{
	struct fixture *f = *state;
	uint32_t xid;

	assert_int_equal(pthread_create(&f->thread, NULL, reply_twice, f), 0);
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(user_pings(f->user, USER_PATIENCE_MS), 0);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	while (recv(f->server, &xid, sizeof(xid), MSG_DONTWAIT) != -1)
		assert_int_equal(xid, f->last);
}

/* The first is the search's.  Of the call the first two are lost. */
static void *
reply_to_the_third(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t xid, first;

	if (!read_another(f, &xid, &from))
		return NULL;
	reply(f, xid, &from);
	if (!read_another(f, &xid, &from))
		return NULL;
	first = xid;
	for (int i = 0; i < 2; i++)
		if (!read_call(f, &xid, &from))
			return NULL;
	if (xid == first)
		reply(f, xid, &from);
	return NULL;
}

static void
a_lost_call_is_made_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    pthread_create(&f->thread, NULL, reply_to_the_third, f), 0);
	assert_int_equal(user_pings(f->user, USER_PATIENCE_MS), 0);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
}

/* Answers one call. */
static void *
reply_once(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t xid;

	if (read_another(f, &xid, &from))
		reply(f, xid, &from);
	return NULL;
}

/* Has the session find the server. */
static void
meet(struct fixture *f)
{
	assert_int_equal(pthread_create(&f->thread, NULL, reply_once, f), 0);
	user_pings(f->user, USER_BRIEF_MS);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	assert_true(session_is_connected(&f->user->session));
}

static void
a_server_that_is_gone_is_noticed(void **state)
{
	struct fixture *f = *state;
	const struct rpc_err *error = &f->user->session.last.error;

	meet(f);
	close(f->server);
	f->server = -1;
	assert_int_equal(
	    user_pings(f->user, USER_PATIENCE_MS), SESSION_UNANSWERED);
	assert_int_not_equal(error->re_status, RPC_SUCCESS);
	assert_int_not_equal(error->re_status, RPC_TIMEDOUT);
	assert_int_equal(error->re_errno, ECONNREFUSED);
}

/* Its bytes count the user's credential. */
static void
assert_said_too_long(const struct user *u)
{
	char expect[256];

	snprintf(expect, sizeof(expect),
	    "reverse: the call is too long for this transport; use -n tcp\n"
	    "  a datagram of %zu bytes, or the answer to it, does not fit the "
	    "path\n",
	    u->session.last.call_bytes);
	assert_string_equal(u->text, expect);
}

/* Nor would it go at another time, or to another server. */
static void
a_call_that_is_too_long_is_made_once(void **state)
{
	struct fixture *f = *state;
	struct user *u = f->user;
	uint64_t began = clock_now_ms();

	meet(f);
	u->settings.retry_ms = USER_PATIENCE_MS;
	no_room = true;
	user_listens(u);
	assert_int_equal(
	    call_server(&u->session, &procedure_ping, NULL, NULL), EXIT_FAILED);
	user_has_heard(u);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_said_too_long(u);
}

/* As where fragments are lost: after 25 s it would be one that is slow. */
static void
a_call_that_is_lost_for_its_length_is_given_up(void **state)
{
	struct fixture *f = *state;
	struct user *u = f->user;
	reverse_args args = { .unit = UNIT_BYTE };
	reverse_result result;
	struct pings server;
	char text[1500] = "";
	uint64_t began;

	pings_start(&server);
	u->settings.servers.count = 0;
	user_knows(u, &server.at);
	args.text.message_val = text;
	args.text.message_len = sizeof(text);
	began = clock_now_ms();
	user_listens(u);
	assert_int_equal(
	    call_server(&u->session, &procedure_text, &args, &result),
	    EXIT_FAILED);
	user_has_heard(u);
	assert_true(clock_now_ms() - began >= 5000);
	assert_true(clock_now_ms() - began < 20000);
	assert_said_too_long(u);
	assert_true(u->session.last.call_bytes > sizeof(text));
	session_disconnect(&u->session);
	pings_stop(&server);
}

/* Answers a call, and refuses the next one. */
static enum accept_stat refusal;

static void *
refuse_once(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t words[6] = { 0, htonl(1) }, xid;

	for (int i = 0; i < 2 && read_another(f, &xid, &from); i++) {
		words[0] = xid;
		words[5] = htonl(i > 0 ? refusal : SUCCESS);
		sendto(
		    f->server, words, sizeof(words), 0, &from.at.any, from.len);
	}
	return NULL;
}

/* Sends a text of so many bytes to it. */
static void
send_refused(struct fixture *f, enum accept_stat why, size_t len)
{
	static char text[1500];
	reverse_args args = { .unit = UNIT_BYTE };
	reverse_result result;

	refusal = why;
	args.text.message_val = text;
	args.text.message_len = (u_int)len;
	session_disconnect(&f->user->session);
	assert_int_equal(pthread_create(&f->thread, NULL, refuse_once, f), 0);
	assert_int_equal(
	    user_calls(f->user, &procedure_text, &args, &result), EXIT_FAILED);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	assert_says(f->user, "did not do REVERSE_TEXT: ");
}

/* As one that cuts it off: an Ocamlnet server at 16 KiB. */
static void
a_server_that_takes_no_call_so_long_is_told_from_others(void **state)
{
	static const char advice[] = " bytes may be more than it takes: try "
				     "-n tcp\n";
	struct fixture *f = *state;

	send_refused(f, GARBAGE_ARGS, 1500);
	assert_says(f->user, advice);
	send_refused(f, SYSTEM_ERR, 1500);
	assert_says(f->user, advice);
	send_refused(f, PROC_UNAVAIL, 1500);
	assert_null(strstr(f->user->text, advice));
	send_refused(f, GARBAGE_ARGS, 100);
	assert_null(strstr(f->user->text, advice));
}

/* The greeting of a server that takes messages of so many bytes. */
static uint32_t datagram_max;

static void *
greet_once(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	greet_result result = { .code = STATUS_OK };
	uint32_t words[128] = { 0, htonl(1) }, xid;
	XDR xdrs;

	result.greet_result_u.hello.message_max = MESSAGE_MAX;
	result.greet_result_u.hello.datagram_max = datagram_max;
	for (int i = 0; i < 2 && read_another(f, &xid, &from); i++) {
		words[0] = xid;
		xdrmem_create(&xdrs, (char *)(words + 6),
		    sizeof(words) - 6 * sizeof(words[0]), XDR_ENCODE);
		xdr_greet_result(&xdrs, &result);
		sendto(f->server, words,
		    6 * sizeof(words[0]) + (i > 0 ? xdr_getpos(&xdrs) : 0), 0,
		    &from.at.any, from.len);
	}
	return NULL;
}

static int
ask_for_max(struct fixture *f, uint32_t max, uint32_t *out)
{
	int r;

	datagram_max = max;
	session_disconnect(&f->user->session);
	assert_int_equal(pthread_create(&f->thread, NULL, greet_once, f), 0);
	user_listens(f->user);
	r = call_message_max(&f->user->session, out);
	user_has_heard(f->user);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	return r;
}

static void
the_server_says_how_long_a_message_may_be(void **state)
{
	struct fixture *f = *state;
	uint32_t max;

	assert_int_equal(ask_for_max(f, 1234, &max), EXIT_DONE);
	assert_int_equal(max, 1234);
	assert_int_equal(ask_for_max(f, UINT32_MAX, &max), EXIT_DONE);
	assert_int_equal(max, MESSAGE_MAX);
	assert_int_equal(ask_for_max(f, 0, &max), EXIT_FAILED);
	assert_string_equal(f->user->text,
	    "reverse: the server takes no text over UDP: use TCP\n");
	/* The next datagram may go to another server. */
	assert_false(f->user->session.greeted);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_second_reply_makes_no_second_call),
		CASE(a_lost_call_is_made_again),
		CASE(a_server_that_is_gone_is_noticed),
		CASE(a_call_that_is_too_long_is_made_once),
		CASE(a_call_that_is_lost_for_its_length_is_given_up),
		CASE(a_server_that_takes_no_call_so_long_is_told_from_others),
		CASE(the_server_says_how_long_a_message_may_be),
	};

	user_main();
	return cmocka_run_group_tests_name(
	    "client_datagram", tests, NULL, NULL);
}
