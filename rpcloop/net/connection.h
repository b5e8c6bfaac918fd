/*
 * A connection: a peer's flow, the record that is arriving, and the replies
 * that are owed.  rpcloop/net/pump moves records in and replies out.
 *
 * A connection belongs to its net, and is freed at the end of the turn in which
 * it died.  Whoever owes a reply on it is listed and is told when it dies.  It
 * knows nothing of what is in a record.
 *
 * When memory is short for its peer (peer_is_short()), a connection may hold
 * little.  Its input is 64 KiB at most: short calls are still read, and a long
 * one ends the connection.  With 64 KiB of replies queued it is not read, and
 * few of its calls may wait for theirs.
 *
 * Closing in order: after the last record that is read, the replies owed are
 * sent, then the sending side is shut and input is thrown away until the peer
 * closes.  Closing with unread input would make the kernel send a reset, and
 * the peer could lose replies it has not read yet.
 */
#ifndef RPCLOOP_NET_CONNECTION_H
#define RPCLOOP_NET_CONNECTION_H

#include "rpcloop/net/address.h"
#include "rpcloop/net/flow.h"
#include "rpcloop/net/net.h"

enum connection_life {
	CONNECTION_OPEN,      /* takes records */
	CONNECTION_FINISHING, /* takes those that have arrived */
	CONNECTION_DRAINING,  /* reads no more, waits for replies owed */
	CONNECTION_LINGERING, /* all is sent, waits for the peer to close */
	CONNECTION_DEAD,      /* waits to be buried, and for the end of that
				 turn */
	CONNECTION_NLIVES,
};

/*
 * A reply that somebody owes.  lost is called when the connection dies before
 * the reply; the entry is then no longer listed.
 */
struct owed_reply {
	TAILQ_ENTRY(owed_reply) entry;
	void (*lost)(struct owed_reply *owed);
};

struct connection {
	struct net *net;
	uint64_t id; /* never used twice */
	struct flow flow;
	enum connection_life life;
	bool bulky;   /* its last call or reply was long */
	bool borrows; /* its output is in the net's memory, or was */
	bool buried;  /* it is dead, and nobody owes it anything */
	struct record_reader record;
	size_t marks;     /* bytes of those of the record handed over last */
	uint64_t read_ms; /* when all that is whole in the input was
			     there: reading waits for it */
	/* By the fair clock of the loop: */
	uint64_t record_since_ms; /* when the present record began, 0 = none */
	uint64_t write_since_ms;  /* since when output waits, 0 = none does */
	uint64_t active_ms;       /* of the last record, in or out */
	uint64_t linger_since_ms;
	unsigned int owed_count;
	TAILQ_HEAD(, owed_reply) owed;
	struct peer *peer;
	struct charge place;   /* one connection of the peer's */
	struct charge memory;  /* bytes, */
	struct charge sockets; /* which are of a socket, */
	struct charge calls;   /* and replies owed */
	struct address from;
	struct address local; /* empty for a Unix socket */
	TAILQ_ENTRY(connection) entry;
	TAILQ_ENTRY(connection) of_peer;
	uint64_t listed_ms; /* when it was put last in its peer's list */
};

/* What its work item does. */
struct connection_work {
	void (*run)(struct loop_item *item, unsigned int reasons);
	bool (*settle)(struct loop_item *item);
};

/*
 * Takes over the non-blocking socket *fd and sets it to -1; leaves it alone
 * on failure.  Returns 0 or a negative errno.
 */
int connection_new(struct connection **out, struct net *net, int *fd,
    const struct address *from, const struct connection_work *work);

/* Frees it; for settle() once it is buried. */
void connection_free(struct connection *c);

/* Output that has no memory gets some of the net's, until the turn ends; and
 * then what is left of it gets its own. */
void connection_borrow(struct connection *c);
void connection_give_back(struct connection *c);

/*
 * The output queue, to which a whole record with its header is appended.
 * Call connection_replied() when it is.
 */
static inline struct buffer *
connection_output(struct connection *c)
{
	if (c->flow.out.size == 0)
		connection_borrow(c);
	return &c->flow.out;
}

/* Sees to it that what was appended is sent when the turn ends. */
void connection_replied(struct connection *c);

/* Lists a reply that will come later; and takes it off the list. */
void connection_owe(struct connection *c, struct owed_reply *owed);
void connection_settle_owed(struct connection *c, struct owed_reply *owed);

/* Ends it now; why is for the log, in lower case.  It stays until it was
 * buried. */
void connection_kill(struct connection *c, const char *why);

/* Tells whoever owes it replies that it has died, when there is time for that:
 * for run().  It may be freed then, when the turn ends. */
void connection_bury(struct connection *c);

/* Reads no more, sends what is owed, then closes. */
void connection_drain(struct connection *c);

/* Lets input that has arrived be answered, then drains. */
void connection_finish(struct connection *c);

/*
 * Writes what it has, as far as the kernel takes it at once, and frees it,
 * outside of a turn: for an owner that ends.
 */
void connection_close(struct connection *c);

/* The one setter of its life, which only ever gets nearer to its end. */
void connection_set_life(struct connection *c, enum connection_life next);

/* Why it ends, for the log. */
void connection_log_end(struct connection *c, const char *why);

/* Puts it last among its peer's. */
void connection_list_last(struct connection *c);

/* Charges its peer with the memory it has now instead of what it had. */
void connection_account(struct connection *c);

/* Has it settled when the turn ends. */
static inline void
connection_touch(struct connection *c)
{
	loop_settle(&c->flow.item);
}

/* True as long as records are taken from its input. */
static inline bool
connection_takes_records(const struct connection *c)
{
	return c->life <= CONNECTION_FINISHING;
}

/* True when the connection may take on another call. */
bool connection_has_capacity(const struct connection *c);

/*
 * True when a further reply may be owed on it, and others be read after it: for
 * those that can answer with what there is instead of later.
 */
bool connection_may_owe(const struct connection *c);

/* True unless memory is short for what it keeps of its input already. */
bool connection_may_keep(const struct connection *c);

/* True when it holds nothing but its socket: no calls, no output. */
bool connection_is_idle(const struct connection *c);

#endif
