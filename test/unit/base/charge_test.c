/* base/charge: accounts follow their charges, and go with the last of them. */
#include "base/charge.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

static void
give_up(struct spare *spare)
{
	spare_withdraw(spare);
}

static void
oldest_spare_is_given_up_first(void **state)
{
	struct spare first, second, others = { 0 };

	(void)state;
	spare_withdraw(&others);
	spare_offer(&first, &one.account, give_up);
	spare_offer(&second, &one.account, give_up);
	spare_offer(&others, &two.account, give_up);
	assert_true(account_give_up(&one.account));
	assert_null(first.account);
	assert_non_null(second.account);
	assert_true(account_give_up(&one.account));
	assert_false(account_give_up(&one.account));
	assert_non_null(others.account);
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
		cmocka_unit_test_setup(oldest_spare_is_given_up_first, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
