/*
 * Memory by its size: from malloc(3) when it is small, else in a mapping of its
 * own.
 *
 * What is free in the heap goes back to the kernel only as far as nothing lies
 * beside it.  A mapping goes back by itself.  But a new one has to be cleared
 * by the kernel, page by page, so a thread that needs many keeps some of those
 * that were freed for those that come (struct blocks).
 *
 * A block has one owner, who remembers how large it is.  Any thread may free
 * it. Under the address and thread sanitizers all blocks are from malloc(3), so
 * that it sees them.
 */
#ifndef BASE_BLOCK_H
#define BASE_BLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/queue.h>

enum {
	BLOCK_LARGE = 128 * 1024, /* from here on, mapped */
	/* What is kept for reuse, and how long when nobody needs it. */
	BLOCKS_KEPT_BYTES = 8 * 1024 * 1024,
	BLOCKS_KEPT_MS = 1000,
	/* How long more than that: as long as they are freed and needed in
	 * turn. */
	BLOCKS_EXCESS_MS = 100,
};

/* The slower parts of the functions below. */
void *block_map(size_t *size, size_t most);
void *block_move(void *block, size_t size, size_t *wanted, size_t most);
void block_unmap(void *block);

/*
 * A block of at least *size bytes, which are not cleared; *size becomes what it
 * has.  One that was kept may have as many as most.  NULL when memory is out.
 */
static inline void *
block_new(size_t *size, size_t most)
{
	return *size < BLOCK_LARGE ? malloc(*size) : block_map(size, most);
}

/*
 * The block with at least *wanted bytes, perhaps elsewhere; *wanted becomes
 * what it has.  NULL when memory is out: then it is as it was.  A block of size
 * 0 is NULL.  most is as above.
 */
static inline void *
block_resize(void *block, size_t size, size_t *wanted, size_t most)
{
	return size < BLOCK_LARGE && *wanted < BLOCK_LARGE
	    ? realloc(block, *wanted)
	    : block_move(block, size, wanted, most);
}

/* size is what it has.  block may be NULL. */
static inline void
block_free(void *block, size_t size)
{
	if (size < BLOCK_LARGE)
		free(block);
	else
		block_unmap(block);
}

/* Large blocks that were freed, the last one first. */
struct blocks {
	TAILQ_HEAD(blocks_kept, block_head) kept;
	size_t bytes;
	void (*excess)(struct blocks *blocks);
};

/*
 * From now on what this thread frees is kept.  excess is called when that
 * becomes more than BLOCKS_KEPT_BYTES: to have blocks_give_back() called after
 * BLOCKS_EXCESS_MS, and not to call it itself.  blocks stays where it is until
 * blocks_deinit(), on the same thread, which may be called twice.
 */
void blocks_init(struct blocks *blocks, void (*excess)(struct blocks *blocks));
void blocks_deinit(struct blocks *blocks);

/*
 * Gives back to the kernel what nobody has needed for BLOCKS_KEPT_MS, or for
 * BLOCKS_EXCESS_MS while it is more than BLOCKS_KEPT_BYTES.  What was freed
 * first goes first, and at most `most` bytes of it.  now_ms is base/clock's.
 * Returns how many bytes it were: 0 when there is no more to give now.
 */
size_t blocks_give_back(struct blocks *blocks, uint64_t now_ms, size_t most);

#endif
