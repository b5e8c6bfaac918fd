/* Every kernel gives what the portable one gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "test/lib/samples.h"
#include "text/choice.h"
#include "text/text.h"

#define MAX   1500
#define GUARD 64

static const char *const names[] = { "portable", "avx2", "avx512" };

#define NAMES (sizeof(names) / sizeof(names[0]))

/* A million strings when TEST_FULL is set, else as many as fit a minute. */
static int
rounds(void)
{
	return getenv("TEST_FULL") != NULL ? 1000000 : 50000;
}

struct result {
	int r;
	size_t bad_at;
	uint8_t out[GUARD + MAX + GUARD];
};

/* The bytes around the output must stay as they are. */
static void
run(struct result *result, const uint8_t *in, size_t len, enum text_by by)
{
	memset(result, 0xa5, sizeof(*result));
	result->bad_at = 0;
	result->r =
	    text_reverse(result->out + GUARD, in, len, by, &result->bad_at);
	if (result->r != 0)
		memset(result->out + GUARD, 0, len);
}

static void
compare(const uint8_t *text, size_t len, enum text_by by)
{
	/* Of its very size, so that a sanitizer sees every byte too far. */
	uint8_t *in = malloc(len);
	struct result want, got;

	assert_true(len == 0 || in != NULL);
	memcpy(in, text, len);
	text_kernel_use("portable");
	run(&want, in, len, by);
	for (size_t i = 0; i < NAMES; i++) {
		if (text_kernel_use(names[i]) != 0)
			continue;
		run(&got, in, len, by);
		assert_int_equal(got.r, want.r);
		assert_int_equal(got.bad_at, want.bad_at);
		assert_memory_equal(got.out, want.out, sizeof(got.out));
	}
	free(in);
}

/* Strings of all lengths, at all alignments of both buffers. */
static void
kernels_agree_on_text(void **state)
{
	struct samples samples;
	uint8_t in[MAX];
	uint32_t shift;
	size_t len;

	(void)state;
	samples_init(&samples, 8);
	for (int i = 0; i < rounds(); i++) {
		shift = samples_below(&samples, 64);
		len = samples_text(&samples, in + shift,
		    samples_below(&samples, i % 8 == 0 ? MAX - 64 : 300));
		compare(in + shift, len, TEXT_BY_GRAPHEME);
		compare(
		    in + shift, len, (enum text_by)(TEXT_BY_CODEPOINT + i % 4));
	}
}

static void
kernels_agree_on_what_is_ill_formed(void **state)
{
	struct samples samples;
	uint8_t in[MAX];
	size_t len;

	(void)state;
	samples_init(&samples, 9);
	for (int i = 0; i < rounds(); i++) {
		len = samples_text(&samples, in,
		    samples_below(&samples, i % 8 == 0 ? MAX : 200));
		for (uint32_t n = samples_below(&samples, 3); len > 0; n--) {
			in[samples_below(&samples, (uint32_t)len)] =
			    (uint8_t)samples_below(&samples, 256);
			if (n == 0)
				break;
		}
		if (len > 0 && samples_below(&samples, 4) == 0)
			len -= samples_below(
			    &samples, len < 4 ? (uint32_t)len : 4);
		compare(in, len, (enum text_by)(i % 2));
		compare(in, len, TEXT_BY_BYTE);
	}
}

/* Pieces, and clusters and words longer than a piece, in long texts. */
static void
kernels_agree_on_long_text(void **state)
{
	const size_t max = 200000;
	uint8_t *in = malloc(max), *want = malloc(max), *got = malloc(max);
	struct samples samples;
	size_t len;

	(void)state;
	assert_non_null(in);
	assert_non_null(want);
	assert_non_null(got);
	samples_init(&samples, 10);
	for (int i = 0; i < rounds() / 2500; i++) {
		len = samples_text(&samples, in, max / 2);
		if (i % 4 == 0) /* a mark, over and over */
			for (; len < max * 3 / 4; len += 2)
				memcpy(in + len, "\xcc\x81", 2);
		len += samples_text(&samples, in + len, max - len);
		for (int by = TEXT_BY_GRAPHEME; by <= TEXT_BY_LINE; by++) {
			text_kernel_use("portable");
			text_reverse(want, in, len, (enum text_by)by, NULL);
			for (size_t k = 0; k < NAMES; k++) {
				if (text_kernel_use(names[k]) != 0)
					continue;
				text_reverse(
				    got, in, len, (enum text_by)by, NULL);
				assert_memory_equal(got, want, len);
			}
		}
	}
	free(in);
	free(want);
	free(got);
}

/* Each character among others that are joined by nothing, and by it if so. */
static void
kernels_agree_on_every_character(void **state)
{
	uint8_t in[96];
	size_t len;

	(void)state;
	for (uint32_t point = 0; point < 0x110000; point++) {
		if (point >= 0xd800 && point < 0xe000)
			continue;
		if (point > 0x30000 && point % 64 != 0 &&
		    (point < 0xe0000 || point > 0xe0fff))
			continue;
		len = 0;
		for (int i = 0; i < 37; i++)
			in[len++] = (uint8_t)('a' + i % 26);
		len += samples_encode(point, in + len);
		for (int i = 0; i < 48; i++)
			in[len++] = (uint8_t)('a' + i % 26);
		compare(in, len, TEXT_BY_GRAPHEME);
	}
}

/* Seconds of processor time for one reversal. */
static double
seconds(uint8_t *out, const uint8_t *in, size_t len, enum text_by by)
{
	clock_t start = clock();

	assert_int_equal(text_reverse(out, in, len, by, NULL), 0);
	return (double)(clock() - start) / CLOCKS_PER_SEC;
}

/*
 * Sixteen times the text of one kind takes 16 times the time, and would take
 * 256 times if it were quadratic.
 */
static void
no_text_takes_quadratic_time(void **state)
{
	static const char *const worst[] = {
		"\xf0\x9f\x87\xa6",         /* flags */
		"\xcc\x81",                 /* marks */
		"\xe1\x84\x80",             /* Hangul L */
		"\xe0\xa4\x95\xe0\xa5\x8d", /* conjunct */
		"\xe2\x9d\xa4\xe2\x80\x8d", /* joined hearts */
		"\xd8\x80",                 /* Prepend */
		"\xe0\xa4\x95\xe2\x80\x8d\xe0\xa4\x96",
		"word",
		"\r",
		" ",
	};
	const size_t part = 1 << 18;
	uint8_t *in = malloc(16 * part), *out = malloc(16 * part);
	double little, much;
	size_t n, len;

	(void)state;
	assert_non_null(in);
	assert_non_null(out);
	memset(out, 0, 16 * part);
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		n = strlen(worst[i]);
		for (len = 0; len + n <= 16 * part; len += n)
			memcpy(in + len, worst[i], n);
		for (size_t k = 0; k < NAMES * 5; k++) {
			if (text_kernel_use(names[k / 5]) != 0)
				continue;
			little = seconds(
			    out, in, part / n * n, (enum text_by)(k % 5));
			much = seconds(out, in, len, (enum text_by)(k % 5));
			assert_true(much < 80 * little + 0.05);
		}
	}
	free(in);
	free(out);
}

static void
an_unknown_name_leads_to_the_best_kernel(void **state)
{
	const char *best;

	(void)state;
	text_kernel_choose(NULL);
	best = text_kernel_name();
	text_kernel_choose("portable");
	assert_string_equal(text_kernel_name(), "portable");
	text_kernel_choose("z80");
	assert_string_equal(text_kernel_name(), best);
	text_kernel_choose("");
	assert_string_equal(text_kernel_name(), best);
	for (size_t i = 0; i < NAMES; i++) {
		text_kernel_choose(names[i]);
		assert_string_equal(text_kernel_name(),
		    text_kernel_use(names[i]) == 0 ? names[i] : best);
	}
}

static void
an_unknown_kernel_is_refused(void **state)
{
	(void)state;
	assert_int_equal(text_kernel_use("portable"), 0);
	assert_int_equal(text_kernel_use("z80"), -ENOTSUP);
	assert_string_equal(text_kernel_name(), "portable");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernels_agree_on_text),
		cmocka_unit_test(kernels_agree_on_what_is_ill_formed),
		cmocka_unit_test(kernels_agree_on_long_text),
		cmocka_unit_test(kernels_agree_on_every_character),
		cmocka_unit_test(no_text_takes_quadratic_time),
		cmocka_unit_test(an_unknown_name_leads_to_the_best_kernel),
		cmocka_unit_test(an_unknown_kernel_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
