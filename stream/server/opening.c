#include "stream/server/opening.h"

#include "stream/method/methods.h"
#include "stream/server/parked.h"

/* What is wrong with the arguments, whatever the state; or NULL. */
static const char *
wrong_with(const open_args *args)
{
	const struct method *method = method_find(args->method);

	if (method == NULL)
		return "no such method";
	if (args->unit < UNIT_GRAPHEME || args->unit > UNIT_LINE)
		return "no such unit";
	if (args->piece.next >= NUMBER_END)
		return "numbers end below 2^63";
	if (method->traits->paired && args->piece.next < args->piece.first)
		return "next is below first: those answers will never come";
	return NULL;
}

/* Which limit stands against a new stream for this call; or NULL. */
static const char *
limit_against(struct streams *t, const struct stream_call *call)
{
	struct account *peer = call->peer;

	if (!account_admits(peer->all, CHARGE_STREAMS, 1))
		return "as many streams are open as may be";
	if (!account_admits(peer, CHARGE_STREAMS, 1))
		return "this client has as many streams open as it may";
	if (call->datagram && !account_may_hold(peer, CHARGE_UNPROVEN, 1))
		return "too many new streams over UDP";
	return streams_are_short(t, peer, true);
}

static void
make_name(struct streams *t, char *name)
{
	uint16_t worker = t->world.limits.worker;

	do {
		t->world.ops.random(t->world.context, name, sizeof(token));
		name[0] = (char)(worker >> 8);
		name[1] = (char)worker;
	} while (streams_find(t, name) != NULL);
}

/* No stream is made, whatever was asked of the limits. */
static void
refuse(struct streams *t, struct stream_call *call, status_code code,
    const char *wrong)
{
	account_forgo(call->peer, CHARGE_STREAMS);
	account_forgo(call->peer, CHARGE_UNPROVEN);
	call_fail(&t->world, call, code, wrong);
}

/* Makes the stream of arguments that are right, unless a limit is met. */
static void
make_stream(struct streams *t, const open_args *args, struct stream_call *call)
{
	const char *wrong = limit_against(t, call);
	struct stream *s = NULL;

	if (wrong == NULL &&
	    timers_reserve(&t->world.timers, t->by_name.count + 1) == 0)
		s = stream_new(
		    &t->world, method_find(args->method), args, call);
	if (s == NULL) {
		refuse(t, call, STATUS_RESOURCE_EXHAUSTED,
		    wrong != NULL ? wrong : "out of memory");
		return;
	}
	wrong = stream_refuses(s, &args->piece);
	if (wrong != NULL) {
		stream_free(s);
		refuse(t, call, STATUS_INVALID_ARGUMENT, wrong);
		return;
	}
	make_name(t, s->name);
	streams_admit(t, s);
	streams_converse(t, s, &args->piece, args->wait_ms, call);
}

static void
open_new(struct streams *t, const open_args *args, struct stream_call *call)
{
	const char *wrong = wrong_with(args);

	if (wrong != NULL)
		call_fail(&t->world, call, STATUS_INVALID_ARGUMENT, wrong);
	else if (t->draining)
		call_fail(&t->world, call, STATUS_UNAVAILABLE,
		    "the server is going away");
	else
		make_stream(t, args, call);
}

static void
open_again(struct streams *t, struct stream *s, const open_args *args,
    struct stream_call *call)
{
	/* Two hosts have its token: neither is where it must be. */
	if (call->host != s->opener)
		s->opener = STREAMS_NOWHERE;
	/* On a new connection nothing of the old one arrives. */
	if (call->connection != s->connection)
		call->takes_over = true;
	streams_call(t, s, &args->piece, args->wait_ms, call);
}

void
streams_open(struct streams *streams, uint64_t now, const open_args *args,
    struct stream_call *call)
{
	struct stream *s;

	streams_enter(streams, now);
	call->opens = true;
	call->takes_over = args->piece.window > 0;
	call->stream = NULL;
	s = streams_find_again(streams, call->peer, args->nonce);
	if (s == NULL)
		open_new(streams, args, call);
	else if (stream_repeats(s, method_find(args->method), args))
		open_again(streams, s, args, call);
	else
		call_fail(&streams->world, call, STATUS_ALREADY_EXISTS,
		    "the nonce names another stream");
}
