/*
 * For libFuzzer: any bytes as what a server sends to a client's stream: the
 * reader of records, the decoding of replies and rpcgen's of their results, and
 * stream/client.  The client believes what can be true, whatever that is.
 *
 * What holds for each input:
 * - answers are heard once each and in order, and none of them before what it
 *   answers was sent, or after the end;
 * - an answer is within the credit of its call, and as long as its message;
 * - a stream that ends well has all its answers: as many bytes as were sent;
 * - calls do not exceed what may be in flight, and are made for a reason: not
 *   without end while no reply comes, and nor does the client wait for ever;
 * - no memory is left.
 *
 * The first byte is the method and the unit, the second the terms, the third
 * how many messages there are, the fourth cuts the bytes that follow.  The xid
 * of a reply is the place of its call among those in flight, the oldest first;
 * LOST stands for the end of the connection, and PAUSE for a time in which
 * nothing comes.
 */
#include "rpcloop/wire/caller.h"
#include "rpcloop/wire/record.h"
#include "stream/client/calls.h"
#include "test/fuzz/fuzz.h"

#include "base/base.h"
#include "stream/segment.h"

#include <string.h>

enum {
	MAX = 4096,
	MESSAGES_MAX = 12,
	REPLY_MAX = MESSAGE_MAX + 128 * 1024,
	FLIGHTS = 4,
	LOST = 255,
	PAUSE = 254,
	PAUSE_MS = 500,
	RETRY_MS = 2000,
	CREDIT = 80,
	/* Calls made at once, though nothing came, and in one stream after
	 * nothing comes any more. */
	AT_ONCE = 2 * FLIGHTS,
	LAST_CALLS = 1000,
};

static const uint32_t lengths[] = { 0, 1, 2, 3, 4, 5, 8, 13 };

union result {
	greet_result greeted;
	open_result opened;
	exchange_result exchanged;
};

static struct {
	struct client_stream stream;
	struct arena arena;
	AUTH *auth;
	uint64_t now;
	uint64_t count; /* messages of the input */
	struct client_call calls[FLIGHTS];
	unsigned int flying;
	uint64_t heard;
	uint64_t bytes; /* of them */
	uint64_t done;
	size_t cost; /* of those heard in one answer, */
	u_int in_one;
	uint64_t seed;
	bool over;
} f;

static uint32_t
length_of(uint64_t number)
{
	return lengths[(number + f.count) % ARRAY_LEN(lengths)];
}

static uint64_t
sum(uint64_t messages)
{
	uint64_t bytes = 0;

	for (uint64_t i = 0; i < messages; i++)
		bytes += length_of(i);
	return bytes;
}

static int
messages_of(void *context, uint64_t number, message *out, u_int *count)
{
	static char text[16];

	(void)context;
	MUST(number >= f.done && number <= f.count);
	if (number == f.count)
		return CLIENT_SOURCE_END;
	*out = (message){ length_of(number), text };
	*count = 1;
	return 0;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	(void)context;
	MUST(taken <= f.count && done <= taken && done >= f.done);
	f.done = done;
}

static void
hear_one(uint64_t number, const message *text)
{
	MUST(number == f.heard && !f.over);
	f.heard++;
	f.bytes += text->message_len;
	f.cost += message_cost(text->message_len);
	f.in_one++;
	MUST(f.bytes <= sum(f.count));
	if (f.stream.traits->paired)
		MUST(text->message_len == length_of(number));
	else if (f.stream.traits->silent)
		MUST(f.stream.sending.sent == f.count);
	if (f.stream.terms.method == METHOD_COLLECT)
		MUST(number == 0);
}

static void
hear(void *context, uint64_t number, const message *texts, u_int count)
{
	(void)context;
	MUST(count > 0);
	for (u_int i = 0; i < count; i++)
		hear_one(number + i, &texts[i]);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	memset(bytes, (int)++f.seed, len);
}

static const struct client_stream_ops ops = {
	.messages = messages_of,
	.progress = progress,
	.answers = hear,
	.random = fill_random,
};

static void
check_end(void)
{
	const struct client_stream *c = &f.stream;

	f.over = true;
	if (c->why.code != STATUS_OK)
		return;
	MUST(f.bytes == sum(f.count));
	MUST(c->sending.taken == f.count);
	MUST(!c->traits->paired || f.heard == f.count);
	MUST(c->terms.method != METHOD_COLLECT || f.heard == 1);
	MUST(c->bytes_in == sum(f.count) - sum(c->sending.first));
	MUST(c->messages_in == f.count - c->sending.first);
}

/* Makes the calls that it wants made now.  Returns how many. */
static unsigned int
make_calls(void)
{
	unsigned int made = 0;
	enum client_step step;
	struct client_call call;

	while (!f.over) {
		step = client_stream_next(&f.stream, f.now, &call);
		if (step == CLIENT_OVER)
			check_end();
		if (step != CLIENT_CALL)
			break;
		MUST(f.flying < f.stream.terms.flights);
		f.calls[f.flying++] = call;
		MUST(++made <= AT_ONCE);
	}
	return made;
}

static void
lose(void)
{
	f.flying = 0;
	if (!f.over)
		client_stream_lost(&f.stream, f.now, "gone");
	make_calls();
}

/* Nothing comes for a while. */
static void
pause_a_while(void)
{
	f.now += PAUSE_MS;
	make_calls();
}

static void
answered(const struct client_call *call, const union result *result)
{
	f.cost = 0;
	f.in_one = 0;
	if (call->kind == CLIENT_GREET)
		client_stream_greeted(&f.stream, f.now, call, &result->greeted);
	else if (call->kind == CLIENT_OPEN)
		client_stream_opened(&f.stream, f.now, call, &result->opened);
	else
		client_stream_exchanged(
		    &f.stream, f.now, call, &result->exchanged);
	MUST(f.in_one <= 1 || f.cost <= call->credit);
	if (client_stream_moves_on(&f.stream))
		f.flying = 0;
}

static struct client_call
take_out(unsigned int place)
{
	struct client_call call = f.calls[place];

	f.flying--;
	memmove(&f.calls[place], &f.calls[place + 1],
	    (f.flying - place) * sizeof(call));
	return call;
}

/* A call that fails otherwise than by its result ends all. */
static bool
take_reply(const uint8_t *message, size_t len, unsigned int place)
{
	static const xdrproc_t codecs[] = {
		[CLIENT_GREET] = (xdrproc_t)xdr_greet_result,
		[CLIENT_OPEN] = (xdrproc_t)xdr_open_result,
		[CLIENT_EXCHANGE] = (xdrproc_t)xdr_exchange_result,
	};
	struct client_call call = take_out(place);
	union result result;
	struct rpc_err error;
	const struct caller_result into = { f.auth, codecs[call.kind], &result,
		&f.arena };

	memset(&result, 0, sizeof(result));
	caller_take_reply(message, len, &into, &error);
	if (error.re_status == RPC_SUCCESS)
		answered(&call, &result);
	arena_reset(&f.arena);
	make_calls();
	return error.re_status == RPC_SUCCESS;
}

/* Returns whether the connection, or the next one, goes on. */
static bool
receive(const uint8_t *message, size_t len)
{
	uint32_t xid;

	f.now++;
	if (!caller_is_reply(message, len, &xid))
		return false;
	if (xid == LOST)
		lose();
	else if (xid == PAUSE)
		pause_a_while();
	else if (xid < f.flying)
		return take_reply(message, len, xid);
	return true;
}

static void
read_records(uint8_t *bytes, size_t size, size_t piece)
{
	static const struct record_limits limits = { REPLY_MAX, 16384, 64 };
	struct record_reader reader = { 0 };
	size_t at = 0, arrived = 0;
	enum record_result r;

	while (arrived < size && !f.over) {
		arrived += MIN_OF(piece, size - arrived);
		while (!f.over) {
			r = record_scan(
			    &reader, &limits, bytes + at, arrived - at);
			if (r == RECORD_PARTIAL)
				break;
			if (r != RECORD_COMPLETE ||
			    !receive(
				bytes + at + reader.body_at, reader.body_len))
				return;
			at += reader.scanned;
			reader = (struct record_reader){ 0 };
		}
	}
}

/* Nobody is there any more, and the client has to notice. */
static void
end_it(void)
{
	unsigned int made = 0;

	while (!f.over) {
		lose();
		if (!f.over && f.flying == 0) {
			MUST(f.stream.due > f.now);
			f.now = f.stream.due;
		}
		MUST(++made < LAST_CALLS);
	}
}

static void
begin(struct input *in)
{
	uint8_t kind = input_byte(in), terms = input_byte(in);
	struct client_stream_terms t = {
		.method = (stream_method)(1 + kind % 4),
		.unit = (text_unit)(kind / 4 % 5),
		.credit = CREDIT,
		.wait_ms = 100,
		.datagram = terms & 1,
		.others = terms & 2,
		.flights = (terms & 5) == 4 ? FLIGHTS : 1,
		.retry_ms = terms & 8 ? 0 : RETRY_MS,
		.largest = terms & 16 ? 8 : 0,
		.deadline_ms = terms & 32 ? 3000 : 0,
	};
	AUTH *auth = f.auth != NULL ? f.auth : authnone_create();

	memset(&f, 0, sizeof(f));
	f.auth = auth;
	f.count =
	    t.method == METHOD_SPELL ? 1 : input_byte(in) % (MESSAGES_MAX + 1);
	MUST(client_stream_init(&f.stream, &t, &ops, NULL, f.now) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t *bytes;
	size_t piece;

	if (size > MAX)
		return -1;
	begin(&in);
	piece = 1 + (size_t)input_byte(&in);
	bytes = malloc(in.left + 1);
	MUST(bytes != NULL);
	if (in.left > 0)
		memcpy(bytes, in.at, in.left);
	make_calls();
	read_records(bytes, in.left, piece);
	end_it();
	free(bytes);
	client_stream_deinit(&f.stream);
	arena_deinit(&f.arena);
	return 0;
}
