/*
 * streams - the streams of one worker (reverse.x, "Streams")
 *
 * A state machine without sockets and without a clock: calls come in as
 * rpcgen decoded them, answers go out through streams_ops, and every function
 * that may have to know the time is told it, in milliseconds of a monotonic
 * clock.  Nothing here blocks; WHOLE's disk is reached through a struct disk.
 *
 * Every call that is handed in is answered exactly once, unless it is
 * withdrawn: before the function returns, or, if its owner could keep it, later
 * from any other one.
 *
 * Streams are looked up and counted here, and EXCHANGE and CANCEL are here.
 * OPEN is in stream/server/opening.h, and what happens without a call in
 * stream/server/turns.h.
 */
#ifndef STREAM_SERVER_STREAMS_H
#define STREAM_SERVER_STREAMS_H

#include "base/hash.h"
#include "stream/server/stream.h"

/*
 * A stream is among the open until it has ended, then among the finished, which
 * are kept for a client that asks again.
 */
struct streams {
	struct stream_world world;
	struct map by_name;
	struct map by_nonce; /* and peer; not those whose nonce is zero */
	struct hash_key key; /* of the second: nobody can aim at a chain */
	struct stream_list open;
	struct stream_list finished;
	unsigned int open_count;
	bool draining;
};

/*
 * No streams yet.  limits and ops are copied; disk and context are borrowed
 * until streams_free().  Returns 0 or -ENOMEM.
 */
int streams_new(struct streams **out, const struct streams_limits *limits,
    const struct streams_ops *ops, struct disk *disk, void *context);

/*
 * Frees all of them.  No call may be parked: see streams_end_all().  Accepts
 * NULL and returns it.
 */
struct streams *streams_free(struct streams *streams);

/* The procedures.  args may be freed when they return. */
void streams_exchange(struct streams *streams, uint64_t now,
    const exchange_args *args, struct stream_call *call);
void streams_cancel(
    struct streams *streams, uint64_t now, const cancel_args *args);

/* Others are short of memory for this peer or for all, or of streams that may
 * be kept: forgets finished streams, the oldest first, until those have room,
 * another worker has the oldest, which is asked then, or the turn is over. */
void streams_relieve(struct streams *streams, struct account *a, uint64_t now);

/*
 * Says how much time clients are not to blame for, in all since the start, when
 * that may be more than before: a lease that runs is longer by the difference.
 */
static inline void
streams_excuse(struct streams *streams, uint64_t lost)
{
	streams->world.lost = lost;
}

/* Withdraws a call that was kept and not answered: its connection is gone. */
void streams_call_gone(struct stream_call *call, uint64_t now);

/* The number of the worker whose streams have tokens like this one. */
static inline unsigned int
streams_token_worker(const token stream)
{
	return (unsigned int)(uint8_t)stream[0] << 8 | (uint8_t)stream[1];
}

/* From now on OPEN is answered UNAVAILABLE, except for a repeated one. */
static inline void
streams_drain(struct streams *streams)
{
	streams->draining = true;
}

/*
 * Streams that are open; and those, ended or not, whose client has not been
 * told the end and has not cancelled them.
 */
static inline unsigned int
streams_count(const struct streams *streams)
{
	return streams->open_count;
}

static inline unsigned int
streams_owing(const struct streams *streams)
{
	return streams->world.owing;
}

/* The stream of this name, and the one that this peer opened with this nonce;
 * or NULL. */
struct stream *streams_find(const struct streams *t, const token name);
struct stream *streams_find_again(
    const struct streams *t, const struct account *peer, const char *nonce);

/* Whether the stream was opened from this host, and no other: it has received
 * the token. */
static inline bool
streams_opened_by(
    const struct streams *streams, const token stream, uint64_t host)
{
	const struct stream *s = streams_find(streams, stream);

	return s != NULL && s->opener == host;
}

/*
 * The rest is for the sources of this folder and their tests only.
 */

/* Something happens now: a call, or what is like one. */
void streams_enter(struct streams *t, uint64_t now);

/*
 * Takes in a stream that has a name, and counts it as open.  Room for its timer
 * was reserved.
 */
void streams_admit(struct streams *t, struct stream *s);

/* After something happened to the stream: works, answers, settles. */
void streams_go_on(struct streams *t, struct stream *s);

/* Frees a stream; its name is unknown from now on. */
void streams_forget(struct streams *t, struct stream *s);

/*
 * Whether there is memory for more of this peer, or when it grows, three
 * quarters of all of it; NULL, or what is wrong.  Where it is short, finished
 * streams are forgotten, the oldest first, up to one that another worker has:
 * that is asked, and there will be memory soon.
 */
const char *streams_are_short(
    struct streams *t, struct account *peer, bool growing);

/* Forgets finished streams, the oldest first, while there are too many. */
void streams_keep_few(struct streams *t, struct account *all);

/* The two pieces of one call: takes the client's and has it answered. */
void streams_converse(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call);

/* The same for a stream that is known; refuses what breaks the rules. */
void streams_call(struct streams *t, struct stream *s, const segment *piece,
    uint32_t wait_ms, struct stream_call *call);

#endif
