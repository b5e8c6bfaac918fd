#include "base/charge.h"

#include "base/base.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

void
account_init(
    struct account *a, struct account *all, void (*gone)(struct account *a))
{
	*a = (struct account){ .all = all, .gone = gone, .parts = 1 };
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

/* What an account may draw in vain: bytes change with each call; what else is
 * limited is counted to the last. */
static uint64_t
block_of(const struct account *a, enum charge_kind kind)
{
	uint64_t most = a->most[kind];

	if (kind == CHARGE_SOCKETS)
		most = a->most[CHARGE_BYTES] / CHARGE_SOCKETS_PART;
	else if (kind != CHARGE_BYTES && kind != CHARGE_CALLS)
		return 0;
	return most / CHARGE_BLOCKS / a->parts;
}

int
pot_init(struct pot *pot, unsigned int parts)
{
	*pot = (struct pot){ .oldest = calloc(parts, sizeof(*pot->oldest)) };
	if (pot->oldest == NULL)
		return -ENOMEM;
	for (unsigned int part = 0; part < parts; part++)
		pot->oldest[part] = POT_EMPTY;
	return 0;
}

void
pot_deinit(struct pot *pot)
{
	free(pot->oldest);
	pot->oldest = NULL;
}

void
account_share(
    struct account *a, struct pot *pot, unsigned int parts, unsigned int part)
{
	a->pot = pot;
	a->parts = parts;
	a->part = part;
}

void
account_unshare(struct account *a)
{
	if (a->pot == NULL)
		return;
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		atomic_fetch_sub(&a->pot->drawn[kind], a->drawn[kind]);
	a->pot = NULL;
}

static void
draw(struct account *a, enum charge_kind kind)
{
	uint64_t before = a->drawn[kind];

	a->slack[kind] = block_of(a, kind);
	a->drawn[kind] = a->held[kind] + a->slack[kind] / 2;
	atomic_fetch_add(&a->pot->drawn[kind], a->drawn[kind] - before);
}

/* Too much is drawn; or too little, since more is held than was. */
static bool
is_far(const struct account *a, enum charge_kind kind)
{
	return a->pot != NULL &&
	    a->drawn[kind] - a->held[kind] > a->slack[kind];
}

void
account_draw(struct account *a, enum charge_kind kind)
{
	if (is_far(a, kind))
		draw(a, kind);
	if (is_far(a->all, kind))
		draw(a->all, kind);
}

/* Draws half a block, this much at least: unless that is beyond the limit. */
static bool
draw_within(struct account *a, enum charge_kind kind, uint64_t least)
{
	_Atomic uint64_t *pot = &a->pot->drawn[kind];
	uint64_t drawn = atomic_load(pot), room, more;

	a->slack[kind] = block_of(a, kind);
	do {
		room = a->most[kind] - MIN_OF(a->most[kind], drawn);
		if (room < least)
			return false;
		more = MIN_OF(MAX_OF(least, a->slack[kind] / 2), room);
	} while (!atomic_compare_exchange_weak(pot, &drawn, drawn + more));
	a->drawn[kind] += more;
	return true;
}

bool
account_admits(struct account *a, enum charge_kind kind, uint64_t amount)
{
	uint64_t most = a->most[kind], held = a->held[kind];
	uint64_t spare = a->drawn[kind] - held;

	if (a->pot == NULL)
		return held <= most && most - held >= amount;
	return spare >= amount || draw_within(a, kind, amount - spare);
}

void
account_forgo(struct account *a, enum charge_kind kind)
{
	if (a->pot != NULL) {
		atomic_fetch_sub(
		    &a->pot->drawn[kind], a->drawn[kind] - a->held[kind]);
		a->drawn[kind] = a->held[kind];
	}
	if (a->all != NULL)
		account_forgo(a->all, kind);
}

bool
account_may_hold(struct account *a, enum charge_kind kind, uint64_t amount)
{
	bool may = account_admits(a, kind, amount) &&
	    account_admits(a->all, kind, amount);

	if (!may)
		account_forgo(a, kind);
	return may;
}

static void
draw_for_way(const struct account *a, uint64_t bytes)
{
	if (a == NULL || a->pot == NULL)
		return;
	atomic_fetch_add(&a->pot->drawn[CHARGE_BYTES], bytes);
	atomic_fetch_add(&a->pot->drawn[CHARGE_SOCKETS], bytes);
}

void
account_send(const struct account *a, uint64_t bytes)
{
	draw_for_way(a, bytes);
	draw_for_way(a->all, bytes);
}

void
account_receive(const struct account *a, uint64_t bytes)
{
	account_send(a, 0 - bytes);
}

static uint64_t
own_room(const struct account *a, enum charge_kind kind)
{
	return a->most[kind] - MIN_OF(a->most[kind], account_held(a, kind));
}

uint64_t
account_room(const struct account *a, enum charge_kind kind)
{
	return MIN_OF(own_room(a, kind), own_room(a->all, kind));
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
