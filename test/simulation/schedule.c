#include "test/simulation/schedule.h"

#include "base/base.h"
#include "text/pieces.h"
#include "text/text.h"
#include "text/whole.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGES_MAX 20

/* Characters that units treat differently. */
static const char *const characters[] = {
	"a",
	"b",
	"z",
	" ",
	"\n",
	"\r\n",
	"\xc3\xa9",
	"e\xcc\x81",
	"\xe6\x97\xa5",
	"\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa",
	"\xe2\x80\x8d",
	"\xf0\x9f\x91\xa9",
	"\xe0\xa4\x95\xe0\xa5\x8d",
	"\xe0\xa4\xb7",
};

static void
append(struct text *to, const void *bytes, size_t len)
{
	to->bytes = realloc(to->bytes, to->len + len + 1);
	assert(to->bytes != NULL);
	if (len > 0)
		memcpy(to->bytes + to->len, bytes, len);
	to->len += len;
}

static void
add(struct text **list, size_t *count, const void *bytes, size_t len)
{
	*list = realloc(*list, (*count + 1) * sizeof(struct text));
	assert(*list != NULL);
	(*list)[*count] = (struct text){ NULL, 0 };
	append(&(*list)[(*count)++], bytes, len);
}

/* Adds at most max bytes, well-formed, with long runs now and then. */
static void
random_text(struct text *to, struct rng *rng, size_t max)
{
	size_t want, len, repeat, end;
	const char *c;

	want = rng_once_in(rng, 4) ? max : rng_below(rng, (uint32_t)max + 1);
	if (rng_once_in(rng, 5))
		want = 0;
	if (rng_once_in(rng, 2) && want > 20)
		want = rng_below(rng, 20);
	end = to->len + want;
	while (to->len < end) {
		c = characters[rng_below(
		    rng, sizeof(characters) / sizeof(characters[0]))];
		len = strlen(c);
		repeat = rng_once_in(rng, 20) ? rng_below(rng, 60) : 1;
		for (; repeat > 0 && to->len + len <= end; repeat--)
			append(to, c, len);
		if (to->len + len > end)
			append(
			    to, "....", end - to->len < 4 ? end - to->len : 4);
	}
}

/* Now and then a byte that UTF-8 never has. */
static void
spoil(struct text *text, struct rng *rng)
{
	if (text->len > 0 && rng_once_in(rng, 60))
		text->bytes[rng_below(rng, (uint32_t)text->len)] = 0xff;
}

/* Messages that are texts of their own. */
static void
say_texts(struct script *s, struct rng *rng, size_t max, size_t count)
{
	struct text text;

	for (size_t i = 0; i < count; i++) {
		text = (struct text){ NULL, 0 };
		random_text(&text, rng, max);
		spoil(&text, rng);
		add(&s->messages, &s->count, text.bytes, text.len);
		free(text.bytes);
	}
}

/* One text, cut anywhere. */
static void
say_pieces(struct script *s, struct rng *rng, size_t max, size_t total)
{
	struct text text = { NULL, 0 };
	size_t at = 0, len;

	do
		random_text(&text, rng, total / 3);
	while (text.len < total && !rng_once_in(rng, 5));
	spoil(&text, rng);
	while (at < text.len || rng_once_in(rng, 3)) {
		len = rng_below(rng, (uint32_t)max + 1);
		if (rng_once_in(rng, 3))
			len = rng_below(rng, 4);
		if (len > text.len - at)
			len = text.len - at;
		add(&s->messages, &s->count, text.bytes + at, len);
		at += len;
	}
	free(text.bytes);
}

static void
expect_failure(
    struct script *s, status_code code, uint64_t message, uint64_t byte)
{
	s->code = code;
	s->at_message = message;
	s->at_byte = byte;
}

/* No answer may be longer: the client said so, or it cannot be carried. */
static uint32_t
largest_answer(const struct script *s)
{
	return s->largest > 0 ? MIN_OF(s->largest, s->carried_max)
			      : s->carried_max;
}

static void
expect_each(struct script *s, uint32_t message_max)
{
	uint32_t largest = largest_answer(s);
	uint8_t *out = malloc(message_max);
	size_t bad_at = 0;

	assert(out != NULL);
	for (size_t i = 0; i < s->count; i++) {
		struct text *m = &s->messages[i];

		if (m->len > largest) {
			expect_failure(s, STATUS_OUT_OF_RANGE, i, 0);
			break;
		}
		if (text_reverse(out, m->bytes, m->len, (enum text_by)s->unit,
			&bad_at) != 0) {
			expect_failure(s, STATUS_INVALID_ARGUMENT, i, bad_at);
			break;
		}
		add(&s->answers, &s->answer_count, out, m->len);
	}
	free(out);
}

static void
expect_spell(struct script *s)
{
	uint32_t largest = largest_answer(s);
	struct text_cursor cursor;
	const uint8_t *unit;
	size_t bad_at = 0, len;

	if (s->messages[0].len > s->carried_max) {
		expect_failure(s, STATUS_OUT_OF_RANGE, 0, 0);
		return;
	}
	if (text_cursor_init(&cursor, s->messages[0].bytes, s->messages[0].len,
		(enum text_by)s->unit, &bad_at) != 0) {
		expect_failure(s, STATUS_INVALID_ARGUMENT, 0, bad_at);
		return;
	}
	while ((len = text_cursor_next(&cursor, &unit)) > 0) {
		if (len > largest) {
			expect_failure(s, STATUS_OUT_OF_RANGE, 0, 0);
			return;
		}
		add(&s->answers, &s->answer_count, unit, len);
	}
}

/* Turns an offset in the joined text into a message and its byte. */
static void
expect_bad_at(struct script *s, uint64_t bad_at)
{
	size_t i = 0;

	while (i + 1 < s->count && bad_at >= s->messages[i].len)
		bad_at -= s->messages[i++].len;
	expect_failure(s, STATUS_INVALID_ARGUMENT, i, bad_at);
}

/*
 * The place in the joined text at which COLLECT gives up, and whether the
 * text is bad before that.
 */
static void
expect_collect(struct script *s, const struct text *all, uint8_t *out,
    uint32_t message_max, int bad, uint64_t bad_at)
{
	struct text_check check;
	size_t sum = 0, i;

	for (i = 0; i < s->count && sum <= message_max; i++)
		sum += s->messages[i].len;
	if (sum > message_max) {
		/* What is bad in earlier messages is found before. */
		sum -= s->messages[i - 1].len;
		text_check_init(&check);
		if (bad != 0 &&
		    text_check_piece(&check, all->bytes, sum, &bad_at) != 0)
			expect_bad_at(s, bad_at);
		else
			expect_failure(s, STATUS_RESOURCE_EXHAUSTED, i - 1, 0);
	} else if (bad != 0) {
		expect_bad_at(s, bad_at);
	} else if (all->len > largest_answer(s)) {
		expect_failure(s, STATUS_OUT_OF_RANGE, 0, 0);
	} else {
		add(&s->answers, &s->answer_count, out, all->len);
	}
}

static void
expect_joined(struct script *s, uint32_t message_max)
{
	struct text all = { NULL, 0 };
	uint32_t largest = largest_answer(s);
	uint8_t *out;
	size_t bad_at = 0, len;
	int bad;

	for (size_t i = 0; i < s->count; i++)
		append(&all, s->messages[i].bytes, s->messages[i].len);
	out = malloc(all.len + 1);
	assert(out != NULL);
	bad = text_reverse(
	    out, all.bytes, all.len, (enum text_by)s->unit, &bad_at);
	if (s->method == METHOD_COLLECT) {
		expect_collect(s, &all, out, message_max, bad, bad_at);
	} else if (bad != 0) {
		expect_bad_at(s, bad_at);
	} else {
		for (size_t at = 0; at < all.len; at += len) {
			len = all.len - at < largest ? all.len - at : largest;
			add(&s->answers, &s->answer_count, out + at, len);
		}
	}
	free(out);
	free(all.bytes);
}

void
script_make(struct script *s, struct rng *rng, uint32_t message_max,
    uint32_t carried_max)
{
	size_t count = rng_below(rng, MESSAGES_MAX + 1);

	memset(s, 0, sizeof(*s));
	s->carried_max = carried_max;
	s->method = (stream_method)rng_between(rng, 1, 4);
	s->unit = (text_unit)rng_below(rng, 5);
	if (rng_once_in(rng, 3))
		s->largest = rng_between(rng, 1, message_max);
	switch (s->method) {
	case METHOD_EACH:
		say_texts(s, rng, message_max, count);
		expect_each(s, message_max);
		break;
	case METHOD_SPELL:
		say_texts(s, rng, message_max, 1);
		expect_spell(s);
		break;
	case METHOD_COLLECT:
		say_pieces(
		    s, rng, MIN_OF(message_max / 3, carried_max), message_max);
		expect_joined(s, message_max);
		break;
	case METHOD_WHOLE:
		/* What comes back is cut so that it can be carried. */
		if (carried_max < message_max &&
		    (s->largest == 0 || s->largest > carried_max))
			s->largest = rng_between(rng, 1, carried_max);
		say_pieces(s, rng, carried_max, (size_t)message_max * 4);
		expect_joined(s, message_max);
		break;
	}
	for (size_t i = 0; i < s->count; i++)
		s->bytes_in += s->messages[i].len;
}

static void
free_texts(struct text *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(list[i].bytes);
	free(list);
}

void
script_free(struct script *s)
{
	free_texts(s->messages, s->count);
	free_texts(s->answers, s->answer_count);
}
