/* base/spare: the oldest is given up first, whichever thread has it. */
#include "base/spare.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* Needs the headers above. */
#include <cmocka.h>

enum { PARTS = 3 };

/* What each part has of one peer, of another one, and of all. */
static struct pot pots[3];
static struct account all[PARTS], one[PARTS], two[PARTS];
static struct spare spares[6];

static void
give_up(struct spare *spare)
{
	spare_withdraw(spare);
}

static void
offer(int i, struct account *a, uint64_t since)
{
	spare_offer(&spares[i], a, since, give_up);
}

static bool
is_offered(int i)
{
	return spares[i].account != NULL;
}

static int
set_up(void **state)
{
	(void)state;
	for (int part = 0; part < PARTS; part++) {
		account_init(&all[part], NULL, NULL);
		account_init(&one[part], &all[part], NULL);
		account_init(&two[part], &all[part], NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(spares); i++)
		spares[i] = (struct spare){ .account = NULL };
	return 0;
}

static int
set_up_shared(void **state)
{
	set_up(state);
	for (size_t i = 0; i < ARRAY_LEN(pots); i++)
		assert_int_equal(pot_init(&pots[i], PARTS), 0);
	for (unsigned int part = 0; part < PARTS; part++) {
		account_share(&all[part], &pots[0], PARTS, part);
		account_share(&one[part], &pots[1], PARTS, part);
		account_share(&two[part], &pots[2], PARTS, part);
	}
	return 0;
}

static int
tear_down_shared(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(pots); i++) {
		pot_deinit(&pots[i]);
		pot_deinit(&pots[i]);
	}
	return 0;
}

static void
the_oldest_of_a_peer_is_given_up_first(void **state)
{
	(void)state;
	offer(0, &two[0], 1);
	offer(1, &one[0], 2);
	offer(2, &one[0], 3);
	assert_int_equal(spare_oldest(&one[0]), 0);
	spare_give_up(&one[0]);
	assert_true(is_offered(0) && !is_offered(1) && is_offered(2));
	spare_give_up(&one[0]);
	assert_int_equal(spare_oldest(&one[0]), SPARE_NOBODY);
	assert_int_equal(spare_oldest(&all[0]), 0);
	assert_true(is_offered(0) && !is_offered(2));
}

static void
the_oldest_of_all_is_any_peers(void **state)
{
	(void)state;
	offer(0, &two[0], 1);
	offer(1, &one[0], 2);
	offer(2, &two[0], 3);
	spare_give_up(&all[0]);
	assert_true(!is_offered(0) && is_offered(1) && is_offered(2));
	spare_give_up(&all[0]);
	assert_true(!is_offered(1) && is_offered(2));
	assert_int_equal(spare_oldest(&one[0]), SPARE_NOBODY);
	spare_give_up(&all[0]);
	assert_int_equal(spare_oldest(&all[0]), SPARE_NOBODY);
}

static void
what_is_withdrawn_is_not_given_up(void **state)
{
	(void)state;
	spare_withdraw(&spares[0]);
	offer(0, &one[0], 1);
	offer(1, &one[0], 2);
	spare_withdraw(&spares[0]);
	spare_withdraw(&spares[0]);
	spare_give_up(&all[0]);
	assert_false(is_offered(1));
}

static void
each_part_knows_whose_is_the_oldest(void **state)
{
	(void)state;
	offer(0, &one[2], 5);
	offer(1, &two[1], 6);
	offer(2, &one[0], 7);
	offer(3, &one[2], 8);
	for (int part = 0; part < PARTS; part++) {
		assert_int_equal(spare_oldest(&all[part]), 2);
		assert_int_equal(spare_oldest(&one[part]), 2);
		assert_int_equal(spare_oldest(&two[part]), 1);
	}
	spare_give_up(&one[2]);
	assert_int_equal(spare_oldest(&all[2]), 1);
	assert_int_equal(spare_oldest(&one[2]), 0);
	spare_withdraw(&spares[1]);
	assert_int_equal(spare_oldest(&two[0]), SPARE_NOBODY);
	assert_int_equal(spare_oldest(&all[1]), 0);
}

static void
of_those_that_are_equally_old_it_is_the_lowest_part(void **state)
{
	(void)state;
	offer(0, &one[2], 5);
	offer(1, &one[1], 5);
	for (int part = 0; part < PARTS; part++)
		assert_int_equal(spare_oldest(&one[part]), 1);
}

#define ALONE(test) cmocka_unit_test_setup(test, set_up)
#define SHARED(test) \
	cmocka_unit_test_setup_teardown(test, set_up_shared, tear_down_shared)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ALONE(the_oldest_of_a_peer_is_given_up_first),
		ALONE(the_oldest_of_all_is_any_peers),
		ALONE(what_is_withdrawn_is_not_given_up),
		SHARED(the_oldest_of_a_peer_is_given_up_first),
		SHARED(the_oldest_of_all_is_any_peers),
		SHARED(each_part_knows_whose_is_the_oldest),
		SHARED(of_those_that_are_equally_old_it_is_the_lowest_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
