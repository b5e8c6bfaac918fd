/*
 * What the allocator does with freed memory.
 *
 * By default it returns the top of the heap to the kernel again and again
 * while large calls come and go, and the kernel clears the same pages for each
 * of them.  Here it keeps freed memory while there are calls, and returns all
 * of it when there have been none for a moment.
 */
#ifndef SERVER_PROCESS_HEAP_H
#define SERVER_PROCESS_HEAP_H

#include "rpcloop/loop/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct heap {
	struct loop_item item; /* due when it is time for a look */
	const uint64_t *calls; /* borrowed: counts the calls */
	uint64_t calls_before; /* at the last look */
	bool returned;         /* since the last call */
};

/*
 * Begins; calls is a counter of the thread that runs the loop.  Returns 0 or
 * -ENOMEM.
 */
int heap_init(struct heap *heap, struct loop *l, const uint64_t *calls);

/* May be called twice. */
void heap_deinit(struct heap *heap);

#endif
