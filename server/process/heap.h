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

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

struct memory {
	struct event timer;
	const uint64_t *calls; /* borrowed: counts the calls */
	uint64_t calls_before; /* at the last look */
	bool returned;         /* since the last call */
};

/* Begins; calls is a counter of the thread that runs base. */
void memory_init(
    struct memory *m, struct event_base *base, const uint64_t *calls);
void memory_deinit(struct memory *m);

#endif
