/*
 * For libFuzzer: any bytes, by every unit, through every kernel and every way
 * there is, which must all agree.  What reversal promises is checked, too.
 *
 * The first byte is the unit, the second the size of a block, the rest text.
 */
#include "text/text.h"
#include "test/fuzz/fuzz.h"
#include "text/choice.h"
#include "text/pieces.h"
#include "text/whole.h"

#include <string.h>

#define MAX 4096

static uint8_t want[MAX], got[MAX];

static void
try_kernels(
    const uint8_t *in, size_t len, enum text_by by, int r, size_t bad_at)
{
	static const char *const names[] = { "avx2", "avx512" };
	size_t at = 0;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_kernel_use(names[i]) != 0)
			continue;
		MUST(text_reverse(got, in, len, by, &at) == r);
		MUST(r != 0 ? at == bad_at : memcmp(got, want, len) == 0);
	}
}

static void
try_cursor(const uint8_t *in, size_t len, enum text_by by)
{
	struct text_cursor cursor;
	const uint8_t *unit;
	size_t n, done = 0;

	MUST(text_cursor_init(&cursor, in, len, by, NULL) == 0);
	while ((n = text_cursor_next(&cursor, &unit)) > 0) {
		memcpy(got + done, unit, n);
		done += n;
	}
	MUST(done == len && memcmp(got, want, len) == 0);
}

static void
try_whole(const uint8_t *in, size_t len, enum text_by by, size_t block_max)
{
	enum text_whole_todo todo;
	struct text_range range;
	struct text_whole whole;
	uint8_t block[256];
	size_t done = 0;

	MUST(text_whole_init(&whole, len, block_max, by) == 0);
	while ((todo = text_whole_next(&whole, &range)) != TEXT_WHOLE_END) {
		if (todo == TEXT_WHOLE_READ) {
			MUST(range.length <= block_max);
			memcpy(block, in + range.offset, range.length);
			text_whole_seen(&whole, block);
			continue;
		}
		if (todo == TEXT_WHOLE_COPY)
			memcpy(got + done, in + range.offset, range.length);
		else
			MUST(text_reverse(got + done, block + range.in_block,
				 range.length, by, NULL) == 0);
		done += range.length;
	}
	MUST(done == len && memcmp(got, want, len) == 0);
}

static void
try_pieces(const uint8_t *in, size_t len, size_t cut, int r, size_t bad_at)
{
	struct text_check check;
	uint64_t at = 0;
	int found;

	text_check_init(&check);
	found = text_check_piece(&check, in, cut, &at);
	if (found == 0)
		found = text_check_piece(&check, in + cut, len - cut, &at);
	if (found == 0)
		found = text_check_end(&check, &at);
	MUST(found == r && at == bad_at);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t block_max, bad_at = 0, len;
	enum text_by by;
	int r;

	if (size < 2 || size - 2 > MAX)
		return -1;
	by = (enum text_by)(data[0] % 5);
	block_max = TEXT_WHOLE_BLOCK_MIN + data[1] % 200;
	data += 2;
	len = size - 2;

	text_kernel_use("portable");
	r = text_reverse(want, data, len, by, &bad_at);
	try_kernels(data, len, by, r, bad_at);
	if (text_by_is_checked(by))
		try_pieces(
		    data, len, len == 0 ? 0 : block_max % len, r, bad_at);
	if (r != 0)
		return 0;
	try_cursor(data, len, by);
	try_whole(data, len, by, block_max);
	if (by == TEXT_BY_CODEPOINT || by == TEXT_BY_BYTE ||
	    by == TEXT_BY_WORD) {
		MUST(text_reverse(got, want, len, by, NULL) == 0);
		MUST(memcmp(got, data, len) == 0);
	}
	return 0;
}
