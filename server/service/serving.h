/*
 * serving - the streams of a daemon, on its event loop
 *
 * Brings calls to the streams (stream/server/streams.h) and their answers back,
 * at once, through tickets, or as errands to the worker that has the call, and
 * gives them time, turns and a disk.  OPEN, EXCHANGE and CANCEL of reverse.x,
 * which rpcgen declares, are in server/service/program.c.
 */
#ifndef SERVER_SERVICE_SERVING_H
#define SERVER_SERVICE_SERVING_H

#include "base/arena.h"
#include "rpcloop/loop/inbox.h"
#include "rpcloop/serve/engine.h"
#include "server/service/owed.h"
#include "server/service/relief.h"
#include "server/settings.h"
#include "stream/server/streams.h"

#include <stdbool.h>

struct service;
struct spool;

struct serving {
	struct streams *streams;
	struct spool *spool;
	struct loop_item timer;    /* when streams have something to do */
	struct inbox inbox;        /* for the spool's threads, and errands */
	struct arena arena;        /* of the arguments of an errand */
	struct inbox_message disk; /* they have finished jobs */
	struct relief relief;      /* for other workers */
	bool listening;            /* these were set up */
	bool ending;               /* see serving_end() */
	struct service *service;   /* of the calls */
	struct engine *engine;     /* of the connections */
	void (*idle)(void *owner); /* see serving_drain() */
	void *owner;
};

/*
 * Sets it up on an engine's event loop, for a service that is ready, and gives
 * the peers their limits.  service and engine are borrowed.  Returns 0 or a
 * negative errno.
 */
int serving_init(struct serving *s, struct service *service,
    struct engine *engine, const struct settings *settings);

/*
 * Answers all calls that wait, by ending their streams, and frees everything.
 * To be called before the connections go.  May be called twice.
 *
 * Where there are several, serving_finish() comes first, which only answers:
 * then errands are to come home before any of them is freed.
 */
void serving_finish(struct serving *s);
void serving_deinit(struct serving *s);

/*
 * Refuses new streams from now on.  idle is called once, later, when no client
 * is owed anything any more.
 */
void serving_drain(struct serving *s, void (*idle)(void *owner), void *owner);

/* Ends all streams, in turns to come. */
void serving_end(struct serving *s);

/*
 * The rest is for the sources of this folder.
 */

/* The time for the streams, who are told first what of it the loop has lost. */
static inline uint64_t
serving_now(struct serving *s)
{
	const struct loop *loop = &s->engine->loop;

	streams_excuse(s->streams, loop->fair.lost_ms);
	return loop->now_ms;
}

/* Sees to what the streams have to do next, and when. */
void serving_arm(struct serving *s);

#endif
