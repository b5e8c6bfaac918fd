/*
 * pulse: listens for a server that owes answers.
 *
 * One that keeps silent may be asked whether it is there, by procedure 0, which
 * every server answers at once: if that is not answered either, and nothing
 * else comes or goes, it hangs.  One that answers that alone is late when
 * nothing of what it owes has moved for the time that it has.  A slow line is
 * no reason for either, as long as bytes move on it.
 */
#ifndef CLIENT_SESSION_PULSE_H
#define CLIENT_SESSION_PULSE_H

#include "client/session/service.h"
#include "rpcloop/call/channel.h"

enum pulse_end { PULSE_HANGS, PULSE_LATE };

/* What is told in turns of the loop. */
struct pulse_ops {
	/* A question was answered, or not. */
	void (*asked)(void *context, const struct channel_call *call,
	    const struct rpc_err *error);
	/* There is nothing to listen for any more; told once. */
	void (*over)(void *context, enum pulse_end how);
};

struct pulse_terms {
	struct channel *channel;       /* borrowed until pulse_stop() */
	const struct service *service; /* borrowed, too */
	AUTH *auth;                    /* borrowed, too */
	bool asks;                     /* a server that keeps silent */
	uint64_t limit_ms;             /* without movement; TIMER_NEVER */
	const struct pulse_ops *ops;
	void *context;
};

struct pulse {
	/* Times with defaults: */
	uint64_t silent_ms;        /* before the server is asked */
	uint64_t ping_ms;          /* how long the answer to that may take, */
	uint64_t ping_datagram_ms; /* and one that may get lost */

	uint64_t waited_ms; /* how long, when it was over last */
	struct pulse_terms terms;
	bool listens;
	struct loop_item item;
	struct channel_call ping;
	uint64_t heard_ms; /* of the server, or since when it owes an answer */
	uint64_t moved_ms; /* likewise, for bytes of what it owes */
	uint64_t asked_ms;
};

/* Returns 0 or -ENOMEM; pulse_deinit() either way. */
int pulse_init(struct pulse *pulse, struct loop *loop);
void pulse_deinit(struct pulse *pulse);

/* From now on the server owes an answer. */
void pulse_listen(struct pulse *pulse, const struct pulse_terms *terms);

/* It has given one, and owes others. */
void pulse_heard(struct pulse *pulse);

/* It owes none, or the channel is to be closed. */
void pulse_stop(struct pulse *pulse);

#endif
