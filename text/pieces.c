/* Text that arrives in pieces: see text/pieces.h. */
#include "text/pieces.h"

#include <stdbool.h>
#include <string.h>

#include "text/cluster.h"
#include "text/kernel.h"
#include "text/utf8.h"

/* What the state of a scan by words or lines means; 0 is the start. */
enum {
	AFTER_OTHER = 1, /* a character that is not White_Space; no LF */
	AFTER_WHITE,
	AFTER_LF,
};

/*
 * Moves bytes from the piece to the rest until the sequence is complete.
 * Returns its length then; 0 when it is ill-formed; more than rest->length
 * when the piece is used up.
 */
static unsigned int
complete(struct text_rest *rest, const uint8_t **in, size_t *len)
{
	unsigned int length;

	do {
		if (*len == 0)
			return sizeof(rest->bytes) + 1;
		rest->bytes[rest->length++] = *(*in)++;
		--*len;
		length = utf8_promise(rest->bytes, rest->length);
	} while (length > rest->length);
	return length;
}

static int
ill_formed(uint64_t *bad_at, uint64_t at)
{
	if (bad_at != NULL)
		*bad_at = at;
	return TEXT_ILL_FORMED;
}

void
text_check_init(struct text_check *check)
{
	*check = (struct text_check){ 0 };
}

int
text_check_piece(
    struct text_check *check, const uint8_t *in, size_t len, uint64_t *bad_at)
{
	unsigned int length;
	size_t valid;

	if (check->rest.length > 0) {
		length = complete(&check->rest, &in, &len);
		if (length == 0)
			return ill_formed(bad_at, check->at);
		if (length > check->rest.length)
			return 0;
		check->at += length;
		check->rest.length = 0;
	}
	valid = text_kernel()->valid(in, len);
	check->at += valid;
	if (valid == len)
		return 0;
	in += valid;
	len -= valid;
	length = complete(&check->rest, &in, &len);
	return length == 0 ? ill_formed(bad_at, check->at) : 0;
}

int
text_check_end(const struct text_check *check, uint64_t *bad_at)
{
	return check->rest.length > 0 ? ill_formed(bad_at, check->at) : 0;
}

void
text_scan_init(struct text_scan *scan, enum text_by by)
{
	*scan = (struct text_scan){ .by = by };
}

/* Moves the state past a character; whether a unit starts with it. */
static bool
step(struct text_scan *scan, uint32_t point)
{
	unsigned int before = scan->state;
	bool is_boundary;

	switch (scan->by) {
	case TEXT_BY_GRAPHEME:
		scan->state = cluster_step(before, point);
		is_boundary = (scan->state & TEXT_BOUNDARY) != 0;
		scan->state &= TEXT_STATE_MASK;
		return is_boundary;
	case TEXT_BY_WORD:
		scan->state = (text_class(point) & TEXT_CLASS_WHITE) != 0
		    ? AFTER_WHITE
		    : AFTER_OTHER;
		return scan->state != before;
	case TEXT_BY_LINE:
		scan->state = point == '\n' ? AFTER_LF : AFTER_OTHER;
		return before == AFTER_LF;
	case TEXT_BY_CODEPOINT:
	case TEXT_BY_BYTE:
		break;
	}
	return true;
}

int
text_scan_next(
    struct text_scan *scan, const uint8_t **in, size_t *len, uint64_t *offset)
{
	bool is_checked = text_by_is_checked(scan->by);
	unsigned int length;
	uint32_t point;
	uint64_t at;

	while (*len > 0) {
		length = 1;
		point = **in;
		if (is_checked) {
			length = complete(&scan->rest, in, len);
			if (length == 0)
				return ill_formed(offset, scan->at);
			if (length > scan->rest.length)
				return 0;
			utf8_decode(scan->rest.bytes, &point);
			scan->rest.length = 0;
		} else {
			++*in;
			--*len;
		}
		at = scan->at;
		scan->at += length;
		if (step(scan, point) && at > 0) {
			*offset = at;
			return TEXT_FOUND;
		}
	}
	return 0;
}

int
text_scan_end(const struct text_scan *scan, uint64_t *bad_at)
{
	return scan->rest.length > 0 ? ill_formed(bad_at, scan->at) : 0;
}
