#include "base/spare.h"

#include "base/base.h"

#include <stdatomic.h>
#include <stddef.h>

static struct spare *
first_of(const struct account *a)
{
	return TAILQ_FIRST(&a->spares);
}

/* Says in the pot how old the first one is. */
static void
publish(const struct account *a)
{
	const struct spare *first = first_of(a);

	if (a->pot != NULL)
		atomic_store_explicit(&a->pot->oldest[a->part],
		    first != NULL ? first->since : POT_EMPTY,
		    memory_order_relaxed);
}

void
spare_offer(struct spare *spare, struct account *a, uint64_t since,
    void (*give_up)(struct spare *spare))
{
	*spare = (struct spare){
		.account = a,
		.since = since,
		.give_up = give_up,
	};
	TAILQ_INSERT_TAIL(&a->spares, spare, entry);
	TAILQ_INSERT_TAIL(&a->all->spares, spare, of_all);
	publish(a);
	publish(a->all);
}

void
spare_withdraw(struct spare *spare)
{
	struct account *a = spare->account;

	if (a == NULL)
		return;
	TAILQ_REMOVE(&a->spares, spare, entry);
	TAILQ_REMOVE(&a->all->spares, spare, of_all);
	spare->account = NULL;
	publish(a);
	publish(a->all);
}

uint32_t
spare_oldest(const struct account *a)
{
	uint64_t least = POT_EMPTY, since;
	uint32_t oldest = SPARE_NOBODY;

	if (a->pot == NULL)
		return first_of(a) != NULL ? a->part : SPARE_NOBODY;
	for (uint32_t part = 0; part < a->parts; part++) {
		since = atomic_load_explicit(
		    &a->pot->oldest[part], memory_order_relaxed);
		if (since < least) {
			least = since;
			oldest = part;
		}
	}
	return oldest;
}

void
spare_give_up(struct account *a)
{
	struct spare *oldest = first_of(a);

	oldest->give_up(oldest);
}
