#include "stream/client/lies.h"

#include "base/base.h"
#include "stream/segment.h"

/* An answer, and what its messages come to. */
struct testimony {
	const struct client_stream *c;
	const struct client_call *call;
	const segment *piece;
	const stream_end *end; /* or NULL */
	uint64_t after;
	size_t cost;
	uint64_t bytes; /* of those that were not heard before */
	uint32_t longest;
	uint32_t shortest; /* or UINT32_MAX */
	bool misfits;      /* one is not as long as what it answers */
};

static bool
is_ok(const struct testimony *t)
{
	return t->end != NULL && t->end->why.code == STATUS_OK;
}

static bool
is_of(const struct testimony *t, stream_method method)
{
	return t->c->terms.method == method;
}

static bool
has_messages(const struct testimony *t)
{
	return t->piece->messages.messages_len > 0;
}

static bool
next_goes_back(const struct testimony *t)
{
	return t->piece->next < t->c->sending.taken;
}

static bool
half_an_end(const struct testimony *t)
{
	return (t->piece->last != 0) != (t->end != NULL);
}

static bool
end_was_passed(const struct testimony *t)
{
	return t->piece->last && t->after < t->c->next;
}

/* Every answer that reaches the end says so again. */
static bool
end_moves(const struct testimony *t)
{
	uint64_t end = t->c->heard.end;

	return t->piece->last ? end != HEARD_NO_END && t->after != end
			      : t->after >= end;
}

static bool
end_changes(const struct testimony *t)
{
	const struct client_stream *c = t->c;
	const stream_end *end = t->end;

	return end != NULL && c->heard.end != HEARD_NO_END &&
	    (end->why.code != c->heard.code ||
		end->messages_in != c->messages_in ||
		end->bytes_in != c->bytes_in || end->bytes_out != c->bytes_out);
}

/* One message of any size may go where none is on its way (rule 3). */
static bool
exceeds_credit(const struct testimony *t)
{
	return has_messages(t) &&
	    (t->call->credit == 0 ||
		(t->piece->messages.messages_len > 1 &&
		    t->cost > t->call->credit));
}

static bool
is_too_long(const struct testimony *t)
{
	uint32_t largest = t->c->largest;

	if (largest == 0)
		largest = t->c->traits->largest;
	return t->longest > (largest > 0 ? largest : MESSAGE_MAX);
}

/* Whoever takes a stream over says from where. */
static bool
leaves_a_gap(const struct testimony *t)
{
	return t->call->takes_over && t->piece->first > t->c->next;
}

static bool
answers_nothing(const struct testimony *t)
{
	const struct method_traits *traits = t->c->traits;
	uint64_t needed = traits->silent ? t->c->sending.end : 1;

	if (traits->paired)
		return t->after > t->piece->next;
	return has_messages(t) && t->piece->next < needed;
}

static bool
has_other_length(const struct testimony *t)
{
	return t->misfits;
}

static bool
has_no_bytes(const struct testimony *t)
{
	return is_of(t, METHOD_SPELL) && t->shortest == 0;
}

/* Where they may be empty, one is for a text without bytes. */
static bool
has_too_many(const struct testimony *t)
{
	uint64_t most = t->c->sending.bytes;

	if (t->c->traits->paired || !has_messages(t))
		return false;
	if (is_of(t, METHOD_COLLECT))
		most = 1;
	if (is_of(t, METHOD_WHOLE))
		most++;
	return t->after > most;
}

static bool
has_more_bytes(const struct testimony *t)
{
	return !t->c->traits->paired && t->bytes > 0 &&
	    t->c->heard.bytes + t->bytes > t->c->sending.bytes;
}

static bool
is_done_before_taken(const struct testimony *t)
{
	return is_ok(t) && t->piece->next != t->c->sending.end;
}

static bool
is_done_before_answered(const struct testimony *t)
{
	if (!is_ok(t))
		return false;
	if (is_of(t, METHOD_COLLECT))
		return t->after != 1;
	return t->c->traits->paired && t->after != t->piece->next;
}

/* With a gap before it, nobody knows. */
static bool
has_fewer_bytes(const struct testimony *t)
{
	const struct client_stream *c = t->c;

	return is_ok(t) && !c->traits->paired && t->piece->first <= c->next &&
	    c->heard.bytes + t->bytes < c->sending.bytes;
}

/* Of a text that is reversed no more comes out than has gone in; and a stream
 * that goes on with the answers of another may have counted those as well. */
static bool
counts_wrong(const struct testimony *t)
{
	const struct sending *to = &t->c->sending;
	const stream_end *end = t->end;
	uint64_t sent = to->sent - to->first;

	if (end == NULL)
		return false;
	if (end->messages_in > sent || end->bytes_in > to->bytes ||
	    end->bytes_out > end->bytes_in)
		return true;
	return is_ok(t) &&
	    (end->messages_in != sent || end->bytes_in != to->bytes ||
		end->bytes_out < t->c->heard.here + t->bytes);
}

static const struct lie {
	bool (*is_told)(const struct testimony *t);
	const char *words;
} lies[] = {
	{ next_goes_back, "next goes back" },
	{ half_an_end, "last without an end, or an end without last" },
	{ end_was_passed, "the answers end before one that has come" },
	{ end_moves, "the end of the answers moves" },
	{ end_changes, "the stream ends in another way than before" },
	{ exceeds_credit, "an answer is beyond the credit" },
	{ is_too_long, "a message is longer than was asked for" },
	{ leaves_a_gap, "an answer does not begin where it was asked to" },
	{ answers_nothing, "an answer to what was not taken" },
	{ has_other_length, "a message of another length comes back" },
	{ has_no_bytes, "a unit without bytes" },
	{ has_too_many, "more answers than there can be" },
	{ has_more_bytes, "more bytes come back than were sent" },
	{ is_done_before_taken, "it is done before all was taken" },
	{ is_done_before_answered, "it is done before all was answered" },
	{ has_fewer_bytes, "fewer bytes come back than were sent" },
	{ counts_wrong, "it counts what was not" },
};

/* What answers a message whose answer was not heard is as long. */
static bool
has_misfits(const struct client_stream *c, const segment *piece)
{
	const struct sending *to = &c->sending;
	uint64_t number = MAX_OF(piece->first, c->next);
	uint64_t end = MIN_OF(segment_after(piece), to->sent);
	const message *answer;
	message asked[64];
	u_int count;

	while (number < end) {
		count = (u_int)MIN_OF(end - number, ARRAY_LEN(asked));
		if (to->source(to->context, number, asked, &count) != 0)
			return false;
		answer = &piece->messages.messages_val[number - piece->first];
		for (u_int i = 0; i < count; i++)
			if (answer[i].message_len != asked[i].message_len)
				return true;
		number += count;
	}
	return false;
}

static void
weigh(struct testimony *t)
{
	uint64_t number = t->piece->first;
	u_int count = t->piece->messages.messages_len, len;

	for (u_int i = 0; i < count; i++, number++) {
		len = t->piece->messages.messages_val[i].message_len;
		t->cost += message_cost(len);
		if (number >= t->c->next)
			t->bytes += len;
		t->longest = MAX_OF(t->longest, len);
		t->shortest = MIN_OF(t->shortest, len);
	}
	t->misfits = t->c->traits->paired && has_misfits(t->c, t->piece);
}

const char *
lies_in_answer(const struct client_stream *c, const struct client_call *call,
    const answer *a)
{
	struct testimony t = {
		.c = c,
		.call = call,
		.piece = &a->piece,
		.end = a->end,
		.after = segment_after(&a->piece),
		.shortest = UINT32_MAX,
	};
	const char *wrong = segment_refuses(&a->piece, c->sending.sent);

	if (wrong != NULL)
		return wrong;
	weigh(&t);
	for (size_t i = 0; i < ARRAY_LEN(lies); i++)
		if (lies[i].is_told(&t))
			return lies[i].words;
	return a->end != NULL
	    ? lies_in_failure(c, a->end->why.code, &a->end->why)
	    : NULL;
}

const char *
lies_in_failure(
    const struct client_stream *c, status_code code, const failure *why)
{
	if (why->code != code)
		return "a failure has two codes";
	if ((unsigned int)code > STATUS_UNAUTHENTICATED)
		return "there is no such status";
	if (why->at_message > 0 && why->at_message >= c->sending.sent)
		return "the fault is in a message that was not sent";
	return NULL;
}
