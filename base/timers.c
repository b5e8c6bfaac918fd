#include "base/timers.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void
timers_init(struct timers *timers)
{
	memset(timers, 0, sizeof(*timers));
}

void
timers_deinit(struct timers *timers)
{
	free(timers->heap);
	timers_init(timers);
}

int
timers_reserve(struct timers *timers, size_t owners)
{
	struct timer **heap;
	size_t room;

	if (owners <= timers->room)
		return 0;
	room = timers->room * 2 > owners ? timers->room * 2 : owners;
	heap = realloc(timers->heap, room * sizeof(struct timer *));
	if (heap == NULL)
		return -ENOMEM;
	timers->heap = heap;
	timers->room = room;
	return 0;
}

void
timer_init(struct timer *timer)
{
	timer->due = TIMER_NEVER;
	timer->slot = 0;
}

static void
place(struct timers *timers, struct timer *timer, size_t slot)
{
	timers->heap[slot] = timer;
	timer->slot = slot;
}

static void
sift_up(struct timers *timers, struct timer *timer)
{
	size_t slot = timer->slot;
	struct timer *parent;

	while (slot > 0) {
		parent = timers->heap[(slot - 1) / 2];
		if (parent->due <= timer->due)
			break;
		place(timers, parent, slot);
		slot = (slot - 1) / 2;
	}
	place(timers, timer, slot);
}

static void
sift_down(struct timers *timers, struct timer *timer)
{
	size_t slot = timer->slot, child;

	while ((child = 2 * slot + 1) < timers->count) {
		if (child + 1 < timers->count &&
		    timers->heap[child + 1]->due < timers->heap[child]->due)
			child++;
		if (timers->heap[child]->due >= timer->due)
			break;
		place(timers, timers->heap[child], slot);
		slot = child;
	}
	place(timers, timer, slot);
}

static void
stop(struct timers *timers, struct timer *timer)
{
	struct timer *last = timers->heap[--timers->count];

	timer->due = TIMER_NEVER;
	if (last == timer)
		return;
	place(timers, last, timer->slot);
	sift_up(timers, last);
	sift_down(timers, last);
}

void
timers_set(struct timers *timers, struct timer *timer, uint64_t due)
{
	if (due == timer->due)
		return;
	if (due == TIMER_NEVER) {
		stop(timers, timer);
		return;
	}
	if (timer->due == TIMER_NEVER) {
		assert(timers->count < timers->room);
		place(timers, timer, timers->count++);
	}
	timer->due = due;
	sift_up(timers, timer);
	sift_down(timers, timer);
}

struct timer *
timers_first(const struct timers *timers)
{
	return timers->count > 0 ? timers->heap[0] : NULL;
}
