/*
 * What list shows of types: definitions that mean the same when they are read,
 * and values to begin with.
 */
#include "schema/definition.h"
#include "schema/from_json.h"
#include "schema/sample.h"
#include "schema/to_json.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TEXT_MAX = 1024 * 1024 };

static const char text[] = "enum color {\n\tRED = 1,\n\tBLUE = -2\n};\n"
			   "struct node {\n\tint value;\n\tnode *next;\n};\n"
			   "union shape switch (color kind) {\n"
			   "case RED:\ncase BLUE:\n\tvoid;\n"
			   "default:\n\tstring word<>;\n};\n"
			   "typedef opaque id[4];\n"
			   "struct tree {\n\ttree leaves<>;\n};\n"
			   "union narrow switch (bool set) {\n"
			   "case TRUE:\n\tstruct {\n\t\thyper h[2];\n\t} in;\n"
			   "case FALSE:\n\tvoid;\n};\n";

static void
add_types(struct buffer *out, const struct schema *schema)
{
	for (const struct schema_type *type = schema->types; type != NULL;
	     type = type->next)
		if (*type->name != '\0')
			assert_int_equal(definition_add(out, type), 0);
	assert_int_equal(buffer_reserve(out, 1), 0);
	*buffer_extend(out, 1) = '\0';
}

/* It is read, and says the same. */
static void
assert_defined(struct schema *schema, const char *expect)
{
	struct buffer once, again;
	struct schema *read;

	buffer_init(&once, TEXT_MAX);
	buffer_init(&again, TEXT_MAX);
	add_types(&once, schema);
	if (expect != NULL)
		assert_string_equal(buffer_head(&once), expect);
	read = described_text((char *)buffer_head(&once));
	add_types(&again, read);
	assert_string_equal(buffer_head(&again), buffer_head(&once));
	schema_free(read);
	schema_free(schema);
	buffer_deinit(&once);
	buffer_deinit(&again);
}

static void
definitions_are_those_of_the_file(void **state)
{
	(void)state;
	assert_defined(described_text(text), text);
	assert_defined(described_reverse(), NULL);
	assert_defined(described_rpc(), NULL);
	assert_defined(described_rpcbind(), NULL);
}

static void
assert_sample(const struct schema_type *type, const char *expect)
{
	const struct schema_field field = { .name = "it", .type = type };
	struct to_json_value value = { .field = &field };
	struct from_json_error wrong = { .text = "" };
	struct to_json_error error;
	struct buffer bytes, json;

	buffer_init(&bytes, TEXT_MAX);
	buffer_init(&json, TEXT_MAX);
	assert_int_equal(sample_value(&bytes, &field), 0);
	value.bytes = buffer_head(&bytes);
	value.len = buffer_len(&bytes);
	assert_int_equal(to_json(&json, &value, false, &error), 0);
	buffer_truncate(&bytes, 0);
	assert_int_equal(from_json(&bytes, &field, (char *)buffer_head(&json),
			     buffer_len(&json), &wrong),
	    0);
	if (expect != NULL) {
		assert_int_equal(buffer_len(&json), strlen(expect));
		assert_memory_equal(buffer_head(&json), expect, strlen(expect));
	}
	buffer_deinit(&bytes);
	buffer_deinit(&json);
}

static void
values_begin_with_nothing(void **state)
{
	struct schema *schema = described_text(text);

	(void)state;
	assert_sample(schema_type_named(schema, "color"), "\"RED\"");
	assert_sample(
	    schema_type_named(schema, "node"), "{\"value\":0,\"next\":null}");
	assert_sample(schema_type_named(schema, "shape"), "{\"kind\":\"RED\"}");
	assert_sample(
	    schema_type_named(schema, "id"), "{\"base64\":\"AAAAAA==\"}");
	assert_sample(schema_type_named(schema, "narrow"),
	    "{\"set\":true,\"in\":{\"h\":[0,0]}}");
	/* It is within itself, and comes to an end. */
	assert_sample(schema_type_named(schema, "tree"),
	    "{\"leaves\":[{\"leaves\":[{\"leaves\":[{\"leaves\":[]}]}]}]}");
	schema_free(schema);
}

static void
every_type_has_a_sample(void **state)
{
	struct schema *const schemas[] = { described_reverse(), described_rpc(),
		described_rpcbind() };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(schemas); i++) {
		for (const struct schema_type *type = schemas[i]->types;
		     type != NULL; type = type->next)
			assert_sample(type, NULL);
		schema_free(schemas[i]);
	}
}

static void
a_sample_is_no_longer_than_it_may_be(void **state)
{
	struct schema *schema = described_text(
	    "typedef int a[1000]; typedef a b[1000]; typedef b c[1000];");
	const struct schema_field field = described_field(schema, "c");
	struct buffer bytes;

	(void)state;
	buffer_init(&bytes, 100);
	assert_int_equal(sample_value(&bytes, &field), BUFFER_FULL);
	buffer_truncate(&bytes, 0);
	assert_int_equal(
	    definition_add(&bytes, schema_type_named(schema, "a")), 0);
	schema_free(schema);
	buffer_deinit(&bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions_are_those_of_the_file),
		cmocka_unit_test(values_begin_with_nothing),
		cmocka_unit_test(every_type_has_a_sample),
		cmocka_unit_test(a_sample_is_no_longer_than_it_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
