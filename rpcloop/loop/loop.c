#include "rpcloop/loop/loop.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BATCH = 256 }; /* descriptors of one look */

void
loop_item_init(struct loop_item *item, struct loop *l, int fd,
    void (*run)(struct loop_item *item, unsigned int reasons),
    bool (*settle)(struct loop_item *item))
{
	*item = (struct loop_item){
		.loop = l,
		.run = run,
		.settle = settle,
		.fd = fd,
	};
	timer_init(&item->timer);
}

/* Tells the kernel what is wanted.  Wanting nothing is being out of epoll: a
 * mask of 0 still reports hang-ups, again and again. */
static int
tell_kernel(struct loop_item *item)
{
	struct epoll_event event = { .data.ptr = item };
	int operation = EPOLL_CTL_MOD;

	if (item->wanted == item->known)
		return 0;
	if (item->wanted & LOOP_READABLE)
		event.events |= EPOLLIN;
	if (item->wanted & LOOP_WRITABLE)
		event.events |= EPOLLOUT;
	if (item->wanted == 0)
		operation = EPOLL_CTL_DEL;
	else if (item->known == 0)
		operation = EPOLL_CTL_ADD;
	if (epoll_ctl(item->loop->epoll, operation, item->fd, &event) < 0)
		return -errno;
	item->known = item->wanted;
	return 0;
}

int
loop_watch(struct loop_item *item, unsigned int wanted)
{
	int r;

	item->wanted = (uint8_t)wanted;
	r = tell_kernel(item);
	if (r < 0)
		item->wanted = 0;
	return r;
}

void
loop_want(struct loop_item *item, unsigned int wanted)
{
	item->wanted = (uint8_t)wanted;
	if (item->changed || item->wanted == item->known)
		return;
	item->changed = true;
	TAILQ_INSERT_TAIL(&item->loop->changed, item, changed_entry);
}

int
loop_timed(struct loop_item *item)
{
	return alarm_reserve(&item->loop->alarm);
}

void
loop_due(struct loop_item *item, uint64_t ms)
{
	timers_set(&item->loop->alarm.timers, &item->timer, ms);
}

static void
take_back(struct loop_item *item)
{
	if (!item->put_off)
		return;
	item->put_off = false;
	TAILQ_REMOVE(&item->loop->put_off, item, put_off_entry);
	item->loop->put_off_count--;
}

void
loop_forget(struct loop_item *item)
{
	struct loop *l = item->loop;

	/* A duplicate of the descriptor, in a child say, would keep it in epoll
	 * after it is closed. */
	item->wanted = 0;
	tell_kernel(item);
	item->known = 0;
	timers_set(&l->alarm.timers, &item->timer, TIMER_NEVER);
	if (item->reasons != 0)
		TAILQ_REMOVE(&l->ready, item, ready_entry);
	if (item->changed)
		TAILQ_REMOVE(&l->changed, item, changed_entry);
	if (item->unsettled)
		TAILQ_REMOVE(&l->unsettled, item, unsettled_entry);
	take_back(item);
	if (item->sending)
		TAILQ_REMOVE(&l->sending, item, sending_entry);
	item->reasons = 0;
	item->changed = item->unsettled = false;
	item->sending = false;
}

void
loop_queue(struct loop_item *item, enum loop_reason reason)
{
	if (item->reasons == 0)
		TAILQ_INSERT_TAIL(&item->loop->ready, item, ready_entry);
	item->reasons |= (uint8_t)reason;
}

void
loop_settle(struct loop_item *item)
{
	if (item->unsettled)
		return;
	item->unsettled = true;
	TAILQ_INSERT_TAIL(&item->loop->unsettled, item, unsettled_entry);
}

void
loop_put_off(struct loop_item *item)
{
	if (item->put_off)
		return;
	item->put_off = true;
	TAILQ_INSERT_TAIL(&item->loop->put_off, item, put_off_entry);
	item->loop->put_off_count++;
}

void
loop_send(struct loop_item *item)
{
	if (item->sending)
		return;
	item->sending = true;
	TAILQ_INSERT_TAIL(&item->loop->sending, item, sending_entry);
}

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
		take_back(item);
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
		if (tell_kernel(item) < 0)
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

static int
turn(struct loop *l, int timeout_ms)
{
	struct epoll_event events[BATCH];
	size_t waiting = l->put_off_count;
	int count = epoll_wait(l->epoll, events, BATCH, timeout_ms);

	if (count < 0 && errno != EINTR)
		return -errno;
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
