#include "server/process/heap.h"

#include "base/base.h"

#include <errno.h>
#include <malloc.h>

enum {
	LOOK_MS = 1000,
	KEEP_BYTES = 64 * 1024 * 1024, /* at the top of the heap */
	MAP_BYTES = 4 * 1024 * 1024,   /* from here on, pages of their own */
};

static void
on_look(struct loop_item *item, unsigned int reasons)
{
	struct heap *heap = container_of(item, struct heap, item);
	bool quiet = *heap->calls == heap->calls_before;

	(void)reasons;
	loop_due(item, item->loop->now_ms + LOOK_MS);
	heap->calls_before = *heap->calls;
	if (quiet && !heap->returned)
		malloc_trim(0);
	heap->returned = quiet;
}

int
heap_init(struct heap *heap, struct loop *l, const uint64_t *calls)
{
	*heap = (struct heap){ .calls = calls };
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_MMAP_THRESHOLD, MAP_BYTES);
	loop_item_init(&heap->item, l, -1, on_look, NULL);
	if (loop_timed(&heap->item) < 0)
		return -ENOMEM;
	loop_due(&heap->item, l->now_ms + LOOK_MS);
	return 0;
}

void
heap_deinit(struct heap *heap)
{
	if (heap->item.loop != NULL)
		loop_forget(&heap->item);
	heap->item.loop = NULL;
}
