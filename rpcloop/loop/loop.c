#include "rpcloop/loop/loop.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BATCH = 256 }; /* descriptors of one look */

/* Makes an eventfd readable; it can only be full when it is. */
static void
wake(struct loop *l)
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
	wake(l);
	errno = saved;
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

static void
run_ready(struct loop *l)
{
	struct loop_item *item;
	unsigned int reasons;

	while ((item = TAILQ_FIRST(&l->ready)) != NULL) {
		TAILQ_REMOVE(&l->ready, item, ready_entry);
		reasons = item->reasons;
		item->reasons = 0;
		l->now_ms = clock_now_ms();
		item->run(item, reasons);
	}
}

/* Those that waited when the turn began.  What is put off again comes after
 * what this turn has no time for. */
static void
run_put_off(struct loop *l, size_t count)
{
	struct loop_item *item;

	l->counting = &l->left[LOOP_FOR_PUT_OFF];
	l->now_ms = clock_now_ms();
	for (; count > 0 && !loop_is_spent(l); count--) {
		item = TAILQ_FIRST(&l->put_off);
		if (item == NULL)
			break;
		loop_item_resume(item);
		item->run(item, LOOP_RESUMED);
	}
	l->counting = &l->left[LOOP_FOR_READY];
}

static void
run_settling(struct loop *l)
{
	struct loop_item *item;

	while ((item = TAILQ_FIRST(&l->unsettled)) != NULL) {
		/* Out of the list only then: it may be touched again. */
		if (!item->settle(item))
			continue;
		TAILQ_REMOVE(&l->unsettled, item, unsettled_entry);
		item->unsettled = false;
	}
}

static void
run_sending(struct loop *l)
{
	struct loop_item *item;

	while (l->left[LOOP_FOR_SENDING] > 0 &&
	    (item = TAILQ_FIRST(&l->sending)) != NULL) {
		TAILQ_REMOVE(&l->sending, item, sending_entry);
		item->sending = false;
		item->run(item, LOOP_SENDING);
	}
}

static void
queue_ready(struct loop_item *item, uint32_t events)
{
	unsigned int reasons = 0;

	/* An error is for whoever wants to know anything. */
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		reasons |= item->wanted & LOOP_READABLE;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		reasons |= item->wanted & LOOP_WRITABLE;
	if (reasons != 0)
		loop_queue(item, reasons);
}

static void
queue_due(struct loop *l)
{
	struct timer *due;

	while ((due = alarm_take_due(&l->alarm, l->now_ms)) != NULL)
		loop_queue(
		    container_of(due, struct loop_item, timer), LOOP_DUE);
}

/* Tells the kernel what has changed, before the next look or before somebody
 * else's loop has its turn. */
static void
tell_changes(struct loop *l)
{
	struct loop_item *item;

	while ((item = TAILQ_FIRST(&l->changed)) != NULL) {
		TAILQ_REMOVE(&l->changed, item, changed_entry);
		item->changed = false;
		if (loop_item_tell(item) < 0)
			loop_queue(item, LOOP_LOST);
	}
}

/* Whether there is something to do without anything happening. */
static bool
has_work(const struct loop *l)
{
	return !TAILQ_EMPTY(&l->ready) || !TAILQ_EMPTY(&l->unsettled) ||
	    !TAILQ_EMPTY(&l->put_off) || !TAILQ_EMPTY(&l->sending);
}

/* After a wait. */
static void
work(struct loop *l, const struct epoll_event *events, int count)
{
	size_t waiting = l->put_off_count;

	l->now_ms = clock_now_ms();
	for (int i = 0; i < LOOP_BUDGETS; i++)
		l->left[i] = l->budget;
	for (int i = 0; i < count; i++)
		queue_ready(events[i].data.ptr, events[i].events);
	queue_due(l);
	run_ready(l);
	if (waiting > 0)
		run_put_off(l, waiting);
	do {
		run_ready(l);
		run_settling(l);
		run_sending(l);
	} while (!TAILQ_EMPTY(&l->ready) || !TAILQ_EMPTY(&l->unsettled));
	tell_changes(l);
	alarm_arm(&l->alarm);
}

static void
work_measured(struct loop *l, const struct epoll_event *events, int count)
{
	uint64_t began = clock_thread_ns(), took;

	work(l, events, count);
	took = clock_thread_ns() - began;
	l->meter.turns++;
	l->meter.longest_ns = MAX_OF(l->meter.longest_ns, took);
}

static int
turn(struct loop *l, int timeout_ms)
{
	struct epoll_event events[BATCH];
	int count = epoll_wait(l->epoll, events, BATCH, timeout_ms);

	if (count < 0 && errno != EINTR)
		return -errno;
	if (l->meter.on)
		work_measured(l, events, count);
	else
		work(l, events, count);
	return 0;
}

int
loop_run(struct loop *l)
{
	int r = 0;

	tell_changes(l);
	alarm_arm(&l->alarm);
	while (r == 0 && !atomic_load(&l->stopped))
		r = turn(l, has_work(l) ? 0 : -1);
	atomic_store(&l->stopped, false);
	return r;
}

int
loop_turn(struct loop *l)
{
	int r = turn(l, 0);

	if (has_work(l))
		wake(l);
	return r;
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

	*l = (struct loop){ .budget = budget, .epoll = -1 };
	l->alarm.fd = l->wake.fd = -1;
	l->counting = &l->left[LOOP_FOR_READY];
	l->left[LOOP_FOR_READY] = budget;
	TAILQ_INIT(&l->ready);
	TAILQ_INIT(&l->changed);
	TAILQ_INIT(&l->unsettled);
	TAILQ_INIT(&l->put_off);
	TAILQ_INIT(&l->sending);
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
