/* Calls over a connection: rpcloop/call/channel. */
#include "rpcloop/call/channel.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/call/channel_kind.h"
#include "rpcloop/wire/word.h"
#include "test/lib/far_end.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	BRIEF_MS = 60,
	MANY = 40,
	MUCH = 16 * 1024 * 1024, /* more than sockets hold */
};

static void
a_call_is_answered(void **state)
{
	uint32_t xid;

	(void)state;
	far_connect();
	far_call(5, CHANNEL_NO_LIMIT);
	xid = far_take_call(5);
	assert_int_equal(far.calls[5].call.xid, xid);
	assert_in_flight(5);
	far_reply(xid, 105);
	far_run_until_ended(1);
	assert_answered(5);
	assert_int_equal(
	    far.calls[5].call.call_bytes, (FAR_HEAD_WORDS + 1) * WORD_SIZE);
	assert_int_equal(far.calls[5].call.reply_bytes, 7 * WORD_SIZE);
	assert_true(far.calls[5].call.took_ns > 0);
}

static void
answers_come_in_any_order(void **state)
{
	uint32_t xids[MANY];

	(void)state;
	far_connect();
	for (unsigned int i = 0; i < MANY; i++)
		far_call(i, CHANNEL_NO_LIMIT);
	for (unsigned int i = 0; i < MANY; i++)
		xids[i] = far_take_call(i);
	for (unsigned int i = MANY; i-- > 0;)
		far_reply(xids[i], 100 + i);
	far_run_until_ended(MANY);
	for (unsigned int i = 0; i < MANY; i++) {
		assert_answered(i);
		assert_int_equal(far.calls[i].turn, MANY - 1 - i);
	}
}

static void
a_call_waits_for_the_connection(void **state)
{
	(void)state;
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far.fd = accept(far.listener, NULL, NULL);
	far_reply(far_take_call(1), 101);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(2);
	assert_answered(1);
	assert_answered(2);
}

static void
memory_for_calls_is_kept_until_none_is_in_flight(void **state)
{
	const struct flow *flow;
	uint32_t xid;

	(void)state;
	far_connect();
	flow = &far.channel->flow;
	far_call(1, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	far_run();
	assert_true(flow_memory(flow) > 0);
	far_reply(xid, 101);
	far_run_until_ended(1);
	far_run();
	assert_int_equal(flow_memory(flow), 0);
}

static void
a_reply_may_come_in_fragments(void **state)
{
	uint8_t reply[64], pieces[128];
	size_t len, at = 0;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	len = far_make_reply(reply, far_take_call(1), 101) - WORD_SIZE;
	for (size_t i = 0; i < len; i += WORD_SIZE) {
		word_put(pieces + at,
		    WORD_SIZE |
			(i + WORD_SIZE == len ? RECORD_LAST_FRAGMENT : 0));
		memcpy(
		    pieces + at + WORD_SIZE, reply + WORD_SIZE + i, WORD_SIZE);
		at += (size_t)2 * WORD_SIZE;
	}
	for (size_t i = 0; i < at; i++) {
		far_write(pieces + i, 1);
		far_run();
	}
	assert_answered(1);
}

static void
time_is_over_for_one_call_alone(void **state)
{
	uint64_t began = clock_now_ns();
	uint32_t late, other;

	(void)state;
	far_connect();
	far_call(1, BRIEF_MS);
	far_call(2, CHANNEL_NO_LIMIT);
	late = far_take_call(1);
	other = far_take_call(2);
	far_run_until_ended(1);
	assert_true(clock_now_ns() - began >= BRIEF_MS * CLOCK_NS_PER_MS);
	assert_ended(1, RPC_TIMEDOUT, 0);
	far_reply(late, 101);
	far_reply(other, 102);
	far_run_until_ended(2);
	assert_int_equal(far.calls[1].result, 0);
	assert_answered(2);
	far_call(3, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(3), 103);
	far_run_until_ended(3);
	assert_answered(3);
}

static void
nobody_is_told_of_a_call_that_is_cancelled(void **state)
{
	uint32_t xid;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	channel_cancel(&far.calls[1].call);
	channel_cancel(&far.calls[1].call);
	far_reply(xid, 101);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(1);
	assert_int_equal(far.calls[1].told, 0);
	assert_int_equal(far.calls[1].result, 0);
	assert_answered(2);
}

static void
all_calls_end_with_the_connection(void **state)
{
	(void)state;
	far_connect();
	for (unsigned int i = 0; i < 3; i++)
		far_call(i, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(0), 100);
	far_take_call(1);
	close(far.fd);
	far.fd = -1;
	far_run_until_ended(3);
	far_run();
	assert_answered(0);
	assert_ended(1, RPC_CANTRECV, ECONNRESET);
	assert_ended(2, RPC_CANTRECV, ECONNRESET);
	assert_int_equal(far.broke, 1);
	assert_int_equal(far.channel->error, ECONNRESET);
}

static void
a_broken_channel_takes_no_calls(void **state)
{
	struct channel_question question = far_question(&far.calls[0], 1000);

	(void)state;
	far_connect();
	close(far.fd);
	far.fd = -1;
	far_run();
	assert_int_equal(far.broke, 1);
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_CANTSEND);
	far_run();
	assert_int_equal(far.ended, 0);
}

static bool_t
much_codec(XDR *xdrs, ...)
{
	static char zeros[MUCH];

	return XDR_PUTBYTES(xdrs, zeros, sizeof(zeros));
}

static void
what_never_left_is_told_from_what_may_have(void **state)
{
	struct channel_question question = far_question(&far.calls[0], 10000);

	(void)state;
	far_connect();
	question.args = much_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_SUCCESS);
	far_call(1, CHANNEL_NO_LIMIT);
	far_run_for(BRIEF_MS);
	assert_true(far.channel->written > 0);
	close(far.fd);
	far.fd = -1;
	far_run_until_ended(2);
	assert_int_equal(far.calls[0].error.re_status, RPC_CANTRECV);
	assert_int_equal(far.calls[1].error.re_status, RPC_CANTSEND);
}

static void
a_long_call_goes_whole(void **state)
{
	struct channel_question question =
	    far_question(&far.calls[0], CHANNEL_NO_LIMIT);
	uint8_t *message = malloc(MUCH + 100);
	size_t len;

	(void)state;
	assert_non_null(message);
	far_connect();
	question.args = much_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_SUCCESS);
	far_call(1, CHANNEL_NO_LIMIT);
	len = far_take(message, MUCH + 100);
	assert_int_equal(len, MUCH + FAR_HEAD_WORDS * WORD_SIZE);
	assert_int_equal(far.calls[0].call.call_bytes, len);
	far_reply(word_get(message), 100);
	free(message);
	far_reply(far_take_call(1), 101);
	far_run_until_ended(2);
	assert_answered(0);
	assert_answered(1);
}

/* What comes instead of a reply breaks the channel with this error. */
static void
assert_breaks(const void *bytes, size_t len, int error)
{
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_take_call(1);
	far_write(bytes, len);
	far_run_until_ended(1);
	assert_ended(1, RPC_CANTRECV, error);
	assert_int_equal(far.broke, 1);
}

static void
two_empty_fragments_are_no_reply(void **state)
{
	static const uint8_t nothing[8] = { 0, 0, 0, 0, 0x80, 0, 0, 0 };

	(void)state;
	assert_breaks(nothing, sizeof(nothing), EBADMSG);
}

/* Nor is it one as long as none of them is the last. */
static void
empty_fragments_go_with_what_follows(void **state)
{
	static const uint8_t nothing[8];
	uint32_t xid;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	far_write(nothing, sizeof(nothing));
	far_run();
	assert_in_flight(1);
	far_reply(xid, 101);
	far_run_until_ended(1);
	assert_answered(1);
	assert_int_equal(far.broke, 0);
}

static void
empty_fragments_have_an_end(void **state)
{
	static const uint8_t nothing[65 * 4];

	(void)state;
	assert_breaks(nothing, sizeof(nothing), EMSGSIZE);
}

static void
a_call_is_no_reply(void **state)
{
	static const uint8_t call[] = { 0x80, 0, 0, 8, 1, 2, 3, 4, 0, 0, 0, 0 };

	(void)state;
	assert_breaks(call, sizeof(call), EBADMSG);
}

static void
a_reply_may_not_be_too_long(void **state)
{
	uint8_t header[4];

	(void)state;
	record_put_header(header, FAR_REPLY_MAX + 1);
	assert_breaks(header, sizeof(header), EMSGSIZE);
}

/* Each of which is not. */
static void
nor_may_all_its_fragments_be(void **state)
{
	static uint8_t bytes[2 * (4 + FAR_REPLY_MAX / 2)];

	(void)state;
	record_put_header(bytes, FAR_REPLY_MAX / 2);
	bytes[0] = 0;
	memcpy(bytes + sizeof(bytes) / 2, bytes, 4);
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_take_call(1);
	far_write(bytes, sizeof(bytes));
	far_run();
	assert_in_flight(1);
	/* A byte more than there may be. */
	far_write("\0\0\0\1", 4);
	far_run_until_ended(1);
	assert_ended(1, RPC_CANTRECV, EMSGSIZE);
}

static void
a_reply_to_nobody_is_dropped(void **state)
{
	uint32_t xid;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	xid = far_take_call(1);
	far_reply(xid + 1, 7);
	far_reply(xid, 101);
	far_reply(xid, 8);
	far_run();
	assert_answered(1);
	assert_int_equal(far.broke, 0);
}

static void
a_result_that_cannot_be_decoded_fails_its_call_alone(void **state)
{
	uint8_t reply[64];
	size_t len;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	len = far_make_reply(reply, far_take_call(1), 101) - WORD_SIZE;
	record_put_header(reply, (uint32_t)len - WORD_SIZE);
	far_write(reply, len);
	far_call(2, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(2), 102);
	far_run_until_ended(2);
	assert_ended(1, RPC_CANTDECODERES, 0);
	assert_answered(2);
}

static bool_t
bad_codec(XDR *xdrs, ...)
{
	uint32_t word = 0;

	return XDR_PUTBYTES(xdrs, (char *)&word, sizeof(word)) && FALSE;
}

static void
arguments_that_cannot_be_encoded_send_nothing(void **state)
{
	struct channel_question question = far_question(&far.calls[0], 1000);

	(void)state;
	far_connect();
	question.args = bad_codec;
	assert_int_equal(
	    channel_send(far.channel, &far.calls[0].call, &question),
	    RPC_CANTENCODEARGS);
	assert_null(far.calls[0].call.channel);
	far_call(1, CHANNEL_NO_LIMIT);
	far_reply(far_take_call(1), 101);
	far_run_until_ended(1);
	assert_answered(1);
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
	uint8_t replies[128];
	uint32_t first, second;
	size_t len;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far.calls[1].then = close_it;
	first = far_take_call(1);
	second = far_take_call(2);
	len = far_make_reply(replies, first, 101);
	len += far_make_reply(replies + len, second, 102);
	far_write(replies, len);
	far_run();
	assert_answered(1);
	assert_int_equal(far.calls[2].told, 0);
	assert_int_equal(far.broke, 0);
}

static void
whoever_is_told_of_a_break_may_close_the_channel(void **state)
{
	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far_call(2, CHANNEL_NO_LIMIT);
	far.calls[1].then = close_it;
	close(far.fd);
	far.fd = -1;
	far_run();
	assert_int_equal(far.calls[1].told, 1);
	assert_int_equal(far.calls[2].told, 0);
	assert_int_equal(far.broke, 0);
}

static void
call_again(struct far_call *call)
{
	call->then = NULL;
	call->told = 0;
	far_call(1, CHANNEL_NO_LIMIT);
}

static void
whoever_is_told_may_call_again(void **state)
{
	uint32_t before;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	far.calls[1].then = call_again;
	before = far_take_call(1);
	far_reply(before, 1);
	far_run();
	far.calls[1].result = 0;
	assert_int_not_equal(far.calls[1].call.xid, before);
	far_reply(far_take_call(1), 101);
	far_run_until_ended(2);
	assert_answered(1);
}

static void
a_refusal_of_rpc_is_told(void **state)
{
	uint8_t reply[64];
	size_t len;

	(void)state;
	far_connect();
	far_call(1, CHANNEL_NO_LIMIT);
	len = far_make_reply(reply, far_take_call(1), 0);
	word_put(reply + 6 * WORD_SIZE, PROC_UNAVAIL);
	far_write(reply, len);
	far_run_until_ended(1);
	assert_ended(1, RPC_PROCUNAVAIL, 0);
}

int
main(void)
{
#define TCP(test) \
	cmocka_unit_test_setup_teardown(test, far_setup_tcp, far_teardown)
#define LOCAL(test) \
	cmocka_unit_test_setup_teardown(test, far_setup_unix, far_teardown)
	const struct CMUnitTest tests[] = {
		TCP(a_call_is_answered),
		LOCAL(a_call_is_answered),
		TCP(answers_come_in_any_order),
		LOCAL(answers_come_in_any_order),
		TCP(a_call_waits_for_the_connection),
		LOCAL(a_call_waits_for_the_connection),
		TCP(memory_for_calls_is_kept_until_none_is_in_flight),
		TCP(a_reply_may_come_in_fragments),
		TCP(time_is_over_for_one_call_alone),
		TCP(nobody_is_told_of_a_call_that_is_cancelled),
		TCP(all_calls_end_with_the_connection),
		LOCAL(all_calls_end_with_the_connection),
		TCP(a_broken_channel_takes_no_calls),
		TCP(what_never_left_is_told_from_what_may_have),
		LOCAL(what_never_left_is_told_from_what_may_have),
		TCP(a_long_call_goes_whole),
		LOCAL(a_long_call_goes_whole),
		TCP(two_empty_fragments_are_no_reply),
		TCP(empty_fragments_go_with_what_follows),
		TCP(empty_fragments_have_an_end),
		TCP(a_call_is_no_reply),
		TCP(a_reply_may_not_be_too_long),
		TCP(nor_may_all_its_fragments_be),
		TCP(a_reply_to_nobody_is_dropped),
		TCP(a_result_that_cannot_be_decoded_fails_its_call_alone),
		TCP(arguments_that_cannot_be_encoded_send_nothing),
		TCP(whoever_is_told_may_close_the_channel),
		TCP(whoever_is_told_of_a_break_may_close_the_channel),
		TCP(whoever_is_told_may_call_again),
		TCP(a_refusal_of_rpc_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
