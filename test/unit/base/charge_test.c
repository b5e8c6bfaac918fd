/* base/charge: accounts follow their charges, and go with the last of them. */
#include "base/charge.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

struct somebody {
	struct account account;
	int gone;
};

static void
note_gone(struct account *a)
{
	container_of(a, struct somebody, account)->gone++;
}

static struct account all;
static struct somebody one, two;

static int
set_up(void **state)
{
	(void)state;
	account_init(&all, NULL, NULL);
	one.gone = two.gone = 0;
	account_init(&one.account, &all, note_gone);
	account_init(&two.account, &all, note_gone);
	return 0;
}

static void
charges_count_for_their_account_and_for_all(void **state)
{
	struct charge a = { 0 }, b = { 0 };

	(void)state;
	charge_take(&a, &one.account, CHARGE_BYTES, 5);
	charge_take(&b, &two.account, CHARGE_BYTES, 7);
	charge_set(&a, 2);
	assert_int_equal(one.account.held[CHARGE_BYTES], 2);
	assert_int_equal(two.account.held[CHARGE_BYTES], 7);
	assert_int_equal(all.held[CHARGE_BYTES], 9);
	assert_int_equal(all.held[CHARGE_STREAMS], 0);
	charge_release(&a);
	charge_release(&a);
	assert_int_equal(all.held[CHARGE_BYTES], 7);
	charge_release(&b);
	assert_int_equal(all.held[CHARGE_BYTES], 0);
}

static void
account_goes_with_its_last_holder(void **state)
{
	struct charge a = { 0 }, b = { 0 };

	(void)state;
	charge_take(&a, &one.account, CHARGE_CALLS, 1);
	charge_take(&b, &one.account, CHARGE_BYTES, 0);
	account_hold(&one.account);
	charge_release(&a);
	account_drop(&one.account);
	assert_int_equal(one.gone, 0);
	charge_release(&b);
	assert_int_equal(one.gone, 1);
	assert_int_equal(two.gone, 0);
}

static void
room_is_what_both_limits_leave(void **state)
{
	struct charge a = { 0 };

	(void)state;
	assert_int_equal(account_room(&one.account, CHARGE_BYTES), CHARGE_ANY);
	one.account.most[CHARGE_BYTES] = 10;
	all.most[CHARGE_BYTES] = 100;
	charge_take(&a, &one.account, CHARGE_BYTES, 4);
	assert_int_equal(account_room(&one.account, CHARGE_BYTES), 6);
	charge_set(&a, 12);
	assert_int_equal(account_room(&one.account, CHARGE_BYTES), 0);
	assert_int_equal(account_room(&two.account, CHARGE_BYTES), 88);
	charge_release(&a);
}

enum { THREADS = 4, LIMIT = 1000, STREAMS = 4096 };

/* What each of some threads has of one peer, and of all. */
static struct {
	struct pot pots[2];
	struct account all[THREADS];
	struct account peer[THREADS];
} shared;

static int
set_up_shared(void **state)
{
	(void)state;
	memset(&shared, 0, sizeof(shared));
	for (int i = 0; i < THREADS; i++) {
		account_init(&shared.all[i], NULL, NULL);
		account_init(&shared.peer[i], &shared.all[i], NULL);
		shared.all[i].most[CHARGE_BYTES] = 2 * (uint64_t)LIMIT;
		shared.peer[i].most[CHARGE_BYTES] = LIMIT;
		shared.peer[i].most[CHARGE_STREAMS] = STREAMS;
		account_share(
		    &shared.all[i], &shared.pots[0], THREADS, (unsigned int)i);
		account_share(
		    &shared.peer[i], &shared.pots[1], THREADS, (unsigned int)i);
	}
	return 0;
}

static void
unshare(void)
{
	for (int i = 0; i < THREADS; i++) {
		account_unshare(&shared.peer[i]);
		account_unshare(&shared.all[i]);
	}
	for (int kind = 0; kind < CHARGE_KINDS; kind++) {
		assert_int_equal(shared.pots[0].drawn[kind], 0);
		assert_int_equal(shared.pots[1].drawn[kind], 0);
	}
}

static void
what_one_thread_holds_the_others_may_not(void **state)
{
	struct charge charges[THREADS] = { 0 };
	uint64_t most = LIMIT - LIMIT / CHARGE_BLOCKS;

	(void)state;
	charge_take(&charges[0], &shared.peer[0], CHARGE_BYTES, most);
	for (int i = 0; i < THREADS; i++) {
		assert_in_range(
		    account_held(&shared.peer[i], CHARGE_BYTES), most, LIMIT);
		assert_false(account_may_hold(
		    &shared.peer[i], CHARGE_BYTES, LIMIT / CHARGE_BLOCKS + 1));
	}
	charge_set(&charges[0], 0);
	assert_true(account_may_hold(&shared.peer[1], CHARGE_BYTES, most));
	charge_release(&charges[0]);
	unshare();
}

/* Each draws in vain at most its part of a sixteenth. */
static void
little_is_drawn_in_vain(void **state)
{
	struct charge charges[THREADS] = { 0 };
	uint64_t sum = 0, drawn;

	(void)state;
	for (int i = 0; i < THREADS; i++)
		charge_take(&charges[i], &shared.peer[i], CHARGE_BYTES, 0);
	for (unsigned int step = 0; step < 5000; step++) {
		struct charge *c = &charges[step % THREADS];

		sum -= c->amount;
		charge_set(c, step * 7919 % (LIMIT / THREADS));
		sum += c->amount;
		drawn = shared.pots[1].drawn[CHARGE_BYTES];
		assert_in_range(drawn, sum, sum + LIMIT / CHARGE_BLOCKS);
	}
	for (int i = 0; i < THREADS; i++)
		charge_release(&charges[i]);
	unshare();
}

static void
few_changes_reach_the_pot(void **state)
{
	struct charge c = { 0 };
	unsigned int changes = 0;
	uint64_t before = 0;

	(void)state;
	charge_take(&c, &shared.peer[0], CHARGE_BYTES, 0);
	for (unsigned int amount = 1; amount <= LIMIT / 2; amount++) {
		charge_set(&c, amount);
		changes += shared.pots[1].drawn[CHARGE_BYTES] != before;
		before = shared.pots[1].drawn[CHARGE_BYTES];
	}
	assert_in_range(changes, 1, 100);
	charge_release(&c);
	unshare();
}

static void
limit_of_streams_is_kept_to_the_last(void **state)
{
	struct charge a = { 0 }, b = { 0 };

	(void)state;
	assert_true(account_may_hold(&shared.peer[0], CHARGE_STREAMS, 1));
	charge_take(&a, &shared.peer[0], CHARGE_STREAMS, 1);
	charge_set(&a, STREAMS - 1);
	assert_true(account_may_hold(&shared.peer[1], CHARGE_STREAMS, 1));
	charge_take(&b, &shared.peer[1], CHARGE_STREAMS, 1);
	for (int i = 0; i < THREADS; i++) {
		assert_false(
		    account_may_hold(&shared.peer[i], CHARGE_STREAMS, 1));
		assert_true(
		    account_is_at_limit(&shared.peer[i], CHARGE_STREAMS));
	}
	charge_set(&a, STREAMS - 2);
	for (int i = 0; i < THREADS; i++) {
		assert_true(
		    account_may_hold(&shared.peer[i], CHARGE_STREAMS, 1));
		assert_false(
		    account_may_hold(&shared.peer[i], CHARGE_STREAMS, 2));
	}
	charge_release(&a);
	assert_true(account_may_hold(&shared.peer[3], CHARGE_STREAMS, 1));
	charge_release(&b);
	unshare();
}

/* Between the question and the charge another thread may ask. */
static void
last_place_is_promised_once(void **state)
{
	(void)state;
	assert_true(account_may_hold(&shared.peer[0], CHARGE_STREAMS, STREAMS));
	assert_false(account_may_hold(&shared.peer[1], CHARGE_STREAMS, 1));
	assert_true(account_may_hold(&shared.peer[0], CHARGE_STREAMS, STREAMS));
	account_forgo(&shared.peer[0], CHARGE_STREAMS);
	assert_true(account_may_hold(&shared.peer[1], CHARGE_STREAMS, 2));
	unshare();
}

/* Nor is it, when the limit of all stands against it. */
static void
no_place_is_kept_for_whoever_was_refused(void **state)
{
	struct charge others = { 0 };

	(void)state;
	for (int i = 0; i < THREADS; i++)
		shared.all[i].most[CHARGE_STREAMS] = 1;
	charge_take(&others, &shared.peer[2], CHARGE_STREAMS, 1);
	assert_false(account_may_hold(&shared.peer[0], CHARGE_STREAMS, 1));
	assert_false(account_may_hold(&shared.peer[1], CHARGE_STREAMS, 1));
	assert_int_equal(shared.pots[1].drawn[CHARGE_STREAMS], 1);
	charge_release(&others);
	unshare();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
		    charges_count_for_their_account_and_for_all, set_up),
		cmocka_unit_test_setup(
		    account_goes_with_its_last_holder, set_up),
		cmocka_unit_test_setup(room_is_what_both_limits_leave, set_up),
		cmocka_unit_test_setup(
		    what_one_thread_holds_the_others_may_not, set_up_shared),
		cmocka_unit_test_setup(little_is_drawn_in_vain, set_up_shared),
		cmocka_unit_test_setup(
		    few_changes_reach_the_pot, set_up_shared),
		cmocka_unit_test_setup(
		    limit_of_streams_is_kept_to_the_last, set_up_shared),
		cmocka_unit_test_setup(
		    last_place_is_promised_once, set_up_shared),
		cmocka_unit_test_setup(
		    no_place_is_kept_for_whoever_was_refused, set_up_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
