/*
 * A growing run of bytes with a limit: appended at the end, consumed at the
 * front.
 *
 * All arithmetic on the memory of input and output is done here.  A buffer
 * holds no memory until bytes are put into it, and gives it back when asked
 * and empty, so that a connection that is idle costs none.
 *
 * Pointers into a buffer are borrowed: they hold until the next call that
 * reserves, consumes or settles.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Outcomes of buffer_reserve(), beside 0 and -ENOMEM. */
enum buffer_result {
	BUFFER_FULL = 1, /* the limit does not allow it */
};

struct buffer {
	uint8_t *data;
	size_t start; /* of the bytes held */
	size_t end;   /* of the bytes held */
	size_t size;  /* of the memory at data */
	size_t max;   /* bytes that may be held */
	bool lent;    /* data is the caller's scratch memory */
};

/* An empty buffer that will hold at most max bytes. */
void buffer_init(struct buffer *b, size_t max);

/* Frees the memory.  May be called twice. */
void buffer_deinit(struct buffer *b);

static inline size_t
buffer_len(const struct buffer *b)
{
	return b->end - b->start;
}

/* Bytes of memory that the buffer has of its own. */
static inline size_t
buffer_memory(const struct buffer *b)
{
	return b->lent ? 0 : b->size;
}

/* The bytes held; borrowed. */
static inline uint8_t *
buffer_head(const struct buffer *b)
{
	return b->data + b->start;
}

/* Where reserved room begins; borrowed. */
static inline uint8_t *
buffer_tail(const struct buffer *b)
{
	return b->data + b->end;
}

/* Bytes that fit at the tail without growing. */
static inline size_t
buffer_room(const struct buffer *b)
{
	return b->size - b->end;
}

/* Whether n more bytes fit at the tail as it is, and are allowed. */
static inline bool
buffer_fits(const struct buffer *b, size_t n)
{
	return n <= buffer_room(b) && buffer_len(b) + n <= b->max;
}

/* The slower part of buffer_reserve(). */
int buffer_grow(struct buffer *b, size_t n);

/*
 * Makes room for n more bytes at the tail.  Returns 0, BUFFER_FULL or
 * -ENOMEM; a buffer that could not grow is as it was.  Costs amortised O(1)
 * per byte.
 */
static inline int
buffer_reserve(struct buffer *b, size_t n)
{
	return buffer_fits(b, n) ? 0 : buffer_grow(b, n);
}

/* Adds n bytes that were written to the reserved room. */
static inline void
buffer_commit(struct buffer *b, size_t n)
{
	assert(n <= buffer_room(b));
	b->end += n;
}

/* Adds n bytes, which fit: where they are to be written at once; borrowed. */
static inline uint8_t *
buffer_extend(struct buffer *b, size_t n)
{
	uint8_t *tail = buffer_tail(b);

	buffer_commit(b, n);
	return tail;
}

/* Adds bytes at the end.  Returns as buffer_reserve() does; only 0 changes it.
 */
static inline int
buffer_append(struct buffer *b, const void *bytes, size_t n)
{
	int r = buffer_reserve(b, n);

	if (r == 0 && n > 0)
		memcpy(buffer_extend(b, n), bytes, n);
	return r;
}

/* Drops n bytes from the front; n is at most buffer_len(). */
void buffer_consume(struct buffer *b, size_t n);

/* Drops all but the first len bytes: undoes appending. */
void buffer_truncate(struct buffer *b, size_t len);

/* Gives the memory back when nothing is held. */
void buffer_trim(struct buffer *b);

/*
 * Lets an empty buffer use scratch memory of the caller for one turn; a
 * buffer that holds bytes keeps its own.  Until buffer_settle() the scratch
 * memory may not be used for anything else.
 */
void buffer_lend(struct buffer *b, uint8_t *scratch, size_t size);

/*
 * Ends the use of scratch memory: what is held moves to memory of the
 * buffer's own.  Returns 0 or -ENOMEM, and then the bytes are lost.
 */
int buffer_settle(struct buffer *b);

#endif
