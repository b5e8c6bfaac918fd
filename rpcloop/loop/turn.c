/* The turns of a loop. */
#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/loop/line.h"

#include <errno.h>
#include <sys/epoll.h>

enum {
	BATCH = 1024,         /* descriptors of one look */
	SETTLED_BY_CLOCK = 4, /* before a look at the clock */
	TOLD_BY_CLOCK = 64,   /* the same */
};

/* Reads the clock, which should have been read at due_ms.  Returns it in ns. */
static uint64_t
read_clock(struct loop *l, uint64_t due_ms)
{
	uint64_t now = clock_now_ns(), now_ms = now / CLOCK_NS_PER_MS;

	fair_look(&l->fair, l->now_ms, due_ms, now_ms);
	l->now_ms = now_ms;
	return now;
}

void
loop_look(struct loop *l)
{
	uint64_t now = read_clock(l, l->now_ms);

	l->unclocked = 0;
	if (now >= l->ends_ns)
		l->left = 0;
}

/* When a turn that began then has been as long as it may be. */
static uint64_t
end_of_turn(const struct loop *l, uint64_t began)
{
	return l->budget_ns == LOOP_ANY_TIME ? LOOP_ANY_TIME
					     : began + l->budget_ns;
}

/* The first of a line.  Those that are ready are told why they are. */
static void
run_first(struct loop *l, enum loop_line line)
{
	struct loop_item *item = loop_line_take(l, line);
	unsigned int reasons;

	if (line == LOOP_LINE_PUT_OFF || line == LOOP_LINE_SENDING) {
		reasons =
		    line == LOOP_LINE_SENDING ? LOOP_SENDING : LOOP_RESUMED;
	} else {
		reasons = item->reasons;
		item->reasons = 0;
	}
	item->run(item, reasons);
}

/* At most count of those that wait in a line, and one at least if any does. */
static void
run_line(struct loop *l, enum loop_line line, size_t count)
{
	if (count == 0 || l->waiting[line] == 0)
		return;
	/* A turn begins with a look at the clock. */
	if (line != LOOP_LINE_READY)
		loop_look(l);
	for (;;) {
		run_first(l, line);
		if (--count == 0 || l->waiting[line] == 0)
			return;
		loop_look(l);
		if (loop_is_spent(l))
			return;
	}
}

/* All of them as a rule; but a turn is never twice as long as it may be. */
static void
run_settling(struct loop *l)
{
	struct loop_item *item;

	l->behind = false;
	for (unsigned int i = 1; (item = TAILQ_FIRST(&l->unsettled)) != NULL;
	     i++) {
		/* Out of the list only then: it may be touched again. */
		if (item->settle(item)) {
			TAILQ_REMOVE(&l->unsettled, item, unsettled_entry);
			item->unsettled = false;
		}
		if (i % SETTLED_BY_CLOCK == 0 &&
		    clock_now_ns() >= end_of_turn(l, l->ends_ns)) {
			l->behind = true;
			return;
		}
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
	if (events & (EPOLLHUP | EPOLLERR))
		reasons |= item->wanted & LOOP_BROKEN;
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
 * else's loop has its turn: as much as can be told in the time that a turn
 * has. */
static void
tell_changes(struct loop *l)
{
	uint64_t until = 0;
	struct loop_item *item;

	for (unsigned int i = 1; (item = TAILQ_FIRST(&l->changed)) != NULL;
	     i++) {
		TAILQ_REMOVE(&l->changed, item, changed_entry);
		item->changed = false;
		if (loop_item_tell(item) < 0)
			loop_queue(item, LOOP_LOST);
		if (i % TOLD_BY_CLOCK != 0)
			continue;
		if (until == 0)
			until = end_of_turn(l, clock_now_ns());
		else if (clock_now_ns() >= until)
			return;
	}
}

/* Whether there is something to do without anything happening. */
static bool
has_work(const struct loop *l)
{
	for (int line = 0; line < LOOP_LINES; line++)
		if (l->waiting[line] > 0)
			return true;
	return !TAILQ_EMPTY(&l->unsettled) || !TAILQ_EMPTY(&l->changed);
}

/* When a wait ends that nothing ends before. */
static uint64_t
wakes_at(const struct loop *l)
{
	return has_work(l) ? l->now_ms : MAX_OF(l->now_ms, l->alarm.armed_ms);
}

/* After a wait. */
static void
work(struct loop *l, const struct epoll_event *events, int count)
{
	/* What is put off in this turn waits for the next. */
	size_t put_off = l->waiting[LOOP_LINE_PUT_OFF];
	uint64_t now = read_clock(l, wakes_at(l));

	l->left = l->budget;
	l->ends_ns = end_of_turn(l, now);
	for (int i = 0; i < count; i++)
		queue_ready(events[i].data.ptr, events[i].events);
	queue_due(l);
	if (l->behind)
		run_settling(l);
	run_line(l, LOOP_LINE_READY, SIZE_MAX);
	run_line(l, LOOP_LINE_SLOW, SIZE_MAX);
	run_line(l, LOOP_LINE_PUT_OFF, put_off);
	run_settling(l);
	run_line(l, LOOP_LINE_SENDING, SIZE_MAX);
	run_settling(l);
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

	/* So does a stop of the process end a wait: nothing was looked at. */
	if (count < 0 && errno == EINTR)
		count = epoll_wait(l->epoll, events, BATCH, 0);
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
		loop_wake(l);
	return r;
}
