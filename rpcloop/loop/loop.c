#include "rpcloop/loop/loop.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Makes an eventfd readable; it can only be full when it is. */
void
loop_wake(struct loop *l)
{
	const uint64_t one = 1;

	while (write(l->wake.fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void
loop_stop(struct loop *l)
{
	int saved = errno;

	atomic_store(&l->stopped, true);
	loop_wake(l);
	errno = saved;
}

/* loop_run() looks after each turn: nothing has to wake it. */
void
loop_leave(struct loop *l)
{
	atomic_store_explicit(&l->stopped, true, memory_order_relaxed);
}

/* What it was written for is done in the turn that this begins. */
static void
on_wake(struct loop_item *item, unsigned int reasons)
{
	uint64_t count;

	(void)reasons;
	while (read(item->fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

/* The turn that this begins looks for what is due. */
static void
on_clock(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	alarm_fired(&item->loop->alarm);
}

/* Watches the descriptors of the loop's own. */
static int
watch_own(struct loop *l)
{
	int r;

	loop_item_init(&l->clock, l, l->alarm.fd, on_clock, NULL);
	loop_item_init(
	    &l->wake, l, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), on_wake, NULL);
	if (l->wake.fd < 0)
		return -errno;
	r = loop_watch(&l->clock, LOOP_READABLE);
	return r == 0 ? loop_watch(&l->wake, LOOP_READABLE) : r;
}

int
loop_init(struct loop *l, size_t budget)
{
	int r;

	*l = (struct loop){
		.budget = budget,
		.budget_ns = LOOP_TURN_NS,
		.left = budget,
		.ends_ns = LOOP_ANY_TIME,
		.epoll = -1,
	};
	l->alarm.fd = l->wake.fd = -1;
	loop_share_init(&l->own);
	for (int line = 0; line < LOOP_LINES; line++)
		TAILQ_INIT(&l->lines[line]);
	TAILQ_INIT(&l->changed);
	TAILQ_INIT(&l->unsettled);
	l->now_ms = clock_now_ms();
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return -errno;
	r = alarm_init(&l->alarm);
	return r == 0 ? watch_own(l) : r;
}

void
loop_deinit(struct loop *l)
{
	if (l->wake.fd >= 0)
		close(l->wake.fd);
	if (l->epoll >= 0)
		close(l->epoll);
	l->wake.fd = l->epoll = -1;
	alarm_deinit(&l->alarm);
}
