/* Calls over UDP: rpcloop/call/channel. */
#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/word.h"
#include "test/lib/far_end.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	BRIEF_MS = 60,
	RESEND_MS = 20,
	MANY = 40,
};

/* How often sending fails, and why. */
static struct {
	unsigned int left;
	int error;
} failing;

/* This takes the place of the C library's. */
ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	if (failing.left == 0 || fd == far.listener)
		return sendto(fd, bytes, len, flags, NULL, 0);
	failing.left--;
	errno = failing.error;
	return -1;
}

static int
setup(void **state)
{
	failing.left = 0;
	return far_setup_udp(state);
}

static void
a_call_is_answered(void **state)
{
	(void)state;
	far_open();
	far_call(5, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(5), 105);
	far_run_until_ended(1);
	assert_answered(5);
	assert_int_equal(far.calls[5].call.sends, 1);
}

static void
many_calls_go_in_their_order(void **state)
{
	uint32_t xids[MANY];

	(void)state;
	far_open();
	for (unsigned int i = 0; i < MANY; i++)
		far_call(i, CHANNEL_NO_LIMIT);
	for (unsigned int i = 0; i < MANY; i++)
		xids[i] = far_take_call(i);
	for (unsigned int i = MANY; i-- > 0;)
		far_reply(xids[i], 100 + i);
	far_run_until_ended(MANY);
	for (unsigned int i = 0; i < MANY; i++)
		assert_answered(i);
}

static void
what_is_not_answered_is_sent_again(void **state)
{
	uint8_t first[FAR_CALL_MAX], again[FAR_CALL_MAX];
	size_t len;

	(void)state;
	far_open();
	far.channel->resend_ms = RESEND_MS;
	far_call(1, CHANNEL_NO_LIMIT);
	len = far_take(first, sizeof(first));
	for (unsigned int i = 1; i < 4; i++) {
		assert_int_equal(far_take(again, sizeof(again)), len);
		assert_memory_equal(first, again, len);
		assert_int_equal(far.calls[1].resent, i);
		assert_int_equal(far.calls[1].call.sends, i + 1);
		assert_true(far.calls[1].call.sent_ns[i] -
			far.calls[1].call.sent_ns[i - 1] >=
		    RESEND_MS * CLOCK_NS_PER_MS);
	}
	assert_true(far.calls[1].call.sent_ns[0] >= far.calls[1].call.began_ns);
	assert_int_equal(far.calls[1].call.sent_ns[4], 0);
	/* The first one, 20 ms later the next, after 40 and after 80. */
	assert_true(clock_now_ns() - far.calls[1].call.began_ns >=
	    7 * RESEND_MS * CLOCK_NS_PER_MS);
	far_reply(word_get(first), 101);
	far_run_until_ended(1);
	assert_answered(1);
}

static void
a_steady_call_is_sent_again_at_one_pace(void **state)
{
	struct channel_call *call = &far.calls[1].call;
	struct channel_question question;
	uint8_t bytes[FAR_CALL_MAX];
	uint64_t next;

	(void)state;
	far_open();
	far.channel->resend_ms = RESEND_MS;
	question = far_question(&far.calls[1], CHANNEL_NO_LIMIT);
	question.steady = true;
	assert_int_equal(
	    channel_send(far.channel, call, &question), RPC_SUCCESS);
	while (call->sends < CHANNEL_SENT_MAX + 2)
		far_take(bytes, sizeof(bytes));
	assert_true(call->sent_ns[CHANNEL_SENT_MAX - 1] > 0);
	/* What stands after them is as it was. */
	assert_null(call->call_message);
	assert_null(call->reply_message);
	next = call->timer.due;
	assert_true(next <= clock_now_ms() + RESEND_MS + 1);
	channel_cancel(call);
}

static void
a_reply_that_comes_twice_ends_one_call(void **state)
{
	uint32_t xid;

	(void)state;
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	far_reply(xid, 101);
	far_reply(xid, 7);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(2);
	assert_answered(1);
	assert_answered(2);
}

static void
what_is_no_reply_is_dropped(void **state)
{
	static const uint8_t noise[] = { 1, 2, 3, 4, 0, 0, 0, 0, 9 };
	uint32_t xid;

	(void)state;
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	far_write(noise, 0);
	far_write(noise, 3);
	far_write(noise, sizeof(noise));
	far_reply(xid + 1, 7);
	far_reply(xid, 101);
	far_run_until_ended(1);
	assert_answered(1);
	assert_int_equal(far.channel->state, CHANNEL_OPEN);
}

static void
time_is_over_for_one_call_alone(void **state)
{
	uint32_t late;

	(void)state;
	far_open();
	far_call(1, BRIEF_MS);
	far_call(2, CHANNEL_NO_LIMIT);
	late = far_take_call(1);
	far_run_until_ended(1);
	assert_ended(1, RPC_TIMEDOUT, 0);
	far_reply(late, 7);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(2);
	assert_answered(2);
}

static void
nobody_listens(void **state)
{
	(void)state;
	close(far.listener);
	far.listener = -1;
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far_run_until_ended(2);
	assert_ended(1, RPC_CANTRECV, ECONNREFUSED);
	assert_int_equal(far.calls[2].told, 1);
	assert_int_equal(far.broke, 1);
}

static bool_t
long_codec(XDR *xdrs, ...)
{
	static char zeros[65507 - FAR_HEAD_WORDS * WORD_SIZE + 1];

	return XDR_PUTBYTES(xdrs, zeros, sizeof(zeros));
}

static bool_t
longest_codec(XDR *xdrs, ...)
{
	static char zeros[65507 - FAR_HEAD_WORDS * WORD_SIZE];

	return XDR_PUTBYTES(xdrs, zeros, sizeof(zeros));
}

static void
a_call_has_to_fit_a_datagram(void **state)
{
	struct channel_question question = far_question(&far.calls[0], 10000);
	uint8_t message[FAR_CALL_MAX];

	(void)state;
	far_open();
	question.args = long_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_CANTENCODEARGS);
	question.args = longest_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_SUCCESS);
	assert_int_equal(far_take(message, sizeof(message)), 65507);
	far_reply(word_get(message), 100);
	far_run_until_ended(1);
	assert_answered(0);
}

static void
what_the_path_does_not_take_ends_its_call_alone(void **state)
{
	(void)state;
	far_open();
	failing.left = 1;
	failing.error = EMSGSIZE;
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(2);
	assert_ended(1, RPC_CANTSEND, EMSGSIZE);
	assert_answered(2);
}

static void
what_cannot_be_sent_now_is_sent_again(void **state)
{
	static const int errors[] = { EAGAIN, ENOBUFS, EINTR };

	(void)state;
	far_open();
	far.channel->resend_ms = RESEND_MS;
	for (unsigned int i = 0; i < ARRAY_LEN(errors); i++) {
		failing.left = 1;
		failing.error = errors[i];
		far_call(i, CHANNEL_NO_LIMIT);
		far_reply(far_take_call(i), 100 + i);
		far_run_until_ended(i + 1);
		assert_answered(i);
		assert_true(far.calls[i].call.sends >= 2);
	}
}

static void
a_path_that_is_none_breaks_the_channel(void **state)
{
	(void)state;
	far_open();
	failing.left = 1;
	failing.error = ENETUNREACH;
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far_run_until_ended(2);
	assert_int_equal(far.calls[1].error.re_errno, ENETUNREACH);
	assert_ended(2, RPC_CANTSEND, ENETUNREACH);
	assert_int_equal(far.broke, 1);
}

static void
close_it(struct far_call *call)
{
	(void)call;
	channel_close(far.channel);
	far.channel = NULL;
}

static void
whoever_is_told_may_close_the_channel(void **state)
{
	(void)state;
	far_open();
	far.calls[1].then = close_it;
	failing.left = 1;
	failing.error = EMSGSIZE;
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far_run();
	assert_int_equal(far.calls[1].told, 1);
	assert_int_equal(far.calls[2].told, 0);
	far_open();
	far.calls[3].then = close_it;
	far_call(3, CHANNEL_NO_LIMIT);
	far_call(4, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(3), 103);
	far_run_until_ended(2);
	assert_answered(3);
	assert_int_equal(far.calls[4].told, 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, far_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_call_is_answered),
		CASE(many_calls_go_in_their_order),
		CASE(what_is_not_answered_is_sent_again),
		CASE(a_steady_call_is_sent_again_at_one_pace),
		CASE(a_reply_that_comes_twice_ends_one_call),
		CASE(what_is_no_reply_is_dropped),
		CASE(time_is_over_for_one_call_alone),
		CASE(nobody_listens),
		CASE(a_call_has_to_fit_a_datagram),
		CASE(what_the_path_does_not_take_ends_its_call_alone),
		CASE(what_cannot_be_sent_now_is_sent_again),
		CASE(a_path_that_is_none_breaks_the_channel),
		CASE(whoever_is_told_may_close_the_channel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
