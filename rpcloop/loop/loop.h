/*
 * The loop: waits for descriptors, times and other threads, and runs what they
 * wake, turn by turn.
 *
 * What is woken is a work item, embedded in its owner's object: it may have a
 * descriptor that is watched, and a time at which it is due.  run() is called
 * with the reasons; settle(), if there is one, at the end of each turn in which
 * loop_settle() was called for it, whatever happened to it in between: there an
 * owner writes once and frees what has died.
 *
 * A turn: all that is ready and due is queued, and run in that order until the
 * queue is empty; then work that an earlier turn put off; then whoever was
 * touched is settled; then long output is sent.  All of these may queue more,
 * which belongs to the same turn.  Last the kernel is told what has changed.
 *
 * Three budgets of bytes bound a turn: one for what is ready, one for what was
 * put off, one for sending.  Whoever works spends of the one that counts at the
 * time, and puts off what it has left once that is spent.
 *
 * A loop belongs to the thread that runs it; other threads may call
 * loop_stop(), and have a rpcloop/loop/inbox.  A forked child must run no turn.
 * No function blocks but loop_run().
 */
#ifndef RPCLOOP_LOOP_LOOP_H
#define RPCLOOP_LOOP_LOOP_H

#include "rpcloop/loop/alarm.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* Why an item is run; the first two are also what it may want to know. */
enum loop_reason {
	LOOP_READABLE = 1, /* bytes, the end or an error wait to be read */
	LOOP_WRITABLE = 2, /* there is room for output, or an error */
	LOOP_DUE = 4,      /* its time has come */
	LOOP_RESUMED = 8,  /* it was put off, and goes on */
	LOOP_SENDING = 16, /* its turn to send has come */
	LOOP_LOST = 32,    /* its descriptor cannot be watched any more */
};

struct loop;
struct loop_item;
TAILQ_HEAD(loop_queue, loop_item);

struct loop_item {
	struct loop *loop;
	/* May not free the item. */
	void (*run)(struct loop_item *item, unsigned int reasons);
	/* NULL: never settled.  Returns false when it has freed the item, after
	 * loop_forget(). */
	bool (*settle)(struct loop_item *item);
	int fd;          /* -1: none */
	uint8_t wanted;  /* readable, writable */
	uint8_t known;   /* of it, what the kernel was told */
	uint8_t reasons; /* why it is in the queue; 0: it is not */
	bool changed;    /* is in the list of that name; and so on */
	bool unsettled;
	bool put_off;
	bool sending;
	struct timer timer;
	TAILQ_ENTRY(loop_item) ready_entry;
	TAILQ_ENTRY(loop_item) changed_entry;
	TAILQ_ENTRY(loop_item) unsettled_entry;
	TAILQ_ENTRY(loop_item) put_off_entry;
	TAILQ_ENTRY(loop_item) sending_entry;
};

/* What the bytes of a turn are for. */
enum loop_budget {
	LOOP_FOR_READY,
	LOOP_FOR_PUT_OFF,
	LOOP_FOR_SENDING,
	LOOP_BUDGETS,
};

/* What turns took of the processor, without the wait before each. */
struct loop_meter {
	bool on; /* a look at such a clock takes a system call: else off */
	uint64_t turns;
	uint64_t longest_ns;
};

struct loop {
	uint64_t now_ms; /* when the present work began, by base/clock */
	int epoll;
	struct alarm alarm;
	struct loop_item clock; /* the alarm's descriptor */
	struct loop_item wake;  /* an eventfd: to stop; work is left */
	struct loop_queue ready;
	struct loop_queue changed; /* the kernel is to be told */
	struct loop_queue unsettled;
	struct loop_queue put_off;
	size_t put_off_count;
	struct loop_queue sending;
	size_t budget; /* bytes of each in a turn */
	size_t left[LOOP_BUDGETS];
	size_t *counting; /* of left: the one that is spent now */
	struct loop_meter meter;
	atomic_bool stopped;
};

/* A loop with this budget of bytes for each part of a turn.  Returns 0 or a
 * negative errno; loop_deinit() either way. */
int loop_init(struct loop *l, size_t budget);

/* All items must have been forgotten.  May be called twice. */
void loop_deinit(struct loop *l);

/* Runs turns until loop_stop().  Returns 0 or a negative errno. */
int loop_run(struct loop *l);

/* Ends loop_run() after the present turn.  From any thread, and from a signal
 * handler. */
void loop_stop(struct loop *l);

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

/*
 * An item that is not watched and never due.  fd is borrowed.
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

/* Makes room for the item to be due.  Returns 0 or -ENOMEM. */
int loop_timed(struct loop_item *item);

/* When it is due next, by base/clock, once; TIMER_NEVER: not.  What is due at
 * once is run after the next look at the descriptors. */
void loop_due(struct loop_item *item, uint64_t ms);

/* Out of everything; before its descriptor is closed.  May be called twice. */
void loop_forget(struct loop_item *item);

/* Runs it in this turn, after all that is ready. */
void loop_queue(struct loop_item *item, enum loop_reason reason);

/* Has it settled when this turn ends. */
void loop_settle(struct loop_item *item);

/* Runs it in a later turn, after those that were put off before. */
void loop_put_off(struct loop_item *item);

/* Runs it when this turn has been settled, after those that came before. */
void loop_send(struct loop_item *item);

/* Takes from the budget that counts now; and whether that is spent. */
static inline void
loop_spend(struct loop *l, size_t bytes)
{
	*l->counting -= bytes < *l->counting ? bytes : *l->counting;
}

static inline bool
loop_is_spent(const struct loop *l)
{
	return *l->counting == 0;
}

/* Takes from the budget for sending. */
static inline void
loop_spend_sending(struct loop *l, size_t bytes)
{
	size_t *left = &l->left[LOOP_FOR_SENDING];

	*left -= bytes < *left ? bytes : *left;
}

/*
 * The rest is for the sources of this folder only.
 */

/* Tells the kernel what is wanted.  Returns 0 or a negative errno. */
int loop_item_tell(struct loop_item *item);

/* It is not put off any more. */
void loop_item_resume(struct loop_item *item);

#endif
