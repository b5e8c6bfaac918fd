/* What the client writes: JSON, text made safe, and endpoints in words. */
#include "base/printable.h"
#include "client/session/endpoint.h"
#include "client/terminal/json.h"
#include "rpcloop/net/universal.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* What is put out becomes the content of a file. */
static int
begin(struct output *output)
{
	int file = memfd_create("output", MFD_CLOEXEC);

	assert_true(file >= 0);
	assert_int_equal(output_init(output, file), 0);
	return file;
}

static void
end(struct output *output, int file, const char *expect)
{
	char text[256];
	ssize_t n;

	assert_int_equal(output_finish(output, true), 0);
	n = pread(file, text, sizeof(text) - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_string_equal(text, expect);
	close(file);
}

/* One member, as an object, as it would be on standard output. */
static void
assert_json(const char *bytes, size_t len, const char *expect)
{
	struct output output;
	struct json json = { .output = &output };
	int file = begin(&output);

	json_bytes(&json, "x", bytes, len);
	json_end(&json);
	end(&output, file, expect);
}

static void
json_strings_are_escaped(void **state)
{
	(void)state;
	assert_json("", 0, "{\"x\":\"\"}\n");
	assert_json("a\"b\\c\nd\x01\x7f"
		    "e",
	    10, "{\"x\":\"a\\\"b\\\\c\\nd\\u0001\\u007fe\"}\n");
	assert_json("a\xc2\x9b"
		    "2J\xe2\x80\xae\xc2\xa0\xf0\x9f\x98\x80",
	    14, "{\"x\":\"a\\u009b2J\\u202e\xc2\xa0\xf0\x9f\x98\x80\"}\n");
	assert_json("a\0b", 3, "{\"x\":\"a\\u0000b\"}\n");
	assert_json("Gr\xc3\xbc\xc3\x9f"
		    "e",
	    7,
	    "{\"x\":\"Gr\xc3\xbc\xc3\x9f"
	    "e\"}\n");
}

/* The vectors of RFC 4648, section 10, with a byte that is not UTF-8. */
static void
json_has_other_bytes_in_base64(void **state)
{
	(void)state;
	assert_json("\xff", 1, "{\"x_base64\":\"/w==\"}\n");
	assert_json("\xff"
		    "f",
	    2, "{\"x_base64\":\"/2Y=\"}\n");
	assert_json("\xff"
		    "fo",
	    3, "{\"x_base64\":\"/2Zv\"}\n");
	assert_json("\xff"
		    "foo",
	    4, "{\"x_base64\":\"/2Zvbw==\"}\n");
	assert_json("\xed\xa0\x80", 3, "{\"x_base64\":\"7aCA\"}\n");
}

/* Pieces, and in the end what is held, in an object each. */
static void
assert_pieces(const char *const *pieces, const char *expect)
{
	struct output output;
	struct buffer held;
	int file = begin(&output);

	buffer_init(&held, SIZE_MAX);
	for (; *pieces != NULL; pieces++) {
		struct json json = { .output = &output };

		json_piece(&json, "x", &held, *pieces, strlen(*pieces));
		json_end(&json);
	}
	if (buffer_len(&held) > 0) {
		struct json json = { .output = &output };

		json_bytes(&json, "x", buffer_head(&held), buffer_len(&held));
		json_end(&json);
	}
	buffer_deinit(&held);
	end(&output, file, expect);
}

static void
a_piece_of_a_text_is_text(void **state)
{
	static const char *const parts[] = { "", "a\xc3", "\xa9\xf0\x9f\x98",
		"\x80", "\xe6", "\x97", "\xa5\xc3\xa9", NULL };

	(void)state;
	assert_pieces(parts,
	    "{\"x\":\"\"}\n{\"x\":\"a\"}\n{\"x\":\"\xc3\xa9\"}\n"
	    "{\"x\":\"\xf0\x9f\x98\x80\"}\n{\"x\":\"\"}\n{\"x\":\"\"}\n"
	    "{\"x\":\"\xe6\x97\xa5\xc3\xa9\"}\n");
}

static void
pieces_of_other_bytes_lose_none(void **state)
{
	static const char *const no_text[] = { "\xff\xc3", "\xa9", NULL },
				 *const no_more[] = { "a\xc3", "\xc3", "",
					 NULL },
				 *const no_end[] = { "a\xe6\x97", NULL };

	(void)state;
	assert_pieces(
	    no_text, "{\"x_base64\":\"/8M=\"}\n{\"x_base64\":\"qQ==\"}\n");
	assert_pieces(
	    no_more, "{\"x\":\"a\"}\n{\"x_base64\":\"w8M=\"}\n{\"x\":\"\"}\n");
	assert_pieces(no_end, "{\"x\":\"a\"}\n{\"x_base64\":\"5pc=\"}\n");
}

static void
json_members_are_separated(void **state)
{
	struct output output;
	struct json json = { .output = &output };
	int file = begin(&output);

	(void)state;
	json_number(&json, "a", UINT64_MAX);
	json_text(&json, "b", "c");
	json_end(&json);
	json_end(&json);
	end(&output, file, "{\"a\":18446744073709551615,\"b\":\"c\"}\n{}\n");
}

static void
json_objects_are_members(void **state)
{
	struct output output;
	struct json json = { .output = &output };
	int file = begin(&output);

	(void)state;
	json_open(&json, "a");
	json_close(&json);
	json_open(&json, "b");
	json_number(&json, "c", 1);
	json_open(&json, "d");
	json_number(&json, "e", 2);
	json_number(&json, "f", 3);
	json_close(&json);
	json_close(&json);
	json_number(&json, "g", 4);
	json_end(&json);
	end(&output, file,
	    "{\"a\":{},\"b\":{\"c\":1,\"d\":{\"e\":2,\"f\":3}},\"g\":4}\n");
}

static void
what_moves_a_terminal_is_escaped(void **state)
{
	char out[64];

	(void)state;
#define SAFELY(text) printable(out, sizeof(out), text, sizeof(text) - 1)
	assert_string_equal(SAFELY("plain"), "plain");
	assert_string_equal(
	    SAFELY("\x1b[2J\n\0\x7f"), "\\x1b[2J\\x0a\\x00\\x7f");
	assert_string_equal(SAFELY("\xc2\x9b"
				   "31m"),
	    "\\xc2\\x9b31m");
	assert_string_equal(SAFELY("\xc3\xa9\xff\xc3"), "\xc3\xa9\\xff\\xc3");
	assert_string_equal(SAFELY("\xf0\x9f\x98\x80\xed\xa0\x80"),
	    "\xf0\x9f\x98\x80\\xed\\xa0\\x80");
}

static void
safe_text_is_cut_between_characters(void **state)
{
	char out[6];

	(void)state;
	assert_string_equal(
	    printable(out, sizeof(out), "abcd\xc3\xa9", 6), "abcd");
	assert_string_equal(printable(out, sizeof(out), "ab\x01", 3), "ab");
	assert_string_equal(printable(out, sizeof(out), "abcdef", 6), "abcde");
}

static bool
is_universal(
    struct endpoint *out, const char *address, const struct endpoint *like)
{
	return universal_resolve_like(out, address, like) == 0;
}

static void
universal_addresses_become_endpoints(void **state)
{
	struct endpoint like = { .type = SOCK_DGRAM }, at;
	char text[ENDPOINT_TEXT_SIZE];

	(void)state;
	like.at.any.sa_family = AF_INET;
	assert_true(is_universal(&at, "192.0.2.7.80.246", &like));
	assert_string_equal(endpoint_text(&at, text), "192.0.2.7:20726");
	assert_string_equal(endpoint_netid(&at), "udp");
	assert_false(is_universal(&at, "2001:db8::7.80.246", &like));
	assert_false(is_universal(&at, "192.0.2.7", &like));
	assert_false(is_universal(&at, "192.0.2.7.80.256", &like));
	assert_false(is_universal(&at, "", &like));
	like.type = SOCK_STREAM;
	like.at.any.sa_family = AF_INET6;
	assert_true(is_universal(&at, "2001:db8::7.80.246", &like));
	assert_string_equal(endpoint_text(&at, text), "[2001:db8::7]:20726");
	assert_string_equal(endpoint_netid(&at), "tcp6");
	like.at.any.sa_family = AF_UNIX;
	assert_true(is_universal(&at, "/run/x y", &like));
	assert_string_equal(endpoint_text(&at, text), "/run/x y");
	assert_string_equal(endpoint_netid(&at), "local");
}

static void
a_path_too_long_is_no_endpoint(void **state)
{
	char path[109];
	struct endpoint at;

	(void)state;
	memset(path, 'x', sizeof(path));
	path[108] = '\0';
	assert_false(endpoint_from_path(&at, path));
	path[107] = '\0';
	assert_true(endpoint_from_path(&at, path));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_strings_are_escaped),
		cmocka_unit_test(json_has_other_bytes_in_base64),
		cmocka_unit_test(a_piece_of_a_text_is_text),
		cmocka_unit_test(pieces_of_other_bytes_lose_none),
		cmocka_unit_test(json_members_are_separated),
		cmocka_unit_test(json_objects_are_members),
		cmocka_unit_test(what_moves_a_terminal_is_escaped),
		cmocka_unit_test(safe_text_is_cut_between_characters),
		cmocka_unit_test(universal_addresses_become_endpoints),
		cmocka_unit_test(a_path_too_long_is_no_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
