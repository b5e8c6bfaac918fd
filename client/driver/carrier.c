#include "client/driver/carrier.h"

#include "base/base.h"
#include "base/clock.h"

#include <string.h>

enum {
	/* Silence, before the server is asked whether it is there. */
	SILENT_MS = 1000,
	/* How long the answer to that may take; a datagram may get lost. */
	PING_MS = 1000,
	PING_DATAGRAM_MS = 2000,
	/* Of a datagram, before its length is taken for the reason that it is
	 * not answered. */
	SENDS = 4,
	/* Of a call or reply of a stream, beside the messages, at the most. */
	HEADERS_BYTES = 640,
};

static const struct procedure *
procedure_of(const struct client_call *call)
{
	static const struct procedure *const procedures[] = {
		[CLIENT_GREET] = &procedure_greet,
		[CLIENT_OPEN] = &procedure_open,
		[CLIENT_EXCHANGE] = &procedure_exchange,
	};

	return procedures[call->kind];
}

/* Whether a call failed because of its connection. */
static bool
is_of_connection(const struct rpc_err *error)
{
	return error->re_status == RPC_CANTSEND ||
	    error->re_status == RPC_CANTRECV;
}

static void
free_slot(struct carrier_slot *slot)
{
	slot->procedure = NULL;
	slot->carrier->flying--;
}

/* Calls in flight are not waited for any more. */
static void
forget_calls(struct carrier *carrier)
{
	for (size_t i = 0; i < CARRIER_CALLS; i++) {
		if (carrier->slots[i].procedure == NULL)
			continue;
		channel_cancel(&carrier->slots[i].call);
		free_slot(&carrier->slots[i]);
	}
	channel_cancel(&carrier->ping);
}

/* The server does not answer. */
static void
give_up(struct carrier *carrier)
{
	forget_calls(carrier);
	session_disconnect(carrier->session);
	carrier->ops->lost(carrier->context, SESSION_UNANSWERED);
}

static void
on_done(struct channel_call *call, const struct rpc_err *error)
{
	struct carrier_slot *slot =
	    container_of(call, struct carrier_slot, call);
	struct carrier *carrier = slot->carrier;
	const struct procedure *procedure = slot->procedure;

	session_note_call(carrier->session, procedure->name, call, error);
	free_slot(slot);
	if (error->re_status == RPC_SUCCESS) {
		carrier->heard_ms = carrier->session->loop.now_ms;
		carrier->session->met = true;
		carrier->ops->answered(
		    carrier->context, &slot->what, &slot->result);
	} else if (error->re_status == RPC_TIMEDOUT) {
		give_up(carrier);
	} else if (!is_of_connection(error)) {
		carrier->ops->failed(carrier->context, procedure);
	}
}

/*
 * A datagram is not answered.  One that is cut on its way may be lost for that
 * reason alone, or its answer is: there are paths that take no fragments.
 */
static void
on_resent(struct channel_call *call)
{
	struct carrier_slot *slot =
	    container_of(call, struct carrier_slot, call);
	struct carrier *carrier = slot->carrier;
	uint32_t whole = channel_datagram_bytes(call->channel);

	if (call->sends < SENDS || whole <= HEADERS_BYTES ||
	    slot->what.kind == CLIENT_GREET ||
	    !carrier->ops->too_long(carrier->context, whole - HEADERS_BYTES))
		return;
	channel_cancel(call);
	free_slot(slot);
}

/* The connection broke, and all calls on it have ended. */
static void
on_lost(void *context)
{
	struct carrier *carrier = context;

	session_disconnect(carrier->session);
	carrier->ops->lost(carrier->context, SESSION_UNANSWERED);
}

static void
on_pong(struct channel_call *call, const struct rpc_err *error)
{
	struct carrier *carrier = container_of(call, struct carrier, ping);

	session_note_call(carrier->session, procedure_ping.name, call, error);
	/* On a slow line an answer comes after all that was asked before. */
	if (error->re_status == RPC_TIMEDOUT &&
	    !channel_moves(carrier->session->channel))
		give_up(carrier);
	else
		carrier->heard_ms = carrier->session->loop.now_ms;
}

static void
ping(struct carrier *carrier)
{
	const struct session *session = carrier->session;
	bool datagram = settings_is_datagram(session->settings);
	struct channel_question question = {
		.program = REVERSE_PROG,
		.version = REVERSE_V1,
		.procedure = REVERSE_PING,
		.auth = session->auth,
		.ms = datagram ? PING_DATAGRAM_MS : PING_MS,
	};

	channel_moves(session->channel);
	carrier->ping.done = on_pong;
	channel_send(session->channel, &carrier->ping, &question);
}

/* Listens for the server as long as it owes an answer. */
static void
on_pulse(struct loop_item *item, unsigned int reasons)
{
	struct carrier *carrier = container_of(item, struct carrier, pulse);
	uint64_t now = item->loop->now_ms;

	(void)reasons;
	if (carrier->flying == 0)
		return;
	if (now >= carrier->heard_ms + SILENT_MS &&
	    carrier->ping.channel == NULL)
		ping(carrier);
	loop_due(item, MAX_OF(now, carrier->heard_ms) + SILENT_MS);
}

int
carrier_init(struct carrier *carrier, struct session *session,
    const struct carrier_ops *ops, void *context)
{
	memset(carrier, 0, sizeof(*carrier));
	carrier->session = session;
	carrier->ops = ops;
	carrier->context = context;
	session->lost = on_lost;
	session->lost_context = carrier;
	loop_item_init(&carrier->pulse, &session->loop, -1, on_pulse, NULL);
	return loop_timed(&carrier->pulse);
}

void
carrier_deinit(struct carrier *carrier)
{
	if (carrier->finding)
		find_stop(&carrier->session->find);
	forget_calls(carrier);
	carrier->session->lost = NULL;
	loop_forget(&carrier->pulse);
}

static void
on_found(void *context, struct channel *channel)
{
	struct carrier *carrier = context;

	carrier->finding = false;
	if (session_adopt(carrier->session, channel))
		carrier->ops->ready(carrier->context);
	else
		carrier->ops->lost(carrier->context, SESSION_UNREACHABLE);
}

static void
find(struct carrier *carrier)
{
	if (carrier->finding)
		return;
	carrier->finding = true;
	find_start(
	    &carrier->session->find, carrier->session->met, on_found, carrier);
}

static struct carrier_slot *
free_one(struct carrier *carrier)
{
	struct carrier_slot *slot = carrier->slots;

	while (slot->procedure != NULL)
		slot++;
	slot->carrier = carrier;
	return slot;
}

/* It is on its way: from now on the server owes an answer. */
static void
took_off(struct carrier *carrier)
{
	uint64_t now = clock_now_ms();

	if (carrier->flying++ > 0)
		return;
	carrier->heard_ms = now;
	loop_due(&carrier->pulse, now + SILENT_MS);
}

bool
carrier_send(struct carrier *carrier, const struct client_call *call)
{
	static const call_context no_context;
	struct session *session = carrier->session;
	struct carrier_slot *slot = free_one(carrier);
	const struct procedure *procedure = procedure_of(call);
	struct channel_question question = {
		.program = REVERSE_PROG,
		.version = REVERSE_V1,
		.procedure = procedure->number,
		.auth = session->auth,
		.args = procedure->args,
		.args_value = call->kind == CLIENT_GREET ? (void *)&no_context
							 : (void *)&call->args,
		.result = procedure->result,
		.value = &slot->result,
		.borrows = true,
		.ms = SESSION_PATIENCE_MS,
	};
	struct rpc_err error = { .re_status = RPC_SUCCESS };

	if (!session_is_connected(session)) {
		find(carrier);
		return false;
	}
	memset(&slot->result, 0, sizeof(slot->result));
	slot->what = *call;
	slot->call.done = on_done;
	slot->call.resent = on_resent;
	error.re_status =
	    channel_send(session->channel, &slot->call, &question);
	if (error.re_status == RPC_SUCCESS) {
		slot->procedure = procedure;
		took_off(carrier);
		return true;
	}
	session_note_call(session, procedure->name, &slot->call, &error);
	carrier->ops->failed(carrier->context, procedure);
	return true;
}
