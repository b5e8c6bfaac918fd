/* The parts of values whose types reverse.x does not have, and of what is no
 * value; test/unit/schema/reverse_test.c has those of reverse.x. */
#include "schema/parts.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 8192 };

static void
put_part(char *text, const struct part *part)
{
	static const char *const kinds[] = { "begin", "end", "value", "case",
		"present", "length", "bytes" };
	size_t len = strlen(text);

	len += (size_t)snprintf(text + len, TEXT_MAX - len, "%u %s %s",
	    part->depth, kinds[part->kind], part->name);
	if (part->index != PART_NO_INDEX)
		len += (size_t)snprintf(text + len, TEXT_MAX - len,
		    "[%" PRIu32 "/%" PRIu32 "]", part->index, part->indexes);
	len += (size_t)snprintf(text + len, TEXT_MAX - len, " %s@%u %zu",
	    part->type_name, part->line, part->at);
	if (part->len + part->padding > 0)
		len += (size_t)snprintf(text + len, TEXT_MAX - len,
		    "+%zu+%zu %" PRId64, part->len, part->padding,
		    (int64_t)part->value);
	if (part->word != NULL)
		len += (size_t)snprintf(
		    text + len, TEXT_MAX - len, " %s", part->word);
	assert_true(len + 1 < TEXT_MAX);
	strcpy(text + len, "\n");
}

/* All parts of the type "t" of a file, and what ends them. */
static void
assert_parts(const char *file, const void *bytes, size_t len, int result,
    const char *expect)
{
	struct schema *schema = described_text(file);
	struct schema_field field = described_field(schema, "t");
	struct parts *parts = malloc(sizeof(*parts));
	char text[TEXT_MAX] = "";
	struct part part;
	size_t at;
	int r;

	assert_non_null(parts);
	parts_start(parts, &field, bytes, len);
	while ((r = parts_next(parts, &part)) == PARTS_NEXT)
		put_part(text, &part);
	if (r != PARTS_OVER)
		snprintf(text + strlen(text), TEXT_MAX - strlen(text),
		    "%s %s@%u %zu\n", parts_words(r), part.name, part.line,
		    part.at);
	assert_string_equal(text, expect);
	assert_int_equal(r, result);
	assert_int_equal(parts_next(parts, &part), PARTS_OVER);
	assert_int_equal(described_parts(&field, bytes, len, &at), result);
	assert_int_equal(at, parts->at);
	free(parts);
	schema_free(schema);
}

#define ASSERT_PARTS(file, bytes, result, expect) \
	assert_parts(file, bytes, sizeof(bytes) - 1, result, expect)

static void
numbers_have_their_values(void **state)
{
	(void)state;
	ASSERT_PARTS("struct t { int a; unsigned int b;\nhyper c; unsigned "
		     "hyper d; bool e; bool f; };",
	    "\xff\xff\xff\xfe\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xfd"
	    "\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\2",
	    PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 value a int@1 0+4+0 -2\n"
	    "1 value b unsigned int@1 4+4+0 4294967294\n"
	    "1 value c hyper@2 8+8+0 -3\n"
	    "1 value d unsigned hyper@2 16+8+0 4294967296\n"
	    "1 value e bool@2 24+4+0 1 TRUE\n"
	    "1 value f bool@2 28+4+0 2\n"
	    "0 end it t@0 32\n");
	ASSERT_PARTS("struct t { float a; double b; quadruple c; };",
	    "\x3f\x80\0\0\x3f\xf0\0\0\0\0\0\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd"
	    "\xe\xf\x10",
	    PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 value a float@1 0+4+0 1065353216\n"
	    "1 value b double@1 4+8+0 4607182418800017408\n"
	    "1 value c quadruple@1 12+16+0 0\n"
	    "0 end it t@0 28\n");
	ASSERT_PARTS("enum e { A = -1 }; struct t { e a; e b; };",
	    "\xff\xff\xff\xff\0\0\0\1", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 value a e@1 0+4+0 -1 A\n"
	    "1 value b e@1 4+4+0 1\n"
	    "0 end it t@0 8\n");
}

static void
bytes_have_padding(void **state)
{
	(void)state;
	ASSERT_PARTS("struct t { opaque a[5]; opaque b<>; string c<4>; };",
	    "12345\0\0\0\0\0\0\0\0\0\0\4abcd", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 bytes a opaque@1 0+5+3 0\n"
	    "1 length b opaque@1 8+4+0 0\n"
	    "1 bytes b opaque@1 12\n"
	    "1 length c string@1 12+4+0 4\n"
	    "1 bytes c string@1 16+4+0 0\n"
	    "0 end it t@0 20\n");
	ASSERT_PARTS("typedef opaque t[5];", "12345\0\0", PARTS_SHORT,
	    "the bytes end here it@0 0\n");
	ASSERT_PARTS("typedef opaque t<4>;", "\0\0\0\5abcde\0\0\0",
	    PARTS_TOO_MANY, "longer than the schema allows it@0 0\n");
	ASSERT_PARTS("typedef opaque t<5>;", "\0\0\0\5abcd", PARTS_SHORT,
	    "0 length it t@0 0+4+0 5\nthe bytes end here it@0 4\n");
}

static void
elements_are_numbered(void **state)
{
	(void)state;
	ASSERT_PARTS("typedef int pair[2]; typedef pair t<3>;",
	    "\0\0\0\2\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "0 length it t@0 0+4+0 2\n"
	    "1 begin it[0/2] pair@0 4\n"
	    "2 value it[0/2] int@0 4+4+0 1\n"
	    "2 value it[1/2] int@0 8+4+0 2\n"
	    "1 end it[0/2] pair@0 12\n"
	    "1 begin it[1/2] pair@0 12\n"
	    "2 value it[0/2] int@0 12+4+0 3\n"
	    "2 value it[1/2] int@0 16+4+0 4\n"
	    "1 end it[1/2] pair@0 20\n"
	    "0 end it t@0 20\n");
	ASSERT_PARTS("typedef opaque b<>; typedef b t<>;",
	    "\0\0\0\1\0\0\0\1x\0\0\0", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "0 length it t@0 0+4+0 1\n"
	    "1 length it[0/1] b@0 4+4+0 1\n"
	    "1 bytes it[0/1] b@0 8+1+3 0\n"
	    "0 end it t@0 12\n");
}

/* A claim is believed as far as there can be bytes for it. */
static void
claims_are_held_against_the_bytes(void **state)
{
	(void)state;
	ASSERT_PARTS("typedef int t<>;", "\0\0\0\2\0\0\0\0", PARTS_SHORT,
	    "0 begin it t@0 0\nthe bytes end here it@0 0\n");
	ASSERT_PARTS("typedef int t<>;", "\xff\xff\xff\xff\0\0\0\0",
	    PARTS_SHORT, "0 begin it t@0 0\nthe bytes end here it@0 0\n");
	ASSERT_PARTS("typedef int t[4000000000];", "\0\0\0\0", PARTS_SHORT,
	    "the bytes end here it@0 0\n");
	ASSERT_PARTS("typedef int t<1>;", "\0\0\0\2\0\0\0\0\0\0\0\0",
	    PARTS_TOO_MANY,
	    "0 begin it t@0 0\nlonger than the schema allows it@0 0\n");
	ASSERT_PARTS(
	    "typedef int t;", "", PARTS_SHORT, "the bytes end here it@0 0\n");
	ASSERT_PARTS("typedef opaque t<>;", "\xff\xff\xff\xff\0\0\0\0",
	    PARTS_SHORT,
	    "0 length it t@0 0+4+0 4294967295\nthe bytes end here it@0 4\n");
}

static void
optional_values_may_follow_each_other(void **state)
{
	static const char list[] = "struct n { int v; n *next; }; "
				   "typedef n *t;";

	(void)state;
	ASSERT_PARTS(
	    list, "\0\0\0\0", PARTS_OVER, "0 present it t@0 0+4+0 0\n");
	ASSERT_PARTS(list, "\0\0\0\1\0\0\0\5\0\0\0\1\0\0\0\6\0\0\0\0",
	    PARTS_OVER,
	    "0 present it t@0 0+4+0 1\n"
	    "0 begin it n@0 4\n"
	    "1 value v int@1 4+4+0 5\n"
	    "1 present next n@1 8+4+0 1\n"
	    "1 begin next n@1 12\n"
	    "2 value v int@1 12+4+0 6\n"
	    "2 present next n@1 16+4+0 0\n"
	    "1 end next n@1 20\n"
	    "0 end it n@0 20\n");
	ASSERT_PARTS("typedef opaque b<2>; typedef b *t;",
	    "\0\0\0\7\0\0\0\1x\0\0\0", PARTS_OVER,
	    "0 present it t@0 0+4+0 7\n"
	    "0 length it b@0 4+4+0 1\n"
	    "0 bytes it b@0 8+1+3 0\n");
}

static void
a_union_has_an_arm_or_ends_it(void **state)
{
	static const char file[] =
	    "enum e { A = -1, B, C }; union t switch (e d) { case A: int a; "
	    "case B: void; };";

	(void)state;
	ASSERT_PARTS(file, "\xff\xff\xff\xff\0\0\0\2", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 case d e@1 0+4+0 -1 A\n"
	    "1 value a int@1 4+4+0 2\n"
	    "0 end it t@0 8\n");
	ASSERT_PARTS(file, "\0\0\0\0", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 case d e@1 0+4+0 0 B\n"
	    "0 end it t@0 4\n");
	ASSERT_PARTS(file, "\0\0\0\1\0\0\0\2", PARTS_NO_ARM,
	    "0 begin it t@0 0\n"
	    "1 case d e@1 0+4+0 1 C\n"
	    "the union has no such case it@0 4\n");
	ASSERT_PARTS("union t switch (unsigned d) { case 4294967295: int a; "
		     "default: hyper b; };",
	    "\xff\xff\xff\xff\0\0\0\2", PARTS_OVER,
	    "0 begin it t@0 0\n"
	    "1 case d unsigned int@1 0+4+0 4294967295\n"
	    "1 value a int@1 4+4+0 2\n"
	    "0 end it t@0 8\n");
	ASSERT_PARTS(file, "\0\0", PARTS_SHORT,
	    "0 begin it t@0 0\nthe bytes end here d@1 0\n");
}

/* How far parts go before they are too deep. */
static size_t
depth_of(const char *file)
{
	static uint8_t bytes[100 * PARTS_DEPTH];
	struct schema *schema = described_text(file);
	struct schema_field field = described_field(schema, "t");
	size_t at;

	for (size_t i = 3; i < sizeof(bytes); i += 4)
		bytes[i] = 1;
	assert_int_equal(
	    described_parts(&field, bytes, sizeof(bytes), &at), PARTS_TOO_DEEP);
	schema_free(schema);
	return at;
}

static void
what_never_ends_is_too_deep(void **state)
{
	(void)state;
	assert_int_equal(depth_of("struct t { t x; };"), 0);
	assert_int_equal(depth_of("struct t { t x<>; };"), 4 * PARTS_DEPTH / 2);
	assert_int_equal(
	    depth_of("struct t { t *x; };"), 4 * (PARTS_DEPTH - 1));
	assert_int_equal(depth_of("union t switch (int i) { default: t x; };"),
	    4 * PARTS_DEPTH);
}

static void
nothing_has_no_parts(void **state)
{
	struct parts *parts = malloc(sizeof(*parts));
	struct part part;

	(void)state;
	assert_non_null(parts);
	parts_start(parts, NULL, (const uint8_t *)"\0\0\0\0", 4);
	assert_int_equal(parts_next(parts, &part), PARTS_OVER);
	assert_int_equal(parts->at, 0);
	free(parts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_their_values),
		cmocka_unit_test(bytes_have_padding),
		cmocka_unit_test(elements_are_numbered),
		cmocka_unit_test(claims_are_held_against_the_bytes),
		cmocka_unit_test(optional_values_may_follow_each_other),
		cmocka_unit_test(a_union_has_an_arm_or_ends_it),
		cmocka_unit_test(what_never_ends_is_too_deep),
		cmocka_unit_test(nothing_has_no_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
