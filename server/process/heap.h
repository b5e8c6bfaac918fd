/*
 * What becomes of freed memory.
 *
 * By default the allocator returns it to the kernel again and again while large
 * calls come and go, and the kernel clears the same pages for each of them.
 * Here some is kept for reuse, and the rest goes back, in steps of which a turn
 * of the loop has one:
 *
 *   large blocks  as base/block has them: 8 MiB, for 1 s
 *   the heap      4 MiB while there are calls, nothing when there are none
 */
#ifndef SERVER_PROCESS_HEAP_H
#define SERVER_PROCESS_HEAP_H

#include "base/block.h"
#include "rpcloop/loop/loop.h"
#include "server/process/trim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap {
	struct loop_item item; /* due for a look, put off for a step */
	struct blocks blocks;
	struct trim trim;
	uint64_t look_ms; /* when the next look is */
	/* Counts the calls; NULL: the C library's heap is another's. */
	uint64_t (*calls)(const void *context);
	const void *context;
	uint64_t calls_before; /* at the last look */
	/* When the heap had been trimmed last: */
	uint64_t calls_trimmed;
	long faults; /* pages of memory that were used for the first time */
	size_t left; /* bytes of it that were free */
};

/*
 * Begins, on the thread that runs the loop.  calls tells how many there were;
 * where several threads have a heap, all but one have NULL there, and look
 * after their blocks alone.  Returns 0 or -ENOMEM.
 */
int heap_init(struct heap *heap, struct loop *l,
    uint64_t (*calls)(const void *context), const void *context);

/*
 * Before there are other threads that serve: has all of them use the one heap
 * that the steps above can give back.
 */
void heap_share(void);

/* May be called twice. */
void heap_deinit(struct heap *heap);

#endif
