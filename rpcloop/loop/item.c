#include "rpcloop/loop/line.h"

#include <errno.h>
#include <sys/epoll.h>

void
loop_share_init(struct loop_share *share)
{
	for (int line = 0; line < LOOP_LINES; line++)
		TAILQ_INIT(&share->items[line]);
}

void
loop_item_init(struct loop_item *item, struct loop *l, int fd,
    void (*run)(struct loop_item *item, unsigned int reasons),
    bool (*settle)(struct loop_item *item))
{
	*item = (struct loop_item){
		.loop = l,
		.share = &l->own,
		.run = run,
		.settle = settle,
		.fd = fd,
	};
	timer_init(&item->timer);
}

/* Tells the kernel what is wanted.  Wanting nothing is being out of epoll: a
 * mask of 0 still reports errors and hang-ups, again and again, which is all
 * that LOOP_BROKEN asks for. */
int
loop_item_tell(struct loop_item *item)
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
	r = loop_item_tell(item);
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
	int r = item->timed ? 0 : alarm_reserve(&item->loop->alarm);

	item->timed = r == 0;
	return r;
}

void
loop_due(struct loop_item *item, uint64_t ms)
{
	timers_set(&item->loop->alarm.timers, &item->timer, ms);
}

void
loop_forget(struct loop_item *item)
{
	struct loop *l = item->loop;

	/* A duplicate of the descriptor, in a child say, would keep it in epoll
	 * after it is closed. */
	item->wanted = 0;
	loop_item_tell(item);
	item->known = 0;
	timers_set(&l->alarm.timers, &item->timer, TIMER_NEVER);
	if (item->timed)
		alarm_release(&l->alarm);
	for (int line = 0; line < LOOP_LINES; line++)
		loop_line_remove(item, (enum loop_line)line);
	if (item->changed)
		TAILQ_REMOVE(&l->changed, item, changed_entry);
	if (item->unsettled)
		TAILQ_REMOVE(&l->unsettled, item, unsettled_entry);
	item->reasons = 0;
	item->timed = item->changed = item->unsettled = false;
}

void
loop_queue(struct loop_item *item, enum loop_reason reason)
{
	const unsigned int ready = 1u << LOOP_LINE_READY | 1u << LOOP_LINE_SLOW;

	item->reasons |= (uint8_t)reason;
	if (!(item->lines & ready))
		loop_line_put(
		    item, item->slow ? LOOP_LINE_SLOW : LOOP_LINE_READY);
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
	loop_line_put(item, LOOP_LINE_PUT_OFF);
}

void
loop_send(struct loop_item *item)
{
	loop_line_put(item, LOOP_LINE_SENDING);
}
