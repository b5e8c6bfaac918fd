/*
 * The client that is ours: handles of our channels, on one loop.
 */
#include "test/interop/client.h"

#include "base/base.h"
#include "rpcloop/call/channel.h"
#include "rpcloop/call/handle.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUDGET = 1024 * 1024,
	REPLY_MAX = MESSAGE_MAX + 128 * 1024,
	CALL_MS = 25000,
};

static struct loop loop;

static struct channel *
open_channel(void)
{
	static bool begun;
	struct channel_terms terms = { .reply_max = REPLY_MAX };
	struct endpoint to = { .type = SOCK_STREAM, .len = sizeof(server_at) };
	struct channel *channel;

	demand(begun || loop_init(&loop, BUDGET) == 0);
	begun = true;
	memcpy(&to.at.in, &server_at, sizeof(server_at));
	demand(channel_open(&channel, &loop, &to, &terms) == 0);
	return channel;
}

CLIENT *
connect_to(rpcprog_t program, rpcvers_t version)
{
	CLIENT *server = handle_new(open_channel(), program, version);

	demand(server != NULL);
	demand(clnt_control(server, CLSET_FD_CLOSE, NULL));
	return server;
}

/* Calls that are made at once, and one of them. */
struct all {
	unsigned int left;
	void (*checked)(const reverse_result *result);
};

struct one {
	struct channel_call call;
	struct all *all;
	reverse_result result;
};

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct one *one = container_of(call, struct one, call);

	demand(error->re_status == RPC_SUCCESS);
	one->all->checked(&one->result);
	one->all->left--;
	if (one->all->left == 0)
		loop_stop(&loop);
}

static void
send_one(struct channel *channel, struct one *one, const reverse_args *args,
    AUTH *auth)
{
	reverse_args copy = *args;
	struct channel_question question = {
		.program = REVERSE_PROG,
		.version = REVERSE_V1,
		.procedure = REVERSE_TEXT,
		.auth = auth,
		.args = (xdrproc_t)xdr_reverse_args,
		.args_value = &copy,
		.result = (xdrproc_t)xdr_reverse_result,
		.value = &one->result,
		.borrows = true,
		.ms = CALL_MS,
	};

	demand(channel_send(channel, &one->call, &question) == RPC_SUCCESS);
}

void
call_at_once(unsigned int count, const reverse_args *args,
    void (*checked)(const reverse_result *result))
{
	struct channel *channel = open_channel();
	struct all all = { .left = count, .checked = checked };
	struct one *ones = calloc(count, sizeof(*ones));
	AUTH *auth = authnone_create();

	demand(ones != NULL);
	for (struct one *one = ones; one < ones + count; one++) {
		one->all = &all;
		one->call.done = on_done;
		send_one(channel, one, args, auth);
	}
	demand(loop_run(&loop) >= 0);
	demand(all.left == 0);
	channel_close(channel);
	free(ones);
}
