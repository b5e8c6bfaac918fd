/*
 * The engine: a loop, the sockets on it, and how they begin and end.
 *
 * An engine owns a loop, the listeners, and a net with the connections and
 * datagram sockets on it, and sets the limits they keep.  Nothing of it lives
 * outside, so a process may have several, one for each thread; no function here
 * may be called for one engine by two threads at a time.
 *
 * A turn (rpcloop/loop): sockets that are ready are read, their calls are
 * handed to the owner's record function, and at the end of the turn each
 * connection writes all its short replies at once.
 *
 * The work of a turn is bounded, for each socket and for all of them together.
 * What is left goes on in the next turn.  Long calls wait in a queue, and long
 * replies in another, so that short ones come first; peers take turns in each.
 * Looking after deadlines, making room and draining go on from turn to turn,
 * too.
 *
 * Connections are freed only while a turn is settled, so whoever holds one
 * while it is run holds it safely.
 */
#ifndef RPCLOOP_SERVE_ENGINE_H
#define RPCLOOP_SERVE_ENGINE_H

#include "base/base.h"
#include "rpcloop/loop/loop.h"
#include "rpcloop/net/listener.h"
#include "rpcloop/net/net.h"
#include "rpcloop/serve/admission.h"
#include "rpcloop/serve/deadlines.h"

#include <stdbool.h>
#include <stdint.h>

struct crew_member;
struct engine;

/* What a crew does with the connections of a member (rpcloop/serve/crew). */
struct engine_crew {
	/* One has come: takes *fd over and sets it to -1. */
	void (*accepted)(struct engine *e, int *fd, const struct address *from);
	/* Some may have gone. */
	void (*gone)(struct engine *e);
	/* Connections are scarce: the others are to make room as well. */
	void (*scarce)(struct engine *e);
};

struct engine_limits {
	struct net_limits net;
	unsigned int connections;
	uint64_t memory_bytes; /* of input and output of all sockets and of
				  streams, from which on it is short */
	size_t turn_bytes; /* of all that is done in one turn: calls, replies,
			      text reversed, long replies sent, */
	uint64_t turn_ns;  /* and how long it may take, LOOP_ANY_TIME: as long
			      as that does */
	struct deadlines time;
};

/* The defaults of the project. */
extern const struct engine_limits engine_default_limits;

struct engine {
	struct loop loop;
	struct net net;
	struct engine_limits limits;
	struct listener_list listeners;
	struct loop_item sweep;  /* looks after deadlines */
	unsigned int unswept;    /* connections it has still to look at */
	struct loop_item ending; /* closes the listeners, in a drain */
	struct admission admission;
	const struct engine_crew *crew; /* NULL: it is alone; crew_join() */
	struct crew_member *member;     /* sets both */
	bool draining;
	void (*drained)(void *arg); /* see engine_drain(); NULL again once it
				       was called */
	void *drained_arg;
};

/*
 * Sets up an engine.  record is called with each record that has arrived,
 * and owner is given to it and to those who receive datagrams.  Returns 0 or a
 * negative errno.
 */
int engine_init(struct engine *e, const struct engine_limits *limits,
    net_record_fn *record, void *owner);

/*
 * Sends what the kernel takes at once, and closes all listeners, connections
 * and datagram sockets.  May be called twice.
 */
void engine_deinit(struct engine *e);

/* Runs turns until engine_stop().  Returns 0 or a negative errno. */
int engine_run(struct engine *e);

/* Ends engine_run() after the present turn. */
void engine_stop(struct engine *e);

/*
 * Listen at an address, or at a Unix socket of this path, as listener_open()
 * and listener_open_file() do.  The engine owns the listener; *out is borrowed
 * and may be NULL.
 */
int engine_listen(
    struct engine *e, const struct address *address, struct listener **out);
int engine_listen_file(struct engine *e, const char *path,
    const struct socket_file_access *access, struct listener **out);

/*
 * Closes the listeners and lets each connection and datagram socket end: calls
 * that have arrived are answered, then it is closed.  drained is called once,
 * when the last one is gone.
 */
void engine_drain(struct engine *e, void (*drained)(void *arg), void *arg);

/* Connections that are open on this engine. */
static inline unsigned int
engine_connections(const struct engine *e)
{
	return (unsigned int)e->net.peers.all.held[CHARGE_CONNECTIONS];
}

static inline struct engine *
engine_of_net(struct net *net)
{
	return container_of(net, struct engine, net);
}

#endif
