#include "rpcloop/call/handle.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	MICROSECONDS = 1000 * 1000,
	/* How often a credential is made anew for one call. */
	REFRESHES = 2,
};

struct handle {
	CLIENT client;
	struct channel *channel;
	rpcprog_t program;
	rpcvers_t version;
	struct channel_call call;
	struct buffer sent, received; /* what the channel keeps of it */
	struct rpc_err error;         /* of the latest call */
	bool waits;                   /* for its end */
	bool limited;                 /* limit counts, for all calls */
	struct timeval limit;
	bool closes; /* the channel, when it is destroyed */
	struct netbuf address;
};

static struct handle *
handle_of(const CLIENT *client)
{
	return client->cl_private;
}

const struct channel_call *
handle_last_call(const CLIENT *client)
{
	return &handle_of(client)->call;
}

static bool
is_valid(const struct timeval *t)
{
	return t->tv_sec >= 0 && t->tv_usec >= 0 && t->tv_usec < MICROSECONDS;
}

/* In milliseconds, of which a part counts as a whole one. */
static uint64_t
milliseconds_of(const struct timeval *t)
{
	return (uint64_t)t->tv_sec * 1000 + (uint64_t)(t->tv_usec + 999) / 1000;
}

/* Copies a message; NULL: there is none, or no memory. */
static const uint8_t *
keep_message(struct buffer *kept, const uint8_t *message, size_t len)
{
	if (message == NULL || buffer_append(kept, message, len) != 0)
		return NULL;
	return buffer_head(kept);
}

/* What goes with the end of the call is kept. */
static void
keep(struct handle *h)
{
	struct channel_call *call = &h->call;

	call->call_message =
	    keep_message(&h->sent, call->call_message, call->call_bytes);
	call->reply_message =
	    keep_message(&h->received, call->reply_message, call->reply_bytes);
}

/* What was kept of the call before. */
static void
forget(struct handle *h)
{
	buffer_deinit(&h->sent);
	buffer_deinit(&h->received);
	buffer_init(&h->sent, UINT32_MAX / 2);
	buffer_init(&h->received, UINT32_MAX / 2);
}

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct handle *h = container_of(call, struct handle, call);

	keep(h);
	h->error = *error;
	/* Else it would be the next call that ends. */
	if (h->waits)
		loop_leave(h->channel->loop);
	h->waits = false;
}

static enum clnt_stat
fail(struct handle *h, enum clnt_stat status, int error)
{
	h->error = (struct rpc_err){ .re_status = status, .re_errno = error };
	return status;
}

/* Runs turns until the call has ended. */
static enum clnt_stat
wait_for_end(struct handle *h)
{
	int r = loop_run(h->channel->loop);

	if (!h->waits)
		return h->error.re_status;
	keep(h);
	channel_cancel(&h->call);
	h->waits = false;
	if (r < 0)
		return fail(h, RPC_SYSTEMERROR, -r);
	return fail(h, RPC_INTR, EINTR);
}

static enum clnt_stat
not_sent(struct handle *h, enum clnt_stat sent)
{
	return fail(h, sent, sent == RPC_CANTSEND ? h->channel->error : ENOMEM);
}

/* Returns what became of it. */
static enum clnt_stat
call_once(struct handle *h, const struct channel_question *question)
{
	enum clnt_stat sent;

	forget(h);
	sent = channel_send(h->channel, &h->call, question);
	if (sent != RPC_SUCCESS)
		return not_sent(h, sent);
	h->waits = true;
	return wait_for_end(h);
}

/* Sends it, and takes no answer. */
static enum clnt_stat
call_and_forget(struct handle *h, const struct channel_question *question)
{
	enum clnt_stat sent;
	int r;

	forget(h);
	sent = channel_send(h->channel, &h->call, question);
	if (sent != RPC_SUCCESS)
		return not_sent(h, sent);
	r = loop_turn(h->channel->loop);
	if (h->call.channel != NULL)
		keep(h);
	channel_cancel(&h->call);
	if (r < 0)
		return fail(h, RPC_SYSTEMERROR, -r);
	return fail(
	    h, question->result == NULL ? RPC_SUCCESS : RPC_TIMEDOUT, 0);
}

static enum clnt_stat
handle_call(CLIENT *client, rpcproc_t procedure, xdrproc_t args,
    void *args_value, xdrproc_t result, void *value, struct timeval timeout)
{
	struct handle *h = handle_of(client);
	const struct timeval *limit = h->limited ? &h->limit : &timeout;
	struct channel_question question = {
		.program = (uint32_t)h->program,
		.version = (uint32_t)h->version,
		.procedure = (uint32_t)procedure,
		.auth = client->cl_auth,
		.args = args,
		.args_value = args_value,
		.result = result,
		.value = value,
		.ms = milliseconds_of(limit),
	};
	enum clnt_stat r;

	if (question.ms == 0)
		return call_and_forget(h, &question);
	for (int i = 0;; i++) {
		r = call_once(h, &question);
		if (r != RPC_AUTHERROR || i == REFRESHES ||
		    !AUTH_REFRESH(client->cl_auth, NULL))
			return r;
	}
}

static void
handle_abort(CLIENT *client)
{
	(void)client;
}

static void
handle_geterr(CLIENT *client, struct rpc_err *error)
{
	*error = handle_of(client)->error;
}

static bool_t
handle_freeres(CLIENT *client, xdrproc_t result, void *value)
{
	(void)client;
	xdr_free(result, value);
	return TRUE;
}

static void
handle_destroy(CLIENT *client)
{
	struct handle *h = handle_of(client);

	if (h->closes)
		channel_close(h->channel);
	forget(h);
	free(h);
}

static struct timeval
timeval_of(uint64_t ms)
{
	return (struct timeval){
		.tv_sec = (time_t)(ms / 1000),
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};
}

/* Requests about time.  FALSE: it is none, or no time. */
static bool_t
control_time(struct handle *h, u_int request, struct timeval *time)
{
	switch (request) {
	case CLSET_TIMEOUT:
		if (!is_valid(time))
			return FALSE;
		h->limit = *time;
		h->limited = true;
		return TRUE;
	case CLGET_TIMEOUT:
		*time = h->limit;
		return TRUE;
	case CLSET_RETRY_TIMEOUT:
		if (!is_valid(time) || milliseconds_of(time) == 0)
			return FALSE;
		h->channel->resend_ms = milliseconds_of(time);
		return TRUE;
	case CLGET_RETRY_TIMEOUT:
		*time = timeval_of(h->channel->resend_ms);
		return TRUE;
	default:
		return FALSE;
	}
}

/* Requests about a number, which are all of one type. */
static bool_t
control_number(struct handle *h, u_int request, uint32_t *number)
{
	switch (request) {
	case CLGET_XID:
		*number = h->call.xid;
		return TRUE;
	case CLSET_XID:
		h->channel->next_xid = *number + 1;
		return TRUE;
	case CLGET_PROG:
		*number = (uint32_t)h->program;
		return TRUE;
	case CLSET_PROG:
		h->program = *number;
		return TRUE;
	case CLGET_VERS:
		*number = (uint32_t)h->version;
		return TRUE;
	case CLSET_VERS:
		h->version = *number;
		return TRUE;
	default:
		return FALSE;
	}
}

static bool_t
handle_control(CLIENT *client, u_int request, void *info)
{
	struct handle *h = handle_of(client);

	switch (request) {
	case CLSET_FD_CLOSE:
	case CLSET_FD_NCLOSE:
		h->closes = request == CLSET_FD_CLOSE;
		return TRUE;
	default:
		break;
	}
	if (info == NULL)
		return FALSE;
	switch (request) {
	case CLGET_FD:
		*(int *)info = h->channel->flow.item.fd;
		return TRUE;
	case CLGET_SVC_ADDR:
		*(struct netbuf *)info = h->address;
		return TRUE;
	case CLGET_SERVER_ADDR:
		memcpy(info, h->address.buf, h->address.len);
		return TRUE;
	default:
		return control_time(h, request, info) ||
		    control_number(h, request, info);
	}
}

static const struct clnt_ops handle_ops = {
	.cl_call = handle_call,
	.cl_abort = handle_abort,
	.cl_geterr = handle_geterr,
	.cl_freeres = handle_freeres,
	.cl_destroy = handle_destroy,
	.cl_control = handle_control,
};

CLIENT *
handle_new(struct channel *channel, rpcprog_t program, rpcvers_t version)
{
	struct handle *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->channel = channel;
	h->program = program;
	h->version = version;
	h->call.done = on_done;
	h->address.buf = &channel->to.at;
	h->address.len = h->address.maxlen = channel->to.len;
	/* libtirpc's type says that it may be written, but nobody does. */
	h->client.cl_ops = (struct clnt_ops *)(uintptr_t)&handle_ops;
	h->client.cl_private = h;
	h->client.cl_auth = authnone_create();
	return &h->client;
}
