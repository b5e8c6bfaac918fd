#include "test/fuzz/talk.h"

#include "base/base.h"
#include "stream/segment.h"
#include "test/fuzz/fuzz.h"
#include "text/text.h"

#include <string.h>

size_t
talk_say(const struct talk *t, uint64_t number, uint8_t bytes[TALK_MESSAGE])
{
	static const char words[] = "a\xcc\x81 bc\r\nd\xf0\x9f\x87\xac"
				    "\xf0\x9f\x87\xa7"
				    "e";
	size_t len = (size_t)((t->seed + number * 13) % (TALK_MESSAGE + 1));
	size_t from = (size_t)((t->seed + number) % 7);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)words[(from + i) % (sizeof(words) - 1)];
	return len;
}

uint64_t
talk_number(uint8_t byte, uint64_t known)
{
	switch (byte % 8) {
	case 0:
		return byte / 8;
	case 1:
		return known + byte / 8;
	case 2:
		return byte >= 0xf0 ? UINT64_MAX - known : known;
	case 3:
		return known > 0 ? known - 1 : 0;
	default:
		return known;
	}
}

static bool
is_message(const message *m, const uint8_t *bytes, size_t len)
{
	return m->message_len == len &&
	    (len == 0 || memcmp(m->message_val, bytes, len) == 0);
}

/* The next answer, for the first time. */
static void
hear(struct talk *t, const message *m)
{
	uint8_t in[TALK_MESSAGE], out[TALK_MESSAGE];
	size_t len;

	MUST(m->message_len <= TALK_MESSAGE);
	if (t->opened.method == METHOD_EACH) {
		len = talk_say(t, t->heard, in);
		MUST(text_reverse(out, in, len, (enum text_by)t->opened.unit,
			 NULL) == 0);
		MUST(is_message(m, out, len));
	} else {
		MUST(m->message_len <= sizeof(t->text) - t->text_len);
		if (m->message_len > 0)
			memcpy(t->text + t->text_len, m->message_val,
			    m->message_len);
		t->text_len += m->message_len;
	}
	t->heard++;
}

/* All methods but EACH answer with all of the input reversed, or fail. */
static void
check_text(const struct talk *t, uint64_t messages)
{
	uint8_t in[TALK_WHOLE + TALK_MESSAGE], out[TALK_WHOLE + TALK_MESSAGE];
	size_t len = 0;

	if (t->opened.method == METHOD_EACH || t->opened.piece.next > 0)
		return;
	for (uint64_t i = 0; i < messages; i++) {
		MUST(len <= TALK_WHOLE);
		len += talk_say(t, i, in + len);
	}
	MUST(text_reverse(out, in, len, (enum text_by)t->opened.unit, NULL) ==
	    0);
	MUST(t->text_len == len && memcmp(t->text, out, len) == 0);
}

static void
hear_end(struct talk *t, const answer *a, uint64_t behind)
{
	MUST((a->end != NULL) == (a->piece.last != 0));
	if (a->end == NULL) {
		MUST(!t->has_end || behind < t->end_at);
		return;
	}
	MUST(
	    !t->has_end || (t->end == a->end->why.code && t->end_at == behind));
	if (!t->has_end && a->end->why.code == STATUS_OK) {
		MUST(t->closed || t->opened.method == METHOD_SPELL);
		MUST(
		    t->opened.method != METHOD_EACH || behind == a->piece.next);
		check_text(t, a->piece.next);
	}
	t->has_end = true;
	t->end = a->end->why.code;
	t->end_at = behind;
}

void
talk_begin(struct talk *t, char number, struct input *in)
{
	static const uint32_t largest[] = { 0, 1, 7, 64, 1000, 30 };
	static const uint32_t deadlines[] = { 0, 0, 30, 100 };
	uint8_t kind = input_byte(in);

	memset(t, 0, sizeof(*t));
	t->seed = input_byte(in);
	t->opened.method = (stream_method)(1 + kind % 4);
	t->opened.unit = (text_unit)(kind / 4 % 5);
	t->opened.pace_ms = kind >= 0xc0 ? 3 : 0;
	t->opened.largest = input_pick(in, largest, ARRAY_LEN(largest));
	t->opened.context.deadline_ms =
	    input_pick(in, deadlines, ARRAY_LEN(deadlines));
	/* Its number makes it unlike all others. */
	t->opened.nonce[0] = (char)(t->seed % 4);
	t->opened.nonce[1] = number;
	t->opened.piece.first = t->seed % 5 == 0 ? t->seed : 0;
	t->opened.piece.next = t->opened.piece.first + (t->seed % 7 == 0);
	t->acknowledged = t->cursor = t->opened.piece.next;
}

void
talk_calls(
    struct talk *t, const segment *piece, bool takes_over, uint64_t connection)
{
	t->closed |= piece->last != 0;
	t->acknowledged = MAX_OF(t->acknowledged, piece->next);
	t->cursor =
	    takes_over ? t->acknowledged : MAX_OF(t->cursor, t->acknowledged);
	if (takes_over)
		t->connection = connection;
}

void
talk_refused(struct talk *t, const struct talk *before, status_code code)
{
	t->closed = before->closed;
	t->connection = before->connection;
	t->cursor = before->cursor;
	/* For want of memory: what was acknowledged still makes room. */
	if (code == STATUS_RESOURCE_EXHAUSTED)
		t->cursor = MAX_OF(t->cursor, t->acknowledged);
	else
		t->acknowledged = before->acknowledged;
}

void
talk_named(struct talk *t, const token name)
{
	uint64_t next = t->opened.piece.next;

	if (t->named && memcmp(t->name, name, sizeof(t->name)) == 0)
		return;
	memcpy(t->name, name, sizeof(t->name));
	t->named = true;
	t->taken = 0;
	t->heard = t->acknowledged = t->cursor = next;
	t->has_end = false;
	t->text_len = 0;
}

/* The answer keeps to what its call and the stream's OPEN said of it. */
static void
check_size(
    const segment *piece, uint32_t largest, uint32_t credit, uint32_t room)
{
	size_t cost = 0;
	u_int len;

	for (u_int i = 0; i < piece->messages.messages_len; i++) {
		len = piece->messages.messages_val[i].message_len;
		MUST(largest == 0 || len <= largest);
		cost += message_cost(len);
	}
	MUST(cost <= room);
	MUST(cost == 0 || credit > 0);
	MUST(cost <= credit || piece->messages.messages_len == 1);
}

void
talk_hears(struct talk *t, const answer *a, uint32_t credit, uint32_t room)
{
	const segment *piece = &a->piece;
	uint64_t behind = piece->first + piece->messages.messages_len;

	check_size(piece, t->opened.largest, credit, room);
	MUST(piece->first == t->cursor);
	MUST(piece->first <= t->heard);
	MUST(piece->next >= t->taken);
	t->taken = piece->next;
	for (u_int i = 0; i < piece->messages.messages_len; i++)
		if (piece->first + i == t->heard)
			hear(t, &piece->messages.messages_val[i]);
	t->cursor = behind;
	hear_end(t, a, behind);
}
