/*
 * A worker: a loop, and all that serves on it.
 *
 * The first one has the thread of the daemon, listens, and leads the others,
 * each of which has a thread of its own.  It gives them orders through their
 * inboxes, and they tell it by its own when they are done.  A connection stays
 * with the worker that it was given (rpcloop/serve/crew), and a stream with the
 * one that opened it (server/service/team).
 */
#ifndef SERVER_WORKER_H
#define SERVER_WORKER_H

#include "rpcloop/serve/crew.h"
#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/engine.h"
#include "server/process/heap.h"
#include "server/service/service.h"
#include "server/service/serving.h"
#include "server/service/team.h"
#include "server/settings.h"
#include "server/tracing.h"

#include <pthread.h>

enum worker_order {
	WORKER_DRAIN,       /* opens no stream any more; tells when idle */
	WORKER_END_STREAMS, /* and does not wait for their clients */
	WORKER_FINISH,      /* answers what has come; tells when drained */
	WORKER_MEASURE,     /* tells how long its turns were */
	WORKER_ORDERS,
};

enum worker_news {
	WORKER_IDLE,    /* no client is owed a stream */
	WORKER_DRAINED, /* its connections have gone */
	WORKER_MEASURED,
	WORKER_NEWS,
};

struct worker;

struct worker_letter {
	struct inbox_message message;
	struct worker *worker;
};

struct worker {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct heap heap;
	struct tracing tracing;
	struct workers *all;
	struct worker_letter orders[WORKER_ORDERS];
	struct worker_letter news[WORKER_NEWS];
	struct loop_meter measured; /* of its turns, as it told */
	pthread_t thread;
	bool has_thread;
	bool failed;
};

struct workers {
	struct worker *first; /* and the others after it */
	unsigned int count;
	unsigned int made; /* of them, that were begun */
	struct crew crew;  /* when there are several, */
	struct team team;  /* the same */
	/* On the first one's thread: all of them have told that they are idle,
	 * or drained. */
	void (*told)(void *owner, enum worker_news news);
	void *owner;
	unsigned int counts[WORKER_NEWS];
};

/*
 * As many as count says, which is set before, as are told and owner.  Returns
 * 0, or a negative errno that was logged; workers_deinit() either way.
 */
int workers_init(struct workers *w, const struct settings *settings,
    const struct engine_limits *limits);

/*
 * After the threads have ended: answers all calls that wait; and closes
 * everything.  Both may be called twice.
 */
void workers_finish(struct workers *w);
void workers_deinit(struct workers *w);

/* Has the others serve the datagrams of the addresses that the first one has.
 * Returns 0 or a negative errno. */
int workers_share_datagrams(struct workers *w);

/*
 * Starts the other threads, serves on this one until workers_stop(), and waits
 * for them.  Returns 0 or a negative errno.
 */
int workers_run(struct workers *w);

/* The rest is for the first one's thread.  Ends all, after their turn. */
void workers_stop(struct workers *w);

/* Gives all of them an order. */
void workers_order(struct workers *w, enum worker_order order);

/* Has the log say how long turns were since it last did, soon. */
void workers_tell_turns(struct workers *w);

/* What they have and had together. */
unsigned int workers_connections(const struct workers *w);
unsigned int workers_streams(const struct workers *w);
uint64_t workers_calls(const void *w);

#endif
