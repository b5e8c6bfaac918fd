/* Messages as JSON: each byte belongs to one part, whatever the bytes are. */
#include "schema/show_json.h"
#include "test/lib/described.h"

#include "base/base.h"
#include "schema/put_json.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct {
	struct schema *rpc, *reverse;
	struct message_words words;
} all;

static int
setup(void **state)
{
	(void)state;
	all.rpc = described_rpc();
	all.reverse = described_reverse();
	all.words.rpc = all.rpc;
	all.words.of[0] = all.reverse;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(all.rpc);
	schema_free(all.reverse);
	return 0;
}

/* As text, to be freed. */
static char *
shown(const void *bytes, size_t len, size_t marks,
    const struct message_target *of)
{
	const struct show_message message = { bytes, len, marks };
	struct buffer out;
	char *text;

	buffer_init(&out, SIZE_MAX / 2);
	assert_int_equal(show_json(&out, &all.words, &message, of), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	text = strdup((char *)buffer_head(&out));
	assert_non_null(text);
	buffer_deinit(&out);
	return text;
}

static size_t
number(struct json_object *of, const char *name)
{
	struct json_object *it = NULL;

	return json_object_object_get_ex(of, name, &it)
	    ? (size_t)json_object_get_int64(it)
	    : 0;
}

static const char *
text(struct json_object *of, const char *name)
{
	struct json_object *it = NULL;

	return json_object_object_get_ex(of, name, &it)
	    ? json_object_get_string(it)
	    : "";
}

/* The parts follow each other and have all bytes; returns the last one, which
 * has the words of the caller's buffer. */
static size_t
check_parts(const char *json, size_t size, char last[100])
{
	struct json_object *message = json_tokener_parse(json), *parts = NULL;
	struct json_object *part;
	size_t at = 0, count;

	assert_non_null(message);
	assert_int_equal(number(message, "size"), size);
	assert_true(json_object_object_get_ex(message, "parts", &parts));
	count = json_object_array_length(parts);
	for (size_t i = 0; i < count; i++) {
		part = json_object_array_get_idx(parts, i);
		assert_int_equal(number(part, "at"), at);
		assert_int_equal(number(part, "len"),
		    strlen(text(part, "hex")) / 2 + number(part, "left") +
			strlen(text(part, "tail")) / 2);
		at += number(part, "len");
		snprintf(last, 100, "%s", text(part, "words"));
	}
	assert_int_equal(at, size);
	json_object_put(message);
	return count;
}

#define NUMBERS(procedure) "\x20\x72\x65\x76\0\0\0\1\0\0\0" procedure
#define HEAD(procedure)                                                  \
	"\0\0\0\5\0\0\0\0\0\0\0\2" NUMBERS(procedure) "\0\0\0\0\0\0\0\0" \
						      "\0\0\0\0\0\0\0\0"
static const char text_call[] = HEAD("\2") "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5"
					   "<\"&>\xff\0\0\0";

static void
assert_has(const char *json, const char *words)
{
	if (strstr(json, words) == NULL)
		fail_msg("no %s in:\n%s", words, json);
}

static void
a_part_has_its_bytes_words_and_line(void **state)
{
	char *json = shown(text_call, sizeof(text_call) - 1, 4, NULL);
	char last[100];

	(void)state;
	assert_has(json,
	    "{\"size\":68,\"parts\":[{\"at\":0,\"len\":4,\"depth\":0,"
	    "\"words\":\"record mark: last fragment, 64 bytes\","
	    "\"hex\":\"80000040\"},"
	    "{\"at\":4,\"len\":0,\"depth\":0,\"words\":\"call: call_header\"},"
	    "{\"at\":4,\"len\":4,\"depth\":1,\"words\":\"xid 5\","
	    "\"hex\":\"00000005\",\"file\":0,\"line\":");
	assert_has(json,
	    "\"words\":\"text\",\"hex\":\"3c22263eff\",\"file\":1,\"line\":");
	assert_has(json,
	    "{\"at\":65,\"len\":3,\"depth\":1,\"words\":\"padding\","
	    "\"hex\":\"000000\"}]}");
	assert_true(check_parts(json, 68, last) > 10);
	free(json);
}

static void
fragments_are_counted(void **state)
{
	char *json = shown(text_call, sizeof(text_call) - 1, 12, NULL);
	char last[100];

	(void)state;
	assert_has(json,
	    "\"words\":\"record marks: 3 fragments, joined\",\"left\":12}");
	check_parts(json, 76, last);
	free(json);
	json = shown(text_call, sizeof(text_call) - 1, 0, NULL);
	assert_null(strstr(json, "record mark"));
	check_parts(json, 64, last);
	free(json);
}

static void
long_bytes_lose_their_middle(void **state)
{
	char bytes[56 + 40], last[100], *json;

	(void)state;
	memcpy(bytes, text_call, 56);
	memset(bytes + 56, 'a', 40);
	bytes[55] = 40;
	bytes[95] = 'b';
	json = shown(bytes, sizeof(bytes), 0, NULL);
	assert_has(json,
	    "\"hex\":\"61616161616161616161616161616161\",\"left\":16,"
	    "\"tail\":\"6161616161616162\"");
	check_parts(json, sizeof(bytes), last);
	free(json);
}

static void
what_is_wrong_says_so(void **state)
{
	char last[100], *json = shown(text_call, 50, 0, NULL);

	(void)state;
	assert_has(
	    json, "the bytes end here\",\"hex\":\"0000\",\"wrong\":true}");
	check_parts(json, 50, last);
	free(json);
}

/* A pair of 100,000 words has more lines than anybody reads. */
static void
the_rest_of_a_very_long_one_is_not_shown(void **state)
{
	static uint8_t bytes[40 + 400000] = HEAD("\1");
	struct schema *other;
	char last[100], *json;

	(void)state;
	bytes[12] = bytes[13] = bytes[14] = 0;
	bytes[15] = 7;
	bytes[40 + 7] = 1;
	for (size_t i = 40; i < sizeof(bytes) - 8; i += 4)
		bytes[i + 3] = 1;
	other = described_text("struct s { int i; s *next; }; "
			       "struct w { int a[1]; int b; }; "
			       "struct l { w w1; w w2; w w3; w w4; }; "
			       "struct k { l l1; l l2; l l3; l l4; }; "
			       "struct j { k k1; k k2; k k3; k k4; }; "
			       "struct h { j j1; j j2; j j3; j j4; }; "
			       "program O { version V { void A(h, h) = 1; } "
			       "= 1; } = 7; ");
	all.words.of[0] = other;
	json = shown(bytes, 40 + 4096, 0, NULL);
	all.words.of[0] = all.reverse;
	schema_free(other);
	assert_true(strlen(json) > SHOW_JSON_MAX);
	assert_true(strlen(json) < SHOW_JSON_MAX + 1024);
	check_parts(json, 40 + 4096, last);
	assert_string_equal(last, "not shown");
	free(json);
}

static void
anything_has_all_its_bytes(void **state)
{
	static const struct message_target of = { 0x20726576, 1, 3 };
	struct rng rng = { 8 };
	uint8_t bytes[300];
	char last[100], *json;
	size_t len;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		rng_fill(&rng, bytes, sizeof(bytes));
		memcpy(bytes, HEAD("\3"), 40);
		bytes[rng_below(&rng, 40)] = (uint8_t)rng_below(&rng, 4);
		for (size_t at = 40; at < sizeof(bytes); at += 4)
			if (!rng_once_in(&rng, 3))
				memset(bytes + at, 0, 3);
		len = rng_below(&rng, sizeof(bytes));
		json = shown(bytes, len, 4, &of);
		check_parts(json, len + 4, last);
		free(json);
	}
}

static void
schemas_have_their_texts(void **state)
{
	struct json_object *json, *first;
	struct buffer out;

	(void)state;
	buffer_init(&out, SIZE_MAX / 2);
	assert_int_equal(show_json_schemas(&out, &all.words), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	json = json_tokener_parse((char *)buffer_head(&out));
	assert_non_null(json);
	assert_int_equal(json_object_array_length(json), 2);
	first = json_object_array_get_idx(json, 0);
	assert_non_null(strstr(text(first, "text"), "struct call_header"));
	json_object_put(json);
	buffer_deinit(&out);
}

static void
what_is_no_text_is_null(void **state)
{
	struct buffer out;
	struct put put = { .out = &out };

	(void)state;
	buffer_init(&out, 10);
	put_json_text(&put, "\xff", 1);
	assert_int_equal(put.result, 0);
	assert_int_equal(buffer_len(&out), 4);
	assert_memory_equal(buffer_head(&out), "null", 4);
	put_format(&put, "1234567");
	assert_int_equal(put.result, BUFFER_FULL);
	put_format(&put, "1");
	assert_int_equal(buffer_len(&out), 4);
	buffer_deinit(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_has_its_bytes_words_and_line),
		cmocka_unit_test(fragments_are_counted),
		cmocka_unit_test(long_bytes_lose_their_middle),
		cmocka_unit_test(what_is_wrong_says_so),
		cmocka_unit_test(the_rest_of_a_very_long_one_is_not_shown),
		cmocka_unit_test(anything_has_all_its_bytes),
		cmocka_unit_test(schemas_have_their_texts),
		cmocka_unit_test(what_is_no_text_is_null),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
