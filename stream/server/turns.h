/*
 * turns - what streams do without being called: time, work, and the disk
 */
#ifndef STREAM_SERVER_TURNS_H
#define STREAM_SERVER_TURNS_H

#include "stream/server/streams.h"

/*
 * Time.  streams_next_due() says when streams_tick() has something to do, or
 * UINT64_MAX.  What there is no time for in this turn is due in the next.
 */
uint64_t streams_next_due(const struct streams *streams);
void streams_tick(struct streams *streams, uint64_t now);

/*
 * Work that was put off: while there is some, streams_work() is to be called in
 * every turn.  It does one step at least.
 */
bool streams_has_work(const struct streams *streams);
void streams_work(struct streams *streams, uint64_t now);

/* To be called when the disk has finished jobs. */
void streams_disk_ready(struct streams *streams, uint64_t now);

/*
 * Ends open streams with UNAVAILABLE, which answers their calls: some, and
 * returns whether that were all; or all of them.
 */
bool streams_end_some(struct streams *streams, uint64_t now);
void streams_end_all(struct streams *streams, uint64_t now);

#endif
