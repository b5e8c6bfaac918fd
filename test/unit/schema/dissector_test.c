/* The tables of the script for Wireshark; what shows them, tshark proves. */
#include "schema/dissector.h"
#include "schema/texts.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TEXT_MAX = 1024 * 1024 };

static const char source[] = "enum color { RED = 1, ROSE = 1, BLUE = -2 };\n"
			     "typedef opaque id[4];\n"
			     "struct node { id ids<>;\n\tnode *next; };\n"
			     "union shape switch (color kind) {\n"
			     "case RED: case BLUE: void;\n"
			     "case 7: struct { hyper h[2]; } in;\n"
			     "default: id other; };\n"
			     "program P { version V { void A(void) = 1;\n"
			     "shape B(node, unsigned int) = 2; } = 3; } = 4;\n";

static const char tables[] =
    "local types = {}\n"
    "types[\"color\"] = { kind = \"enum\",\n"
    "words = {\n"
    "[1] = \"RED\",\n"
    "[-2] = \"BLUE\",\n"
    "},\n"
    "}\n"
    "types[\"id\"] = { kind = \"alias\",\n"
    "fields = {\n"
    "{ name = \"id\", line = 2, shape = \"fixed\", count = 4, "
    "type = \"opaque\" },\n"
    "},\n"
    "}\n"
    "types[\"node\"] = { kind = \"struct\",\n"
    "fields = {\n"
    "{ name = \"ids\", line = 3, shape = \"variable\", count = 4294967295, "
    "type = \"id\" },\n"
    "{ name = \"next\", line = 4, shape = \"optional\", count = 0, "
    "type = \"node\" },\n"
    "},\n"
    "}\n"
    "types[\"shape\"] = { kind = \"union\",\n"
    "fields = {\n"
    "{ name = \"kind\", line = 5, type = \"color\" },\n"
    "},\n"
    "arms = {\n"
    "{ cases = { 1, 4294967294, }, default = false,\n"
    "fields = {\n"
    "},\n"
    "},\n"
    "{ cases = { 7, }, default = false,\n"
    "fields = {\n"
    "{ name = \"in\", line = 7, type = { kind = \"struct\",\n"
    "fields = {\n"
    "{ name = \"h\", line = 7, shape = \"fixed\", count = 2, "
    "type = \"hyper\" },\n"
    "},\n"
    "} },\n"
    "},\n"
    "},\n"
    "{ cases = { }, default = true,\n"
    "fields = {\n"
    "{ name = \"other\", line = 8, shape = \"fixed\", count = 4, "
    "type = \"opaque\" },\n"
    "},\n"
    "},\n"
    "},\n"
    "}\n"
    "local programs = {\n"
    "[4] = {\n"
    "[3] = {\n"
    "[1] = { name = \"A\",\n"
    "arguments = {\n"
    "},\n"
    "results = {\n"
    "},\n"
    "},\n"
    "[2] = { name = \"B\",\n"
    "arguments = {\n"
    "{ name = \"arguments\", line = 10, type = \"node\" },\n"
    "{ name = \"arguments\", line = 10, type = \"unsigned int\" },\n"
    "},\n"
    "results = {\n"
    "{ name = \"result\", line = 10, type = \"shape\" },\n"
    "},\n"
    "},\n"
    "},\n"
    "},\n"
    "}\n";

/* The script of a file of that name; to be freed. */
static char *
script_of(const char *file, const char *text)
{
	struct schema_error error;
	struct schema *schema;
	struct buffer out;
	char *script;

	assert_int_equal(
	    schema_new(&schema, file, text, strlen(text), &error), 0);
	buffer_init(&out, TEXT_MAX);
	assert_int_equal(dissector_add(&out, schema), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	script = strdup((char *)buffer_head(&out));
	assert_non_null(script);
	buffer_deinit(&out);
	schema_free(schema);
	return script;
}

static void
types_and_procedures_are_tables(void **state)
{
	char *script = script_of("any.x", source);
	char *begin = strstr(script, "local types");

	(void)state;
	assert_non_null(begin);
	assert_memory_equal(begin, tables, sizeof(tables) - 1);
	begin += sizeof(tables) - 1;
	assert_memory_equal(
	    begin, dissector_fields_text, dissector_fields_size);
	begin += dissector_fields_size;
	assert_memory_equal(
	    begin, dissector_values_text, dissector_values_size);
	begin += dissector_values_size;
	assert_memory_equal(
	    begin, dissector_messages_text, dissector_messages_size);
	assert_int_equal(strlen(begin), dissector_messages_size);
	free(script);
}

static void
assert_named(const char *file, const char *expect)
{
	char *script = script_of(
	    file, "program P { version V { void A(void) = 1; } = 1; } = 1;");
	char *begin = strstr(script, "local FILE");

	assert_non_null(begin);
	*strstr(begin, "\n\n") = '\0';
	assert_string_equal(begin, expect);
	free(script);
}

static void
fields_are_called_after_the_file(void **state)
{
	(void)state;
	assert_named("reverse.x",
	    "local FILE = \"reverse.x\"\nlocal NAME = \"reverse\"");
	assert_named("/dev/stdin",
	    "local FILE = \"/dev/stdin\"\nlocal NAME = \"stdin\"");
	assert_named("a b/My-1.X.x",
	    "local FILE = \"a b/My-1.X.x\"\nlocal NAME = \"my_1_x\"");
	assert_named(".x", "local FILE = \".x\"\nlocal NAME = \"_x\"");
}

/* Whatever it is called, it ends no string, and no line. */
static void
the_name_of_a_file_is_only_a_name(void **state)
{
	(void)state;
	assert_named("\"\\\n\xc3\xa4",
	    "local FILE = \"\\034\\092\\010\\195\\164\"\n"
	    "local NAME = \"_____\"");
}

static void
a_script_that_does_not_fit_is_told(void **state)
{
	struct schema *schema = described_reverse();
	struct buffer out;

	(void)state;
	buffer_init(&out, 1000);
	assert_int_equal(dissector_add(&out, schema), BUFFER_FULL);
	buffer_deinit(&out);
	schema_free(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_procedures_are_tables),
		cmocka_unit_test(fields_are_called_after_the_file),
		cmocka_unit_test(the_name_of_a_file_is_only_a_name),
		cmocka_unit_test(a_script_that_does_not_fit_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
