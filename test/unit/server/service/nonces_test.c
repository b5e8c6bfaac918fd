/* Which worker has a nonce of which peer: server/service/nonces. */
#include "server/service/nonces.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct nonces nonces;
static struct pot pots[2];
static struct account peers[2], loopback;
static const char nonce[16] = "nonce", other[16] = "other";

static int
setup(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		account_init(&peers[i], NULL, NULL);
		account_share(&peers[i], &pots[i], 2, 0);
	}
	account_init(&loopback, NULL, NULL);
	return nonces_init(&nonces);
}

static int
teardown(void **state)
{
	(void)state;
	assert_int_equal(nonces.map.count, 0);
	nonces_deinit(&nonces);
	return 0;
}

static void
who_claims_first_has_it_until_it_is_released(void **state)
{
	(void)state;
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 3), 3);
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 4), 3);
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 3), 3);
	nonces_release(&nonces, &peers[0], nonce, 4);
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 4), 3);
	nonces_release(&nonces, &peers[0], nonce, 3);
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 4), 4);
	nonces_release(&nonces, &peers[0], nonce, 4);
	nonces_release(&nonces, &peers[0], nonce, 4);
}

static void
each_peer_has_nonces_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 1), 1);
	assert_int_equal(nonces_claim(&nonces, &peers[1], nonce, 2), 2);
	assert_int_equal(nonces_claim(&nonces, &loopback, nonce, 3), 3);
	assert_int_equal(nonces_claim(&nonces, &peers[0], other, 4), 4);
	assert_int_equal(nonces_claim(&nonces, &peers[0], nonce, 5), 1);
	nonces_release(&nonces, &peers[0], nonce, 1);
	nonces_release(&nonces, &peers[1], nonce, 2);
	nonces_release(&nonces, &loopback, nonce, 3);
	nonces_release(&nonces, &peers[0], other, 4);
}

/* A hash may belong to several, and the table grows. */
static void
many_are_told_apart(void **state)
{
	char many[16] = "";

	(void)state;
	for (int i = 0; i < 1000; i++) {
		many[0] = (char)i;
		many[1] = (char)(i >> 8);
		assert_int_equal(
		    nonces_claim(&nonces, &peers[0], many, (unsigned int)i), i);
	}
	for (int i = 0; i < 1000; i++) {
		many[0] = (char)i;
		many[1] = (char)(i >> 8);
		assert_int_equal(
		    nonces_claim(&nonces, &peers[0], many, 5000), i);
		nonces_release(&nonces, &peers[0], many, (unsigned int)i);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(who_claims_first_has_it_until_it_is_released),
		TEST(each_peer_has_nonces_of_its_own),
		TEST(many_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
