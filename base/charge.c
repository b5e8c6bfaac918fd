#include "base/charge.h"

#include "base/base.h"

#include <stddef.h>

void
account_init(
    struct account *a, struct account *all, void (*gone)(struct account *a))
{
	*a = (struct account){ .all = all, .gone = gone };
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		a->most[kind] = CHARGE_ANY;
	TAILQ_INIT(&a->spares);
}

void
account_hold(struct account *a)
{
	a->references++;
}

void
account_drop(struct account *a)
{
	if (--a->references == 0 && a->gone != NULL)
		a->gone(a);
}

static uint64_t
own_room(const struct account *a, enum charge_kind kind)
{
	return a->most[kind] - MIN_OF(a->most[kind], a->held[kind]);
}

uint64_t
account_room(const struct account *a, enum charge_kind kind)
{
	return MIN_OF(own_room(a, kind), own_room(a->all, kind));
}

bool
account_give_up(struct account *a)
{
	struct spare *oldest = TAILQ_FIRST(&a->spares);

	if (oldest == NULL)
		return false;
	oldest->give_up(oldest);
	return true;
}

void
charge_take(
    struct charge *c, struct account *a, enum charge_kind kind, uint64_t amount)
{
	*c = (struct charge){ .account = a, .kind = kind };
	account_hold(a);
	charge_set(c, amount);
}

void
charge_release(struct charge *c)
{
	struct account *a = c->account;

	if (a == NULL)
		return;
	charge_set(c, 0);
	c->account = NULL;
	account_drop(a);
}

void
spare_offer(struct spare *spare, struct account *a,
    void (*give_up)(struct spare *spare))
{
	*spare = (struct spare){ .account = a, .give_up = give_up };
	TAILQ_INSERT_TAIL(&a->spares, spare, entry);
}

void
spare_withdraw(struct spare *spare)
{
	if (spare->account == NULL)
		return;
	TAILQ_REMOVE(&spare->account->spares, spare, entry);
	spare->account = NULL;
}
