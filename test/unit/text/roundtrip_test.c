/* What may be promised of text that is reversed twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <string.h>

#include "test/lib/samples.h"
#include "text/text.h"
#include "text/whole.h"

#define MAX 300

static void
reverse(uint8_t *out, const uint8_t *in, size_t len, enum text_by by)
{
	assert_int_equal(text_reverse(out, in, len, by, NULL), 0);
}

static bool
comes_back(const uint8_t *in, size_t len, enum text_by by)
{
	uint8_t once[MAX], twice[MAX];

	reverse(once, in, len, by);
	assert_int_equal(text_validate(once, len, NULL), 0);
	reverse(twice, once, len, by);
	return memcmp(twice, in, len) == 0;
}

/* Lengths of the clusters of in, last first. */
static size_t
lengths(size_t *out, const uint8_t *in, size_t len)
{
	struct text_cursor cursor;
	const uint8_t *unit;
	size_t n = 0;

	text_cursor_init(&cursor, in, len, TEXT_BY_GRAPHEME, NULL);
	while ((out[n] = text_cursor_next(&cursor, &unit)) > 0)
		n++;
	return n;
}

/* Whether the reversed text has the clusters of the text, backward. */
static bool
keeps_its_clusters(const uint8_t *in, size_t len)
{
	size_t before[MAX + 1], after[MAX + 1], n;
	uint8_t once[MAX];

	reverse(once, in, len, TEXT_BY_GRAPHEME);
	n = lengths(before, in, len);
	if (lengths(after, once, len) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (before[i] != after[n - 1 - i])
			return false;
	return true;
}

static void
code_points_bytes_and_words_come_back(void **state)
{
	uint8_t in[MAX], once[MAX], twice[MAX];
	struct samples samples;
	size_t len;

	(void)state;
	samples_init(&samples, 4);
	for (int i = 0; i < 20000; i++) {
		len = samples_text(
		    &samples, in, samples_below(&samples, sizeof(in)));
		assert_true(comes_back(in, len, TEXT_BY_CODEPOINT));
		assert_true(comes_back(in, len, TEXT_BY_WORD));
		for (size_t at = 0; at < len; at++)
			in[at] = (uint8_t)samples_below(&samples, 256);
		reverse(once, in, len, TEXT_BY_BYTE);
		reverse(twice, once, len, TEXT_BY_BYTE);
		assert_memory_equal(twice, in, len);
	}
}

static void
lines_come_back_if_the_last_one_ends_or_is_the_only_one(void **state)
{
	struct samples samples;
	const uint8_t *lf;
	uint8_t in[MAX];
	size_t len;

	(void)state;
	samples_init(&samples, 5);
	for (int i = 0; i < 20000; i++) {
		len = samples_text(
		    &samples, in, samples_below(&samples, sizeof(in)));
		lf = memchr(in, '\n', len);
		assert_int_equal(comes_back(in, len, TEXT_BY_LINE),
		    lf == NULL || in[len - 1] == '\n');
	}
}

static void
graphemes_come_back_when_their_clusters_do(void **state)
{
	size_t kept = 0, len;
	struct samples samples;
	uint8_t in[MAX];

	(void)state;
	samples_init(&samples, 6);
	for (int i = 0; i < 50000; i++) {
		len = samples_text(&samples, in, samples_below(&samples, 60));
		if (!keeps_its_clusters(in, len))
			continue;
		kept++;
		assert_true(comes_back(in, len, TEXT_BY_GRAPHEME));
	}
	/* Both kinds were there to see. */
	assert_true(kept > 1000);
	assert_true(kept < 49000);
}

static void
known_graphemes_do_not_come_back(void **state)
{
	static const char *const joined[] = {
		"\xcc\x81"
		"a", /* a mark in front */
		"\xef\xb8\x8f"
		"a", /* a variation selector */
		"\n\xcc\x81"
		"a", /* a mark behind a control */
		"\n\r",
		"a\xd8\x80",                /* prepended, at the end */
		"\xe1\x85\xa1\xe1\x84\x80", /* loose jamo */
		"\xe1\x86\xa8\xea\xb0\x80",
		"\xea\xb0\x80\xe1\x84\x80",
		/* an odd number of regional indicators */
		"\xf0\x9f\x87\xac\xf0\x9f\x87\xa7\xf0\x9f\x87\xab",
		/* girl, and woman with a joiner */
		"\xf0\x9f\x91\xa7\xf0\x9f\x91\xa9\xe2\x80\x8d",
		/* a virama at the end of the word */
		"\xe0\xa4\x95\xe0\xa4\x96\xe0\xa5\x8d",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(joined) / sizeof(joined[0]); i++) {
		const uint8_t *in = (const uint8_t *)joined[i];
		size_t len = strlen(joined[i]);

		assert_false(keeps_its_clusters(in, len));
		assert_false(comes_back(in, len, TEXT_BY_GRAPHEME));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_points_bytes_and_words_come_back),
		cmocka_unit_test(
		    lines_come_back_if_the_last_one_ends_or_is_the_only_one),
		cmocka_unit_test(graphemes_come_back_when_their_clusters_do),
		cmocka_unit_test(known_graphemes_do_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
