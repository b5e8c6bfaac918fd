#include "rpcloop/call/rpcbind_query.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/checked.h"

#include <errno.h>
#include <rpc/pmap_prot.h>
#include <rpc/rpcb_prot.h>
#include <stdlib.h>
#include <string.h>

enum {
	REPLY_MAX = 4096, /* bytes; an address and a verifier are shorter */
	WAYS = 3,         /* to ask */
	PATIENCES = 4,    /* in the time for all */
};

static const struct {
	uint32_t version;
	uint32_t procedure;
} ways[WAYS] = {
	{ RPCBVERS4, RPCBPROC_GETADDR },
	{ RPCBVERS, RPCBPROC_GETADDR },
	{ PMAPVERS, PMAPPROC_GETPORT },
};

/* One of the calls. */
struct asking {
	struct rpcbind_query *query;
	struct channel_call call;
	struct channel_question question;
	char *address; /* the result: of rpcbind, */
	uint32_t port; /* and of the portmapper */
};

struct rpcbind_query {
	struct rpcbind_terms terms;
	struct channel *channel;
	struct loop_item clock; /* for when the next way is tried */
	uint64_t ends_ms;
	struct asking asking[WAYS];
	size_t ways;  /* that this transport has */
	size_t asked; /* of them */
};

/* A universal address, of which no more is taken than is there. */
static bool_t
xdr_address(XDR *xdrs, char **address)
{
	return xdr_checked_string(xdrs, address, REPLY_MAX);
}

/* The other calls end without a word. */
static void
finish(struct rpcbind_query *q, const struct rpcbind_answer *answer)
{
	for (size_t i = 0; i < q->asked; i++)
		channel_cancel(&q->asking[i].call);
	loop_due(&q->clock, TIMER_NEVER);
	q->terms.done(q->terms.context, answer);
}

static void
fail(struct rpcbind_query *q, const struct rpc_err *error)
{
	const struct rpcbind_answer answer = {
		.outcome = RPCBIND_FAILED,
		.error = *error,
	};

	finish(q, &answer);
}

static bool
has_port(const struct endpoint *endpoint)
{
	return endpoint->at.any.sa_family == AF_UNIX ||
	    endpoint_port(endpoint) != 0;
}

/* What rpcbind says. */
static void
take_address(struct rpcbind_query *q, const char *address)
{
	struct rpcbind_answer answer = { .text = address };

	if (address == NULL || address[0] == '\0')
		answer.outcome = RPCBIND_UNREGISTERED;
	else if (universal_resolve_like(&answer.named, address, &q->terms.at) ==
		0 &&
	    has_port(&answer.named))
		answer.outcome = RPCBIND_NAMED;
	else
		answer.outcome = RPCBIND_NO_ADDRESS;
	finish(q, &answer);
}

/* What the portmapper says: a port of its own host. */
static void
take_port(struct rpcbind_query *q, uint32_t port)
{
	struct rpcbind_answer answer = { .named = q->terms.at };

	if (port == 0)
		answer.outcome = RPCBIND_UNREGISTERED;
	else if (port > UINT16_MAX)
		answer.outcome = RPCBIND_NO_ADDRESS;
	else
		answer.outcome = RPCBIND_NAMED;
	endpoint_set_port(&answer.named, (uint16_t)port);
	finish(q, &answer);
}

static bool
is_portmapper(const struct asking *asking)
{
	return asking->question.version == PMAPVERS;
}

static bool
is_asking(const struct rpcbind_query *q)
{
	for (size_t i = 0; i < q->asked; i++)
		if (q->asking[i].call.channel != NULL)
			return true;
	return false;
}

/* Fills in what is asked, in whatever way. */
static enum clnt_stat
send_question(struct rpcbind_query *q, struct asking *asking)
{
	bool is_datagram = q->terms.at.type == SOCK_DGRAM;
	char netid[UNIVERSAL_NETID_SIZE], empty[] = "";
	struct rpcb wanted = {
		.r_prog = q->terms.program,
		.r_vers = q->terms.version,
		.r_netid = strcpy(netid, endpoint_netid(&q->terms.at)),
		.r_addr = empty,
		.r_owner = empty,
	};
	struct pmap mapping = {
		.pm_prog = q->terms.program,
		.pm_vers = q->terms.version,
		.pm_prot = is_datagram ? IPPROTO_UDP : IPPROTO_TCP,
	};
	struct channel_question *question = &asking->question;

	if (is_portmapper(asking)) {
		question->args = (xdrproc_t)xdr_pmap;
		question->args_value = &mapping;
		question->result = (xdrproc_t)xdr_uint32_t;
		question->value = &asking->port;
	} else {
		question->args = (xdrproc_t)xdr_rpcb;
		question->args_value = &wanted;
		question->result = (xdrproc_t)xdr_address;
		question->value = &asking->address;
	}
	return channel_send(q->channel, &asking->call, question);
}

static void on_called(struct channel_call *call, const struct rpc_err *error);

/* Asks in the next way.  Returns RPC_SUCCESS or as channel_send(). */
static enum clnt_stat
ask_next(struct rpcbind_query *q)
{
	struct asking *asking = &q->asking[q->asked];
	uint64_t now_ms = clock_now_ms();

	asking->query = q;
	asking->call.done = on_called;
	asking->question = (struct channel_question){
		.program = RPCBPROG,
		.version = ways[q->asked].version,
		.procedure = ways[q->asked].procedure,
		.auth = authnone_create(),
		.ms = now_ms < q->ends_ms ? q->ends_ms - now_ms : 0,
	};
	q->asked++;
	loop_due(&q->clock, now_ms + q->terms.ms / PATIENCES);
	return send_question(q, asking);
}

/* One way has failed. */
static void
go_on(struct rpcbind_query *q, const struct rpc_err *error)
{
	struct rpc_err sent = *error;

	if (error->re_status == RPC_TIMEDOUT ||
	    q->channel->state == CHANNEL_BROKEN) {
		fail(q, error);
		return;
	}
	if (q->asked < q->ways) {
		sent.re_status = ask_next(q);
		if (sent.re_status == RPC_SUCCESS)
			return;
	}
	if (!is_asking(q))
		fail(q, &sent);
}

static void
on_called(struct channel_call *call, const struct rpc_err *error)
{
	struct asking *asking = container_of(call, struct asking, call);
	struct rpcbind_query *q = asking->query;

	if (!q->terms.called(q->terms.context, &asking->question, call, error))
		return;
	if (error->re_status != RPC_SUCCESS)
		go_on(q, error);
	else if (is_portmapper(asking))
		take_port(q, asking->port);
	else
		take_address(q, asking->address);
}

/* The latest way has kept silent: asks in the next, unless it was never
 * asked. */
static void
on_clock(struct loop_item *item, unsigned int reasons)
{
	struct rpcbind_query *q =
	    container_of(item, struct rpcbind_query, clock);

	(void)reasons;
	if (q->channel->state == CHANNEL_CONNECTING)
		loop_due(
		    item, q->channel->loop->now_ms + q->terms.ms / PATIENCES);
	else if (q->asked < q->ways)
		ask_next(q);
}

static int
begin(struct rpcbind_query *q, struct loop *loop)
{
	const struct channel_terms terms = {
		.reply_max = REPLY_MAX,
		.keeps = q->terms.keeps,
	};
	int r = loop_timed(&q->clock);

	if (r == 0)
		r = channel_open(&q->channel, loop, &q->terms.at, &terms);
	if (r == 0 && ask_next(q) != RPC_SUCCESS)
		r = -ENOMEM;
	return r;
}

int
rpcbind_query_start(struct rpcbind_query **out, struct loop *loop,
    const struct rpcbind_terms *terms)
{
	struct rpcbind_query *q = calloc(1, sizeof(*q));
	int r;

	if (q == NULL)
		return -ENOMEM;
	q->terms = *terms;
	q->ways = terms->at.at.any.sa_family == AF_INET ? WAYS : WAYS - 1;
	q->ends_ms = clock_now_ms() + terms->ms;
	loop_item_init(&q->clock, loop, -1, on_clock, NULL);
	r = begin(q, loop);
	if (r == 0)
		*out = q;
	else
		rpcbind_query_free(q);
	return r;
}

bool
rpcbind_query_connects(const struct rpcbind_query *q)
{
	return q != NULL && q->channel->state == CHANNEL_CONNECTING;
}

void
rpcbind_query_free(struct rpcbind_query *q)
{
	if (q == NULL)
		return;
	channel_close(q->channel);
	loop_forget(&q->clock);
	for (size_t i = 0; i < q->asked; i++)
		xdr_free((xdrproc_t)xdr_address, (char *)&q->asking[i].address);
	free(q);
}
