/*
 * turns - what streams do without being called: time, work, and the disk
 */
#ifndef STREAM_SERVER_TURNS_H
#define STREAM_SERVER_TURNS_H

#include "stream/server/streams.h"

/*
 * Time.  streams_next_due() says when streams_tick() has something to do, or
 * UINT64_MAX.
 */
uint64_t streams_next_due(const struct streams *streams);
void streams_tick(struct streams *streams, uint64_t now);

/*
 * Work that was put off after limits.turn_bytes: while there is some,
 * streams_work() is to be called in every turn and does as much again.
 */
bool streams_has_work(const struct streams *streams);
void streams_work(struct streams *streams, uint64_t now);

/* To be called when the disk has finished jobs. */
void streams_disk_ready(struct streams *streams, uint64_t now);

/* Ends every open stream with UNAVAILABLE, which answers all calls. */
void streams_end_all(struct streams *streams, uint64_t now);

#endif
