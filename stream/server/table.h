/*
 * table - all streams of one worker: found, counted, forgotten
 *
 * For the sources of the stream table and its tests only.  A stream is among
 * the open until it has ended, then among the finished, which are kept for a
 * client that asks again.
 */
#ifndef STREAM_SERVER_TABLE_H
#define STREAM_SERVER_TABLE_H

#include "stream/server/directory.h"
#include "stream/server/stream.h"

struct streams {
	struct stream_world world;
	struct directory directory;
	struct stream_list open;
	struct stream_list finished; /* the oldest first */
	unsigned int open_count;
	unsigned int unproven_count;
	unsigned int finished_count;
	bool draining;
};

/* Frees a stream; its name is unknown from now on. */
void table_forget(struct streams *t, struct stream *s);

/* After something happened to the stream: works, answers, settles. */
void table_go_on(struct streams *t, struct stream *s);

/* Which limit stands against a new stream for this call; or NULL. */
const char *table_is_full(struct streams *t, const struct stream_client *client,
    const struct stream_call *call);

/*
 * Whether there is memory for more of this client, less than most in all and
 * less than an eighth for the client alone, whose connections hold some too;
 * NULL, or what is wrong.  Where it is short, finished streams are forgotten,
 * the oldest first.
 */
const char *table_is_short(struct streams *t,
    const struct stream_client *client, size_t held, size_t most);

/*
 * Names the stream and counts it as open.  Room for its timer was reserved.
 */
void table_admit(struct streams *t, struct stream *s);

/* Bytes of memory in use that count for the limit. */
size_t table_memory(const struct streams *t);

#endif
