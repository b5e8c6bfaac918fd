/* What a peer holds on several loops is bounded together:
 * rpcloop/net/shared_peers. */
#include "base/base.h"
#include "rpcloop/net/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	LOOPS = 4,
	MOST = 6, /* streams of one peer */
	MOST_OF_ALL = 10,
	ROUNDS = 20000,
};

static struct shared_peers shared;
static struct peers peers[LOOPS];
static const char *const hosts[] = { "192.0.2.1", "192.0.2.2", "2001:db8::1" };
static atomic_int held[ARRAY_LEN(hosts)];

static int
setup(void **state)
{
	(void)state;
	assert_int_equal(shared_peers_init(&shared, LOOPS), 0);
	for (int i = 0; i < LOOPS; i++) {
		assert_int_equal(peers_init(&peers[i]), 0);
		peers_limit(&peers[i], CHARGE_STREAMS, MOST_OF_ALL, MOST);
		peers_share(&peers[i], &shared, (unsigned int)i);
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	for (int i = 0; i < LOOPS; i++) {
		assert_int_equal(peers[i].map.count, 0);
		peers_deinit(&peers[i]);
	}
	assert_int_equal(shared.map.count, 0);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		assert_int_equal(shared.all.drawn[kind], 0);
	shared_peers_deinit(&shared);
	return 0;
}

static struct peer *
find(int loop, const char *text)
{
	struct address a;
	struct peer *peer;

	assert_int_equal(address_parse(&a, text, 1), 0);
	peer = peer_find(&peers[loop], &a);
	assert_non_null(peer);
	return peer;
}

static void
hosts_of_one_64_share_a_pot_on_all_loops(void **state)
{
	struct peer *a = find(0, "2001:db8::1"), *b = find(1, "2001:db8::2");
	struct peer *c = find(2, "2001:db8:0:1::1");

	(void)state;
	assert_ptr_equal(a->account.pot, b->account.pot);
	assert_ptr_not_equal(a->account.pot, c->account.pot);
	account_drop(&a->account);
	account_drop(&b->account);
	account_drop(&c->account);
}

static void
loopback_has_the_limits_of_all_only(void **state)
{
	struct peer *a = find(0, "127.0.0.1"), *b = find(1, "127.0.0.1");
	struct charge charge;

	(void)state;
	charge_take(&charge, &a->account, CHARGE_STREAMS, MOST_OF_ALL - 1);
	assert_true(account_may_hold(&b->account, CHARGE_STREAMS, 1));
	account_forgo(&b->account, CHARGE_STREAMS);
	charge_set(&charge, MOST_OF_ALL);
	assert_false(account_may_hold(&b->account, CHARGE_STREAMS, 1));
	charge_release(&charge);
	account_drop(&a->account);
	account_drop(&b->account);
}

static void
limit_of_a_peer_is_that_of_all_loops(void **state)
{
	struct peer *a = find(0, hosts[0]), *b = find(1, hosts[0]);
	struct peer *other = find(1, hosts[1]);
	struct charge charge;

	(void)state;
	charge_take(&charge, &a->account, CHARGE_STREAMS, MOST);
	assert_false(account_may_hold(&b->account, CHARGE_STREAMS, 1));
	assert_true(account_may_hold(&other->account, CHARGE_STREAMS, 1));
	account_forgo(&other->account, CHARGE_STREAMS);
	charge_release(&charge);
	account_drop(&a->account);
	account_drop(&b->account);
	account_drop(&other->account);
}

/* One stream more of a peer, and its end; returns whether the limits held. */
static bool
open_and_close(int loop, size_t host)
{
	struct peer *peer = find(loop, hosts[host]);
	struct charge charge;
	bool kept = true;

	if (account_may_hold(&peer->account, CHARGE_STREAMS, 1)) {
		charge_take(&charge, &peer->account, CHARGE_STREAMS, 1);
		kept = atomic_fetch_add(&held[host], 1) < MOST;
		atomic_fetch_sub(&held[host], 1);
		charge_release(&charge);
	}
	account_drop(&peer->account);
	return kept;
}

static void *
use(void *arg)
{
	int loop = (int)((struct peers *)arg - peers);

	for (size_t i = 0; i < ROUNDS; i++)
		if (!open_and_close(loop, i % ARRAY_LEN(hosts)))
			return arg;
	return NULL;
}

static void
threads_meet_and_forget_the_same_peers(void **state)
{
	pthread_t threads[LOOPS];
	void *failed;

	(void)state;
	for (int i = 0; i < LOOPS; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, use, &peers[i]), 0);
	for (int i = 0; i < LOOPS; i++) {
		assert_int_equal(pthread_join(threads[i], &failed), 0);
		assert_null(failed);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(hosts_of_one_64_share_a_pot_on_all_loops),
		TEST(loopback_has_the_limits_of_all_only),
		TEST(limit_of_a_peer_is_that_of_all_loops),
		TEST(threads_meet_and_forget_the_same_peers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
