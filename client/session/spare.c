#include "client/session/spare.h"

#include "base/base.h"
#include "base/clock.h"

static void
on_excess(struct blocks *blocks)
{
	struct spare *spare = container_of(blocks, struct spare, blocks);

	loop_due(&spare->item, clock_now_ms() + BLOCKS_EXCESS_MS);
}

/* What was needed since then stays; it may be over later. */
static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct spare *spare = container_of(item, struct spare, item);

	(void)reasons;
	blocks_give_back(&spare->blocks, item->loop->now_ms, SIZE_MAX);
	if (spare->blocks.bytes > BLOCKS_KEPT_BYTES)
		on_excess(&spare->blocks);
}

int
spare_init(struct spare *spare, struct loop *loop)
{
	*spare = (struct spare){ 0 };
	loop_item_init(&spare->item, loop, -1, on_run, NULL);
	blocks_init(&spare->blocks, on_excess);
	return loop_timed(&spare->item);
}

void
spare_deinit(struct spare *spare)
{
	blocks_deinit(&spare->blocks);
	if (spare->item.loop != NULL)
		loop_forget(&spare->item);
	spare->item.loop = NULL;
}
