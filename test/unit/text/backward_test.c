/* Units from the end, and texts larger than the memory given to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "test/lib/samples.h"
#include "text/text.h"
#include "text/whole.h"

/* Reverses in as a driver with one block of memory does it. */
static void
reverse_whole(uint8_t *out, const uint8_t *in, size_t len, size_t block_max,
    enum text_by by, uint64_t *bytes_read)
{
	uint8_t *block = malloc(block_max);
	enum text_whole_todo todo;
	struct text_range range;
	struct text_whole whole;
	size_t done = 0;

	assert_non_null(block);
	assert_int_equal(text_whole_init(&whole, len, block_max, by), 0);
	while ((todo = text_whole_next(&whole, &range)) != TEXT_WHOLE_END) {
		assert_true(range.length > 0);
		assert_true(range.offset + range.length <= len);
		if (todo != TEXT_WHOLE_REVERSE)
			*bytes_read += range.length;
		if (todo == TEXT_WHOLE_READ) {
			assert_true(range.length <= block_max);
			memcpy(block, in + range.offset, range.length);
			text_whole_seen(&whole, block);
			continue;
		}
		assert_true(range.length <= len - done);
		if (todo == TEXT_WHOLE_COPY)
			memcpy(out + done, in + range.offset, range.length);
		else
			assert_int_equal(
			    text_reverse(out + done, block + range.in_block,
				range.length, by, NULL),
			    0);
		done += range.length;
	}
	assert_int_equal(done, len);
	free(block);
}

static void
reverse_by_cursor(uint8_t *out, const uint8_t *in, size_t len, enum text_by by)
{
	struct text_cursor cursor;
	const uint8_t *unit;
	size_t n, done = 0;

	assert_int_equal(text_cursor_init(&cursor, in, len, by, NULL), 0);
	while ((n = text_cursor_next(&cursor, &unit)) > 0) {
		assert_true(n <= len - done);
		memcpy(out + done, unit, n);
		done += n;
	}
	assert_int_equal(done, len);
	assert_int_equal(text_cursor_next(&cursor, &unit), 0);
}

static void
backward_gives_what_forward_gives(void **state)
{
	uint8_t in[700], want[700], out[700];
	struct samples samples;
	uint64_t bytes_read;
	size_t len;

	(void)state;
	samples_init(&samples, 1);
	for (int i = 0; i < 20000; i++) {
		enum text_by by = (enum text_by)samples_below(&samples, 5);
		size_t block_max = 16 + samples_below(&samples, 200);

		len = samples_text(
		    &samples, in, samples_below(&samples, sizeof(in)));
		assert_int_equal(text_reverse(want, in, len, by, NULL), 0);
		reverse_by_cursor(out, in, len, by);
		assert_memory_equal(out, want, len);
		bytes_read = 0;
		reverse_whole(out, in, len, block_max, by, &bytes_read);
		assert_memory_equal(out, want, len);
	}
}

/* Fills in with what begins with head and goes on with run over and over. */
static size_t
fill(uint8_t *in, size_t max, const char *head, const char *run)
{
	size_t at = strlen(head), n = strlen(run);

	memcpy(in, head, at);
	for (; max - at >= n; at += n)
		memcpy(in + at, run, n);
	return at;
}

/* A block may begin with that flag, which the block before has to tell. */
static void
the_first_flag_of_a_run_may_be_joined(void **state)
{
	static const char *const heads[] = { "", "a", "\xd8\x80" };
	uint8_t in[300], want[300], out[300];
	uint64_t bytes_read = 0;
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		for (size_t max = 16; max < sizeof(in); max += 4) {
			len = fill(in, max, heads[i], "\xf0\x9f\x87\xa6");
			text_reverse(want, in, len, TEXT_BY_GRAPHEME, NULL);
			for (size_t block = 16; block < max; block++) {
				reverse_whole(out, in, len, block,
				    TEXT_BY_GRAPHEME, &bytes_read);
				assert_memory_equal(out, want, len);
			}
		}
	}
}

static void
no_text_is_read_more_than_a_few_times(void **state)
{
	static const char *const worst[][2] = {
		{ "", "\xf0\x9f\x87\xa6" },         /* flags */
		{ "\xd8\x80", "\xf0\x9f\x87\xa6" }, /* prepended */
		{ "a", "\xcc\x81" },                /* marks */
		{ "", "\xe1\x84\x80" },             /* Hangul L */
		{ "", "\xe0\xa4\x95\xe0\xa5\x8d" }, /* conjunct */
		{ "a", "\xe2\x80\x8d" },            /* joiners */
		{ "", "\xe2\x9d\xa4\xe2\x80\x8d" }, /* hearts joined */
		{ "", "\xd8\x80" },                 /* Prepend */
		{ "", "\xe0\xa4\x95\xe0\xa5\x8d\xe2\x80\x8d\xcc\x81" },
		{ "", "word" },
		{ "\n", "\r" },
	};
	const size_t max = 1 << 20;
	uint8_t *in = malloc(max), *want = malloc(max), *out = malloc(max);
	uint64_t bytes_read;
	size_t len;

	(void)state;
	assert_non_null(in);
	assert_non_null(want);
	assert_non_null(out);
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		for (int by = TEXT_BY_GRAPHEME; by <= TEXT_BY_LINE; by++) {
			len = fill(in, max - 3, worst[i][0], worst[i][1]);
			assert_int_equal(
			    text_reverse(want, in, len, (enum text_by)by, NULL),
			    0);
			bytes_read = 0;
			reverse_whole(
			    out, in, len, 4096, (enum text_by)by, &bytes_read);
			assert_memory_equal(out, want, len);
			assert_true(bytes_read < 4 * len);
			reverse_by_cursor(out, in, len, (enum text_by)by);
			assert_memory_equal(out, want, len);
		}
	}
	free(in);
	free(want);
	free(out);
}

static void
a_block_that_is_too_small_is_refused(void **state)
{
	struct text_whole whole;

	(void)state;
	assert_true(text_whole_init(&whole, 1, TEXT_WHOLE_BLOCK_MIN - 1,
			TEXT_BY_GRAPHEME) < 0);
	assert_true(text_whole_init(&whole, 1, 4096, (enum text_by)5) < 0);
}

static void
the_cursor_refuses_what_reversal_refuses(void **state)
{
	const uint8_t in[] = "ab\xff";
	struct text_cursor cursor;
	size_t at = 0;

	(void)state;
	assert_int_equal(
	    text_cursor_init(&cursor, in, 3, TEXT_BY_GRAPHEME, &at),
	    TEXT_ILL_FORMED);
	assert_int_equal(at, 2);
	assert_int_equal(
	    text_cursor_init(&cursor, in, 3, TEXT_BY_BYTE, &at), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backward_gives_what_forward_gives),
		cmocka_unit_test(the_first_flag_of_a_run_may_be_joined),
		cmocka_unit_test(no_text_is_read_more_than_a_few_times),
		cmocka_unit_test(a_block_that_is_too_small_is_refused),
		cmocka_unit_test(the_cursor_refuses_what_reversal_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
