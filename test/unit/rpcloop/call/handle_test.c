/* A CLIENT for generated stubs: rpcloop/call/handle. */
#include "rpcloop/call/handle.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/word.h"
#include "test/lib/far_end.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	BRIEF_MS = 60,
	/* Turns of the test's own item, before it stops all. */
	LATER_MS = 30,
};

/* What answers: an item of the same loop, which the call runs meanwhile. */
static struct {
	CLIENT *client;
	struct loop_item item;
	unsigned int answers; /* how many more */
	unsigned int taken;
	enum accept_stat status;
	bool denies;
	bool always;
	bool closes; /* the connection, instead */
} f;

static void
answer(struct loop_item *item, unsigned int reasons)
{
	uint8_t call[FAR_CALL_MAX], reply[64];
	ssize_t n = read(item->fd, call, sizeof(call));
	size_t len;

	(void)reasons;
	assert_true(n > 0);
	f.taken++;
	if (f.closes) {
		loop_forget(item);
		close(far.fd);
		far.fd = -1;
		return;
	}
	if (f.answers == 0)
		return;
	f.answers--;
	len = far_make_reply(reply, word_get(call + WORD_SIZE),
	    101 + word_get(call + WORD_SIZE + FAR_HEAD_WORDS * WORD_SIZE));
	word_put(reply + 6 * WORD_SIZE, (uint32_t)f.status);
	if (f.denies) {
		/* REPLY, MSG_DENIED, AUTH_ERROR, why */
		word_put(reply + 3 * WORD_SIZE, MSG_DENIED);
		word_put(reply + 4 * WORD_SIZE, AUTH_ERROR);
		word_put(reply + 5 * WORD_SIZE, AUTH_TOOWEAK);
	}
	far_write(reply, len);
}

static int
setup(void **state)
{
	far_setup_tcp(state);
	far_connect();
	memset(&f, 0, sizeof(f));
	f.answers = 100;
	loop_item_init(&f.item, &far.loop, far.fd, answer, NULL);
	assert_int_equal(loop_watch(&f.item, LOOP_READABLE), 0);
	f.client = handle_new(far.channel, FAR_PROGRAM, FAR_VERSION);
	assert_non_null(f.client);
	return 0;
}

static int
teardown(void **state)
{
	if (f.client != NULL)
		clnt_destroy(f.client);
	loop_forget(&f.item);
	return far_teardown(state);
}

static bool_t
number_codec(XDR *xdrs, uint32_t *number)
{
	return xdr_u_int32_t(xdrs, number);
}

/* As the stubs do that rpcgen makes. */
static enum clnt_stat
call(uint32_t number, uint32_t *result, long ms)
{
	struct timeval timeout = { ms / 1000, ms % 1000 * 1000 };

	*result = 0;
	return clnt_call(f.client, FAR_PROCEDURE, (xdrproc_t)number_codec,
	    (caddr_t)&number, (xdrproc_t)number_codec, (caddr_t)result,
	    timeout);
}

static int
last_error(void)
{
	struct rpc_err error;

	clnt_geterr(f.client, &error);
	return error.re_errno;
}

static void
stubs_call_over_it(void **state)
{
	uint32_t result;

	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		assert_int_equal(call(i, &result, 10000), RPC_SUCCESS);
		assert_int_equal(result, 101 + i);
	}
	assert_int_equal(
	    handle_last_call(f.client)->reply_bytes, 7 * WORD_SIZE);
}

static void
a_late_reply_is_dropped(void **state)
{
	uint8_t reply[64];
	uint32_t result, xid;

	(void)state;
	f.answers = 0;
	assert_int_equal(call(1, &result, BRIEF_MS), RPC_TIMEDOUT);
	assert_true(
	    handle_last_call(f.client)->took_ns >= BRIEF_MS * CLOCK_NS_PER_MS);
	xid = handle_last_call(f.client)->xid;
	far_write(reply, far_make_reply(reply, xid, 7));
	f.answers = 1;
	assert_int_equal(call(2, &result, 10000), RPC_SUCCESS);
	assert_int_equal(result, 103);
}

static void
a_lost_connection_is_told(void **state)
{
	uint32_t result;

	(void)state;
	f.closes = true;
	assert_int_equal(call(1, &result, 10000), RPC_CANTRECV);
	assert_int_equal(last_error(), ECONNRESET);
	assert_int_equal(call(1, &result, 10000), RPC_CANTSEND);
	assert_int_equal(last_error(), ECONNRESET);
}

static void
leave(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_leave(item->loop);
}

static void
whoever_ends_the_turns_ends_the_call(void **state)
{
	struct loop_item item;
	uint32_t result;

	(void)state;
	f.answers = 0;
	loop_item_init(&item, &far.loop, -1, leave, NULL);
	assert_int_equal(loop_timed(&item), 0);
	loop_due(&item, clock_now_ms() + LATER_MS);
	assert_int_equal(call(1, &result, 10000), RPC_INTR);
	loop_forget(&item);
	assert_null(handle_last_call(f.client)->channel);
	f.answers = 1;
	assert_int_equal(call(2, &result, 10000), RPC_SUCCESS);
	assert_int_equal(result, 103);
}

static bool_t
slow_codec(XDR *xdrs, uint32_t *number)
{
	poll(NULL, 0, 3);
	return number_codec(xdrs, number);
}

/* Its time is over in the turn in which it is sent. */
static void
a_timeout_of_0_does_not_end_the_next_call(void **state)
{
	static const struct timeval none = { 0, 0 };
	uint32_t number = 3, result;

	(void)state;
	assert_int_equal(
	    clnt_call(f.client, FAR_PROCEDURE, (xdrproc_t)slow_codec,
		(caddr_t)&number, NULL, NULL, none),
	    RPC_SUCCESS);
	assert_int_equal(call(2, &result, 10000), RPC_SUCCESS);
	assert_int_equal(result, 103);
}

static void
a_timeout_of_0_does_not_wait(void **state)
{
	static const struct timeval none = { 0, 0 };
	uint32_t number = 3, result;

	(void)state;
	f.answers = 0;
	assert_int_equal(call(1, &result, 0), RPC_TIMEDOUT);
	assert_int_equal(
	    clnt_call(f.client, FAR_PROCEDURE, (xdrproc_t)number_codec,
		(caddr_t)&number, NULL, NULL, none),
	    RPC_SUCCESS);
	far_run();
	assert_int_equal(f.taken, 2);
	f.answers = 1;
	assert_int_equal(call(2, &result, 10000), RPC_SUCCESS);
	assert_int_equal(result, 103);
}

static void
errors_of_rpc_come_through(void **state)
{
	struct rpc_err error;
	uint32_t result;

	(void)state;
	f.status = PROG_UNAVAIL;
	assert_int_equal(call(1, &result, 10000), RPC_PROGUNAVAIL);
	f.status = GARBAGE_ARGS;
	assert_int_equal(call(1, &result, 10000), RPC_CANTDECODEARGS);
	f.denies = true;
	assert_int_equal(call(1, &result, 10000), RPC_AUTHERROR);
	clnt_geterr(f.client, &error);
	assert_int_equal(error.re_why, AUTH_TOOWEAK);
	assert_int_equal(result, 0);
}

/* A credential that can be made anew, so often. */
static struct {
	AUTH auth;
	struct auth_ops ops;
	unsigned int refreshed;
	unsigned int most;
} cred;

static int
refresh(AUTH *auth, void *message)
{
	(void)auth;
	(void)message;
	if (cred.refreshed == cred.most)
		return FALSE;
	cred.refreshed++;
	f.denies = f.always || cred.refreshed < 2;
	return TRUE;
}

static void
a_credential_is_made_anew(void **state)
{
	AUTH *none = authnone_create();
	uint32_t result;

	(void)state;
	cred.auth = *none;
	cred.ops = *none->ah_ops;
	cred.ops.ah_refresh = refresh;
	cred.auth.ah_ops = &cred.ops;
	cred.refreshed = 0;
	cred.most = 2;
	f.client->cl_auth = &cred.auth;
	f.denies = true;
	assert_int_equal(call(1, &result, 10000), RPC_SUCCESS);
	assert_int_equal(result, 102);
	assert_int_equal(f.taken, 3);
	cred.most = cred.refreshed;
	f.denies = true;
	assert_int_equal(call(1, &result, 10000), RPC_AUTHERROR);
	assert_int_equal(f.taken, 4);
}

/* By a server that never takes it. */
static void
a_credential_is_not_made_anew_without_end(void **state)
{
	AUTH *none = authnone_create();
	uint32_t result;

	(void)state;
	cred.auth = *none;
	cred.ops = *none->ah_ops;
	cred.ops.ah_refresh = refresh;
	cred.auth.ah_ops = &cred.ops;
	cred.refreshed = 0;
	cred.most = 100;
	f.client->cl_auth = &cred.auth;
	f.denies = f.always = true;
	assert_int_equal(call(1, &result, 10000), RPC_AUTHERROR);
	assert_int_equal(f.taken, 3);
}

static bool
control(u_int request, void *info)
{
	return clnt_control(f.client, request, (char *)info);
}

static void
control_knows_times(void **state)
{
	struct timeval set = { 0, BRIEF_MS * 1000 }, got, bad = { 0, 1000000 };
	struct timeval brief = { 0, 1 };
	uint32_t result;

	(void)state;
	f.answers = 0;
	assert_true(control(CLSET_TIMEOUT, &set));
	assert_true(control(CLGET_TIMEOUT, &got));
	assert_memory_equal(&set, &got, sizeof(set));
	assert_int_equal(call(1, &result, 1000000), RPC_TIMEDOUT);
	assert_false(control(CLSET_TIMEOUT, &bad));
	set.tv_sec = 1;
	assert_true(control(CLSET_RETRY_TIMEOUT, &set));
	assert_true(control(CLGET_RETRY_TIMEOUT, &got));
	assert_memory_equal(&set, &got, sizeof(set));
	assert_int_equal(far.channel->resend_ms, 1000 + BRIEF_MS);
	/* A part of a millisecond counts as a whole one. */
	assert_true(control(CLSET_RETRY_TIMEOUT, &brief));
	assert_int_equal(far.channel->resend_ms, 1);
}

static void
control_knows_numbers(void **state)
{
	uint32_t number, result;

	(void)state;
	number = 77;
	assert_true(control(CLSET_XID, &number));
	assert_int_equal(call(1, &result, 10000), RPC_SUCCESS);
	assert_true(control(CLGET_XID, &number));
	assert_int_equal(number, 78);
	assert_true(control(CLGET_PROG, &number));
	assert_int_equal(number, FAR_PROGRAM);
	assert_true(control(CLGET_VERS, &number));
	assert_int_equal(number, FAR_VERSION);
	number = 9;
	assert_true(control(CLSET_PROG, &number));
	assert_true(control(CLSET_VERS, &number));
	assert_true(control(CLGET_PROG, &number));
	assert_int_equal(number, 9);
}

static void
control_knows_the_address(void **state)
{
	struct netbuf address;
	struct sockaddr_storage copy;
	int fd;

	(void)state;
	assert_true(control(CLGET_FD, &fd));
	assert_int_equal(fd, far.channel->flow.item.fd);
	assert_true(control(CLGET_SVC_ADDR, &address));
	assert_int_equal(address.len, far.at.len);
	assert_memory_equal(address.buf, &far.at.at, far.at.len);
	assert_true(control(CLGET_SERVER_ADDR, &copy));
	assert_memory_equal(&copy, &far.at.at, far.at.len);
	assert_false(control(CLGET_FD, NULL));
	assert_false(control(CLSET_SVC_ADDR, &address));
	assert_false(control(CLSET_PUSH_TIMOD, &fd));
}

static void
destroying_it_closes_the_channel_if_told_to(void **state)
{
	char byte;

	(void)state;
	clnt_destroy(f.client);
	assert_int_equal(recv(far.fd, &byte, 1, MSG_DONTWAIT), -1);
	f.client = handle_new(far.channel, FAR_PROGRAM, FAR_VERSION);
	assert_true(clnt_control(f.client, CLSET_FD_CLOSE, NULL));
	assert_true(clnt_control(f.client, CLSET_FD_NCLOSE, NULL));
	assert_true(clnt_control(f.client, CLSET_FD_CLOSE, NULL));
	clnt_destroy(f.client);
	f.client = NULL;
	far.channel = NULL;
	assert_int_equal(recv(far.fd, &byte, 1, 0), 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(stubs_call_over_it),
		CASE(a_late_reply_is_dropped),
		CASE(a_lost_connection_is_told),
		CASE(whoever_ends_the_turns_ends_the_call),
		CASE(a_timeout_of_0_does_not_wait),
		CASE(a_timeout_of_0_does_not_end_the_next_call),
		CASE(errors_of_rpc_come_through),
		CASE(a_credential_is_made_anew),
		CASE(a_credential_is_not_made_anew_without_end),
		CASE(control_knows_times),
		CASE(control_knows_numbers),
		CASE(control_knows_the_address),
		CASE(destroying_it_closes_the_channel_if_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
