/* Every kernel gives what the portable one gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "text/kernel.h"
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
	uint8_t *in = malloc(len), *buf = malloc(len);
	struct result want, got;

	assert_true(len == 0 || (in != NULL && buf != NULL));
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
		if (got.r != 0)
			continue;
		memcpy(buf, in, len);
		assert_int_equal(text_reverse_inplace(buf, len, by, NULL), 0);
		assert_memory_equal(buf, want.out + GUARD, len);
	}
	free(in);
	free(buf);
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
		compare(in + shift, len,
		    (enum text_by)(TEXT_BY_CODEPOINT + i % 4));
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
			len -= samples_below(&samples,
			    len < 4 ? (uint32_t)len : 4);
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

static void
unknown_kernels_are_refused(void **state)
{
	(void)state;
	assert_int_equal(text_kernel_use("portable"), 0);
	assert_true(text_kernel_use("z80") < 0);
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
		cmocka_unit_test(unknown_kernels_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
