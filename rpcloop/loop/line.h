/*
 * Lines: items that wait, in queues in which their shares take turns.  For the
 * sources of this folder only.
 */
#ifndef RPCLOOP_LOOP_LINE_H
#define RPCLOOP_LOOP_LINE_H

#include "rpcloop/loop/loop.h"

/* Into a line, unless it waits there. */
static inline void
loop_line_put(struct loop_item *item, enum loop_line line)
{
	struct loop_share *share = item->share;

	if (item->lines & 1u << line)
		return;
	item->lines |= (uint8_t)(1u << line);
	item->loop->waiting[line]++;
	if (TAILQ_EMPTY(&share->items[line]))
		TAILQ_INSERT_TAIL(
		    &item->loop->lines[line], share, entries[line]);
	TAILQ_INSERT_TAIL(&share->items[line], item, entries[line]);
}

/* Out of it, if it does. */
static inline void
loop_line_remove(struct loop_item *item, enum loop_line line)
{
	struct loop_share *share = item->share;

	if (!(item->lines & 1u << line))
		return;
	item->lines &= (uint8_t) ~(1u << line);
	item->loop->waiting[line]--;
	TAILQ_REMOVE(&share->items[line], item, entries[line]);
	if (TAILQ_EMPTY(&share->items[line]))
		TAILQ_REMOVE(&item->loop->lines[line], share, entries[line]);
}

/* The first of a line in which somebody waits, taken out. */
static inline struct loop_item *
loop_line_take(struct loop *l, enum loop_line line)
{
	struct loop_share *share = TAILQ_FIRST(&l->lines[line]);
	struct loop_item *item = TAILQ_FIRST(&share->items[line]);

	loop_line_remove(item, line);
	/* Its turn comes again after the others'. */
	if (!TAILQ_EMPTY(&share->items[line])) {
		TAILQ_REMOVE(&l->lines[line], share, entries[line]);
		TAILQ_INSERT_TAIL(&l->lines[line], share, entries[line]);
	}
	return item;
}

#endif
