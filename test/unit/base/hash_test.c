/* The keyed hash: base/hash. */
#include "base/hash.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

/* Key and inputs of the paper: the bytes 0, 1, 2 and so on. */
static const struct hash_key key = { { 0x0706050403020100u,
    0x0f0e0d0c0b0a0908u } };

static bool denied;

/* In the place of libc's. */
ssize_t
getrandom(void *bytes, size_t len, unsigned int flags)
{
	if (!denied)
		return syscall(SYS_getrandom, bytes, len, flags);
	errno = ENOSYS;
	return -1;
}

static void
it_is_that_of_the_paper(void **state)
{
	uint8_t bytes[15];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	assert_true(hash_bytes(&key, bytes, 15) == 0xa129ca6149be45e5u);
	assert_true(hash_bytes(&key, bytes, 0) == 0x726fdb47dd0e0e31u);
	assert_true(hash_bytes(&key, bytes, 8) == 0x93f5f5799a932462u);
}

static void
where_the_bytes_lie_makes_no_difference(void **state)
{
	uint8_t bytes[40];

	(void)state;
	for (size_t at = 0; at < 8; at++) {
		memset(bytes, 0, sizeof(bytes));
		memcpy(bytes + at, "a text of many bytes", 20);
		assert_true(hash_bytes(&key, bytes + at, 20) ==
		    hash_bytes(&key, "a text of many bytes", 20));
	}
}

static void
keys_differ(void **state)
{
	struct hash_key a, b;

	(void)state;
	hash_key_init(&a);
	hash_key_init(&b);
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_true(hash_bytes(&a, "x", 1) != hash_bytes(&b, "x", 1));
}

/* A key that everybody knows would let peers aim at a bucket. */
static void
keys_are_secret_without_getrandom_too(void **state)
{
	static const struct hash_key zero;
	struct hash_key a, b;

	(void)state;
	denied = true;
	hash_key_init(&a);
	hash_key_init(&b);
	denied = false;
	assert_memory_not_equal(&a, &zero, sizeof(a));
	assert_memory_not_equal(&a, &b, sizeof(a));
	assert_true(a.words[0] != a.words[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_that_of_the_paper),
		cmocka_unit_test(where_the_bytes_lie_makes_no_difference),
		cmocka_unit_test(keys_differ),
		cmocka_unit_test(keys_are_secret_without_getrandom_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
