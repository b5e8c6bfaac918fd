/* Which call a reply is to, what goes when, and whether the line of a channel
 * moves. */
#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/word.h"
#include "test/lib/far_end.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
an_xid_in_flight_is_not_used_again(void **state)
{
	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far.channel->next_xid = far.calls[1].call.xid;
	far_call(3, CHANNEL_NO_LIMIT);
	assert_int_not_equal(far.calls[3].call.xid, far.calls[1].call.xid);
	assert_int_not_equal(far.calls[3].call.xid, far.calls[2].call.xid);
}

/* A call that was given up and one that is made then are two. */
static void
two_channels_do_not_begin_with_the_same_xid(void **state)
{
	struct channel *other = NULL;

	(void)state;
	far_connect();
	assert_int_equal(
	    channel_open(&other, &far.loop, &far.at, &far.terms), 0);
	assert_int_not_equal(other->next_xid, far.channel->next_xid);
	channel_close(other);
}

/* Until the other end's kernel has taken what was sent. */
static void
settle(void)
{
	for (int i = 0; i < 20; i++)
		far_run_for(1);
}

static void
bytes_that_come_move_it(void **state)
{
	(void)state;
	far_connect();
	channel_moves(far.channel);
	assert_false(channel_moves(far.channel));
	far_write("\0", 1);
	settle();
	assert_true(channel_moves(far.channel));
	assert_false(channel_moves(far.channel));
}

static void
answers_to_nobody_do_not_move_it(void **state)
{
	(void)state;
	far_connect();
	channel_moves(far.channel);
	for (uint32_t xid = 1; xid <= 3; xid++) {
		far_reply(xid, 1);
		settle();
		assert_false(channel_moves(far.channel));
	}
	far_write("\0", 1);
	settle();
	assert_true(channel_moves(far.channel));
}

/* A host takes them, though its program may be stopped. */
static void
bytes_that_went_with_none_after_them_do_not(void **state)
{
	(void)state;
	far_connect();
	channel_moves(far.channel);
	far_call(1, CHANNEL_NO_LIMIT);
	settle();
	assert_false(channel_moves(far.channel));
}

static bool_t
long_codec(XDR *xdrs, ...)
{
	static char zeros[1024 * 1024];

	for (int i = 0; i < 16; i++)
		if (!XDR_PUTBYTES(xdrs, zeros, sizeof(zeros)))
			return FALSE;
	return TRUE;
}

/* Reads some of what there is. */
static void
read_some(size_t len)
{
	static char bytes[256 * 1024];

	while (len > 0) {
		ssize_t n = recv(
		    far.fd, bytes, MIN_OF(len, sizeof(bytes)), MSG_DONTWAIT);

		if (n > 0)
			len -= (size_t)n;
		else
			far_run_for(1);
	}
}

static void
bytes_that_go_with_more_after_them_move_it(void **state)
{
	struct channel_question question;

	(void)state;
	far_connect();
	question = far_question(&far.calls[1], CHANNEL_NO_LIMIT);
	question.args = long_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[1].call, &question),
	    RPC_SUCCESS);
	/* Until the other end has no room for more. */
	for (int quiet = 0; quiet < 10; quiet++) {
		settle();
		if (channel_moves(far.channel))
			quiet = 0;
	}
	read_some(8 * 1024 * 1024);
	settle();
	assert_true(channel_moves(far.channel));
}

static void
others_do_not_move(void **state)
{
	(void)state;
	far_connect();
	far_write("\0", 1);
	settle();
	assert_false(channel_moves(far.channel));
}

enum { FIRST = 16, MORE = 3 };

static uint64_t written_before, written_meanwhile;

/* Makes more calls, and sees at the last answer what has left. */
static void
make_more(struct far_call *call)
{
	unsigned int n = call->sent;

	for (unsigned int i = 0; i < MORE; i++)
		far_call(FIRST + n * MORE + i, CHANNEL_NO_LIMIT);
	if (n == FIRST - 1)
		written_meanwhile = far.channel->written - written_before;
}

/* All answers come at once, and bring more calls than are held back. */
static void
calls_go_while_answers_are_taken(void **state)
{
	uint8_t replies[FIRST * 64];
	size_t len = 0;

	(void)state;
	far_connect();
	for (unsigned int i = 0; i < FIRST; i++) {
		far_call(i, CHANNEL_NO_LIMIT);
		far.calls[i].then = make_more;
	}
	for (unsigned int i = 0; i < FIRST; i++)
		len += far_make_reply(replies + len, far_take_call(i), 100 + i);
	written_before = far.channel->written;
	far_write(replies, len);
	far_run_until_ended(FIRST);
	assert_true(written_meanwhile > 0);
	assert_true(written_meanwhile <
	    (uint64_t)FIRST * MORE * (FAR_HEAD_WORDS + 2) * WORD_SIZE);
	for (unsigned int i = FIRST; i < FIRST * (1 + MORE); i++)
		far_reply(far_take_call(i), 100 + i);
	far_run_until_ended(FIRST * (1 + MORE));
}

int
main(void)
{
#define TCP(name) \
	cmocka_unit_test_setup_teardown(name, far_setup_tcp, far_teardown)
#define LOCAL(name) \
	cmocka_unit_test_setup_teardown(name, far_setup_unix, far_teardown)
	const struct CMUnitTest tests[] = {
		TCP(an_xid_in_flight_is_not_used_again),
		TCP(two_channels_do_not_begin_with_the_same_xid),
		TCP(bytes_that_come_move_it),
		TCP(answers_to_nobody_do_not_move_it),
		TCP(bytes_that_went_with_none_after_them_do_not),
		TCP(bytes_that_go_with_more_after_them_move_it),
		TCP(calls_go_while_answers_are_taken),
		LOCAL(others_do_not_move),
	};

	return cmocka_run_group_tests_name("channel_line", tests, NULL, NULL);
}
