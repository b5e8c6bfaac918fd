/*
 * Measures how many calls a second a client of this library gets answered, or
 * one of libtirpc's.
 *
 *	channel PORT one DEPTH MILLISECONDS
 *	channel PORT stock THREADS MILLISECONDS
 *
 * Calls REVERSE_TEXT for 16 bytes, unit BYTE, at the loopback: on one channel
 * with DEPTH calls in flight; or with clnt_tcp handles of libtirpc, a thread
 * each.  Every result is checked.  Prints calls a second.
 */
#include "rpcloop/call/channel.h"
#include "base/base.h"
#include "base/clock.h"

#include <err.h>
#include <pthread.h>
#include <reverse.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	MOST = 1024,
	REPLY_MAX = 4096,
	BUDGET = 1024 * 1024,
};

static const char text[] = "0123456789abcdef", turned[] = "fedcba9876543210";

static struct sockaddr_in server;
static atomic_ulong answered;
static uint64_t end_ns;

struct flight {
	struct channel_call call;
	reverse_result result;
};

static struct flight flights[MOST];
static struct channel *channel;
static unsigned int in_flight;

static void
check(const reverse_result *result)
{
	const message *m = &result->reverse_result_u.outcome.text;

	if (result->code != STATUS_OK || m->message_len != strlen(turned) ||
	    memcmp(m->message_val, turned, strlen(turned)) != 0)
		errx(1, "a wrong result");
}

static reverse_args
arguments(void)
{
	reverse_args args = { .unit = UNIT_BYTE };

	args.text.message_val = (char *)text;
	args.text.message_len = strlen(text);
	return args;
}

static void
send_one(struct flight *flight)
{
	static AUTH *none;
	reverse_args args = arguments();
	struct channel_question question = {
		.program = REVERSE_PROG,
		.version = REVERSE_V1,
		.procedure = REVERSE_TEXT,
		.args = (xdrproc_t)xdr_reverse_args,
		.args_value = &args,
		.result = (xdrproc_t)xdr_reverse_result,
		.value = &flight->result,
		.ms = 25000,
	};

	if (none == NULL)
		none = authnone_create();
	question.auth = none;
	memset(&flight->result, 0, sizeof(flight->result));
	if (channel_send(channel, &flight->call, &question) != RPC_SUCCESS)
		errx(1, "cannot send");
	in_flight++;
}

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct flight *flight = container_of(call, struct flight, call);

	if (error->re_status != RPC_SUCCESS)
		errx(1, "%s", clnt_sperrno(error->re_status));
	check(&flight->result);
	xdr_free((xdrproc_t)xdr_reverse_result, &flight->result);
	in_flight--;
	answered++;
	if (channel->loop->now_ms < end_ns / CLOCK_NS_PER_MS)
		send_one(flight);
	else if (in_flight == 0)
		loop_stop(channel->loop);
}

static void
use_one(unsigned int depth)
{
	struct channel_terms terms = { .reply_max = REPLY_MAX };
	struct endpoint to = { .type = SOCK_STREAM, .len = sizeof(server) };
	struct loop loop;

	memcpy(&to.at.in, &server, sizeof(server));
	if (loop_init(&loop, BUDGET) != 0 ||
	    channel_open(&channel, &loop, &to, &terms) != 0)
		errx(1, "cannot connect");
	for (unsigned int i = 0; i < depth; i++) {
		flights[i].call.done = on_done;
		send_one(&flights[i]);
	}
	loop_run(&loop);
	channel_close(channel);
	loop_deinit(&loop);
}

static void *
call_stock(void *arg)
{
	struct sockaddr_in at = server;
	int fd = RPC_ANYSOCK;
	CLIENT *handle =
	    clnttcp_create(&at, REVERSE_PROG, REVERSE_V1, &fd, 0, 0);
	reverse_args args = arguments();
	reverse_result result;

	(void)arg;
	if (handle == NULL)
		errx(1, "%s", clnt_spcreateerror("clnttcp_create"));
	while (clock_now_ns() < end_ns) {
		memset(&result, 0, sizeof(result));
		if (reverse_text_1(&args, &result, handle) != RPC_SUCCESS)
			errx(1, "%s", clnt_sperror(handle, "TEXT"));
		check(&result);
		xdr_free((xdrproc_t)xdr_reverse_result, &result);
		answered++;
	}
	clnt_destroy(handle);
	return NULL;
}

static void
use_stock(unsigned int count)
{
	pthread_t threads[MOST];

	for (unsigned int i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, call_stock, NULL) != 0)
			errx(1, "cannot start a thread");
	for (unsigned int i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

int
main(int argc, char **argv)
{
	unsigned long count;
	uint64_t began;

	if (argc != 5)
		errx(2, "usage: channel PORT one|stock COUNT MILLISECONDS");
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)atoi(argv[1]));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	count = strtoul(argv[3], NULL, 10);
	if (count == 0 || count > MOST)
		errx(2, "not between 1 and %d: %s", MOST, argv[3]);
	began = clock_now_ns();
	end_ns = began + strtoul(argv[4], NULL, 10) * CLOCK_NS_PER_MS;
	if (strcmp(argv[2], "stock") == 0)
		use_stock((unsigned int)count);
	else
		use_one((unsigned int)count);
	printf("%.0f\n",
	    (double)answered / ((double)(clock_now_ns() - began) / 1e9));
	return 0;
}
