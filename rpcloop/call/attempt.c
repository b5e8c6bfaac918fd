/* What one attempt of a search does. */
#include "rpcloop/call/search.h"

#include "base/base.h"

#include <errno.h>

/* Bytes of a reply without a result, whose verifier may have 400. */
enum { PING_REPLY_MAX = 512 };

struct locate_try
attempt_try(const struct attempt *a)
{
	return (struct locate_try){
		.step = a->step,
		.place = a->place,
		.at = a->at,
		.named_by = a->named_by,
	};
}

struct rpc_err
attempt_late(const struct attempt *a)
{
	struct rpc_err late = { .re_status = RPC_TIMEDOUT };
	bool connects = a->server != NULL
	    ? a->server->state == CHANNEL_CONNECTING
	    : rpcbind_query_connects(a->rpcbind);

	if (connects)
		late.re_errno = ETIMEDOUT;
	return late;
}

static void
on_name(void *context, const struct resolve_answer *answer)
{
	struct attempt *a = context;
	struct locate_try how = attempt_try(a);

	if (answer->error == 0) {
		search_named(a, answer->list);
		return;
	}
	how.outcome = LOCATE_NO_NAME;
	how.gai = answer->error;
	how.error.re_errno = answer->system;
	search_failed(a, &how);
}

static bool
on_rpcbind_called(void *context, const struct channel_question *what,
    const struct channel_call *how, const struct rpc_err *error)
{
	return search_called(context, what, how, error);
}

static void
on_rpcbind(void *context, const struct rpcbind_answer *answer)
{
	static const enum locate_outcome outcomes[] = {
		[RPCBIND_UNREGISTERED] = LOCATE_UNREGISTERED,
		[RPCBIND_NO_ADDRESS] = LOCATE_NO_ADDRESS,
		[RPCBIND_FAILED] = LOCATE_UNANSWERED,
	};
	struct attempt *a = context;
	struct locate_try how = attempt_try(a);

	if (answer->outcome == RPCBIND_NAMED) {
		search_registered(a, &answer->named);
		return;
	}
	how.outcome = outcomes[answer->outcome];
	how.error = answer->error;
	how.text = answer->text;
	search_failed(a, &how);
}

static void
on_pinged(struct channel_call *call, const struct rpc_err *error)
{
	struct attempt *a = container_of(call, struct attempt, ping);
	struct locate_try how = attempt_try(a);

	if (!search_called(a, &a->question, call, error))
		return;
	if (error->re_status == RPC_SUCCESS) {
		search_found(a);
		return;
	}
	how.outcome = LOCATE_UNANSWERED;
	how.error = *error;
	search_failed(a, &how);
}

/* Return 0 or a negative errno. */

static int
look_up(struct attempt *a)
{
	const struct locate_terms *terms = &a->search->terms;
	const struct resolve_question question = {
		.host = a->place->name,
		.family = terms->family,
		.type = terms->type,
		.ms = terms->pace.name,
		.done = on_name,
		.context = a,
	};

	return resolve_start(&a->name, a->search->loop, &question);
}

static int
ask_rpcbind(struct attempt *a)
{
	const struct locate_terms *terms = &a->search->terms;
	const struct rpcbind_terms question = {
		.at = a->at,
		.program = terms->program,
		.version = terms->version,
		.ms = terms->pace.step,
		.keeps = terms->channel.keeps,
		.called = on_rpcbind_called,
		.done = on_rpcbind,
		.context = a,
	};

	return rpcbind_query_start(&a->rpcbind, a->search->loop, &question);
}

static void
on_opened(struct channel *channel, void *context)
{
	(void)channel;
	search_found(context);
}

static void
on_broke(struct channel *channel, void *context)
{
	struct attempt *a = context;
	struct locate_try how = attempt_try(a);

	how.outcome = LOCATE_UNANSWERED;
	how.error.re_status = RPC_CANTSEND;
	how.error.re_errno = channel->error;
	search_failed(a, &how);
}

static int
call_null(struct attempt *a)
{
	const struct locate_terms *terms = &a->search->terms;

	a->server->terms.reply_max = PING_REPLY_MAX;
	a->ping.done = on_pinged;
	a->question = (struct channel_question){
		.program = terms->program,
		.version = terms->version,
		.procedure = NULLPROC,
		.auth = authnone_create(),
		/* Nobody has answered yet, so nobody is burdened; and all of
		 * them may get lost by bad luck. */
		.steady = true,
		.ms = terms->pace.step,
	};
	if (channel_send(a->server, &a->ping, &a->question) == RPC_SUCCESS)
		return 0;
	return -ENOMEM;
}

/* Whoever is there may not be a server: his answer is short, or none. */
static int
reach_server(struct attempt *a)
{
	const struct locate_terms *terms = &a->search->terms;
	struct channel_terms channel = {
		.reply_max = terms->channel.reply_max,
		.keeps = terms->channel.keeps,
	};
	int r;

	if (search_is_only(a)) {
		channel.connect_ms = (uint32_t)terms->pace.step;
		channel.opened = on_opened;
		channel.broke = on_broke;
		channel.context = a;
	}
	r = channel_open(&a->server, a->search->loop, &a->at, &channel);
	if (r != 0)
		return r;
	if (channel.opened != NULL && a->server->state == CHANNEL_CONNECTING)
		return 0;
	a->server->terms.broke = NULL;
	return call_null(a);
}

static int
begin(struct attempt *a)
{
	if (a->step == LOCATE_NAME)
		return look_up(a);
	if (a->at.len == 0)
		return -ENAMETOOLONG;
	return a->step == LOCATE_RPCBIND ? ask_rpcbind(a) : reach_server(a);
}

bool
attempt_begin(struct attempt *a, struct locate_try *how)
{
	int r = begin(a);

	if (r == 0) {
		a->state = ATTEMPT_RUNNING;
		return true;
	}
	attempt_stop(a);
	*how = attempt_try(a);
	how->outcome =
	    a->step == LOCATE_NAME ? LOCATE_NO_NAME : LOCATE_UNANSWERED;
	how->gai = EAI_SYSTEM;
	how->error.re_status = RPC_CANTSEND;
	how->error.re_errno = -r;
	return false;
}

void
attempt_stop(struct attempt *a)
{
	a->state = ATTEMPT_ENDED;
	resolve_free(a->name);
	rpcbind_query_free(a->rpcbind);
	channel_close(a->server);
	a->name = NULL;
	a->rpcbind = NULL;
	a->server = NULL;
}
