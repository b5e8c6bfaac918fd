#include "server/process/trim.h"

#include "base/base.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* A piece of the heap that was taken out of it; the rest of it is empty. */
struct trim_part {
	struct trim_part *next;
};

/*
 * The sizes of pieces: from large to small, since each leaves behind the page
 * on which it begins, and each little smaller than the one before, since of
 * what lies between two blocks that stay only one piece may be taken.
 */
enum {
	PIECE_MOST = 1024 * 1024,
	PIECE_LEAST = 4096 + 256, /* else there is hardly a page in it */
	PIECE_STEP_LEAST = 256,
	TOP_LEAST = 128 * 1024, /* at the end of the heap */
	/* What stays there, so that taking pieces does not make it grow. */
	TOP_LEFT = 64 * 1024,
	/* What any piece takes, as bytes of a step. */
	PIECE_COST = 4096,
	/* What malloc_trim() may have to do: pieces to look at, and bytes. */
	PIECES_MOST = 1024,
	BYTES_MOST = 4 * 1024 * 1024,
};

static uintptr_t
end_of_heap(void)
{
	return (uintptr_t)sbrk(0);
}

size_t
trim_free_bytes(void)
{
	return mallinfo2().fordblks;
}

void
trim_begin(struct trim *trim)
{
	struct mallinfo2 info;

	if (trim->stage != TRIM_DONE)
		return;
	info = mallinfo2();
	*trim = (struct trim){
		.stage = TRIM_TAKING,
		.size = PIECE_MOST,
		.left = info.fordblks,
		.most = info.fordblks + BYTES_MOST,
		.low = end_of_heap() - info.arena,
		.top = end_of_heap() - info.keepcost,
	};
}

/* The pages of which nothing else has a byte. */
static void
give_back(struct trim_part *part)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t first = ((uintptr_t)(part + 1) + page - 1) & ~(page - 1);
	uintptr_t end =
	    ((uintptr_t)part + malloc_usable_size(part)) & ~(page - 1);

	if (end > first)
		madvise((void *)first, end - first, MADV_DONTNEED);
}

/* Takes a piece that lies in [low, end).  Returns false if there is none. */
static bool
take(struct trim *trim, size_t size, uintptr_t low, uintptr_t end)
{
	struct trim_part *part = malloc(size);
	uintptr_t at = (uintptr_t)part;

	if (part == NULL)
		return false;
	if (at < low || at >= end) {
		free(part);
		return false;
	}
	give_back(part);
	part->next = trim->taken;
	trim->taken = part;
	trim->left -= MIN_OF(size, trim->left);
	return true;
}

static void
enter(struct trim *trim, enum trim_stage stage)
{
	trim->stage = stage;
	trim->size = PIECE_MOST;
}

/* Pieces between blocks that are in use.  When there is none, the allocator
 * takes it from the top. */
static void
take_piece(struct trim *trim)
{
	if (trim->size <= trim->left &&
	    take(trim, trim->size, trim->low, trim->top))
		return;
	trim->size -= MAX_OF(trim->size / 8, PIECE_STEP_LEAST);
	if (trim->size < PIECE_LEAST)
		enter(trim, TRIM_TAKING_TOP);
}

static void
take_top(struct trim *trim)
{
	uintptr_t end = end_of_heap();

	if (end - trim->top >= trim->size + TOP_LEFT &&
	    take(trim, trim->size, trim->top, end)) {
		trim->top = (uintptr_t)trim->taken + trim->size;
		return;
	}
	trim->size /= 8;
	if (trim->size < TOP_LEAST)
		enter(trim, TRIM_PUTTING_BACK);
}

/* Shrinks the heap, if what is left to do for that is little. */
static void
shrink(const struct trim *trim)
{
	struct mallinfo2 info = mallinfo2();

	if (info.ordblks <= PIECES_MOST && info.fordblks <= trim->most)
		malloc_trim(0);
}

static void
put_back(struct trim *trim)
{
	struct trim_part *part = trim->taken;

	if (part != NULL) {
		trim->taken = part->next;
		free(part);
		return;
	}
	trim->stage = TRIM_DONE;
	shrink(trim);
}

bool
trim_step(struct trim *trim)
{
	size_t work = 0, left;

	while (trim->stage != TRIM_DONE && work < TRIM_STEP_BYTES) {
		left = trim->left;
		if (trim->stage == TRIM_TAKING)
			take_piece(trim);
		else if (trim->stage == TRIM_TAKING_TOP)
			take_top(trim);
		else
			put_back(trim);
		work += PIECE_COST + left - trim->left;
	}
	return trim->stage != TRIM_DONE;
}

void
trim_deinit(struct trim *trim)
{
	while (trim->taken != NULL)
		put_back(trim);
	trim->stage = TRIM_DONE;
}
