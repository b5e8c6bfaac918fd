#include "server/process/heap.h"

#include "base/base.h"

#include <errno.h>
#include <malloc.h>
#include <sys/resource.h>

enum {
	LOOK_MS = 1000,
	STEP_BYTES = TRIM_STEP_BYTES,
	/* A step takes as long as calls of a part of its bytes. */
	STEP_COST = STEP_BYTES / 16,
	BUSY_KEEP_BYTES = 4 * 1024 * 1024,
	QUIET_KEEP_BYTES = 128 * 1024,
	/* From here on the allocator has mappings of its own: above what a call
	 * needs while its procedure runs, which is what it has for reuse. */
	MAP_BYTES = 4 * 1024 * 1024,
	FEW_FAULTS = 16,
	SMALL_BYTES = 64, /* pieces that are not joined when they are freed */
	/* The allocator gives nothing back by itself. */
	NEVER = -1,
};

/* Pages that the kernel had to find for a use of memory that had none. */
static long
faults(void)
{
	struct rusage usage = { 0 };

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Whether free memory may have pages again.  Some of it was used, or what was
 * used then is free. */
static bool
may_have_pages(const struct heap *heap, size_t left)
{
	return heap->calls(heap->context) != heap->calls_trimmed ||
	    left != heap->left || faults() > heap->faults + FEW_FAULTS;
}

/* What of the heap is to go back begins to go. */
static void
look(struct heap *heap)
{
	uint64_t calls = heap->calls(heap->context);
	size_t left = trim_free_bytes();
	bool quiet = calls == heap->calls_before;

	heap->calls_before = calls;
	if (left <= (quiet ? QUIET_KEEP_BYTES : BUSY_KEEP_BYTES) ||
	    !may_have_pages(heap, left))
		return;
	heap->calls_trimmed = calls;
	trim_begin(&heap->trim);
}

/* Returns whether there is more to do. */
static bool
step(struct heap *heap)
{
	uint64_t now = heap->item.loop->now_ms;

	if (blocks_give_back(&heap->blocks, now, STEP_BYTES) > 0)
		return true;
	if (heap->trim.stage == TRIM_DONE || trim_step(&heap->trim))
		return heap->trim.stage != TRIM_DONE;
	heap->left = trim_free_bytes();
	heap->faults = faults();
	return false;
}

/* The next look at the heap, or before that at the blocks. */
static void
arm(struct heap *heap)
{
	uint64_t due = heap->look_ms;

	if (heap->blocks.bytes > BLOCKS_KEPT_BYTES)
		due = MIN_OF(due, heap->item.loop->now_ms + BLOCKS_EXCESS_MS);
	loop_due(&heap->item, due);
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct heap *heap = container_of(item, struct heap, item);
	uint64_t now = item->loop->now_ms;

	(void)reasons;
	if (now >= heap->look_ms) {
		heap->look_ms = now + LOOK_MS;
		if (heap->calls != NULL)
			look(heap);
	}
	if (step(heap))
		loop_put_off(item);
	arm(heap);
	loop_spend(item->loop, STEP_COST);
}

static void
on_excess(struct blocks *blocks)
{
	arm(container_of(blocks, struct heap, blocks));
}

void
heap_share(void)
{
	mallopt(M_ARENA_MAX, 1);
}

static void
set_allocator(void)
{
	/* Small pieces wait for being joined with what is free beside them, and
	 * then all of them are: not those of which there may be very many. */
	mallopt(M_MXFAST, SMALL_BYTES);
	mallopt(M_TRIM_THRESHOLD, NEVER);
	mallopt(M_MMAP_THRESHOLD, MAP_BYTES);
}

int
heap_init(struct heap *heap, struct loop *l,
    uint64_t (*calls)(const void *context), const void *context)
{
	*heap = (struct heap){
		.calls = calls,
		.context = context,
		.look_ms = l->now_ms + LOOK_MS,
	};
	if (calls != NULL)
		set_allocator();
	loop_item_init(&heap->item, l, -1, on_run, NULL);
	if (loop_timed(&heap->item) < 0)
		return -ENOMEM;
	blocks_init(&heap->blocks, on_excess);
	arm(heap);
	return 0;
}

void
heap_deinit(struct heap *heap)
{
	if (heap->item.loop != NULL)
		loop_forget(&heap->item);
	heap->item.loop = NULL;
	blocks_deinit(&heap->blocks);
	trim_deinit(&heap->trim);
}
