/* Messages that a channel keeps for whoever wants to show them. */
#include "rpcloop/call/channel.h"
#include "rpcloop/call/handle.h"
#include "rpcloop/wire/word.h"
#include "test/lib/far_end.h"

#include "base/base.h"
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { BRIEF_MS = 60 };

/* What the call had when it ended, and what went over the wire. */
static struct {
	uint8_t sent[FAR_CALL_MAX], came[256];
	size_t sent_len, came_len;
	bool has_sent, has_came;
	size_t marks;
	uint8_t taken[FAR_CALL_MAX];
	size_t taken_len;
} seen;

static void
look(struct far_call *mine)
{
	const struct channel_call *call = &mine->call;

	seen.has_sent = call->call_message != NULL;
	seen.has_came = call->reply_message != NULL;
	seen.marks = call->reply_marks;
	seen.sent_len = call->call_bytes;
	seen.came_len = call->reply_bytes;
	if (seen.has_sent)
		memcpy(seen.sent, call->call_message, seen.sent_len);
	if (seen.has_came)
		memcpy(seen.came, call->reply_message, seen.came_len);
}

static void
begin(bool keeps)
{
	memset(&seen, 0, sizeof(seen));
	far.terms.keeps = keeps;
	far.calls[1].then = look;
}

/* Makes a call, and takes it at the other end.  Returns its xid. */
static uint32_t
make_call(uint64_t ms)
{
	far_call(1, ms);
	seen.taken_len = far_take(seen.taken, sizeof(seen.taken));
	return word_get(seen.taken);
}

static void
assert_sent(void)
{
	assert_true(seen.has_sent);
	assert_int_equal(seen.sent_len, seen.taken_len);
	assert_memory_equal(seen.sent, seen.taken, seen.sent_len);
}

/* That of far_reply(), without the mark of a record. */
static void
assert_came(uint32_t xid, size_t mark)
{
	uint8_t reply[64];
	size_t len = far_make_reply(reply, xid, 101) - mark;

	assert_true(seen.has_came);
	assert_int_equal(seen.came_len, len);
	assert_memory_equal(seen.came, reply + mark, len);
	assert_int_equal(seen.marks, mark);
}

static void
records_are_kept(void **state)
{
	uint32_t xid;

	(void)state;
	begin(true);
	far_connect();
	xid = make_call(CHANNEL_NO_LIMIT);
	far_reply(xid, 101);
	far_run_until_ended(1);
	assert_answered(1);
	assert_sent();
	assert_came(xid, WORD_SIZE);
}

static void
a_reply_in_fragments_has_several_marks(void **state)
{
	uint8_t reply[64], cut[64];
	uint32_t xid;
	size_t len;

	(void)state;
	begin(true);
	far_connect();
	xid = make_call(CHANNEL_NO_LIMIT);
	len = far_make_reply(reply, xid, 101);
	word_put(cut, 8);
	memcpy(cut + 4, reply + 4, 8);
	word_put(cut + 12, RECORD_LAST_FRAGMENT | (uint32_t)(len - 12));
	memcpy(cut + 16, reply + 12, len - 12);
	far_write(cut, len + 4);
	far_run_until_ended(1);
	assert_int_equal(seen.marks, 2 * WORD_SIZE);
	seen.marks = WORD_SIZE;
	assert_came(xid, WORD_SIZE);
}

static void
datagrams_are_kept(void **state)
{
	uint32_t xid;

	(void)state;
	begin(true);
	far_open();
	xid = make_call(CHANNEL_NO_LIMIT);
	far_reply(xid, 101);
	far_run_until_ended(1);
	assert_answered(1);
	assert_sent();
	assert_came(xid, 0);
}

static void
nothing_is_kept_unless_it_is_asked_for(void **state)
{
	(void)state;
	begin(false);
	far_connect();
	far_reply(make_call(CHANNEL_NO_LIMIT), 101);
	far_run_until_ended(1);
	assert_answered(1);
	assert_false(seen.has_sent || seen.has_came);
	assert_int_equal(seen.marks, 0);
}

static void
a_call_without_an_answer_has_its_message(void **state)
{
	(void)state;
	begin(true);
	far_connect();
	make_call(BRIEF_MS);
	far_run_until_ended(1);
	assert_ended(1, RPC_TIMEDOUT, 0);
	assert_sent();
	assert_false(seen.has_came);
}

/* And none of the call before. */
static void
what_cannot_be_sent_has_no_message(void **state)
{
	struct channel_question question;

	(void)state;
	begin(true);
	far_connect();
	far_reply(make_call(CHANNEL_NO_LIMIT), 101);
	far_run_until_ended(1);
	close(far.fd);
	far.fd = -1;
	far_run();
	assert_int_equal(far.channel->state, CHANNEL_BROKEN);
	question = far_question(&far.calls[1], CHANNEL_NO_LIMIT);
	assert_int_equal(
	    channel_send(far.channel, &far.calls[1].call, &question),
	    RPC_CANTSEND);
	assert_null(far.calls[1].call.call_message);
	assert_null(far.calls[1].call.reply_message);
}

/* What answers a handle's call, or nothing. */
static struct loop_item answerer;
static bool answers;

static void
answer(struct loop_item *item, unsigned int reasons)
{
	uint8_t reply[64];
	ssize_t n = read(item->fd, seen.taken, sizeof(seen.taken));

	(void)reasons;
	assert_true(n > WORD_SIZE);
	seen.taken_len = (size_t)n - WORD_SIZE;
	memmove(seen.taken, seen.taken + WORD_SIZE, seen.taken_len);
	if (!answers) {
		loop_leave(item->loop);
		return;
	}
	far_write(reply, far_make_reply(reply, word_get(seen.taken), 101));
}

static enum clnt_stat
call_null(CLIENT *client)
{
	static const struct timeval limit = { 10, 0 };

	return clnt_call(client, NULLPROC, NULL, NULL, NULL, NULL, limit);
}

static void
a_handle_has_the_messages_of_its_latest_call(void **state)
{
	const struct channel_call *call;
	CLIENT *client;

	(void)state;
	begin(true);
	far_connect();
	client = handle_new(far.channel, FAR_PROGRAM, FAR_VERSION);
	assert_non_null(client);
	call = handle_last_call(client);
	loop_item_init(&answerer, &far.loop, far.fd, answer, NULL);
	assert_int_equal(loop_watch(&answerer, LOOP_READABLE), 0);
	for (int i = 0; i < 4; i++) {
		answers = i % 2 == 0;
		assert_int_equal(
		    call_null(client), answers ? RPC_SUCCESS : RPC_INTR);
		assert_int_equal(call->call_bytes, seen.taken_len);
		assert_memory_equal(
		    call->call_message, seen.taken, seen.taken_len);
		assert_int_equal(call->reply_message != NULL, answers);
		if (answers)
			assert_int_equal(
			    word_get(call->reply_message), call->xid);
	}
	loop_forget(&answerer);
	clnt_destroy(client);
}

int
main(void)
{
#define TCP(name) \
	cmocka_unit_test_setup_teardown(name, far_setup_tcp, far_teardown)
	const struct CMUnitTest tests[] = {
		TCP(records_are_kept),
		TCP(a_reply_in_fragments_has_several_marks),
		cmocka_unit_test_setup_teardown(
		    datagrams_are_kept, far_setup_udp, far_teardown),
		TCP(nothing_is_kept_unless_it_is_asked_for),
		TCP(a_call_without_an_answer_has_its_message),
		TCP(what_cannot_be_sent_has_no_message),
		TCP(a_handle_has_the_messages_of_its_latest_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
