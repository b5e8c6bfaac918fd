#include "base/arena.h"

#include "base/base.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Of a piece, unless what is taken is larger. */
enum { PIECE_BYTES = 32 * 1024 };

struct arena_piece {
	struct arena_piece *next;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

static size_t
round_up(size_t size)
{
	const size_t step = alignof(max_align_t);

	return (size + step - 1) / step * step;
}

static void
free_after(struct arena_piece *piece)
{
	struct arena_piece *next;

	for (; piece != NULL; piece = next) {
		next = piece->next;
		free(piece);
	}
}

void
arena_deinit(struct arena *arena)
{
	free_after(arena->pieces);
	*arena = (struct arena){ .pieces = NULL };
}

static int
add_piece(struct arena *arena, size_t size)
{
	size_t room = MAX_OF(size, (size_t)PIECE_BYTES);
	struct arena_piece *piece = malloc(sizeof(*piece) + room);

	if (piece == NULL)
		return -1;
	piece->next = arena->pieces;
	piece->size = room;
	arena->pieces = piece;
	arena->used = 0;
	return 0;
}

void *
arena_room(struct arena *arena, size_t size)
{
	void *taken;

	if (size > SIZE_MAX / 2)
		return NULL;
	size = round_up(size);
	if ((arena->pieces == NULL ||
		size > arena->pieces->size - arena->used) &&
	    add_piece(arena, size) != 0)
		return NULL;
	taken = arena->pieces->bytes + arena->used;
	arena->used += size;
	return taken;
}

void *
arena_take(struct arena *arena, size_t size)
{
	void *taken = arena_room(arena, size);

	return taken != NULL ? memset(taken, 0, size) : NULL;
}

void
arena_reset(struct arena *arena)
{
	if (arena->pieces == NULL)
		return;
	free_after(arena->pieces->next);
	arena->pieces->next = NULL;
	arena->used = 0;
}
