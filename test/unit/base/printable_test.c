/* Text that others chose, as base/printable writes it. */
#include "base/printable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char out[64];

#define SHOWN(text) printable(out, sizeof(out), text, sizeof(text) - 1)

static void
what_moves_a_terminal_is_escaped(void **state)
{
	(void)state;
	assert_string_equal(
	    SHOWN("a\n\0\x1f \x7f~"), "a\\x0a\\x00\\x1f \\x7f~");
	assert_string_equal(
	    SHOWN("\xc2\x80\xc2\x9f\xc2\xa0"), "\\xc2\\x80\\xc2\\x9f\xc2\xa0");
}

/* Others may read U+2028 as the end of a line. */
static void
so_is_what_ends_or_reorders_a_line(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9"),
	    "\xe2\x80\xa7\\xe2\\x80\\xa8\\xe2\\x80\\xa9");
	assert_string_equal(SHOWN("\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf"),
	    "\\xe2\\x80\\xaa\\xe2\\x80\\xae\xe2\x80\xaf");
	assert_string_equal(SHOWN("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9"),
	    "\xe2\x81\xa5\\xe2\\x81\\xa6\\xe2\\x81\\xa9");
	assert_string_equal(SHOWN("\xe2\x81\xaa"), "\xe2\x81\xaa");
}

static void
and_what_is_no_utf_8(void **state)
{
	(void)state;
	assert_string_equal(SHOWN("\xff\x80\xc3"), "\\xff\\x80\\xc3");
	assert_string_equal(
	    SHOWN("\xc0\xaf\xe0\x9f\xbf"), "\\xc0\\xaf\\xe0\\x9f\\xbf");
	assert_string_equal(SHOWN("\xed\xa0\x80"), "\\xed\\xa0\\x80");
	assert_string_equal(SHOWN("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
	assert_string_equal(
	    SHOWN("\xe2\x82\xe2\x82\xac"), "\\xe2\\x82\xe2\x82\xac");
}

static void
all_other_characters_stay(void **state)
{
	static const char text[] =
	    "a\\x0a \xc3\xa9\xe2\x82\xac\xed\x9f\xbf\xee\x80\x80"
	    "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf";

	(void)state;
	assert_string_equal(SHOWN(text), text);
}

/* Between two characters, and never in an escape. */
static void
what_does_not_fit_is_cut(void **state)
{
	(void)state;
	assert_string_equal(printable(out, 4, "abcdef", 6), "abc");
	assert_string_equal(printable(out, 4, "ab\xc3\xa9", 4), "ab");
	assert_string_equal(printable(out, 5, "ab\xc3\xa9", 4), "ab\xc3\xa9");
	assert_string_equal(printable(out, 5, "a\x1b", 2), "a");
	assert_string_equal(printable(out, 9, "a\xc2\x9b", 3), "a");
	assert_string_equal(printable(out, 10, "a\xc2\x9b", 3), "a\\xc2\\x9b");
	assert_string_equal(printable(out, 1, "a", 1), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_moves_a_terminal_is_escaped),
		cmocka_unit_test(so_is_what_ends_or_reorders_a_line),
		cmocka_unit_test(and_what_is_no_utf_8),
		cmocka_unit_test(all_other_characters_stay),
		cmocka_unit_test(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
