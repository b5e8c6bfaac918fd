/* Reversal of whole texts by each unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test/lib/samples.h"
#include "text/text.h"

/* A string literal and its length, which may count NULs. */
#define BYTES(literal) literal, sizeof(literal) - 1

static void
check(enum text_by by, const char *in, size_t len, const char *want,
    size_t want_len)
{
	uint8_t *out = malloc(len + 1);

	assert_non_null(out);
	assert_int_equal(len, want_len);
	assert_int_equal(
	    text_reverse(out, (const uint8_t *)in, len, by, NULL), 0);
	assert_memory_equal(out, want, len);
	free(out);
}

static void
check_refused(const char *in, size_t len, size_t bad_at)
{
	static const enum text_by checked[] = { TEXT_BY_GRAPHEME,
		TEXT_BY_CODEPOINT, TEXT_BY_WORD };
	uint8_t out[64], copy[64];
	size_t at = SIZE_MAX;

	memcpy(copy, in, len);
	assert_int_equal(text_validate(copy, len, &at), TEXT_ILL_FORMED);
	assert_int_equal(at, bad_at);
	for (size_t i = 0; i < sizeof(checked) / sizeof(checked[0]); i++) {
		at = SIZE_MAX;
		assert_int_equal(text_reverse(out, copy, len, checked[i], &at),
		    TEXT_ILL_FORMED);
		assert_int_equal(at, bad_at);
		assert_memory_equal(copy, in, len);
	}
}

static void
clusters_stay_whole(void **state)
{
	(void)state;
	check(TEXT_BY_GRAPHEME, BYTES("abc"), BYTES("cba"));
	/* a mark */
	check(TEXT_BY_GRAPHEME, BYTES("ae\xcc\x81z"),
	    BYTES("ze\xcc\x81"
		  "a"));
	/* CR LF is one, LF CR are two */
	check(TEXT_BY_GRAPHEME, BYTES("a\r\nb\n\rc"), BYTES("c\r\nb\r\na"));
	/* two flags */
	check(TEXT_BY_GRAPHEME,
	    BYTES("\xf0\x9f\x87\xac\xf0\x9f\x87\xa7"
		  "\xf0\x9f\x87\xab\xf0\x9f\x87\xb7"),
	    BYTES("\xf0\x9f\x87\xab\xf0\x9f\x87\xb7"
		  "\xf0\x9f\x87\xac\xf0\x9f\x87\xa7"));
	/* woman, joiner, girl */
	check(TEXT_BY_GRAPHEME,
	    BYTES("x\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7"),
	    BYTES("\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7x"));
	/* Devanagari k-ssa, a conjunct (GB9c) */
	check(TEXT_BY_GRAPHEME, BYTES("\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7z"),
	    BYTES("z\xe0\xa4\x95\xe0\xa5\x8d\xe0\xa4\xb7"));
	/* Hangul L V T, then LV */
	check(TEXT_BY_GRAPHEME,
	    BYTES("\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8\xea\xb0\x80"),
	    BYTES("\xea\xb0\x80\xe1\x84\x80\xe1\x85\xa1\xe1\x86\xa8"));
}

static void
code_points_come_apart(void **state)
{
	(void)state;
	check(TEXT_BY_CODEPOINT, BYTES("e\xcc\x81\r\n\xf0\x9f\x91\xa9"),
	    BYTES("\xf0\x9f\x91\xa9\n\r\xcc\x81"
		  "e"));
}

static void
bytes_may_be_anything(void **state)
{
	(void)state;
	check(TEXT_BY_BYTE,
	    BYTES("\xff\x00\x80"
		  "abcdefghijklmnopq\xc3\xa9"),
	    BYTES("\xa9\xc3qponmlkjihgfedcba\x80\x00\xff"));
}

static void
words_and_the_space_between_change_places(void **state)
{
	(void)state;
	check(TEXT_BY_WORD, BYTES("one, two  three\n"),
	    BYTES("\nthree  two one,"));
	/* U+3000 is White_Space, U+200B is not */
	check(TEXT_BY_WORD,
	    BYTES("a\xe3\x80\x80"
		  "b\xe2\x80\x8b"),
	    BYTES("b\xe2\x80\x8b\xe3\x80\x80"
		  "a"));
}

/* The White_Space of Unicode 17.0, and nothing else, parts words. */
static void
words_are_parted_by_white_space_alone(void **state)
{
	static const uint32_t white[] = { 0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85,
		0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005,
		0x2006, 0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f,
		0x205f, 0x3000 };
	uint8_t in[6], out[6];
	size_t next = 0, n;

	(void)state;
	for (uint32_t point = 0; point < 0x110000; point++) {
		if (point >= 0xd800 && point < 0xe000)
			continue;
		in[0] = 'a';
		n = samples_encode(point, in + 1) + 1;
		in[n++] = 'b';
		assert_int_equal(
		    text_reverse(out, in, n, TEXT_BY_WORD, NULL), 0);
		if (next < sizeof(white) / sizeof(white[0]) &&
		    white[next] == point) {
			next++;
			assert_int_equal(out[0], 'b');
			assert_memory_equal(out + 1, in + 1, n - 2);
		} else {
			assert_memory_equal(out, in, n);
		}
	}
	assert_int_equal(next, sizeof(white) / sizeof(white[0]));
}

static void
lines_are_as_tac_has_them(void **state)
{
	(void)state;
	check(TEXT_BY_LINE, BYTES("x\ny\nz\n"), BYTES("z\ny\nx\n"));
	check(TEXT_BY_LINE, BYTES("x\ny"), BYTES("yx\n"));
	check(TEXT_BY_LINE, BYTES("\xff\n\x80\n\n"), BYTES("\n\x80\n\xff\n"));
}

static void
nothing_is_special_about_nul_mark_and_noncharacter(void **state)
{
	(void)state;
	check(TEXT_BY_GRAPHEME,
	    BYTES("\xef\xbb\xbf"
		  "a\0b\xef\xbf\xbe"),
	    BYTES("\xef\xbf\xbe"
		  "b\0a\xef\xbb\xbf"));
}

static void
empty_is_empty(void **state)
{
	(void)state;
	for (int by = TEXT_BY_GRAPHEME; by <= TEXT_BY_LINE; by++)
		check((enum text_by)by, BYTES(""), BYTES(""));
}

static void
ill_formed_text_is_refused_with_its_offset(void **state)
{
	(void)state;
	check_refused(BYTES("ab\xc0\x80"), 2);       /* overlong */
	check_refused(BYTES("abc\xed\xa0\x80"), 3);  /* surrogate */
	check_refused(BYTES("\xf4\x90\x80\x80"), 0); /* above U+10FFFF */
	check_refused(BYTES("a\xe2\x82"), 1);        /* cut short */
	check_refused(BYTES("a\xe2\x82"
			    "b"),
	    1);
	check_refused(BYTES("\xc3\xa9\x80"), 2); /* nothing to continue */
	check_refused(
	    BYTES("0123456789abcdef0123456789abcdef0123456789\xff"), 42);
}

static void
an_unknown_unit_is_an_error(void **state)
{
	uint8_t in[] = "a", out[1];

	(void)state;
	assert_int_equal(
	    text_reverse(out, in, 1, (enum text_by)5, NULL), -EINVAL);
}

static void
version_is_the_one_of_the_tables(void **state)
{
	(void)state;
	assert_string_equal(text_unicode_version(), "17.0.0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clusters_stay_whole),
		cmocka_unit_test(code_points_come_apart),
		cmocka_unit_test(bytes_may_be_anything),
		cmocka_unit_test(words_and_the_space_between_change_places),
		cmocka_unit_test(words_are_parted_by_white_space_alone),
		cmocka_unit_test(lines_are_as_tac_has_them),
		cmocka_unit_test(
		    nothing_is_special_about_nul_mark_and_noncharacter),
		cmocka_unit_test(empty_is_empty),
		cmocka_unit_test(ill_formed_text_is_refused_with_its_offset),
		cmocka_unit_test(an_unknown_unit_is_an_error),
		cmocka_unit_test(version_is_the_one_of_the_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
