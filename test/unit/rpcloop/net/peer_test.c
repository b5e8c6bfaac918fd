/* Who is one peer, and what it may hold: rpcloop/net/peer. */
#include "rpcloop/net/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FOUND_MAX = 16 };

static struct peers peers;

/* References that a test has taken, dropped at its end. */
static struct peer *found[FOUND_MAX];
static size_t found_count;

static int
setup(void **state)
{
	(void)state;
	return peers_init(&peers);
}

static int
teardown(void **state)
{
	(void)state;
	while (found_count > 0)
		account_drop(&found[--found_count]->account);
	assert_int_equal(peers.map.count, 0);
	peers_deinit(&peers);
	return 0;
}

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, 1), 0);
	return a;
}

/* Until the end of the test. */
static struct peer *
keep(const struct address *a)
{
	struct peer *peer = peer_find(&peers, a);

	assert_non_null(peer);
	assert_true(found_count < FOUND_MAX);
	found[found_count++] = peer;
	return peer;
}

static struct peer *
find(const char *text)
{
	struct address a = address(text);

	return keep(&a);
}

/* One connection more, as a charge. */
static void
connect_from(struct charge *c, const char *text)
{
	struct address a = address(text);
	struct peer *peer = peer_find(&peers, &a);

	assert_non_null(peer);
	charge_take(c, &peer->account, CHARGE_CONNECTIONS, 1);
	account_drop(&peer->account);
}

static unsigned int
held(const char *text)
{
	struct address a = address(text);
	struct peer *peer = peer_find(&peers, &a);
	uint64_t n;

	assert_non_null(peer);
	n = peer->account.held[CHARGE_CONNECTIONS];

	account_drop(&peer->account);
	return (unsigned int)n;
}

static void
a_host_or_a_64_is_one_peer(void **state)
{
	struct charge four, six, four_again, six_again;

	(void)state;
	connect_from(&four, "192.0.2.1");
	connect_from(&six, "2001:db8:1:2::3");
	connect_from(&four_again, "192.0.2.1");
	connect_from(&six_again, "2001:db8:1:2:ffff::4");
	assert_ptr_equal(four.account, four_again.account);
	assert_ptr_equal(six.account, six_again.account);
	assert_int_equal(held("192.0.2.1"), 2);
	assert_int_equal(held("2001:db8:1:2::99"), 2);
	assert_int_equal(held("192.0.2.2"), 0);
	assert_int_equal(held("2001:db8:1:3::3"), 0);
	charge_release(&four);
	assert_int_equal(held("192.0.2.1"), 1);
	charge_release(&four_again);
	assert_int_equal(held("192.0.2.1"), 0);
	charge_release(&six);
	charge_release(&six_again);
	assert_int_equal(held("2001:db8:1:2::3"), 0);
	assert_int_equal(peers.map.count, 0);
}

static void
the_loopback_is_one_peer_with_the_limits_of_all(void **state)
{
	struct peer *four = find("127.0.0.1"), *six = find("::1");

	(void)state;
	assert_ptr_equal(four, six);
	assert_ptr_equal(four, find("127.1.2.3"));
	peers_limit(&peers, CHARGE_BYTES, 1000, 10);
	assert_int_equal(account_room(&four->account, CHARGE_BYTES), 1000);
	assert_int_equal(
	    account_room(&find("192.0.2.1")->account, CHARGE_BYTES), 10);
}

static void
a_user_is_a_peer(void **state)
{
	struct address a = { .len = sizeof(a.u.user) }, b;
	struct peer *one, *other;

	(void)state;
	a.u.user.family = AF_UNIX;
	a.u.user.uid = 1000;
	b = a;
	b.u.user.uid = 1001;
	one = keep(&a);
	other = keep(&b);
	assert_ptr_not_equal(one, other);
	assert_ptr_equal(keep(&a), one);
}

static void
more_peers_than_chains_are_told_apart(void **state)
{
	enum { PEERS = 4096 };
	static struct charge all[PEERS];
	char text[32];

	(void)state;
	for (unsigned int i = 0; i < PEERS; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i / 256, i % 256);
		connect_from(&all[i], text);
		assert_int_equal(held(text), 1);
	}
	assert_int_equal(peers.all.held[CHARGE_CONNECTIONS], PEERS);
	for (unsigned int i = 0; i < PEERS; i++)
		charge_release(&all[i]);
	assert_int_equal(held("10.0.0.0"), 0);
	assert_int_equal(peers.map.count, 0);
}

/* A peer that knows the hash could have all it connects from in one chain. */
static void
every_chain_has_its_share(void **state)
{
	enum { CHAINS = 1024 };
	static bool seen[CHAINS];
	unsigned int used = 0;
	char text[48];
	struct address a;

	(void)state;
	for (unsigned int i = 0; i < 4 * CHAINS; i++) {
		snprintf(text, sizeof(text), "2001:db8:0:%x::1", i);
		a = address(text);
		seen[address_peer_hash(&a, &peers.key) % CHAINS] = true;
	}
	for (unsigned int i = 0; i < CHAINS; i++)
		used += seen[i];
	assert_true(used > CHAINS * 9 / 10);
}

static void
memory_is_short_for_a_peer_that_has_its_share(void **state)
{
	struct charge sockets, bytes;
	struct peer *peer;

	(void)state;
	peers_limit(&peers, CHARGE_BYTES, 8000, 800);
	peer = find("192.0.2.1");
	charge_take(&bytes, &peer->account, CHARGE_BYTES, 799);
	charge_take(&sockets, &peer->account, CHARGE_SOCKETS, 99);
	assert_false(peer_is_short(peer));
	charge_set(&bytes, 800);
	/* Its sockets have not had what is reserved for them. */
	assert_false(peer_is_short(peer));
	charge_set(&sockets, 100);
	assert_true(peer_is_short(peer));
	assert_false(peer_is_short(find("192.0.2.2")));
	charge_set(&bytes, 8000);
	assert_true(peer_is_short(find("192.0.2.2")));
	assert_true(peer_is_short(find("127.0.0.1")));
	charge_release(&bytes);
	charge_release(&sockets);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_host_or_a_64_is_one_peer),
		TEST(the_loopback_is_one_peer_with_the_limits_of_all),
		TEST(a_user_is_a_peer),
		TEST(more_peers_than_chains_are_told_apart),
		TEST(every_chain_has_its_share),
		TEST(memory_is_short_for_a_peer_that_has_its_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
