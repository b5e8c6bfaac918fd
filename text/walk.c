/* Units found backward: see text/walk.h. */
#include "text/walk.h"

#include <string.h>

#include "text/tables.h"
#include "text/utf8.h"

#define FLAG_SIZE 8 /* two regional indicators */

enum pair {
	PAIR_BOUNDARY,
	PAIR_JOINED,
	PAIR_ASKS, /* the characters before decide */
};

static bool
is_conjunct_mark(unsigned int class)
{
	return class == CLASS_EXTEND || class == CLASS_LINKER ||
	    class == CLASS_ZWJ;
}

/* The question that two characters next to each other leave open. */
static enum walk_question
question_of(unsigned int left, unsigned int right)
{
	if (left == CLASS_RI && right == CLASS_RI)
		return WALK_FLAGS;
	if (left == CLASS_ZWJ && right == CLASS_PICT)
		return WALK_PICTOGRAPH;
	if (is_conjunct_mark(left) && right == CLASS_CONSONANT)
		return WALK_CONJUNCT;
	return WALK_PAIR;
}

static enum pair
pair_of(unsigned int left, unsigned int right)
{
	unsigned int state;

	if (question_of(left, right) != WALK_PAIR)
		return PAIR_ASKS;
	state = text_automaton[STATE_START][left] & TEXT_STATE_MASK;
	return (text_automaton[state][right] & TEXT_BOUNDARY) != 0
	    ? PAIR_BOUNDARY
	    : PAIR_JOINED;
}

/* Whether a unit starts between the classes, whatever stands before. */
static bool
is_cut(enum text_by by, unsigned int left, unsigned int right)
{
	switch (by) {
	case TEXT_BY_GRAPHEME:
		return pair_of(left & TEXT_CLASS_MASK,
			   right & TEXT_CLASS_MASK) == PAIR_BOUNDARY;
	case TEXT_BY_WORD:
		return ((left ^ right) & TEXT_CLASS_WHITE) != 0;
	default:
		return true;
	}
}

void
walk_init(struct walk *walk, enum text_by by, uint64_t end)
{
	*walk = (struct walk){ .by = by };
	walk_next(walk, end);
}

void
walk_next(struct walk *walk, uint64_t end)
{
	/* The first indicator of the run may belong to what precedes it. */
	if (walk->flags && end <= walk->flags_from + FLAG_SIZE)
		walk->flags = false;
	walk->end = end;
	walk->at = end;
	walk->question = WALK_PAIR;
}

bool
walk_knows(const struct walk *walk, uint64_t *start)
{
	if (walk->end == 0)
		*start = 0;
	else if (walk->flags)
		*start = walk->end - FLAG_SIZE;
	else if (walk->by == TEXT_BY_BYTE)
		*start = walk->end - 1;
	else
		return false;
	return true;
}

static bool
found(struct walk *walk, uint64_t boundary, uint64_t *start)
{
	walk->question = WALK_PAIR;
	*start = boundary;
	return true;
}

/*
 * The run of indicators before the candidate starts at walk->at.  Returns
 * false if that leaves the start of the unit to what precedes the run.
 */
static bool
flags_counted(struct walk *walk, uint64_t *start)
{
	uint64_t indicators = (walk->candidate - walk->at) / (FLAG_SIZE / 2);

	if (indicators % 2 != 0)
		walk->candidate -= FLAG_SIZE / 2;
	walk->question = WALK_PAIR;
	if (indicators < 2)
		return false;
	walk->flags = true;
	walk->flags_from = walk->at;
	return found(walk, walk->candidate, start);
}

/* Asks about the boundary at walk->at, before which class stands. */
static bool
look_at_pair(struct walk *walk, unsigned int class, uint64_t *start)
{
	if (walk->at == walk->end)
		return false;
	switch (pair_of(class, walk->right)) {
	case PAIR_BOUNDARY:
		return found(walk, walk->at, start);
	case PAIR_ASKS:
		walk->question = question_of(class, walk->right);
		walk->candidate = walk->at;
		walk->linker = class == CLASS_LINKER;
		break;
	case PAIR_JOINED:
		break;
	}
	return false;
}

/* Takes a character of the class to the left of walk->at into account. */
static bool
look_at_class(struct walk *walk, unsigned int class, uint64_t *start)
{
	switch (walk->question) {
	case WALK_FLAGS:
		if (class == CLASS_RI)
			return false;
		return flags_counted(walk, start) ||
		    look_at_pair(walk, class, start);
	case WALK_PICTOGRAPH:
		if (class == CLASS_EXTEND || class == CLASS_EXTEND_BARE ||
		    class == CLASS_LINKER)
			return false;
		if (class != CLASS_PICT)
			return found(walk, walk->candidate, start);
		walk->question = WALK_PAIR;
		return false;
	case WALK_CONJUNCT:
		walk->linker |= class == CLASS_LINKER;
		if (is_conjunct_mark(class))
			return false;
		if (class != CLASS_CONSONANT || !walk->linker)
			return found(walk, walk->candidate, start);
		walk->question = WALK_PAIR;
		return false;
	case WALK_PAIR:
		break;
	}
	return look_at_pair(walk, class, start);
}

/* What precedes walk->at is the start of the text. */
static bool
look_at_start(struct walk *walk, uint64_t *start)
{
	if (walk->question == WALK_FLAGS && flags_counted(walk, start))
		return true;
	return found(
	    walk, walk->question == WALK_PAIR ? 0 : walk->candidate, start);
}

/*
 * The character that ends in front of in + len.  Returns its length, or 0 if
 * it begins before in.  Bytes that are not UTF-8 pass as a character each.
 */
static size_t
character_before(const uint8_t *in, size_t len, uint32_t *point)
{
	size_t n = 1;

	*point = 0;
	while (n < 4 && n < len && utf8_continues(in[len - n]))
		n++;
	if (utf8_continues(in[len - n]) && n < 4)
		return 0;
	if (utf8_sequence(in + len - n, n) == n) {
		utf8_decode(in + len - n, point);
		return n;
	}
	return 1;
}

static bool
look_at_point(struct walk *walk, uint32_t point, uint64_t *start)
{
	unsigned int class = text_class(point);
	bool is_found = false;

	if (walk->by == TEXT_BY_GRAPHEME) {
		class &= TEXT_CLASS_MASK;
		is_found = look_at_class(walk, class, start);
	} else if (walk->at < walk->end &&
	    is_cut(walk->by, class, walk->right)) {
		is_found = found(walk, walk->at, start);
	}
	walk->right = class;
	return is_found;
}

static bool
back_by_points(
    struct walk *walk, const uint8_t *in, size_t len, uint64_t *start)
{
	bool begins_text = walk->at == len;
	uint32_t point;
	size_t n;

	while (len > 0) {
		n = character_before(in, len, &point);
		if (n == 0 && !begins_text)
			return false;
		if (look_at_point(walk, point, start))
			return true;
		n += n == 0;
		walk->at -= n;
		len -= n;
	}
	return begins_text && look_at_start(walk, start);
}

static bool
back_by_line(struct walk *walk, const uint8_t *in, size_t len, uint64_t *start)
{
	const uint8_t *lf = NULL;
	uint64_t in_at = walk->at - len;
	size_t before = len;

	/* The LF at the end of the record is not the one before it. */
	if (walk->at == walk->end && len > 0)
		before--;
	if (before > 0)
		lf = memrchr(in, '\n', before);
	walk->at = in_at;
	if (lf != NULL)
		return found(walk, in_at + (uint64_t)(lf - in) + 1, start);
	return in_at == 0 && found(walk, 0, start);
}

bool
walk_back(struct walk *walk, const uint8_t *in, size_t len, uint64_t *start)
{
	if (walk_knows(walk, start))
		return true;
	if (walk->by == TEXT_BY_LINE)
		return back_by_line(walk, in, len, start);
	return back_by_points(walk, in, len, start);
}

static size_t
first_cut_by_points(const uint8_t *in, size_t len, enum text_by by)
{
	unsigned int left = 0, right;
	size_t at = 0, first, n;
	uint32_t point;

	while (at < 3 && at < len && utf8_continues(in[at]))
		at++;
	if (by == TEXT_BY_CODEPOINT && at > 0)
		return at < len ? at : 0;
	for (first = at; at < len; at += n) {
		n = utf8_sequence(in + at, len - at);
		if (n == 0)
			break;
		utf8_decode(in + at, &point);
		right = text_class(point);
		if (at > first && is_cut(by, left, right))
			return at;
		left = right;
	}
	return 0;
}

size_t
walk_first_cut(const uint8_t *in, size_t len, enum text_by by)
{
	const uint8_t *lf;

	if (by == TEXT_BY_BYTE)
		return len > 1;
	if (by != TEXT_BY_LINE)
		return first_cut_by_points(in, len, by);
	lf = len > 1 ? memchr(in, '\n', len - 1) : NULL;
	return lf == NULL ? 0 : (size_t)(lf - in) + 1;
}
