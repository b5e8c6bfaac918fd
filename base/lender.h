/*
 * Memory that many buffers borrow for a short time, one after the other, so
 * that they need none of their own.
 *
 * Whoever borrows gets all that is left.  The next one leaves it what it has
 * used by then, and a little more.  When all is given back, all is there again.
 *
 * Under the address sanitizer nothing is lent, so that it sees each buffer.
 */
#ifndef BASE_LENDER_H
#define BASE_LENDER_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	LENDER_SIZE = 64 * 1024, /* what there is */
	LENDER_LEAST = 512,      /* what one gets at least */
};

struct lender {
	uint8_t *memory;
	size_t used;         /* before what the last one has */
	struct buffer *last; /* NULL: it has given it back */
	unsigned int count;  /* of those that borrow */
};

/* Returns 0 or -ENOMEM. */
int lender_init(struct lender *l);

/* When all is given back.  May be called twice. */
void lender_deinit(struct lender *l);

/*
 * Lends memory to a buffer that has none.  Returns false when there is not
 * enough left.  The buffer stays where it is until lender_take_back(); it may
 * grow into memory of its own before.
 */
bool lender_lend(struct lender *l, struct buffer *b);

/*
 * Takes back what was lent to b: what it holds moves to memory of its own.
 * Returns 0 or -ENOMEM, and then the bytes are lost.
 */
int lender_take_back(struct lender *l, struct buffer *b);

#endif
