#include "test/simulation/world.h"

#include "base/base.h"
#include "stream/segment.h"

#include <assert.h>
#include <stdlib.h>

/* Over UDP: how long a client waits for a reply beyond its wait_ms. */
#define RETRY_MS 200

/* And after how many of them it makes its datagrams shorter. */
#define SILENT_MAX 2

static int
message_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct actor *a = context;
	const struct text *text;

	if (number < a->released) {
		world_fail(a->world, "a released message was asked for");
		return CLIENT_SOURCE_GONE;
	}
	if (number >= a->script.count)
		return CLIENT_SOURCE_END;
	if (number >= a->ready) {
		if (rng_once_in(&a->world->rng, a->world->weather.slow_input))
			return CLIENT_SOURCE_WAIT;
		a->ready = number + 1;
	}
	text = &a->script.messages[number];
	out->message_val = (char *)text->bytes;
	out->message_len = (u_int)text->len;
	*count = 1;
	return 0;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct actor *a = context;

	if (done > taken)
		world_fail(a->world, "answered before it was taken");
	a->released = done;
}

static void
hear_answer(struct actor *a, uint64_t number, const message *text)
{
	const struct text *want;

	if (number != a->heard)
		world_fail(a->world, "an answer was lost or came twice");
	if (a->heard >= a->script.answer_count) {
		world_fail(a->world, "an answer too many");
		return;
	}
	want = &a->script.answers[a->heard++];
	if (want->len != text->message_len ||
	    (want->len > 0 &&
		memcmp(want->bytes, text->message_val, want->len) != 0))
		world_fail(a->world, "a wrong answer");
}

static void
hear_answers(void *context, uint64_t number, const message *texts, u_int count)
{
	for (u_int i = 0; i < count; i++)
		hear_answer(context, number + i, &texts[i]);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	struct actor *a = context;

	rng_fill(&a->world->rng, bytes, len);
}

static const struct client_stream_ops ops = {
	.messages = message_of,
	.progress = progress,
	.answers = hear_answers,
	.random = fill_random,
};

/* Over UDP the path may carry less than the server takes. */
static uint32_t
carried_max(struct world *w, struct actor *a)
{
	uint32_t max = w->datagram_max;

	if (!a->datagram)
		return w->limits.message_max;
	if (rng_once_in(&w->rng, 3)) {
		max = 4 * rng_between(&w->rng, 1, max / 4);
		a->path = (uint32_t)message_cost(max);
	}
	return max;
}

static void
start_client(struct world *w, struct actor *a)
{
	struct rng *rng = &w->rng;
	struct client_stream_terms terms = {
		.credit = rng_once_in(rng, 2) ? w->limits.window
					      : rng_between(rng, 1, 200),
		.wait_ms = rng_once_in(rng, 8)
		    ? 0
		    : rng_between(rng, 1, 2 * w->limits.wait_max_ms),
		.retry_ms = UINT32_MAX,
	};
	int r;

	a->world = w;
	a->datagram = rng_once_in(rng, 3);
	a->connection = w->next_id++;
	script_make(&a->script, rng, w->limits.message_max, carried_max(w, a));
	terms.datagram = a->datagram;
	terms.method = a->script.method;
	terms.unit = a->script.unit;
	terms.largest = a->script.largest;
	if (rng_once_in(rng, 4))
		terms.pace_ms = rng_below(rng, 20);
	terms.flights = a->datagram || rng_once_in(rng, 2)
	    ? 1
	    : rng_between(rng, 2, PENDING_MAX);
	if (rng_once_in(rng, 8)) {
		terms.retry_ms = rng_once_in(rng, 4) ? 0 : rng_below(rng, 3000);
		a->impatient = true;
	}
	if (rng_once_in(rng, 30)) {
		terms.deadline_ms = rng_between(rng, 1, 3000);
		a->may_fail = true;
	}
	r = client_stream_init(&a->stream, &terms, &ops, a, w->now);
	assert(r == 0);
	(void)r;
}

void
world_start_clients(struct world *w)
{
	w->actors = rng_between(&w->rng, 1, CLIENTS_MAX);
	for (unsigned int i = 0; i < w->actors; i++) {
		memset(&w->actor[i], 0, sizeof(w->actor[i]));
		w->actor[i].number = i;
		start_client(w, &w->actor[i]);
	}
}

void
world_stop_clients(struct world *w)
{
	for (unsigned int i = 0; i < w->actors; i++) {
		client_stream_deinit(&w->actor[i].stream);
		script_free(&w->actor[i].script);
	}
}

static bool
is_right_place(const struct actor *a)
{
	const failure *why = &a->stream.why;

	return why->code != STATUS_INVALID_ARGUMENT ||
	    (why->at_message == a->script.at_message &&
		why->at_byte == a->script.at_byte);
}

/* How it ended is how it had to end, unless somebody meddled. */
static void
check_end(struct world *w, struct actor *a)
{
	status_code code = a->stream.why.code;

	if (code == a->script.code && a->heard == a->script.answer_count) {
		if (!is_right_place(a))
			world_fail(w, "the fault is not where it should be");
		if (code == STATUS_OK && a->script.method != METHOD_EACH &&
		    (a->stream.messages_in != a->script.count ||
			a->stream.bytes_in != a->script.bytes_in))
			world_fail(w, "the server counted wrong");
		return;
	}
	if (a->may_fail &&
	    (code == STATUS_CANCELLED || code == STATUS_DEADLINE_EXCEEDED))
		return;
	if (a->impatient &&
	    (code == STATUS_UNAVAILABLE || code == STATUS_RESOURCE_EXHAUSTED))
		return;
	if (w->disk.failed && a->script.method == METHOD_WHOLE &&
	    (code == STATUS_RESOURCE_EXHAUSTED || code == STATUS_INTERNAL))
		return;
	if (code == STATUS_DATA_LOSS && w->line > 0 && a->heard > 0)
		return;
	world_fail(w, "a stream did not end as it had to");
}

static void
check_call(
    struct world *w, const struct actor *a, const struct client_call *call)
{
	const segment *piece = call->kind == CLIENT_OPEN
	    ? &call->args.open.piece
	    : &call->args.exchange.piece;

	if (!a->datagram || call->kind == CLIENT_GREET)
		return;
	if (world_cost_of(piece) > message_cost(w->datagram_max))
		world_fail(w, "a call that no datagram holds");
	if (a->shrunk && world_cost_of(piece) > a->path)
		world_fail(w, "a call that does not fit the path");
}

static void
make_call(struct world *w, struct actor *a, const struct client_call *call)
{
	struct packet p = {
		.world = w,
		.client = a->number,
		.connection = a->connection,
		.xid = w->next_id++,
		.kind = call->kind,
	};
	struct client_call copy = *call;
	call_context context = { 0 };
	unsigned int i = 0;

	check_call(w, a, call);
	while (i < PENDING_MAX && a->pending[i].used)
		i++;
	assert(i < PENDING_MAX);
	a->pending[i].call = *call;
	a->pending[i].xid = p.xid;
	a->pending[i].used = true;
	a->patience = w->now + a->stream.terms.wait_ms + RETRY_MS;
	if (call->kind == CLIENT_GREET)
		world_send(w, &p, (xdrproc_t)xdr_call_context, &context);
	else if (call->kind == CLIENT_OPEN)
		world_send(w, &p, (xdrproc_t)xdr_open_args, &copy.args.open);
	else
		world_send(
		    w, &p, (xdrproc_t)xdr_exchange_args, &copy.args.exchange);
}

void
world_pump(struct world *w, struct actor *a)
{
	struct client_call call;
	enum client_step step = CLIENT_CALL;

	while (!a->over && step == CLIENT_CALL) {
		step = client_stream_next(&a->stream, w->now, &call);
		if (step == CLIENT_CALL)
			make_call(w, a, &call);
	}
	if (step != CLIENT_OVER || a->over)
		return;
	a->over = true;
	check_end(w, a);
}

void
world_lose(struct world *w, struct actor *a)
{
	memset(a->pending, 0, sizeof(a->pending));
	if (!a->datagram) {
		a->connection = w->next_id++;
		a->cut = false;
		a->arrives[0] = 0;
		a->arrives[1] = 0;
	}
	if (a->over)
		return;
	if (a->path > 0 && ++a->silent == SILENT_MAX) {
		a->shrunk = true;
		client_stream_shrink(&a->stream, a->path);
	}
	client_stream_lost(&a->stream, w->now, "the connection is gone");
}

static void
hear(struct world *w, struct actor *a, const struct client_call *call, XDR *xdr)
{
	greet_result greeted = { 0 };
	open_result opened = { 0 };
	exchange_result exchanged = { 0 };
	struct client_stream *c = &a->stream;

	switch (call->kind) {
	case CLIENT_GREET:
		assert(xdr_greet_result(xdr, &greeted));
		client_stream_greeted(c, w->now, call, &greeted);
		xdr_free((xdrproc_t)xdr_greet_result, (char *)&greeted);
		break;
	case CLIENT_OPEN:
		assert(xdr_open_result(xdr, &opened));
		client_stream_opened(c, w->now, call, &opened);
		xdr_free((xdrproc_t)xdr_open_result, (char *)&opened);
		break;
	case CLIENT_EXCHANGE:
		assert(xdr_exchange_result(xdr, &exchanged));
		client_stream_exchanged(c, w->now, call, &exchanged);
		xdr_free((xdrproc_t)xdr_exchange_result, (char *)&exchanged);
		break;
	}
}

void
world_hear(struct world *w, const struct packet *p)
{
	struct actor *a = &w->actor[p->client];
	XDR xdr;

	for (unsigned int i = 0; i < PENDING_MAX; i++) {
		if (!a->pending[i].used || a->pending[i].xid != p->xid)
			continue;
		a->pending[i].used = false;
		xdrmem_create(&xdr, p->bytes, p->len, XDR_DECODE);
		if (!a->over)
			hear(w, a, &a->pending[i].call, &xdr);
	}
}
