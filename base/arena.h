/*
 * An arena: memory for many small things that go all at once.
 *
 * What was taken stays where it is until arena_reset(), which keeps one piece
 * of memory for the next.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena_piece;

struct arena {
	struct arena_piece *pieces; /* the latest first */
	size_t used;                /* bytes of that one */
};

/* Zeroed is a valid start.  Frees all; may be called twice. */
void arena_deinit(struct arena *arena);

/* Memory aligned for anything, and the same zeroed; NULL when memory is out. */
void *arena_room(struct arena *arena, size_t size);
void *arena_take(struct arena *arena, size_t size);

/* All that was taken is gone. */
void arena_reset(struct arena *arena);

#endif
