#include "rpcloop/wire/record.h"

#include "rpcloop/wire/word.h"

#include <string.h>

/* Takes the header of the next fragment and checks what it announces. */
static enum record_result
begin_fragment(struct record_reader *r, const struct record_limits *limits,
    const uint8_t *header)
{
	uint32_t word = word_get(header);

	r->left = word & ~RECORD_LAST_FRAGMENT;
	r->last = (word & RECORD_LAST_FRAGMENT) != 0;
	r->scanned += RECORD_HEADER_SIZE;
	if (r->fragments++ == 0)
		r->body_at = r->scanned;
	if (r->left == 0)
		r->empty_fragments++;
	if (r->left > limits->bytes - r->body_len)
		return RECORD_TOO_LARGE;
	if (r->fragments > limits->fragments ||
	    r->empty_fragments > limits->empty_fragments)
		return RECORD_TOO_SCATTERED;
	return RECORD_PARTIAL;
}

/* Joins what has arrived of the present fragment to the body. */
static void
take_bytes(struct record_reader *r, uint8_t *input, size_t len)
{
	size_t here = len - r->scanned;
	uint8_t *end = input + r->body_at + r->body_len;

	if (here > r->left)
		here = r->left;
	if (end != input + r->scanned)
		memmove(end, input + r->scanned, here);
	r->scanned += here;
	r->body_len += here;
	r->left -= (uint32_t)here;
}

/* Most records are one fragment that is all there. */
static bool
is_whole(struct record_reader *r, const struct record_limits *limits,
    const uint8_t *input, size_t len)
{
	uint32_t size;

	if (r->scanned > 0 || len < RECORD_HEADER_SIZE ||
	    limits->fragments == 0)
		return false;
	size = word_get(input) ^ RECORD_LAST_FRAGMENT;
	if (size == 0 || size > len - RECORD_HEADER_SIZE ||
	    size > limits->bytes)
		return false;
	*r = (struct record_reader){
		.scanned = RECORD_HEADER_SIZE + size,
		.body_at = RECORD_HEADER_SIZE,
		.body_len = size,
		.fragments = 1,
		.last = true,
	};
	return true;
}

enum record_result
record_scan(struct record_reader *r, const struct record_limits *limits,
    uint8_t *input, size_t len)
{
	enum record_result result;

	if (is_whole(r, limits, input, len))
		return RECORD_COMPLETE;
	for (;;) {
		if (r->left > 0)
			take_bytes(r, input, len);
		if (r->left > 0)
			return RECORD_PARTIAL;
		if (r->last)
			return RECORD_COMPLETE;
		if (len - r->scanned < RECORD_HEADER_SIZE)
			return RECORD_PARTIAL;
		result = begin_fragment(r, limits, input + r->scanned);
		if (result != RECORD_PARTIAL)
			return result;
	}
}

void
record_put_header(uint8_t header[RECORD_HEADER_SIZE], uint32_t len)
{
	word_put(header, len | RECORD_LAST_FRAGMENT);
}
