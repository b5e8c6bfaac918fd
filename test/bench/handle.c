/*
 * Measures how long single calls take, one after the other, by the stubs that
 * rpcgen makes on a handle of this library.
 *
 *	handle PORT calls COUNT
 *	handle PORT deadlines COUNT
 *
 * calls: REVERSE_TEXT for 16 bytes, over UDP.  deadlines: over TCP, calls that
 * wait 50 ms for the second unit of a paced SPELL, which comes later; after
 * each the same handle has to do a TEXT.  Every result is checked.  Prints
 * microseconds, a call a line.
 */
#include "rpcloop/call/handle.h"
#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/call/channel.h"

#include <err.h>
#include <inttypes.h>
#include <reverse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	BUDGET = 1024 * 1024,
	REPLY_MAX = 65536,
	PATIENT_MS = 25000,
	DEADLINE_MS = 50,
	/* Longer than what is waited for, and than the rest of a round. */
	PACE_MS = 10000,
};

static char text[] = "0123456789abcdef", turned[] = "fedcba9876543210";

static CLIENT *server;

static void
allow(unsigned int ms)
{
	struct timeval limit = {
		.tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	if (!clnt_control(server, CLSET_TIMEOUT, &limit))
		errx(1, "no timeout can be set");
}

static void
demand(enum clnt_stat status, status_code code, const char *name)
{
	if (status != RPC_SUCCESS)
		errx(1, "%s", clnt_sperror(server, name));
	if (code != STATUS_OK)
		errx(1, "%s: status %d", name, code);
}

/* A TEXT, and what it should be. */
static void
turn(void)
{
	reverse_args args = { .unit = UNIT_BYTE };
	reverse_result result = { 0 };
	const message *m = &result.reverse_result_u.outcome.text;

	args.text.message_val = text;
	args.text.message_len = sizeof(text) - 1;
	demand(reverse_text_1(&args, &result, server), result.code, "TEXT");
	if (m->message_len != sizeof(turned) - 1 ||
	    memcmp(m->message_val, turned, sizeof(turned) - 1) != 0)
		errx(1, "a wrong result");
	xdr_free((xdrproc_t)xdr_reverse_result, &result);
}

static void
note(uint64_t began_ns)
{
	printf("%" PRIu64 "\n", (clock_now_ns() - began_ns) / 1000);
}

static void
measure_calls(unsigned long count)
{
	allow(PATIENT_MS);
	for (unsigned long i = 0; i < count; i++) {
		uint64_t began = clock_now_ns();

		turn();
		note(began);
	}
}

/* Where the stream is after an answer. */
static void
follow(exchange_args *next, const answer *heard)
{
	next->piece.first = heard->piece.next;
	next->piece.next =
	    heard->piece.first + heard->piece.messages.messages_len;
}

/* A stream that gives its second unit after PACE_MS; *next is the call for
 * that. */
static void
open_paced(exchange_args *next)
{
	message ab = { 2, text };
	open_args args = {
		.method = METHOD_SPELL,
		.unit = UNIT_BYTE,
		.pace_ms = PACE_MS,
		.piece.window = 65536,
		.piece.last = TRUE,
		.wait_ms = PATIENT_MS,
	};
	open_result result = { 0 };
	static uint64_t number;

	number++;
	memcpy(args.nonce, &number, sizeof(number));
	args.piece.messages.messages_val = &ab;
	args.piece.messages.messages_len = 1;
	demand(reverse_open_1(&args, &result, server), result.code, "OPEN");
	*next = (exchange_args){
		.piece.window = 65536,
		.piece.last = TRUE,
		.wait_ms = PATIENT_MS,
	};
	memcpy(next->stream, result.open_result_u.started.stream,
	    sizeof(next->stream));
	follow(next, &result.open_result_u.started.first_answer);
	xdr_free((xdrproc_t)xdr_open_result, &result);
	if (next->piece.next != 1)
		errx(1, "OPEN was answered without the first unit");
}

static void
cancel(const exchange_args *stream)
{
	cancel_args args;
	cancel_result result = { 0 };

	memcpy(args.stream, stream->stream, sizeof(args.stream));
	demand(reverse_cancel_1(&args, &result, server), result.code, "CANCEL");
	xdr_free((xdrproc_t)xdr_cancel_result, &result);
}

static void
measure_deadlines(unsigned long count)
{
	for (unsigned long i = 0; i < count; i++) {
		exchange_args next;
		exchange_result result = { 0 };
		uint64_t began;

		allow(PATIENT_MS);
		open_paced(&next);
		allow(DEADLINE_MS);
		began = clock_now_ns();
		if (reverse_exchange_1(&next, &result, server) != RPC_TIMEDOUT)
			errx(1, "a call was answered that had to wait");
		note(began);
		allow(PATIENT_MS);
		turn();
		cancel(&next);
	}
}

int
main(int argc, char **argv)
{
	struct channel_terms terms = { .reply_max = REPLY_MAX };
	struct endpoint to = { .len = sizeof(to.at.in) };
	struct channel *channel;
	struct loop loop;
	unsigned long count;

	if (argc != 4)
		errx(2, "usage: handle PORT calls|deadlines COUNT");
	to.at.in.sin_family = AF_INET;
	to.at.in.sin_port = htons((uint16_t)atoi(argv[1]));
	to.at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.type = strcmp(argv[2], "calls") == 0 ? SOCK_DGRAM : SOCK_STREAM;
	count = strtoul(argv[3], NULL, 10);
	if (loop_init(&loop, BUDGET) != 0 ||
	    channel_open(&channel, &loop, &to, &terms) != 0)
		errx(1, "cannot connect");
	server = handle_new(channel, REVERSE_PROG, REVERSE_V1);
	if (server == NULL)
		errx(1, "no memory");
	if (to.type == SOCK_DGRAM)
		measure_calls(count);
	else
		measure_deadlines(count);
	clnt_destroy(server);
	channel_close(channel);
	loop_deinit(&loop);
	return 0;
}
