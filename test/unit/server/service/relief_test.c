/* What workers ask of one another when memory is short:
 * server/service/relief. */
#include "server/service/relief.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
/* Needs the headers above. */
#include <cmocka.h>

/* Of two workers, the first asks the second. */
static struct peers peers[2];
static struct loop loop;
static struct inbox inbox;
static struct relief relief;
static struct account *given[2 * RELIEF_PEERS];
static unsigned int given_count;

static void
give(void *context, struct account *a)
{
	assert_ptr_equal(context, given);
	given[given_count++] = a;
}

static void
on_relief(struct inbox_message *message)
{
	assert_ptr_equal(message, &relief.message);
	relief_take(&relief, &peers[1], give, given);
}

static int
setup(void **state)
{
	(void)state;
	given_count = 0;
	for (int i = 0; i < 2; i++)
		assert_int_equal(peers_init(&peers[i]), 0);
	relief_init(&relief, on_relief);
	assert_int_equal(loop_init(&loop, 100000), 0);
	return inbox_init(&inbox, &loop);
}

static int
teardown(void **state)
{
	(void)state;
	inbox_deinit(&inbox);
	loop_deinit(&loop);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(peers[i].map.count, 0);
		peers_deinit(&peers[i]);
	}
	return 0;
}

/* A host of a number, for drop(). */
static struct account *
host(int worker, int number)
{
	char text[16];
	struct address address;
	struct peer *peer;

	snprintf(text, sizeof(text), "192.0.2.%d", number);
	assert_int_equal(address_parse(&address, text, 1), 0);
	peer = peer_find(&peers[worker], &address);
	assert_non_null(peer);
	return &peer->account;
}

static void
ask(int number)
{
	struct account *a = host(0, number);

	relief_ask(&relief, &inbox, a);
	account_drop(a);
}

static void
who_is_asked_for_is_found_on_the_other_worker(void **state)
{
	struct account *one = host(1, 1), *two = host(1, 2);

	(void)state;
	ask(2);
	ask(3);
	ask(2);
	assert_true(inbox_run_all(&inbox));
	assert_int_equal(given_count, 2);
	assert_ptr_equal(given[0], two);
	assert_ptr_equal(given[1], &peers[1].all);
	account_drop(one);
	account_drop(two);
}

static void
each_is_asked_for_once(void **state)
{
	struct account *one = host(1, 1);

	(void)state;
	ask(1);
	inbox_run_all(&inbox);
	given_count = 0;
	relief_ask(&relief, &inbox, &peers[0].all);
	assert_true(inbox_run_all(&inbox));
	assert_int_equal(given_count, 1);
	assert_ptr_equal(given[0], &peers[1].all);
	account_drop(one);
}

static void
more_than_are_remembered_can_ask_again(void **state)
{
	struct account *hosts[RELIEF_PEERS + 1];

	(void)state;
	for (int i = 0; i <= RELIEF_PEERS; i++) {
		hosts[i] = host(1, i);
		ask(i);
	}
	inbox_run_all(&inbox);
	assert_int_equal(given_count, RELIEF_PEERS + 1);
	assert_ptr_equal(given[0], hosts[0]);
	given_count = 0;
	ask(RELIEF_PEERS);
	inbox_run_all(&inbox);
	assert_ptr_equal(given[0], hosts[RELIEF_PEERS]);
	for (int i = 0; i <= RELIEF_PEERS; i++)
		account_drop(hosts[i]);
}

static struct charge last;

static void
give_all(void *context, struct account *a)
{
	(void)context;
	charge_release(&last);
	given[given_count++] = a;
	assert_int_equal(peers[1].map.count, a == &peers[1].all ? 0 : 1);
}

/* It is there until it was asked. */
static void
a_peer_may_go_with_what_it_gives(void **state)
{
	struct account *one = host(1, 1);

	(void)state;
	charge_take(&last, one, CHARGE_KEPT, 1);
	account_drop(one);
	ask(1);
	relief_take(&relief, &peers[1], give_all, NULL);
	assert_int_equal(given_count, 2);
	inbox_run_all(&inbox);
}

int
main(void)
{
#define FACT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		FACT(who_is_asked_for_is_found_on_the_other_worker),
		FACT(each_is_asked_for_once),
		FACT(more_than_are_remembered_can_ask_again),
		FACT(a_peer_may_go_with_what_it_gives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
