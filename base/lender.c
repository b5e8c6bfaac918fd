#include "base/lender.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>

int
lender_init(struct lender *l)
{
	*l = (struct lender){ .memory = malloc(LENDER_SIZE) };
	return l->memory != NULL ? 0 : -ENOMEM;
}

void
lender_deinit(struct lender *l)
{
	free(l->memory);
	*l = (struct lender){ .memory = NULL };
}

/* Leaves the last one what it has used, and a little more.  It may have memory
 * of its own by now. */
static void
cut(struct lender *l)
{
	struct buffer *last = l->last;

	l->last = NULL;
	if (last == NULL || !last->lent)
		return;
	last->size = MIN_OF(last->size, last->end + LENDER_LEAST);
	l->used += last->size;
}

bool
lender_lend(struct lender *l, struct buffer *b)
{
	cut(l);
	if (BASE_IS_WATCHED || LENDER_SIZE - l->used < LENDER_LEAST)
		return false;
	buffer_lend(b, l->memory + l->used, LENDER_SIZE - l->used);
	l->last = b;
	l->count++;
	return true;
}

int
lender_take_back(struct lender *l, struct buffer *b)
{
	if (l->last == b)
		l->last = NULL;
	if (--l->count == 0)
		l->used = 0;
	return buffer_settle(b);
}
