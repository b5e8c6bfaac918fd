/*
 * The engine: one event loop and everything that belongs to it.
 *
 * An engine owns its connections, listeners and datagram sockets, the limits
 * they keep and the lists of what is to be done.  Nothing of the transport
 * lives outside an engine, so a process may have several, one for each thread;
 * no function here may be called for one engine by two threads at a time.
 *
 * A turn is one round of the event loop: sockets that are ready are read, the
 * calls in them are handed to the owner, and at the end of the turn each
 * connection that has replies writes all of them at once.  A connection does a
 * bounded amount of work in a turn; what is left waits for the next one, after
 * the others.  All connections together have a bound in a turn as well.  Once
 * it is reached, those that have much wait in a queue, which has a share of
 * each turn of its own, and so have long replies; whoever comes with one short
 * call is served all the same, and so is never behind much.
 * Connections die only at the end of a turn, so whoever holds one during a turn
 * holds it safely.
 */
#ifndef RPCLOOP_SERVE_ENGINE_H
#define RPCLOOP_SERVE_ENGINE_H

#include "base/log.h"
#include "rpcloop/net/site.h"
#include "rpcloop/wire/record.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct connection;
struct datagram;
struct datagram_batch;
struct listener;

struct engine_limits {
	struct record_limits record;
	unsigned int connections;
	unsigned int calls_in_flight; /* of a connection */
	size_t output_bytes;          /* queued, above which reading stops */
	size_t memory_bytes;          /* of input and output of all connections
					 and what the owner has: beyond it, it
					 is scarce */
	unsigned int turn_calls;      /* of a connection in one turn */
	size_t turn_bytes;            /* of a connection's calls in one turn */
	size_t turn_bytes_all; /* of calls and their replies in one turn: for
				  all connections that become ready, for
				  those that wait in the queue, and for
				  sending long replies, so much each */
	uint64_t record_ms;    /* for a record to arrive, and 1 s more for
				  each 64 KiB of it */
	uint64_t write_ms;     /* without progress while output waits */
	uint64_t idle_ms;      /* without any call */
	uint64_t linger_ms;    /* for the peer to close after the last reply */
};

/* What a reply that somebody owes stands for in counters.memory. */
enum { ENGINE_OWED_BYTES = 1024 };

/* The defaults of the design, section 5. */
extern const struct engine_limits engine_default_limits;

/* Counted since the start. */
struct engine_counters {
	uint64_t bytes_in; /* of records, with their headers */
	uint64_t bytes_out;
	uint64_t accepted;
	uint64_t refused;         /* connections beyond the limits */
	unsigned int connections; /* open now */
	size_t memory;            /* of their input and output now */
};

/*
 * Called with each record that has arrived, whole.  The bytes may be changed
 * and are borrowed until it returns.  Returns false when they are no call:
 * the connection then sends the replies it owes and closes.
 */
typedef bool engine_record_fn(
    void *owner, struct connection *c, uint8_t *body, size_t len);

TAILQ_HEAD(connection_list, connection);
TAILQ_HEAD(datagram_list, datagram);
TAILQ_HEAD(listener_list, listener);

struct engine {
	struct event_base *base;
	struct engine_limits limits;
	struct engine_counters counters;
	engine_record_fn *record;
	void *owner;
	size_t memory_elsewhere; /* the owner's, set by it: counts
				    for limits.memory_bytes */
	/* Of it, what is for one site; NULL: it does not tell. */
	size_t (*site_elsewhere)(void *context, const struct address *peer);
	void *site_context;
	uint64_t now_ms; /* when the present work began: see
			    engine_tick() */
	struct log_limit log_limit;

	struct listener_list listeners;
	struct datagram_list datagrams; /* sockets for them */
	struct datagram_batch *batch;   /* what they receive into */
	struct connection_list connections;
	struct sites sites;              /* where they are from */
	struct connection_list touched;  /* to be settled when the turn ends */
	struct connection_list deferred; /* have work for the next turn */
	struct connection_list sending;  /* have long replies to send */
	size_t ready_left;               /* of turn_bytes_all in this turn: */
	size_t queue_left;               /* for those that become ready, for */
	size_t send_left;                /* the queue, and for sending */
	size_t *budget;                  /* the first or the second of these,
					    to which calls are charged now */
	struct event turn_end;
	struct event next_turn;
	struct event sweep;
	uint8_t *scratch; /* input of the one being read */
	uint64_t next_connection_id;
	uint64_t evicted_ms; /* when room was last made */
	int reserve_fd;      /* given up to refuse a connection
				when descriptors have run out */
	bool draining;
	void (*drained)(void *owner); /* see engine_drain(); NULL again
					 once it was called */
};

/*
 * Sets up an engine on an event loop of its own.  owner is given to record.
 * Returns 0 or a negative errno.
 */
int engine_init(struct engine *e, const struct engine_limits *limits,
    engine_record_fn *record, void *owner);

/* Closes all listeners, connections and datagram sockets.  May be called
 * twice. */
void engine_deinit(struct engine *e);

/* Runs turns until engine_stop().  Returns 0 or a negative errno. */
int engine_run(struct engine *e);

/* Reads the clock: for each callback that starts work of its own. */
void engine_tick(struct engine *e);

/* Ends engine_run() after the present callback. */
void engine_stop(struct engine *e);

/*
 * Closes the listeners and lets each connection and datagram socket end: calls
 * that have arrived are answered, then it is closed.  drained is called once,
 * when the last one is gone.
 */
void engine_drain(struct engine *e, void (*drained)(void *owner));

/* Marks the connection to be settled when the present turn ends. */
void engine_touch(struct engine *e, struct connection *c);

/* Gives the connection another round of work in the next turn. */
void engine_defer(struct engine *e, struct connection *c);

/* Lets the connection send of its long replies, after those that wait. */
void engine_queue_sending(struct engine *e, struct connection *c);

#endif
