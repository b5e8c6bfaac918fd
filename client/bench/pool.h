/*
 * pool: connections to the server, each with room for some calls in flight.
 *
 * All are looked for as every connection of the client is (client/session/
 * find), one after the other, and those that break again, after a pause that
 * grows while no call is answered.  Where the user named several servers, one
 * that hangs is left for another (client/session/pulse).
 */
#ifndef CLIENT_BENCH_POOL_H
#define CLIENT_BENCH_POOL_H

#include "client/session/session.h"

struct pool;
struct pool_link;

union pool_result {
	greet_result greeted;
	reverse_result reversed;
	status_result status;
	describe_result described;
	whoami_result known;
};

/* A call. */
struct pool_slot {
	struct channel_call call;
	struct pool_link *link;
	TAILQ_ENTRY(pool_slot) entry; /* while it is free */
	union pool_result result;     /* borrowed while ended() is called */
	bool flies;
	/* Its user's: */
	uint64_t planned_ns, started_ns;
	const char *wanted;
	size_t len;
	unsigned int phase;
};
TAILQ_HEAD(pool_slots, pool_slot);

struct pool_link {
	struct pool *pool;
	struct channel *channel; /* NULL: there is none */
	struct pool_slot *slots;
	struct pool_slots free;
	unsigned int flying;
	bool listed;   /* it has a connection, and a slot is free */
	bool answered; /* a call, since it connected */
	struct pulse pulse;
	TAILQ_ENTRY(pool_link) entry; /* of those listed, or lost */
};
TAILQ_HEAD(pool_links, pool_link);

/* What the user of a pool is told, in turns of the loop. */
struct pool_ops {
	/* A call is over.  Others may be made at once. */
	void (*ended)(
	    void *context, struct pool_slot *slot, const struct rpc_err *error);
	/* There is room for calls on another connection. */
	void (*ready)(void *context);
	/* A search for a server has come to nothing; given_up: so have all for
	 * as long as the settings say. */
	void (*nobody)(void *context, bool given_up);
};

struct pool_terms {
	struct session *session; /* borrowed */
	const struct procedure *procedure;
	unsigned int connections, in_flight;
	const struct pool_ops *ops; /* borrowed */
	void *context;
};

struct pool {
	struct pool_terms terms;
	struct find find;
	struct loop_item retry; /* it is time to search again */
	struct pool_link *links;
	struct pool_links listed, lost;
	unsigned int connected; /* links */
	unsigned int attempts;  /* in vain, since a call was answered */
	uint64_t lost_ms;       /* since when there is no connection at all */
	bool finding;
	bool avoids; /* the server that hangs, until another one is found */
};

/* Begins to connect.  Returns 0 or -ENOMEM; pool_deinit() either way, which
 * forgets calls in flight. */
int pool_init(struct pool *pool, const struct pool_terms *terms);
void pool_deinit(struct pool *pool);

/* Whether a call can be made. */
static inline bool
pool_has_room(const struct pool *pool)
{
	return !TAILQ_EMPTY(&pool->listed);
}

/*
 * What the next call is made by: the connections take turns.  There is room,
 * and pool_call() follows.
 */
struct pool_slot *pool_next(struct pool *pool);

/*
 * Makes the call, with arguments that are borrowed until this returns.  It ends
 * when ended() says so: before this returns, where the connection is of no use.
 */
void pool_call(struct pool_slot *slot, void *args, uint64_t limit_ms);

#endif
