/*
 * A load client made of a channel of this library, by the command line of
 * test/bench/measure.h: texts of 16 bytes, on one connection to a port.  Every
 * result is checked.
 */
#include "rpcloop/call/channel.h"
#include "base/base.h"
#include "base/clock.h"
#include "test/bench/measure.h"

#include <err.h>
#include <reverse.h>
#include <stdlib.h>
#include <string.h>

enum {
	MOST = 1024,
	REPLY_MAX = 4096,
	BUDGET = 1024 * 1024,
};

static const char text[] = "0123456789abcdef", turned[] = "fedcba9876543210";

static struct sockaddr_in server;
static struct meter meter;

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
	meter_count(&meter, 1);
	if (channel->loop->now_ms < meter.end / CLOCK_NS_PER_MS)
		send_one(flight);
	else if (in_flight == 0)
		loop_stop(channel->loop);
}

static void
use(unsigned int depth)
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

int
main(int argc, char **argv)
{
	struct load load = load_from(argc, argv);

	if (load.work != WORK_TEXT || load.bytes != strlen(text) ||
	    load.connections != 1 || load.depth > MOST)
		errx(2, "16 bytes, on one connection, %d in flight", MOST);
	server.sin_family = AF_INET;
	server.sin_port = htons((uint16_t)atoi(load.address));
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	meter_start(&meter, &load);
	use((unsigned int)load.depth);
	meter_tell(&meter);
	return 0;
}
