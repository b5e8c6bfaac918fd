#include "test/bench/streams.h"
#include "test/bench/rpc.h"
#include "text/text.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

enum {
	METHOD_COLLECT = 1,
	METHOD_SPELL = 2,
	METHOD_EACH = 3,
	UNIT_BYTE = 2,
	UNIT_LINE = 4,
	TOKEN = 16,
	WAIT_MS = 10000,
	CREDIT = TEXT_MAX + 4,
	/* As many as the daemon lets wait on one stream. */
	CALLS = 64,
	/* Where the messages of a segment end, there are these words. */
	TAIL_WORDS = 1 + 2 + 1,
};

/* A call in flight: what it is, and what will be sent once it has been. */
struct flight {
	enum rpc_procedure procedure;
	uint64_t after;
};

struct stream {
	const struct load *load;
	struct meter *meter;
	struct rpc rpc;
	uint32_t method;
	size_t cost; /* of a message that goes on and on, in bytes */
	char *asked, *wanted, *whole; /* messages as they are on the wire */
	size_t whole_len;
	uint32_t opened; /* streams */
	struct flight flights[CALLS * 2];
	char token[TOKEN];
	uint64_t end, sent, taken, answered;
	uint32_t window;
	bool is_open, must_go_back, has_ended;
};

static size_t
smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
put_message(char *to, const char *text, size_t len)
{
	uint32_t head = __builtin_bswap32((uint32_t)len);

	memcpy(to, &head, 4);
	memcpy(to + 4, text, len);
	memset(to + 4 + len, 0, -len % 4);
	return 4 + len + -len % 4;
}

static char *
room(size_t size)
{
	char *bytes = malloc(size);

	if (bytes == NULL)
		err(1, "malloc");
	return bytes;
}

/* A message as often as it may be in one segment. */
static char *
repeated(const char *text, size_t len)
{
	size_t cost = 4 + (len + 3) / 4 * 4;
	size_t times = smaller(1024, 2 * TEXT_MAX / cost + 1);
	char *all = room(times * cost);

	for (size_t i = 0; i < times; i++)
		put_message(all + i * cost, text, len);
	return all;
}

/* What goes, and what has to come: of SPELL the lines as they are, of the
 * others what is reversed; of COLLECT one message that is all of them. */
static void
prepare(struct stream *s)
{
	size_t len = s->load->bytes, sum = load_messages(s->load) * len;
	char *text = room(TEXT_MAX), *turned = room(TEXT_MAX);
	bool is_spell = s->method == METHOD_SPELL;

	load_fill_lines(text, sum, len);
	text_reverse(
	    (uint8_t *)turned, (const uint8_t *)text, sum, TEXT_BY_BYTE, NULL);
	s->whole = room(TEXT_MAX + 8);
	s->whole_len = put_message(s->whole, is_spell ? text : turned, sum);
	s->cost = 4 + (len + 3) / 4 * 4;
	s->asked = repeated(text, len);
	s->wanted = repeated(is_spell ? text : turned + sum - len, len);
	free(text);
	free(turned);
}

static size_t
in_flight(const struct stream *s)
{
	return s->rpc.sent - s->rpc.answered;
}

static void
begin(struct stream *s, enum rpc_procedure procedure, uint64_t after)
{
	rpc_begin(&s->rpc, procedure);
	s->flights[s->rpc.sent % (CALLS * 2)] =
	    (struct flight){ procedure, after };
}

static void
put_tail(struct stream *s, uint32_t credit)
{
	rpc_put(&s->rpc, s->sent == s->end);
	rpc_put_long(&s->rpc, s->answered);
	rpc_put(&s->rpc, credit);
}

static void
put_segment(struct stream *s, size_t count, uint32_t credit)
{
	rpc_put_long(&s->rpc, s->sent);
	rpc_put(&s->rpc, (uint32_t)count);
	rpc_put_bytes(&s->rpc, s->asked, count * s->cost);
	s->sent += count;
	put_tail(s, credit);
}

/* Credit for the messages of one call of SPELL. */
static uint32_t
spell_credit(const struct stream *s)
{
	return (uint32_t)(s->load->segment * s->cost);
}

static void
open_stream(struct stream *s)
{
	bool is_spell = s->method == METHOD_SPELL;

	s->sent = s->taken = s->answered = 0;
	s->is_open = s->must_go_back = s->has_ended = false;
	s->end = is_spell                 ? 1
	    : s->method == METHOD_COLLECT ? load_messages(s->load)
					  : UINT64_MAX;
	begin(s, RPC_OPEN, 0);
	rpc_put_long(&s->rpc, 0); /* no deadline, no metadata */
	rpc_put_long(&s->rpc, now_ns());
	rpc_put_long(&s->rpc, ++s->opened);
	rpc_put(&s->rpc, s->method);
	rpc_put(&s->rpc, is_spell ? UNIT_LINE : UNIT_BYTE);
	rpc_put_long(&s->rpc, 0); /* no pace, any length */
	if (is_spell) {
		rpc_put_long(&s->rpc, 0);
		rpc_put(&s->rpc, 1);
		rpc_put_bytes(&s->rpc, s->whole, s->whole_len);
		s->sent = 1;
		put_tail(s, spell_credit(s));
	} else {
		put_segment(s, 0, CREDIT);
	}
	rpc_put(&s->rpc, 0);
	rpc_end(&s->rpc);
}

static void
exchange(struct stream *s, size_t count, uint32_t credit)
{
	begin(s, RPC_EXCHANGE, s->sent + count);
	rpc_put_bytes(&s->rpc, s->token, TOKEN);
	put_segment(s, count, credit);
	rpc_put(&s->rpc, WAIT_MS);
	rpc_put(&s->rpc, 1); /* ahead */
	rpc_end(&s->rpc);
}

/* Has the server forget the stream, on the way to the next one. */
static void
cancel(struct stream *s)
{
	begin(s, RPC_CANCEL, 0);
	rpc_put_bytes(&s->rpc, s->token, TOKEN);
	rpc_end(&s->rpc);
}

static size_t
count_answers(struct stream *s, const char *messages, size_t count)
{
	if (s->method == METHOD_COLLECT) {
		if (count == 0)
			return 0;
		if (memcmp(messages, s->whole, s->whole_len) != 0)
			errx(1, "a wrong answer to all");
		meter_count(s->meter, s->end);
		return s->whole_len;
	}
	if (memcmp(messages, s->wanted, count * s->cost) != 0)
		errx(1, "a wrong answer");
	if (count > 0)
		meter_count(s->meter, count);
	return count * s->cost;
}

/* The end has to be a good one. */
static void
take_end(struct stream *s, const char *end)
{
	if (rpc_word(end, 0) == 0)
		return;
	if (rpc_word(end, 1) != 0)
		errx(1, "the stream ended with %u", rpc_word(end, 1));
	s->has_ended = true;
}

static void
take_answer(struct stream *s, const char *at, uint64_t after)
{
	size_t count = rpc_word(at, 2), len;
	const char *tail;

	if (rpc_long(at, 0) != s->answered)
		errx(1, "an answer out of order");
	len = count_answers(s, at + 12, count);
	tail = at + 12 + len;
	s->answered += count;
	s->taken = rpc_long(tail, 1);
	s->window = rpc_word(tail, 3);
	if (s->taken < after)
		s->must_go_back = true;
	take_end(s, tail + TAIL_WORDS * 4);
}

/* Returns whether there was a result. */
static bool
take_result(struct stream *s)
{
	size_t len;
	const char *result = rpc_result(&s->rpc, &len);
	struct flight *flight = &s->flights[s->rpc.last % (CALLS * 2)];

	if (result == NULL)
		return false;
	if (rpc_word(result, 0) != 0)
		errx(1, "refused with %u", rpc_word(result, 0));
	if (flight->procedure == RPC_OPEN) {
		memcpy(s->token, result + 4, TOKEN);
		s->is_open = true;
		take_answer(s, result + 4 + TOKEN + 4, flight->after);
	} else if (flight->procedure == RPC_EXCHANGE) {
		take_answer(s, result + 4, flight->after);
	}
	return true;
}

/*
 * How many messages may go now: a full segment as a rule, by what is in
 * flight and by the server's window; whatever its size, the first one may.
 */
static size_t
allowed(const struct stream *s)
{
	size_t used = (s->sent - s->taken) * s->cost;
	size_t flying =
	    s->sent - (s->method == METHOD_EACH ? s->answered : s->taken);
	size_t full = smaller(s->load->segment, s->load->depth), count;

	if (in_flight(s) == CALLS || flying >= s->load->depth)
		return 0;
	full = smaller(full, s->end - s->sent);
	count = smaller(full, s->load->depth - flying);
	count =
	    smaller(count, s->window > used ? (s->window - used) / s->cost : 0);
	if (count == 0 && used == 0 && s->window > 0)
		count = smaller(1, full);
	return count < full && in_flight(s) > 0 ? 0 : count;
}

static void
push(struct stream *s)
{
	bool is_each = s->method == METHOD_EACH;
	size_t count;

	if (s->must_go_back && in_flight(s) == 0) {
		s->sent = s->taken;
		s->must_go_back = false;
	}
	while (!s->must_go_back && (count = allowed(s)) > 0)
		exchange(s, count,
		    is_each || s->sent + count == s->end ? CREDIT : 0);
}

/* As many calls that wait for messages as hold those that may be in flight. */
static void
pull(struct stream *s)
{
	size_t most = smaller(CALLS, s->load->depth / s->load->segment);

	while (!s->has_ended && in_flight(s) < most)
		exchange(s, 0, spell_credit(s));
}

/* At least one call is sent, or on its way. */
static void
go_on(struct stream *s)
{
	bool is_over = s->method == METHOD_EACH && meter_is_over(s->meter);

	if (s->method == METHOD_SPELL)
		pull(s);
	else if (!is_over)
		push(s);
	if (in_flight(s) == 0)
		exchange(s, 0, CREDIT);
	rpc_send(&s->rpc);
}

static bool
is_done(const struct stream *s)
{
	if (s->method != METHOD_EACH)
		return s->has_ended && in_flight(s) == 0;
	return meter_is_over(s->meter) && s->answered == s->sent &&
	    in_flight(s) == 0;
}

static void
run_stream(struct stream *s)
{
	open_stream(s);
	rpc_send(&s->rpc);
	for (;;) {
		rpc_receive(&s->rpc);
		while (take_result(s))
			continue;
		if (is_done(s))
			break;
		if (s->is_open && !s->has_ended)
			go_on(s);
	}
	cancel(s);
}

void
streams_run(const struct load *load, struct meter *meter)
{
	static struct stream s;

	s = (struct stream){ .load = load, .meter = meter };
	s.method = load->work == WORK_EACH ? METHOD_EACH
	    : load->work == WORK_COLLECT   ? METHOD_COLLECT
					   : METHOD_SPELL;
	prepare(&s);
	rpc_init(&s.rpc, load->address);
	meter_start(meter, load);
	while (!meter_is_over(meter))
		run_stream(&s);
	meter_tell(meter);
	rpc_send(&s.rpc);
	while (in_flight(&s) > 0 && !take_result(&s))
		rpc_receive(&s.rpc);
	rpc_deinit(&s.rpc);
	free(s.asked);
	free(s.wanted);
	free(s.whole);
}
