/* Text in pieces: the same answers as for the whole, wherever it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "test/lib/samples.h"
#include "text/pieces.h"
#include "text/whole.h"

/* What a scan found: bit i of the map says that a unit starts at i. */
struct outcome {
	bool starts[1024];
	int r;
	uint64_t bad_at;
};

static void
scan(struct outcome *outcome, const uint8_t *in, const size_t *cuts,
    enum text_by by)
{
	struct text_scan state;
	uint64_t offset;
	const uint8_t *piece;
	size_t at = 0, left;

	memset(outcome, 0, sizeof(*outcome));
	text_scan_init(&state, by);
	for (; *cuts != SIZE_MAX; cuts++) {
		piece = in + at;
		left = *cuts - at;
		while ((outcome->r = text_scan_next(
			    &state, &piece, &left, &offset)) == TEXT_FOUND)
			outcome->starts[offset] = true;
		if (outcome->r != 0) {
			outcome->bad_at = offset;
			return;
		}
		assert_int_equal(left, 0);
		at = *cuts;
	}
	outcome->r = text_scan_end(&state, &outcome->bad_at);
}

/* The starts as the cursor has them. */
static void
expect(struct outcome *outcome, const uint8_t *in, size_t len, enum text_by by)
{
	struct text_cursor cursor;
	const uint8_t *unit;
	size_t bad_at = 0;

	memset(outcome, 0, sizeof(*outcome));
	outcome->r = text_cursor_init(&cursor, in, len, by, &bad_at);
	outcome->bad_at = bad_at;
	if (outcome->r != 0)
		return;
	while (text_cursor_next(&cursor, &unit) > 0)
		if (unit > in)
			outcome->starts[unit - in] = true;
}

static int
check(const uint8_t *in, const size_t *cuts, uint64_t *bad_at)
{
	struct text_check state;
	size_t at = 0;
	int r;

	text_check_init(&state);
	for (; *cuts != SIZE_MAX; cuts++) {
		r = text_check_piece(&state, in + at, *cuts - at, bad_at);
		if (r != 0)
			return r;
		at = *cuts;
	}
	return text_check_end(&state, bad_at);
}

static void
compare(const uint8_t *in, size_t len, const size_t *cuts, enum text_by by)
{
	struct outcome want, got;
	uint64_t bad_at = 0;

	expect(&want, in, len, by);
	scan(&got, in, cuts, by);
	assert_int_equal(got.r, want.r);
	if (want.r != 0)
		assert_int_equal(got.bad_at, want.bad_at);
	else
		assert_memory_equal(got.starts, want.starts, len);
	if (text_by_is_checked(by)) {
		assert_int_equal(check(in, cuts, &bad_at), want.r);
		assert_int_equal(bad_at, want.bad_at);
	}
}

/* Cuts at each offset, and between all bytes. */
static void
cut_everywhere(const uint8_t *in, size_t len, enum text_by by)
{
	size_t cuts[1025], two[] = { 0, len, SIZE_MAX };

	for (size_t i = 0; i < len; i++)
		cuts[i] = i + 1;
	cuts[len] = SIZE_MAX;
	compare(in, len, cuts, by);
	for (two[0] = 0; two[0] <= len; two[0]++)
		compare(in, len, two, by);
}

static void
every_cut_gives_the_same(void **state)
{
	struct samples samples;
	uint8_t in[200];
	size_t len;

	(void)state;
	samples_init(&samples, 2);
	for (int i = 0; i < 300; i++) {
		len = samples_text(&samples, in, sizeof(in));
		for (int by = TEXT_BY_GRAPHEME; by <= TEXT_BY_LINE; by++)
			cut_everywhere(in, len, (enum text_by)by);
	}
}

static void
every_cut_gives_the_offset_of_what_is_ill_formed(void **state)
{
	struct samples samples;
	uint8_t in[100];
	size_t len;

	(void)state;
	samples_init(&samples, 3);
	for (int i = 0; i < 1000; i++) {
		len = samples_text(&samples, in, sizeof(in));
		if (len == 0)
			continue;
		in[samples_below(&samples, (uint32_t)len)] =
		    (uint8_t)samples_below(&samples, 256);
		cut_everywhere(in, len, TEXT_BY_GRAPHEME);
		cut_everywhere(in, len, TEXT_BY_LINE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_gives_the_same),
		cmocka_unit_test(
		    every_cut_gives_the_offset_of_what_is_ill_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
