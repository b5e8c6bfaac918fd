/*
 * For libFuzzer: the server's streams, told by the input what clients do, how
 * time passes and what the disk is like.
 *
 * Several clients call on several connections, two of which are datagrams, and
 * believe what they are told; but they break off, repeat, lie about numbers and
 * overfill everything.  Whatever happens:
 * - each call is answered once, in its time, or was withdrawn;
 * - the answers of a stream are numbered without a gap, nothing comes twice but
 *   what a call asked for again, and they say what the method promises;
 * - an answer keeps to the credit and to the room of its call;
 * - what test/lib/invariants.h says holds;
 * - when all streams have been forgotten, no memory, file or job is left.
 *
 * The first two bytes describe the disk; then each operation is a byte for what
 * it is and further ones for its terms.
 */
#include "test/fuzz/fuzz.h"
#include "test/fuzz/talk.h"

#include "base/base.h"
#include "stream/server/opening.h"
#include "stream/server/turns.h"
#include "test/lib/fake_disk.h"
#include "test/lib/invariants.h"

#include <string.h>

enum {
	INPUT_MAX = 4096,
	TALKS_MAX = 8,
	CALLS_MAX = 12,
	DATAGRAMS = 3, /* connections from here on */
	PEERS = 3,     /* the first has no limits of its own */
	MEMORY = 32768,
	TURN_BYTES = 300,
};

static const struct streams_limits limits = {
	.parked = 3,
	.message_max = TALK_MESSAGE,
	.window = 128,
	.wait_max_ms = 20,
	.lease_ms = 50,
	.unproven_lease_ms = 10,
	.retry_after_ms = 7,
	.spool_memory = TALK_MESSAGE,
	.spool_block = 32,
	.spool_stream = TALK_WHOLE,
};

struct made_call;

/* A call that is handed in, or kept. */
struct handed {
	struct stream_call call;
	struct made_call *made;
};

struct made_call {
	struct handed kept;
	struct talk *talk;
	uint64_t connection;
	uint32_t room;
	bool waits;
	bool opens;
	status_code code; /* of its answer */
	uint32_t credit;
	uint64_t answer_by;
};

static struct {
	struct streams *streams;
	struct fake_disk disk;
	struct rng rng;
	uint64_t now;
	size_t left; /* of what may be done in a turn */
	struct account all;
	struct account peers[PEERS];
	struct charge elsewhere; /* memory that others use */
	struct charge held;      /* by the connections of who calls */
	bool keepless;           /* no call can be kept */
	struct talk talks[TALKS_MAX];
	unsigned int talk_count;
	struct made_call calls[CALLS_MAX];
} f;

static struct made_call *
made_of(struct stream_call *call)
{
	return container_of(call, struct handed, call)->made;
}

static void
answered(
    struct stream_call *call, status_code code, bool opens, const failure *why)
{
	struct made_call *c = made_of(call);

	MUST(c->waits && c->opens == opens);
	c->waits = false;
	c->code = code;
	MUST(code == STATUS_OK || why->code == code);
}

static void
hear(const struct made_call *c, const answer *a)
{
	talk_hears(c->talk, a, c->credit, c->room);
	MUST(a->piece.window <= limits.window);
}

static bool
answer_open(struct stream_call *call, open_result *result)
{
	struct made_call *c = made_of(call);
	const opened *started = &result->open_result_u.started;

	answered(call, result->code, true, &result->open_result_u.why);
	if (result->code != STATUS_OK)
		return true;
	talk_named(c->talk, started->stream);
	hear(c, &started->first_answer);
	return true;
}

static bool
answer_exchange(struct stream_call *call, exchange_result *result)
{
	answered(call, result->code, false, &result->exchange_result_u.why);
	if (result->code == STATUS_OK)
		hear(made_of(call), &result->exchange_result_u.answered);
	return true;
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	rng_fill(&f.rng, bytes, len);
}

static struct stream_call *
keep(struct stream_call *call)
{
	struct made_call *c = made_of(call);

	MUST(c->waits && c->kept.made == NULL);
	if (f.keepless)
		return NULL;
	c->kept.made = c;
	return &c->kept.call;
}

static size_t
spend(void *context, size_t bytes)
{
	(void)context;
	f.left -= MIN_OF(bytes, f.left);
	return f.left;
}

static const struct streams_ops ops = {
	.answer_open = answer_open,
	.answer_exchange = answer_exchange,
	.keep = keep,
	.random = fill_random,
	.spend = spend,
};

/* A call of the talk that is not under way; NULL when there are too many. */
static struct made_call *
make_call(struct talk *t, struct input *in, struct handed *handed)
{
	uint8_t from = input_byte(in);
	struct made_call *c = f.calls;
	struct stream_call *call = &handed->call;

	while (c < f.calls + CALLS_MAX && c->waits)
		c++;
	if (c == f.calls + CALLS_MAX)
		return NULL;
	*handed = (struct handed){ .made = c };
	call->connection = 1 + from % 5;
	call->peer = &f.peers[t->seed % PEERS];
	call->datagram = call->connection > DATAGRAMS;
	call->room = call->datagram ? 4 + (uint32_t)from / 8 * 4 : UINT32_MAX;
	*c = (struct made_call){
		.talk = t,
		.waits = true,
		.connection = call->connection,
		.room = call->room,
	};
	charge_take(
	    &f.held, call->peer, CHARGE_BYTES, from >= 0xf0 ? MEMORY / 8 : 0);
	return c;
}

/* A segment of the talk from the number it has, and what it says. */
static void
fill(segment *piece, const struct talk *t, struct input *in,
    uint8_t bytes[4][TALK_MESSAGE])
{
	static const uint32_t credits[] = { 0, 1, 40, 400, 4000, 80 };
	static message messages[4];
	uint8_t shape = input_byte(in);

	piece->messages.messages_len = shape % 4;
	piece->messages.messages_val = messages;
	for (u_int i = 0; i < piece->messages.messages_len; i++) {
		messages[i].message_val = (char *)bytes[i];
		messages[i].message_len =
		    (u_int)talk_say(t, piece->first + i, bytes[i]);
	}
	piece->last = (shape & 4) != 0;
	piece->window = input_pick(in, credits, ARRAY_LEN(credits));
}

/* Makes the call count, as far as the client can tell. */
static void
expect(struct made_call *c, const struct stream_call *call,
    const segment *piece, uint32_t wait_ms)
{
	c->credit = piece->window;
	c->answer_by = f.now + MIN_OF(wait_ms, limits.wait_max_ms);
	talk_calls(c->talk, piece, call->takes_over, call->connection);
}

/* Whatever was not answered was kept; the rest is nobody's any more. */
static void
correct(
    const struct made_call *c, struct handed *handed, const struct talk *before)
{
	bool takes_over = handed->call.takes_over;

	MUST(c->waits == (c->kept.made != NULL));
	charge_release(&f.held);
	memset(handed, 0xff, sizeof(*handed));
	if (!c->waits && c->code != STATUS_OK && c->code != STATUS_OUT_OF_RANGE)
		talk_refused(c->talk, before, c->code);
	else if (takes_over)
		for (size_t i = 0; i < CALLS_MAX; i++)
			MUST(&f.calls[i] == c || !f.calls[i].waits ||
			    f.calls[i].talk != c->talk);
}

static void
exchange(struct talk *t, struct input *in)
{
	static const uint32_t waits[] = { 0, 5, 1000, 20 };
	uint8_t bytes[4][TALK_MESSAGE];
	uint8_t numbers = input_byte(in), lies = input_byte(in);
	exchange_args args = { .ahead = numbers & 1 };
	struct handed handed;
	struct made_call *c = make_call(t, in, &handed);
	struct talk before = *t;

	if (c == NULL)
		return;
	memcpy(args.stream, t->name, sizeof(args.stream));
	args.piece.first = talk_number(numbers / 2, t->taken);
	args.piece.next = talk_number(lies, t->heard);
	fill(&args.piece, t, in, bytes);
	args.wait_ms = input_pick(in, waits, ARRAY_LEN(waits));
	handed.call.takes_over =
	    args.piece.window > 0 && (!args.ahead || handed.call.datagram);
	expect(c, &handed.call, &args.piece, args.wait_ms);
	streams_exchange(f.streams, f.now, &args, &handed.call);
	correct(c, &handed, &before);
}

/* Opens it for the first time, or says it again. */
static void
open_talk(struct talk *t, struct input *in)
{
	uint8_t bytes[4][TALK_MESSAGE];
	struct handed handed;
	struct made_call *c = make_call(t, in, &handed);
	struct talk before = *t;
	open_args args = t->opened;
	uint8_t shape;

	if (c == NULL)
		return;
	c->opens = true;
	fill(&args.piece, t, in, bytes);
	shape = input_byte(in);
	args.wait_ms = shape % 32;
	/* Then it may be another stream that is asked for. */
	args.pace_ms += shape >= 0xf0;
	handed.call.takes_over =
	    args.piece.window > 0 || c->connection != t->connection;
	expect(c, &handed.call, &args.piece, args.wait_ms);
	streams_open(f.streams, f.now, &args, &handed.call);
	correct(c, &handed, &before);
}

static void
pass(uint64_t ms)
{
	f.now += ms;
	f.disk.now = f.now;
	while (streams_next_due(f.streams) <= f.now) {
		f.left = TURN_BYTES;
		streams_tick(f.streams, f.now);
	}
	for (size_t i = 0; i < CALLS_MAX; i++)
		MUST(!f.calls[i].waits || f.calls[i].answer_by > f.now);
}

static void
lose_connection(uint64_t connection)
{
	for (size_t i = 0; i < CALLS_MAX; i++) {
		if (!f.calls[i].waits || f.calls[i].connection != connection)
			continue;
		streams_call_gone(&f.calls[i].kept.call, f.now);
		f.calls[i].waits = false;
	}
}

static void
cancel(const struct talk *t)
{
	cancel_args args;

	memcpy(args.stream, t->name, sizeof(args.stream));
	streams_cancel(f.streams, f.now, &args);
}

/* What clients do; byte says what. */
static void
talk(struct input *in, uint8_t byte)
{
	struct talk *t =
	    &f.talks[f.talk_count > 0 ? byte / 16 % f.talk_count : 0];

	f.left = TURN_BYTES;
	switch (byte % 16) {
	case 8:
		cancel(t);
		break;
	case 9:
		/* Without a nonce it would be another stream. */
		if (t->opened.nonce[0] != 0)
			open_talk(t, in);
		break;
	case 10:
		if (f.talk_count == TALKS_MAX)
			break;
		t = &f.talks[f.talk_count++];
		talk_begin(t, (char)f.talk_count, in);
		open_talk(t, in);
		break;
	case 11:
		lose_connection(1 + byte / 16 % 5);
		break;
	default:
		exchange(t, in);
	}
}

/* What happens beside; byte says what, and how much. */
static void
happen(uint8_t byte)
{
	uint8_t much = byte / 16;

	f.left = TURN_BYTES;
	switch (byte % 4) {
	case 0:
		pass(much == 15 ? limits.lease_ms : much);
		break;
	case 1:
		streams_disk_ready(f.streams, f.now);
		break;
	case 2:
		charge_set(&f.elsewhere, (uint64_t)much * (MEMORY / 15 + 1));
		break;
	default:
		if (much == 15)
			streams_drain(f.streams);
		else if (much == 14)
			streams_end_all(f.streams, f.now);
		else
			streams_work(f.streams, f.now);
	}
}

/* Ends everything: nothing may wait then, and nothing be left. */
static void
finish(void)
{
	streams_end_all(f.streams, f.now);
	for (size_t i = 0; i < CALLS_MAX; i++)
		MUST(!f.calls[i].waits);
	MUST(streams_count(f.streams) == 0);
	while (f.disk.jobs > 0) {
		f.disk.now++;
		streams_disk_ready(f.streams, f.now);
	}
	pass(limits.lease_ms + 1);
	charge_set(&f.elsewhere, 0);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		MUST(f.all.held[kind] == 0);
	MUST(streams_owing(f.streams) == 0);
	MUST(streams_next_due(f.streams) == UINT64_MAX);
	MUST(!streams_has_work(f.streams));
	MUST(f.disk.files == 0);
	f.streams = streams_free(f.streams);
}

static void
begin_accounts(void)
{
	account_init(&f.all, NULL, NULL);
	f.all.most[CHARGE_STREAMS] = 4;
	f.all.most[CHARGE_UNPROVEN] = 2;
	f.all.most[CHARGE_KEPT] = 3;
	f.all.most[CHARGE_BYTES] = MEMORY;
	for (int i = 0; i < PEERS; i++) {
		account_init(&f.peers[i], &f.all, NULL);
		if (i == 0)
			continue;
		f.peers[i].most[CHARGE_STREAMS] = 2;
		f.peers[i].most[CHARGE_BYTES] = MEMORY / 8;
	}
	charge_take(&f.elsewhere, &f.peers[0], CHARGE_BYTES, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t byte;

	if (size > INPUT_MAX)
		return -1;
	memset(&f.calls, 0, sizeof(f.calls));
	memset(&f.talks[0], 0, sizeof(f.talks[0]));
	f.talk_count = 0;
	f.now = 1000;
	f.rng.state = 1;
	begin_accounts();
	fake_disk_init(&f.disk, &f.rng);
	f.disk.now = f.now;
	f.disk.slowest = input_byte(&in) % 16;
	byte = input_byte(&in);
	f.disk.failing = byte % 32;
	f.keepless = byte >= 0xe0;
	MUST(streams_new(&f.streams, &limits, &ops, &f.disk.disk, NULL) == 0);
	while (in.left > 0) {
		byte = input_byte(&in);
		if (byte % 16 < 12)
			talk(&in, byte);
		else
			happen(byte);
		MUST(invariants_broken(f.streams, &f.all, f.elsewhere.amount,
			 f.disk.jobs > 0) == NULL);
	}
	finish();
	return 0;
}
