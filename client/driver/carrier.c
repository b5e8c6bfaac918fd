#include "client/driver/carrier.h"

#include "base/base.h"

#include <string.h>

enum {
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
	struct carrier *carrier = slot->carrier;

	slot->procedure = NULL;
	if (--carrier->flying == 0)
		pulse_stop(&carrier->session->pulse);
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
	pulse_stop(&carrier->session->pulse);
}

void
carrier_leave(struct carrier *carrier)
{
	forget_calls(carrier);
	session_leave(carrier->session);
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
		pulse_heard(&carrier->session->pulse);
		carrier->session->met = true;
		carrier->ops->answered(
		    carrier->context, &slot->what, &slot->result);
	} else if (session_drop_user(carrier->session)) {
		forget_calls(carrier);
		carrier->ops->again(carrier->context);
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
	carrier->overdue = NULL;
	carrier->ops->lost(carrier->context, SESSION_UNANSWERED);
}

static void
on_asked(
    void *context, const struct channel_call *call, const struct rpc_err *error)
{
	struct carrier *carrier = context;

	session_note_call(carrier->session, procedure_ping.name, call, error);
	if (error->re_status == RPC_SUCCESS)
		carrier->session->met = true;
}

/* What one of the calls in flight asks for. */
static const struct procedure *
one_in_flight(const struct carrier *carrier)
{
	const struct carrier_slot *slot = carrier->slots;

	while (slot->procedure == NULL)
		slot++;
	return slot->procedure;
}

/* The server does not answer. */
static void
on_over(void *context, enum pulse_end how)
{
	struct carrier *carrier = context;

	carrier->overdue = how == PULSE_LATE ? one_in_flight(carrier) : NULL;
	carrier->session->last.error =
	    (struct rpc_err){ .re_status = RPC_TIMEDOUT };
	session_expects_since(
	    carrier->session, carrier->session->pulse.heard_ms);
	carrier_leave(carrier);
	carrier->ops->lost(carrier->context, SESSION_UNANSWERED);
}

void
carrier_init(struct carrier *carrier, struct session *session,
    const struct carrier_ops *ops, void *context)
{
	memset(carrier, 0, sizeof(*carrier));
	carrier->session = session;
	carrier->ops = ops;
	carrier->context = context;
	session->lost = on_lost;
	session->lost_context = carrier;
}

void
carrier_deinit(struct carrier *carrier)
{
	if (carrier->finding)
		find_stop(&carrier->session->find);
	forget_calls(carrier);
	carrier->session->lost = NULL;
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
	static const struct pulse_ops ops = { on_asked, on_over };
	const struct session *session = carrier->session;
	const struct pulse_terms terms = {
		.service = session->service,
		.channel = session->channel,
		.auth = session->auth,
		.asks = true,
		.limit_ms = session->wait_ms + session->patience_ms,
		.ops = &ops,
		.context = carrier,
	};

	if (carrier->flying++ == 0)
		pulse_listen(&carrier->session->pulse, &terms);
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
		.ms = CHANNEL_NO_LIMIT,
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
