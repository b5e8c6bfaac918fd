/*
 * What all sockets of one loop share: their limits, their counters, the peers
 * they come from, and whom they serve.
 *
 * Connections, listeners and datagram sockets know it.  They do not know each
 * other, except that a listener makes connections.  It belongs to an engine
 * (rpcloop/serve/engine), which says by net_ops what to do with what arrives.
 */
#ifndef RPCLOOP_NET_NET_H
#define RPCLOOP_NET_NET_H

#include "base/base.h"
#include "base/counter.h"
#include "base/lender.h"
#include "base/log.h"
#include "rpcloop/loop/loop.h"
#include "rpcloop/net/peer.h"
#include "rpcloop/wire/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct connection;
struct datagram;
struct datagram_batch;
struct net;

TAILQ_HEAD(connection_list, connection);
TAILQ_HEAD(datagram_list, datagram);

enum {
	/* What a reply that somebody owes stands for in bytes of memory. */
	NET_OWED_BYTES = 1024,
	/* What any call costs at least, as bytes of a turn. */
	NET_CALL_BYTES = 256,
	/* Of input that is read at once: two of 64 KiB, with what is around
	   them. */
	NET_SCRATCH_SIZE = 136 * 1024,
};

struct net_limits {
	struct record_limits record;
	unsigned int calls_in_flight; /* of a connection */
	size_t output_bytes;          /* queued, above which reading stops */
	unsigned int turn_calls;      /* of a socket in one turn */
	size_t turn_bytes;            /* of a socket's calls in one turn */
};

/* Counted since the start. */
struct net_counters {
	counter bytes_in; /* of records, with their headers */
	counter bytes_out;
	counter accepted;
	counter refused; /* connections beyond the limits */
};

/* What the engine decides. */
struct net_ops {
	/* A connection has come: hands it to listener_admit(), for this net or
	 * another.  Sets *fd to -1 when it has taken that over. */
	void (*accepted)(struct net *net, int *fd, const struct address *from);
	/* Whether one more connection may come from there; may make room. */
	bool (*admits)(struct net *net, const struct address *from);
	/* Descriptors have run out: makes room for some. */
	void (*make_room)(struct net *net);
	/* A connection or a datagram socket has gone. */
	void (*gone)(struct net *net);
};

/*
 * Called with each record that has arrived, whole.  The bytes may be changed
 * and are borrowed until it returns.  Returns false when they are no call: the
 * connection then sends the replies it owes and closes.
 */
typedef bool net_record_fn(
    void *owner, struct connection *c, uint8_t *body, size_t len);

struct net {
	struct loop *loop; /* borrowed */
	const struct net_ops *ops;
	net_record_fn *record;
	void *owner; /* of the records, and of datagrams */
	struct net_limits limits;
	struct net_counters counters;
	struct peers peers;
	struct log_limit log_limit;
	struct log_limit step_limit; /* of lines about each step */
	struct connection_list connections;
	struct datagram_list datagrams;
	uint64_t last_connection_id;  /* counts in steps: between them are */
	uint64_t connection_id_step;  /* those of other loops */
	uint8_t *scratch;             /* input of the one being read */
	struct lender lender;         /* output, until the turn ends */
	struct datagram_batch *batch; /* what datagrams are received into */
	int reserve_fd; /* given up to refuse a connection when descriptors
			   have run out */
};

/* Returns 0 or -ENOMEM; net_deinit() either way. */
int net_init(struct net *net, struct loop *loop,
    const struct net_limits *limits, const struct net_ops *ops);

/* All its sockets are closed.  May be called twice. */
void net_deinit(struct net *net);

/* What a socket that is run now may take of the turn, in bytes. */
static inline size_t
net_part(const struct net *net)
{
	return MIN_OF(net->limits.turn_bytes, loop_part(net->loop));
}

/* Opens the reserve again; it is missing when descriptors have run out. */
void net_reserve(struct net *net);

#endif
