/* Strings of JSON, to the byte. */
#include "base/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct written {
	char text[256];
	size_t len;
};

static void
put(void *context, const void *bytes, size_t len)
{
	struct written *written = context;

	assert_true(len < sizeof(written->text) - written->len);
	memcpy(written->text + written->len, bytes, len);
	written->len += len;
	written->text[written->len] = '\0';
}

static void
assert_string(const char *text, size_t len, const char *expect)
{
	struct written written = { .len = 0 };
	const struct json_sink sink = { put, &written };

	assert_true(json_is_text(text, len));
	json_put_string(&sink, text, len);
	assert_string_equal(written.text, expect);
}

static void
assert_base64(const char *bytes, size_t len, const char *expect)
{
	struct written written = { .len = 0 };
	const struct json_sink sink = { put, &written };

	json_put_base64(&sink, bytes, len);
	assert_string_equal(written.text, expect);
}

static void
what_is_special_is_escaped(void **state)
{
	(void)state;
	assert_string("", 0, "\"\"");
	assert_string("a\"b\\c\nd\te", 9, "\"a\\\"b\\\\c\\nd\\u0009e\"");
	assert_string("\0\x7f", 2, "\"\\u0000\\u007f\"");
	assert_string("é\u202e", 5, "\"é\\u202e\"");
}

/* The examples of RFC 4648, section 10, and bytes that are no text. */
static void
base64_is_padded(void **state)
{
	(void)state;
	assert_base64("", 0, "\"\"");
	assert_base64("f", 1, "\"Zg==\"");
	assert_base64("fo", 2, "\"Zm8=\"");
	assert_base64("foo", 3, "\"Zm9v\"");
	assert_base64("foob", 4, "\"Zm9vYg==\"");
	assert_base64("\xff\xfe\xfd", 3, "\"//79\"");
}

static void
text_is_utf8(void **state)
{
	(void)state;
	assert_true(json_is_text("", 0));
	assert_true(json_is_text("a\0é", 4));
	assert_false(json_is_text("\xc3", 1));
	assert_false(json_is_text("a\xff", 2));
	assert_false(json_is_text("\xc0\x80", 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_special_is_escaped),
		cmocka_unit_test(base64_is_padded),
		cmocka_unit_test(text_is_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
