/*
 * Values as JSON, and back: which JSON, what is refused and in which words, and
 * random values of all types.
 */
#include "schema/from_json.h"
#include "schema/to_json.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { VALUES = 300, BYTES_MAX = 65536, JSON_MAX = 4 * 1024 * 1024 };

static const char text[] = "enum color { RED = 1, BLUE = -2 };\n"
			   "typedef opaque id[4];\n"
			   "typedef int row<3>;\n"
			   "struct node { int value; node *next; };\n"
			   "typedef node *list;\n"
			   "union shape switch (color kind) {\n"
			   "case RED: unsigned int side;\n"
			   "case BLUE: void;\n"
			   "default: string word<8>;\n"
			   "};\n"
			   "union narrow switch (bool set) {\n"
			   "case TRUE: hyper value;\n"
			   "};\n"
			   "struct numbers {\n"
			   "	int i; unsigned int u; hyper h;\n"
			   "	unsigned hyper v; float f; double d;\n"
			   "	quadruple q; bool b;\n"
			   "};\n"
			   "struct bytes {\n"
			   "	id name; opaque any<6>; string word<6>;\n"
			   "};\n"
			   "struct many { row rows[2]; color colors<>; };\n"
			   "program P { version V {\n"
			   "	void NONE(void) = 0;\n"
			   "	int ONE(numbers) = 1;\n"
			   "	int TWO(color, row) = 2;\n"
			   "} = 1; } = 9;\n";

static struct schema *types;

static int
setup(void **state)
{
	(void)state;
	types = described_text(text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(types);
	return 0;
}

static void
end_text(struct buffer *b)
{
	assert_int_equal(buffer_reserve(b, 1), 0);
	*buffer_extend(b, 1) = '\0';
}

/* JSON becomes bytes, and these the expected JSON, in one line. */
static void
assert_as(const char *type, const char *json, const char *expect)
{
	struct schema_field field = described_field(types, type);
	struct from_json_error wrong = { .text = "" };
	struct to_json_error error;
	struct to_json_value value = { .field = &field };
	struct buffer bytes, again;
	int r;

	buffer_init(&bytes, BYTES_MAX);
	buffer_init(&again, JSON_MAX);
	r = from_json(&bytes, &field, json, strlen(json), &wrong);
	if (r != 0)
		fail_msg("%s: %s", json, wrong.text);
	value.bytes = buffer_head(&bytes);
	value.len = buffer_len(&bytes);
	assert_int_equal(to_json(&again, &value, false, &error), 0);
	end_text(&again);
	assert_string_equal(buffer_head(&again), expect);
	buffer_deinit(&bytes);
	buffer_deinit(&again);
}

static void
assert_same(const char *type, const char *json)
{
	assert_as(type, json, json);
}

static void
assert_refused(const char *type, const char *json, const char *why)
{
	struct schema_field field = described_field(types, type);
	struct from_json_error error = { .text = "" };
	struct buffer bytes;

	buffer_init(&bytes, BYTES_MAX);
	assert_int_equal(from_json(&bytes, &field, json, strlen(json), &error),
	    FROM_JSON_WRONG);
	assert_string_equal(error.text, why);
	buffer_deinit(&bytes);
}

#define NUMBERS(i, u, h, v, f, d)                                       \
	"{\"i\":" i ",\"u\":" u ",\"h\":" h ",\"v\":" v ",\"f\":" f     \
	",\"d\":" d ",\"q\":{\"base64\":\"AAAAAAAAAAAAAAAAAAAAAA==\"}," \
	"\"b\":true}"

static void
numbers_are_exact(void **state)
{
	(void)state;
	assert_same("numbers",
	    NUMBERS("-2147483648", "4294967295", "-9223372036854775808",
		"18446744073709551615", "0.5", "-1.25"));
	assert_same("numbers",
	    NUMBERS("2147483647", "0", "9223372036854775807",
		"9223372036854775808", "\"NaN\"", "\"-Infinity\""));
	assert_same("numbers",
	    NUMBERS("9", "9", "9007199254740993", "9007199254740993",
		"0.100000001", "0.10000000000000001"));
	assert_as("numbers", NUMBERS("0", "0", "0", "0", "1", "3"),
	    NUMBERS("0", "0", "0", "0", "1", "3"));
}

static void
numbers_have_limits(void **state)
{
	(void)state;
	assert_refused("numbers",
	    NUMBERS("2147483648", "0", "0", "0", "0", "0"),
	    ".i: 2147483648 is not from -2147483648 to 2147483647");
	assert_refused("numbers", NUMBERS("0", "-1", "0", "0", "0", "0"),
	    ".u: -1 is not from 0 to 4294967295");
	assert_refused("numbers",
	    NUMBERS("0", "0", "9223372036854775808", "0", "0", "0"),
	    ".h: 9223372036854775808 is not from -9223372036854775808 to "
	    "9223372036854775807");
	assert_refused("numbers",
	    NUMBERS("0", "0", "0", "18446744073709551616", "0", "0"),
	    "18446744073709551616 has more than 64 bits");
	assert_refused("numbers",
	    NUMBERS("0", "0", "-9223372036854775809", "0", "0", "0"),
	    "-9223372036854775809 has more than 64 bits");
	assert_refused("numbers", NUMBERS("0", "0", "0", "-1", "0", "0"),
	    ".v: -1 is not from 0 to 18446744073709551615");
	assert_refused("numbers", NUMBERS("0.5", "0", "0", "0", "0", "0"),
	    ".i: a whole number is wanted, not a number with a fraction");
	assert_refused("numbers", NUMBERS("0", "0", "0", "0", "1e300", "0"),
	    ".f: 1e300 is too large for a float");
	assert_refused("numbers", NUMBERS("0", "0", "0", "0", "0", "\"x\""),
	    ".d: a number is wanted, or \"NaN\", \"Infinity\" or "
	    "\"-Infinity\", not a string");
}

static void
enums_have_names(void **state)
{
	(void)state;
	assert_same("color", "\"BLUE\"");
	assert_as("color", "1", "\"RED\"");
	assert_same("color", "77");
	assert_refused(
	    "color", "\"GREEN\"", "color has no word \"GREEN\": RED, BLUE");
	assert_refused(
	    "color", "true", "a word of color is wanted, not true or false");
	assert_refused("narrow", "{\"set\":\"TRUE\",\"value\":1}",
	    ".set: true or false is wanted, not a string");
}

static void
bytes_are_text_or_base64(void **state)
{
	(void)state;
	assert_same(
	    "bytes", "{\"name\":\"abcd\",\"any\":\"\\n\\\"\",\"word\":\"é\"}");
	assert_as("id", "\"a\\u0000bc\"", "{\"base64\":\"YQBiYw==\"}");
	assert_same("bytes",
	    "{\"name\":{\"base64\":\"/////w==\"},"
	    "\"any\":{\"base64\":\"gA==\"},\"word\":\"\"}");
	/* Digits in a string are no number. */
	assert_same(
	    "bytes", "{\"name\":\"\\\"\\\\ab\",\"any\":\"\",\"word\":\"\"}");
	assert_refused("row", "\"\\\"99999999999999999999\"",
	    "an array of int is wanted, not a string");
	assert_as("id", "{\"base64\":\"YWJjZA==\"}", "\"abcd\"");
	assert_refused("id", "\"abc\"", "4 bytes are wanted, not 3");
	assert_refused("id", "{\"base64\":\"YWJjZA\"}",
	    "this is no base64 (RFC 4648, section 4)");
	assert_refused("id", "{\"base64\":\"YWJj?A==\"}",
	    "this is no base64 (RFC 4648, section 4)");
	assert_refused("bytes",
	    "{\"name\":\"abcd\",\"any\":\"1234567\",\"word\":\"\"}",
	    ".any: 7 bytes are more than 6");
	assert_refused("id", "[]",
	    "a string or {\"base64\": \"...\"} is wanted, not an array");
}

static void
unions_have_their_arm(void **state)
{
	(void)state;
	assert_same("shape", "{\"kind\":\"RED\",\"side\":3}");
	assert_same("shape", "{\"kind\":\"BLUE\"}");
	assert_same("shape", "{\"kind\":5,\"word\":\"five\"}");
	assert_same("narrow", "{\"set\":true,\"value\":-1}");
	assert_refused("narrow", "{\"set\":false}",
	    ".set: the union has no case of that value");
	assert_refused(
	    "shape", "{\"kind\":\"RED\"}", ".side: is missing (unsigned int)");
	assert_refused("shape", "{\"side\":3}", ".kind: is missing (color)");
	assert_refused("shape", "{\"kind\":\"BLUE\",\"side\":3}",
	    ".side: there is no such field, but kind");
	assert_refused("shape", "{\"kind\":\"RED\",\"word\":\"\"}",
	    ".word: there is no such field, but kind, side");
}

static void
arrays_and_lists(void **state)
{
	(void)state;
	assert_same(
	    "many", "{\"rows\":[[],[1,2,3]],\"colors\":[\"RED\",\"BLUE\"]}");
	assert_same("list", "null");
	assert_same(
	    "list", "{\"value\":1,\"next\":{\"value\":2,\"next\":null}}");
	assert_refused("many", "{\"rows\":[[],[1,2,3,4]],\"colors\":[]}",
	    ".rows[1]: 4 elements are more than 3");
	assert_refused("many", "{\"rows\":[[]],\"colors\":[]}",
	    ".rows: 2 elements are wanted, not 1");
	assert_refused("many", "{\"rows\":[[],[1,2,\"x\"]],\"colors\":[]}",
	    ".rows[1][2]: a whole number is wanted, not a string");
	assert_refused("many", "{\"rows\":7,\"colors\":[]}",
	    ".rows: an array of row is wanted, not a number");
	assert_refused("many", "{\"rows\":[[],[]],\"colors\":[\"X\"]}",
	    ".colors[0]: color has no word \"X\": RED, BLUE");
	assert_refused(
	    "many", "[]", "an object of rows, colors is wanted, not an array");
	assert_refused("node", "{\"value\":1,\"next\":{\"value\":2}}",
	    ".next.next: is missing (node)");
	assert_refused("node", "{\"value\":1,\"next\":null,\"more\":0}",
	    ".more: there is no such field, but value, next");
}

static void
what_is_no_json_is_refused(void **state)
{
	(void)state;
	assert_refused(
	    "row", "[1,", "not JSON from byte 3 on: unexpected end of data");
	assert_refused(
	    "row", "", "not JSON from byte 0 on: unexpected end of data");
	assert_refused(
	    "row", "[1] x", "not JSON from byte 4 on: unexpected character");
	assert_refused("id", "\"\xff\xff\xff\xff\"",
	    "not JSON from byte 1 on: invalid utf-8 string");
}

static int
read_procedure(
    uint32_t number, const char *json, struct buffer *out, char why[512])
{
	const struct schema_procedure *procedure = schema_procedure_of(
	    schema_version_of(schema_program_of(types, 9), 1), number);
	struct from_json_error error = { .text = "" };
	int r =
	    from_json(out, procedure->arguments, json, strlen(json), &error);

	strcpy(why, error.text);
	return r;
}

static void
procedures_have_arguments(void **state)
{
	static const uint8_t two[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9 };
	struct buffer out;
	char why[512];

	(void)state;
	buffer_init(&out, sizeof(two));
	assert_int_equal(read_procedure(0, " \n", &out, why), 0);
	assert_int_equal(read_procedure(0, "null", &out, why), 0);
	assert_int_equal(read_procedure(0, "{}", &out, why), FROM_JSON_WRONG);
	assert_string_equal(why, "there are no arguments");
	assert_int_equal(buffer_len(&out), 0);
	assert_int_equal(read_procedure(2, "[\"RED\",[9]]", &out, why), 0);
	assert_int_equal(buffer_len(&out), sizeof(two));
	assert_memory_equal(buffer_head(&out), two, sizeof(two));
	assert_int_equal(
	    read_procedure(2, "[\"RED\"]", &out, why), FROM_JSON_WRONG);
	assert_string_equal(why, "an array of 2 arguments is wanted");
	assert_int_equal(
	    read_procedure(2, "[\"RED\",[]]", &out, why), FROM_JSON_WRONG);
	assert_string_equal(why, "[0]: the arguments are longer than 12 bytes");
	buffer_deinit(&out);
}

/* Bytes that are not what the schema says. */
static void
assert_no_json(
    const char *type, const char *bytes, size_t len, const char *what)
{
	struct schema_field field = described_field(types, type);
	const struct to_json_value value = {
		.field = &field,
		.bytes = (const uint8_t *)bytes,
		.len = len,
	};
	struct to_json_error error;
	struct buffer out;

	buffer_init(&out, JSON_MAX);
	assert_int_equal(to_json(&out, &value, true, &error), TO_JSON_WRONG);
	assert_string_equal(error.what, what);
	buffer_deinit(&out);
}

static void
bytes_that_are_wrong_are_no_json(void **state)
{
	(void)state;
	assert_no_json("color", "\0\0\0", 3, "the bytes end here");
	assert_no_json("color", "\0\0\0\1\0\0\0\1", 8,
	    "no field has the bytes that follow");
	assert_no_json("row", "\0\0\0\4", 4, "longer than the schema allows");
	assert_no_json("narrow", "\0\0\0\0", 4, "the union has no such case");
}

/* A list that does not end. */
static void
depth_and_length_have_limits(void **state)
{
	static uint8_t bytes[8 * 1024];
	struct schema_field field = described_field(types, "node");
	const struct to_json_value value = {
		.field = &field,
		.bytes = bytes,
		.len = sizeof(bytes),
	};
	struct to_json_error error;
	struct buffer out;

	(void)state;
	for (size_t i = 7; i < sizeof(bytes); i += 8)
		bytes[i] = 1;
	buffer_init(&out, 100);
	assert_int_equal(to_json(&out, &value, false, &error), TO_JSON_LONG);
	buffer_deinit(&out);
	buffer_init(&out, JSON_MAX);
	assert_int_equal(to_json(&out, &value, false, &error), TO_JSON_WRONG);
	assert_string_equal(error.what, "too many parts within each other");
	buffer_deinit(&out);
}

/* All but NaN, of which there are many. */
static bool
has_nan(const struct buffer *json)
{
	return memmem(buffer_head(json), buffer_len(json), "\"NaN\"", 5) !=
	    NULL;
}

static void
there_and_back(struct rng *rng, const struct schema_type *type, bool indented)
{
	static uint8_t bytes[BYTES_MAX];
	const struct schema_field field = { .name = "it", .type = type };
	struct to_json_value value = { &field, bytes, 0 };
	struct from_json_error wrong = { .text = "" };
	struct to_json_error error;
	struct buffer json, again;

	value.len = described_value(rng, &field, bytes, sizeof(bytes));
	if (value.len == 0)
		return;
	buffer_init(&json, JSON_MAX);
	buffer_init(&again, BYTES_MAX);
	/* A union without a default has no case of most numbers. */
	if (to_json(&json, &value, indented, &error) == 0) {
		if (from_json(&again, &field, (char *)buffer_head(&json),
			buffer_len(&json), &wrong) != 0)
			fail_msg("%s: %s", type->name, wrong.text);
		assert_int_equal(buffer_len(&again), value.len);
		if (!has_nan(&json))
			assert_memory_equal(
			    buffer_head(&again), bytes, value.len);
	} else {
		assert_string_equal(error.what, "the union has no such case");
	}
	buffer_deinit(&json);
	buffer_deinit(&again);
}

static void
random_values_come_back(void **state)
{
	struct schema *const schemas[] = { described_reverse(), described_rpc(),
		described_rpcbind(), described_text(text) };
	struct rng rng = { 9 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
		for (const struct schema_type *type = schemas[i]->types;
		     type != NULL; type = type->next)
			for (int n = 0; n < VALUES; n++)
				there_and_back(&rng, type, n % 2 == 0);
		schema_free(schemas[i]);
	}
}

static void
lines_are_indented(void **state)
{
	static const uint8_t bytes[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0,
		0, 0, 0 };
	struct schema_field field = described_field(types, "node");
	const struct to_json_value value = { &field, bytes, sizeof(bytes) };
	const struct to_json_value nothing = { NULL, bytes, 0 };
	struct to_json_error error;
	struct buffer out;

	(void)state;
	buffer_init(&out, JSON_MAX);
	assert_int_equal(to_json(&out, &value, true, &error), 0);
	assert_int_equal(to_json(&out, &nothing, true, &error), 0);
	end_text(&out);
	assert_string_equal(buffer_head(&out),
	    "{\n  \"value\": 1,\n  \"next\": {\n    \"value\": 2,\n"
	    "    \"next\": null\n  }\n}null");
	buffer_deinit(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(numbers_have_limits),
		cmocka_unit_test(enums_have_names),
		cmocka_unit_test(bytes_are_text_or_base64),
		cmocka_unit_test(unions_have_their_arm),
		cmocka_unit_test(arrays_and_lists),
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(procedures_have_arguments),
		cmocka_unit_test(bytes_that_are_wrong_are_no_json),
		cmocka_unit_test(depth_and_length_have_limits),
		cmocka_unit_test(random_values_come_back),
		cmocka_unit_test(lines_are_indented),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
