/*
 * Gives the free memory of the heap back to the kernel, step by step.
 *
 * malloc_trim(3) gives back all of it at once, and looks at what it gave back
 * before as well: with much to give that takes long.  Here each step takes some
 * free memory out of the heap, and gives back the pages in it; when there is no
 * more to take, all is put back into the heap, without its pages.  Then
 * malloc_trim(3) has little to do, and shrinks the heap.
 *
 * Only what the C library's own allocator holds is given back, and of that what
 * is of the thread that asks.
 */
#ifndef SERVER_PROCESS_TRIM_H
#define SERVER_PROCESS_TRIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a step gives back, more or less. */
enum { TRIM_STEP_BYTES = 2 * 1024 * 1024 };

enum trim_stage {
	TRIM_DONE, /* nothing is under way */
	TRIM_TAKING,
	TRIM_TAKING_TOP, /* the end of the heap, where it grows */
	TRIM_PUTTING_BACK,
};

struct trim {
	enum trim_stage stage;
	struct trim_part *taken;
	size_t left;   /* bytes that were free in the beginning, and are left */
	size_t most;   /* that may be free in the end for malloc_trim() */
	size_t size;   /* of what is taken now */
	uintptr_t low; /* the heap has nothing below this */
	uintptr_t top; /* from here on it is free to its end */
};

/* Bytes of the heap that are free. */
size_t trim_free_bytes(void);

/* Begins, unless it is under way. */
void trim_begin(struct trim *trim);

/* Goes on.  Returns false when there is no more to do. */
bool trim_step(struct trim *trim);

/* Puts back what was taken, all at once.  May be called twice. */
void trim_deinit(struct trim *trim);

#endif
