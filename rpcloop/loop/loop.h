/*
 * The loop: waits for descriptors, times and other threads, and runs what they
 * wake, turn by turn.
 *
 * What is woken is a work item, embedded in its owner's object: it may have a
 * descriptor that is watched, and a time at which it is due.  run() is called
 * with the reasons; settle(), if there is one, at the end of a turn in which
 * loop_settle() was called for it, whatever happened to it in between: there an
 * owner writes once and frees what has died.
 *
 * A turn: all that is ready and due is queued, and run in that order, those
 * that may be slow after the others; then work that was put off, which is all
 * that may take long; then whoever was touched is settled; then long output is
 * sent.  Last the kernel is told what has changed.
 *
 * One budget bounds a turn, whatever becomes ready, due or dead at once: bytes,
 * which whoever works spends, and time, since bytes do not all cost the same.
 * Once it is spent, what is left in a queue goes on in the next turn, in the
 * order it came; of each queue one is run all the same, or work of one kind
 * could keep another waiting for ever.  Settling goes to its end, unless the
 * turn has taken twice its time; and the kernel is told for as long as a turn
 * may take by itself.
 *
 * An item belongs to a share, a peer's say.  In each queue shares take turns:
 * one with a thousand items costs another no more than one with two.
 *
 * A loop belongs to the thread that runs it; other threads may call
 * loop_stop(), and have a rpcloop/loop/inbox.  A forked child must run no turn.
 * No function blocks but loop_run().
 */
#ifndef RPCLOOP_LOOP_LOOP_H
#define RPCLOOP_LOOP_LOOP_H

#include "rpcloop/loop/alarm.h"
#include "rpcloop/loop/fair.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Why an item is run; the first two and the last are also what it may want to
 * know. */
enum loop_reason {
	LOOP_READABLE = 1, /* bytes, the end or an error wait to be read */
	LOOP_WRITABLE = 2, /* there is room for output, or an error */
	LOOP_DUE = 4,      /* its time has come */
	LOOP_RESUMED = 8,  /* it was put off, and goes on */
	LOOP_SENDING = 16, /* its turn to send has come */
	LOOP_LOST = 32,    /* its descriptor cannot be watched any more */
	LOOP_BROKEN = 64,  /* an error, or nobody is at the other end: again
			      and again, until it is not wanted any more */
};

struct loop;
struct loop_item;
struct loop_share;
TAILQ_HEAD(loop_queue, loop_item);
TAILQ_HEAD(loop_shares, loop_share);

/* What an item waits for, in a queue in which shares take turns. */
enum loop_line {
	LOOP_LINE_READY,
	LOOP_LINE_SLOW, /* ready, too: see loop_item.slow */
	LOOP_LINE_PUT_OFF,
	LOOP_LINE_SENDING,
	LOOP_LINES,
};

/* The items of one owner that wait. */
struct loop_share {
	struct loop_queue items[LOOP_LINES];
	TAILQ_ENTRY(loop_share) entries[LOOP_LINES];
};

struct loop_item {
	struct loop *loop;
	struct loop_share *share;
	/* May not free the item. */
	void (*run)(struct loop_item *item, unsigned int reasons);
	/* NULL: never settled.  Returns false when it has freed the item, after
	 * loop_forget(). */
	bool (*settle)(struct loop_item *item);
	int fd;          /* -1: none */
	uint8_t wanted;  /* readable, writable, broken */
	uint8_t known;   /* of it, what the kernel was told */
	uint8_t reasons; /* why it is ready */
	uint8_t lines;   /* those it waits in, a bit each */
	bool slow;    /* when it is ready it comes after the others: to be set
			 by its owner, who knows that it may take longer */
	bool timed;   /* there is room for it to be due */
	bool changed; /* is in the list of that name */
	bool unsettled;
	struct timer timer;
	TAILQ_ENTRY(loop_item) entries[LOOP_LINES];
	TAILQ_ENTRY(loop_item) changed_entry;
	TAILQ_ENTRY(loop_item) unsettled_entry;
};

/* What turns took of the processor, without the wait before each. */
struct loop_meter {
	bool on; /* a look at such a clock takes a system call: else off */
	uint64_t turns;
	uint64_t longest_ns;
};

struct loop {
	uint64_t now_ms; /* when the present work began, by base/clock */
	struct fair fair;
	int epoll;
	struct alarm alarm;
	struct loop_item clock; /* the alarm's descriptor */
	struct loop_item wake;  /* an eventfd: to stop; work is left */
	struct loop_share own;  /* of items that are nobody else's */
	struct loop_shares lines[LOOP_LINES];
	size_t waiting[LOOP_LINES]; /* items in each */
	struct loop_queue changed;  /* the kernel is to be told */
	struct loop_queue unsettled;
	size_t budget;      /* bytes of a turn, */
	uint64_t budget_ns; /* and how long it is */
	size_t left;        /* of the bytes; 0 also when it was long enough */
	size_t unclocked;   /* bytes spent since the last look at the clock */
	uint64_t ends_ns;   /* when the turn has been long enough */
	bool behind;        /* it was, before all were settled */
	struct loop_meter meter;
	atomic_bool stopped;
};

enum {
	LOOP_TURN_NS = 500 * 1000,    /* the budget of time of a new loop */
	LOOP_CLOCK_BYTES = 16 * 1024, /* spent before a look at the clock */
};

/* For budget_ns: only bytes count. */
#define LOOP_ANY_TIME UINT64_MAX

/* A loop with this budget of bytes for a turn.  Returns 0 or a negative errno;
 * loop_deinit() either way. */
int loop_init(struct loop *l, size_t budget);

/* All items must have been forgotten.  May be called twice. */
void loop_deinit(struct loop *l);

/* Runs turns until loop_stop().  Returns 0 or a negative errno. */
int loop_run(struct loop *l);

/* Ends loop_run() after the present turn.  From any thread, and from a signal
 * handler. */
void loop_stop(struct loop *l);

/* The same from within a turn, which needs no system call. */
void loop_leave(struct loop *l);

/*
 * For a loop of somebody else's: whenever the descriptor is readable, and after
 * anything was done outside a turn, one turn, which does not wait.  Returns 0
 * or a negative errno.
 */
static inline int
loop_fd(const struct loop *l)
{
	return l->epoll;
}

int loop_turn(struct loop *l);

/* A share without items, which all of them have left when it goes. */
void loop_share_init(struct loop_share *share);

/*
 * An item that is not watched and never due.  fd is borrowed.  It is of the
 * loop's own share, until another is set.
 */
void loop_item_init(struct loop_item *item, struct loop *l, int fd,
    void (*run)(struct loop_item *item, unsigned int reasons),
    bool (*settle)(struct loop_item *item));

/*
 * Begins to watch the descriptor; wanted is not 0.  Returns 0 or a negative
 * errno.
 */
int loop_watch(struct loop_item *item, unsigned int wanted);

/*
 * Changes what is wanted of a descriptor, which may be nothing.  The kernel is
 * told at the end of the turn; if that fails the item is run as LOOP_LOST.
 */
void loop_want(struct loop_item *item, unsigned int wanted);

/* Makes room for the item to be due, until loop_forget().  Returns 0 or
 * -ENOMEM. */
int loop_timed(struct loop_item *item);

/* When it is due next, by base/clock, once; TIMER_NEVER: not.  What is due at
 * once is run after the next look at the descriptors. */
void loop_due(struct loop_item *item, uint64_t ms);

/* Out of everything; before its descriptor is closed.  May be called twice. */
void loop_forget(struct loop_item *item);

/* Runs it after all that is ready, in this turn if there is budget left. */
void loop_queue(struct loop_item *item, enum loop_reason reason);

/* Has it settled when this turn ends, or after many others. */
void loop_settle(struct loop_item *item);

/* Runs it after all that is ready, and after those that were put off before:
 * whatever may take long. */
void loop_put_off(struct loop_item *item);

/* Runs it when this turn has been settled, after those that came before. */
void loop_send(struct loop_item *item);

/* Now, for what a peer may take its time for: see rpcloop/loop/fair. */
static inline uint64_t
loop_fair_ms(const struct loop *l)
{
	return fair_ms(&l->fair, l->now_ms);
}

/* Reads the clock: the budget is spent when the turn was long enough. */
void loop_look(struct loop *l);

/* Takes from the budget; and whether that is spent. */
static inline void
loop_spend(struct loop *l, size_t bytes)
{
	l->left -= bytes < l->left ? bytes : l->left;
	l->unclocked += bytes;
	if (l->unclocked >= LOOP_CLOCK_BYTES)
		loop_look(l);
}

static inline bool
loop_is_spent(const struct loop *l)
{
	return l->left == 0;
}

/* Whether nothing waits but what runs now. */
static inline bool
loop_is_alone(const struct loop *l)
{
	return l->waiting[LOOP_LINE_READY] + l->waiting[LOOP_LINE_SLOW] +
	    l->waiting[LOOP_LINE_PUT_OFF] + l->waiting[LOOP_LINE_SENDING] ==
	    0;
}

/* What is left, divided by those that are ready and whoever runs now: none of
 * them should take more, if it can stop there. */
static inline size_t
loop_part(const struct loop *l)
{
	return l->left /
	    (l->waiting[LOOP_LINE_READY] + l->waiting[LOOP_LINE_SLOW] + 1);
}

/*
 * The rest is for the sources of this folder only.
 */

/* Tells the kernel what is wanted.  Returns 0 or a negative errno. */
int loop_item_tell(struct loop_item *item);

/* Makes its descriptor readable. */
void loop_wake(struct loop *l);

#endif
