/*
 * streaming - the streams of a daemon: the table on its event loop
 *
 * Brings calls to the table (stream/server/streams.h) and its answers back
 * through tickets, and gives it time, turns and a disk.
 */
#ifndef SERVER_SERVICE_SERVING_H
#define SERVER_SERVICE_SERVING_H

#include "rpcloop/serve/engine.h"
#include "server/spool/spool.h"
#include "stream/server/opening.h"
#include "stream/server/turns.h"

#include <stdbool.h>
#include <stdint.h>

struct streaming {
	struct streams *streams;
	struct spool *spool;
	struct loop_item timer;    /* when the table has something to do */
	struct loop_item disk;     /* when the spool has */
	bool listening;            /* the events were set up */
	uint64_t *failures;        /* counts calls answered with a failure */
	size_t datagram_max;       /* bytes of messages in one datagram; set it
				      after streaming_init() */
	struct engine *engine;     /* of the connections */
	void (*idle)(void *owner); /* see streaming_drain() */
	void *owner;
};

/*
 * Sets it up on an engine's event loop; engine and failures are borrowed.
 * Returns 0 or a negative errno.
 */
int streaming_init(struct streaming *s, struct engine *engine,
    const struct streams_limits *limits, const struct spool_limits *spool,
    uint64_t *failures);

/*
 * Answers all calls that wait, by ending their streams, and frees everything.
 * To be called before the connections go.  May be called twice.
 */
void streaming_deinit(struct streaming *s);

/*
 * The procedures, for rpcgen's dispatcher: FALSE, because the answer comes
 * through a ticket; or out of memory, and then nothing answers.
 */
bool streaming_open(
    struct streaming *s, const open_args *args, struct svc_req *request);
bool streaming_exchange(
    struct streaming *s, const exchange_args *args, struct svc_req *request);
void streaming_cancel(struct streaming *s, const cancel_args *args);

/*
 * Refuses new streams from now on.  idle is called once, later, when no client
 * is owed anything any more.
 */
void streaming_drain(
    struct streaming *s, void (*idle)(void *owner), void *owner);

/* Ends all streams. */
void streaming_end(struct streaming *s);

#endif
