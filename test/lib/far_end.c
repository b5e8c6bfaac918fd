#include "test/lib/far_end.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/word.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	BUDGET = 1024 * 1024,
	FEW_TURNS = 20,
	LONG_MS = 100000,
	BACKLOG = 16,
};

struct far_end far;

static void
on_broke(struct channel *channel, void *context)
{
	assert_ptr_equal(context, &far);
	assert_int_equal(channel->state, CHANNEL_BROKEN);
	far.broke++;
}

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct far_call *mine = container_of(call, struct far_call, call);

	assert_null(call->channel);
	mine->error = *error;
	mine->told++;
	mine->turn = far.ended++;
	if (mine->then != NULL)
		mine->then(mine);
}

static void
on_resent(struct channel_call *call)
{
	container_of(call, struct far_call, call)->resent++;
}

/* Where the socket that was made is. */
static void
learn_address(int type)
{
	far.at.type = type;
	far.at.len = sizeof(far.at.at);
	assert_int_equal(
	    getsockname(far.listener, &far.at.at.any, &far.at.len), 0);
}

static void
begin(int family, int type)
{
	far = (struct far_end){ .fd = -1 };
	assert_int_equal(loop_init(&far.loop, BUDGET), 0);
	far.terms = (struct channel_terms){
		.reply_max = FAR_REPLY_MAX, .broke = on_broke, .context = &far
	};
	far.auth = authnone_create();
	far.listener = socket(family, type | SOCK_CLOEXEC, 0);
	assert_true(far.listener >= 0);
}

static int
setup_inet(int type)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	begin(AF_INET, type);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(
	    bind(far.listener, (struct sockaddr *)&in, sizeof(in)), 0);
	learn_address(type);
	return 0;
}

int
far_setup_tcp(void **state)
{
	(void)state;
	setup_inet(SOCK_STREAM);
	assert_int_equal(listen(far.listener, BACKLOG), 0);
	return 0;
}

int
far_setup_udp(void **state)
{
	(void)state;
	return setup_inet(SOCK_DGRAM);
}

/* At an abstract address, which no file is left of. */
int
far_setup_unix(void **state)
{
	sa_family_t family = AF_UNIX;

	(void)state;
	begin(AF_UNIX, SOCK_STREAM);
	assert_int_equal(bind(far.listener, (struct sockaddr *)(void *)&family,
			     sizeof(family)),
	    0);
	learn_address(SOCK_STREAM);
	assert_int_equal(listen(far.listener, 1), 0);
	return 0;
}

int
far_teardown(void **state)
{
	(void)state;
	channel_close(far.channel);
	if (far.fd >= 0)
		close(far.fd);
	if (far.listener >= 0)
		close(far.listener);
	loop_deinit(&far.loop);
	return 0;
}

void
far_open(void)
{
	assert_int_equal(
	    channel_open(&far.channel, &far.loop, &far.at, &far.terms), 0);
}

void
far_connect(void)
{
	far_open();
	far.fd = accept4(far.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(far.fd >= 0);
	far_run();
}

static bool_t
number_codec(XDR *xdrs, ...)
{
	va_list args;
	uint32_t *number;

	va_start(args, xdrs);
	number = va_arg(args, uint32_t *);
	va_end(args);
	return xdr_u_int32_t(xdrs, number);
}

struct channel_question
far_question(struct far_call *call, uint64_t ms)
{
	call->call.done = on_done;
	call->call.resent = on_resent;
	return (struct channel_question){
		.program = FAR_PROGRAM,
		.version = FAR_VERSION,
		.procedure = FAR_PROCEDURE,
		.auth = far.auth,
		.args = number_codec,
		.args_value = &call->sent,
		.result = number_codec,
		.value = &call->result,
		.ms = ms,
	};
}

void
far_call(unsigned int n, uint64_t ms)
{
	struct far_call *call = &far.calls[n];
	struct channel_question question;

	call->sent = n;
	question = far_question(call, ms);
	assert_int_equal(
	    channel_send(far.channel, &call->call, &question), RPC_SUCCESS);
}

void
far_run(void)
{
	for (int i = 0; i < FEW_TURNS; i++)
		assert_int_equal(loop_turn(&far.loop), 0);
}

/* A turn, also for what was done outside of one; then a short wait for what
 * comes next. */
static void
run_once(void)
{
	struct pollfd wait = { .fd = loop_fd(&far.loop), .events = POLLIN };

	assert_int_equal(loop_turn(&far.loop), 0);
	poll(&wait, 1, 1);
}

void
far_run_for(uint64_t ms)
{
	uint64_t end = clock_now_ms() + ms;

	while (clock_now_ms() < end)
		run_once();
}

void
far_run_until_ended(unsigned int count)
{
	uint64_t end = clock_now_ms() + LONG_MS;

	while (far.ended < count && clock_now_ms() < end)
		run_once();
	assert_int_equal(far.ended, count);
}

static int
socket_of_far_end(void)
{
	return far.at.type == SOCK_DGRAM ? far.listener : far.fd;
}

/* Until there is something to read, the channel has its turns. */
static void
wait_for_input(void)
{
	struct pollfd wait = { .fd = socket_of_far_end(), .events = POLLIN };
	uint64_t end = clock_now_ms() + LONG_MS;

	do
		assert_int_equal(loop_turn(&far.loop), 0);
	while (poll(&wait, 1, 1) == 0 && clock_now_ms() < end);
	assert_true(wait.revents & POLLIN);
}

static void
read_all(uint8_t *bytes, size_t len)
{
	for (size_t got = 0; got < len;) {
		ssize_t n;

		wait_for_input();
		n = read(far.fd, bytes + got, len - got);
		assert_true(n > 0);
		got += (size_t)n;
	}
}

/* The far end of a datagram socket answers who asked it last. */
static size_t
take_datagram(uint8_t *message, size_t size)
{
	struct sockaddr_storage from;
	socklen_t from_len = sizeof(from);
	ssize_t n;

	wait_for_input();
	n = recvfrom(far.listener, message, size, 0, (struct sockaddr *)&from,
	    &from_len);
	assert_true(n > 0);
	assert_int_equal(
	    connect(far.listener, (struct sockaddr *)&from, from_len), 0);
	return (size_t)n;
}

size_t
far_take(uint8_t *message, size_t size)
{
	uint8_t header[WORD_SIZE];
	size_t len;

	if (far.at.type == SOCK_DGRAM)
		return take_datagram(message, size);
	read_all(header, sizeof(header));
	len = word_get(header) & ~RECORD_LAST_FRAGMENT;
	assert_true(word_get(header) & RECORD_LAST_FRAGMENT);
	assert_true(len <= size);
	read_all(message, len);
	return len;
}

uint32_t
far_take_call(unsigned int n)
{
	const uint32_t expected[] = { CALL, RPC_MSG_VERSION, FAR_PROGRAM,
		FAR_VERSION, FAR_PROCEDURE, AUTH_NONE, 0, AUTH_NONE, 0, n };
	uint8_t message[FAR_CALL_MAX];
	size_t len = far_take(message, sizeof(message));

	assert_int_equal(len, (FAR_HEAD_WORDS + 1) * WORD_SIZE);
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_int_equal(
		    word_get(message + (i + 1) * WORD_SIZE), expected[i]);
	return word_get(message);
}

void
far_write(const void *bytes, size_t len)
{
	assert_int_equal(
	    send(socket_of_far_end(), bytes, len, MSG_NOSIGNAL), len);
}

size_t
far_make_reply(uint8_t *out, uint32_t xid, uint32_t number)
{
	const uint32_t words[] = { xid, REPLY, MSG_ACCEPTED, AUTH_NONE, 0,
		SUCCESS, number };
	size_t at = 0;

	if (far.at.type != SOCK_DGRAM) {
		record_put_header(out, sizeof(words));
		at = RECORD_HEADER_SIZE;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++, at += WORD_SIZE)
		word_put(out + at, words[i]);
	return at;
}

void
far_reply(uint32_t xid, uint32_t number)
{
	uint8_t reply[64];

	far_write(reply, far_make_reply(reply, xid, number));
}

void
assert_answered(unsigned int n)
{
	assert_int_equal(far.calls[n].told, 1);
	assert_int_equal(far.calls[n].error.re_status, RPC_SUCCESS);
	assert_int_equal(far.calls[n].result, 100 + n);
}

void
assert_ended(unsigned int n, enum clnt_stat status, int error)
{
	assert_int_equal(far.calls[n].told, 1);
	assert_int_equal(far.calls[n].error.re_status, status);
	assert_int_equal(far.calls[n].error.re_errno, error);
	assert_int_equal(far.calls[n].result, 0);
}

void
assert_in_flight(unsigned int n)
{
	assert_int_equal(far.calls[n].told, 0);
	assert_ptr_equal(far.calls[n].call.channel, far.channel);
}
