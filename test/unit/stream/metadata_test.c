/* Metadata that comes back: stream/metadata. */
#include "stream/metadata.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

static metadatum
pair(const char *key, const char *value)
{
	metadatum m;

	m.key.key_len = (u_int)strlen(key);
	m.key.key_val = (char *)(uintptr_t)key;
	m.value.value_len = (u_int)strlen(value);
	m.value.value_val = (char *)(uintptr_t)value;
	return m;
}

static void
what_begins_with_echo_comes_back(void **state)
{
	metadatum all[] = { pair("echo", "1"), pair("echo-", "2"),
		pair("Echo-b", "3"), pair("echo-b", ""), pair("", "5") };
	call_context context = { .deadline_ms = 0 };
	metadatum *back = NULL;
	u_int count = 0;

	(void)state;
	context.metadata.metadata_len = sizeof(all) / sizeof(all[0]);
	context.metadata.metadata_val = all;
	assert_true(metadata_echo(&context, &count, &back));
	assert_int_equal(count, 2);
	assert_int_equal(back[0].key.key_len, 5);
	assert_memory_equal(back[0].key.key_val, "echo-", 5);
	assert_int_equal(back[0].value.value_len, 1);
	assert_memory_equal(back[0].value.value_val, "2", 1);
	assert_memory_equal(back[1].key.key_val, "echo-b", 6);
	assert_int_equal(back[1].value.value_len, 0);
	metadata_free(&count, &back);
	metadata_free(&count, &back);
	assert_int_equal(count, 0);
}

static void
its_size_is_that_of_keys_and_values(void **state)
{
	metadatum two[] = { pair("echo-a", "123"), pair("echo-bc", "") };

	(void)state;
	assert_int_equal(metadata_size(two, 0), 0);
	assert_int_equal(
	    metadata_size(two, 2), 2 * sizeof(metadatum) + 6 + 3 + 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_begins_with_echo_comes_back),
		cmocka_unit_test(its_size_is_that_of_keys_and_values),
	};

	return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}
