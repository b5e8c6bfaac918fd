/*
 * For libFuzzer: any bytes as a stream of records, with any limits.
 *
 * The records of rpcloop/wire/record, read at once and cut into pieces, must be
 * those that a reader finds which copies and counts one byte after the other:
 * the same bodies, taking up the same bytes, and the same end of it all.
 * Nothing behind what has arrived is looked at or changed, and but for a header
 * that is not whole all of it is done with: no byte is looked at twice.
 *
 * The first two bytes are the limit of a record's bytes, then come those of its
 * fragments and of its empty ones, the size of a piece, and the stream.
 */
#include "rpcloop/wire/record.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

#define MAX 4096

/* What has not arrived yet. */
#define NOTHING 0x5a

/* The records that were found, their bodies one behind the other. */
struct found {
	uint8_t bodies[MAX];
	size_t len;                            /* of all bodies */
	size_t ends[MAX / RECORD_HEADER_SIZE]; /* of each body */
	size_t count;
	size_t taken;           /* bytes of the stream */
	enum record_result why; /* there are no more */
};

static struct found want, got;
static uint8_t arrived[MAX + 1];

static void
note_record(struct found *f, size_t took)
{
	f->ends[f->count++] = f->len;
	f->taken += took;
}

/* One record, the slow way. */
static enum record_result
expect_record(
    struct found *f, const struct record_limits *limits, struct input *in)
{
	uint64_t body = 0, word, fragments = 0, empty = 0;

	do {
		if (in->left < RECORD_HEADER_SIZE)
			return RECORD_PARTIAL;
		word = 0;
		for (int i = 0; i < RECORD_HEADER_SIZE; i++)
			word = word << 8 | input_byte(in);
		fragments++;
		empty += word % RECORD_LAST_FRAGMENT == 0;
		if (body + word % RECORD_LAST_FRAGMENT > limits->bytes)
			return RECORD_TOO_LARGE;
		if (fragments > limits->fragments ||
		    empty > limits->empty_fragments)
			return RECORD_TOO_SCATTERED;
		for (uint64_t i = word % RECORD_LAST_FRAGMENT; i > 0; i--) {
			if (in->left == 0)
				return RECORD_PARTIAL;
			f->bodies[f->len + body++] = input_byte(in);
		}
	} while (word < RECORD_LAST_FRAGMENT);
	f->len += body;
	return RECORD_COMPLETE;
}

static void
expect(const struct record_limits *limits, const uint8_t *stream, size_t len)
{
	struct input in = { stream, len };

	want.len = want.count = want.taken = 0;
	while (
	    (want.why = expect_record(&want, limits, &in)) == RECORD_COMPLETE)
		note_record(&want, len - want.taken - in.left);
}

/* Scans what has arrived, up to len; false when there is no way on. */
static bool
scan(struct record_reader *r, const struct record_limits *limits, size_t len)
{
	size_t before;

	do {
		before = r->scanned;
		got.why = record_scan(
		    r, limits, arrived + got.taken, len - got.taken);
		MUST(r->scanned >= before);
		MUST(r->scanned <= len - got.taken);
		MUST(arrived[len] == NOTHING);
		if (got.why != RECORD_COMPLETE)
			break;
		memcpy(got.bodies + got.len, arrived + got.taken + r->body_at,
		    r->body_len);
		got.len += r->body_len;
		note_record(&got, r->scanned);
		*r = (struct record_reader){ 0 };
	} while (true);
	if (got.why == RECORD_PARTIAL)
		MUST(len - got.taken - r->scanned < RECORD_HEADER_SIZE);
	return got.why == RECORD_PARTIAL;
}

static void
read_in_pieces(const struct record_limits *limits, const uint8_t *stream,
    size_t len, size_t piece)
{
	struct record_reader r = { 0 };
	size_t n, at = 0;
	bool goes_on;

	got.len = got.count = got.taken = 0;
	memset(arrived, NOTHING, len + 1);
	do {
		n = len - at < piece ? len - at : piece;
		if (n > 0)
			memcpy(arrived + at, stream + at, n);
		at += n;
		goes_on = scan(&r, limits, at);
	} while (goes_on && at < len);
	MUST(got.why == want.why);
	MUST(got.count == want.count);
	MUST(got.taken == want.taken);
	MUST(got.len == want.len);
	MUST(memcmp(got.ends, want.ends, got.count * sizeof(got.ends[0])) == 0);
	MUST(memcmp(got.bodies, want.bodies, got.len) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct record_limits limits;
	size_t piece;

	if (size > MAX)
		return -1;
	limits.bytes = (uint32_t)input_byte(&in) << 8;
	limits.bytes |= input_byte(&in);
	limits.fragments = input_byte(&in);
	limits.empty_fragments = input_byte(&in);
	piece = 1 + (size_t)input_byte(&in);
	expect(&limits, in.at, in.left);
	read_in_pieces(&limits, in.at, in.left, MAX);
	read_in_pieces(&limits, in.at, in.left, piece);
	read_in_pieces(&limits, in.at, in.left, 1);
	return 0;
}
