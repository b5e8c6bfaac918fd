/*
 * A connection: records in, replies out, over a stream socket.
 *
 * A connection belongs to its engine, which frees it at the end of the turn
 * in which it died.  Whoever owes a reply on it is listed in calls and is told
 * when it dies.  It knows nothing of what is in a record.
 *
 * When the connections of an engine hold as much memory as they may together,
 * or one site an eighth of it with all that it has (hosts on the loopback have
 * no such share), a connection may hold little: input of 64 KiB at most, so
 * that short calls are still read, and a long one ends the connection; replies
 * of about 64 KiB, after which it is not read; and few calls that wait for
 * theirs.
 *
 * Closing in order: after the last record that is read, the replies owed are
 * sent, then the sending side is shut and input is thrown away until the peer
 * closes.  Closing with unread input would make the kernel send a reset, and
 * the peer could lose replies it has not read yet.
 */
#ifndef RPCLOOP_NET_CONNECTION_H
#define RPCLOOP_NET_CONNECTION_H

#include "base/buffer.h"
#include "rpcloop/net/address.h"
#include "rpcloop/serve/engine.h"

enum connection_state {
	CONNECTION_OPEN,      /* waits for records */
	CONNECTION_DRAINING,  /* reads no more, waits for replies owed */
	CONNECTION_LINGERING, /* all is sent, waits for the peer to close */
	CONNECTION_DEAD,      /* waits for the end of the turn */
	CONNECTION_NSTATES,
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
	struct engine *engine;
	uint64_t id; /* never used twice */
	int fd;
	enum connection_state state;
	bool touched;   /* is in the engine's list */
	bool deferred;  /* is in the engine's list */
	bool stalled;   /* has input, but may take no more calls */
	bool unread;    /* is deferred before it has read */
	bool bulky;     /* its last call or reply was long */
	bool sending;   /* is in the engine's list */
	bool finishing; /* drains once its input has run dry */
	struct event readable;
	struct event writable;
	struct buffer in;
	struct buffer out;
	struct record_reader record;
	uint64_t record_since_ms; /* when the present record began, 0 = none */
	uint64_t write_since_ms;  /* since when output waits, 0 = none does */
	size_t memory;            /* as it was last accounted for */
	int unsent;               /* bytes the kernel had for the peer, at the
				     last look */
	uint64_t read_ms;         /* when all that is whole in the input
				     was there: reading waits for it */
	uint64_t active_ms;       /* of the last record, in or out */
	uint64_t linger_since_ms;
	unsigned int owed_count;
	TAILQ_HEAD(, owed_reply) owed;
	struct site *site; /* of the peer */
	struct address peer;
	struct address local; /* empty for a Unix socket */
	TAILQ_ENTRY(connection) entry;
	TAILQ_ENTRY(connection) touched_entry;
	TAILQ_ENTRY(connection) deferred_entry;
	TAILQ_ENTRY(connection) sending_entry;
};

/*
 * Takes over the non-blocking socket *fd and sets it to -1; leaves it alone
 * on failure.  Returns 0 or a negative errno.
 */
int connection_new(struct connection **out, struct engine *e, int *fd,
    const struct address *peer);

/* Only for the engine, at the end of a turn. */
void connection_free(struct connection *c);

/*
 * The output queue, to which a whole record with its header is appended.
 * Call connection_replied() when it is.
 */
static inline struct buffer *
connection_output(struct connection *c)
{
	return &c->out;
}

/* Sees to it that what was appended is sent when the turn ends. */
void connection_replied(struct connection *c);

/* Lists a reply that will come later; and takes it off the list. */
void connection_owe(struct connection *c, struct owed_reply *owed);
void connection_settle_owed(struct connection *c, struct owed_reply *owed);

/* Ends it now; why is for the log, in lower case.  It stays until the turn
 * ends, and then tells whoever owes it replies. */
void connection_kill(struct connection *c, const char *why);

/* Reads no more, sends what is owed, then closes. */
void connection_drain(struct connection *c);

/* Lets input that has arrived be answered, then drains. */
void connection_finish(struct connection *c);

/* Another round of work, in a later turn; for the engine. */
void connection_resume(struct connection *c);

/* Writes, and decides what to wait for next; for the engine. */
void connection_settle(struct connection *c);

/* Writes a part of its long replies; for the engine. */
void connection_send(struct connection *c);

/* True when the connection may take on another call. */
bool connection_has_capacity(const struct connection *c);

/*
 * True when a further reply may be owed on it, and others be read behind: for
 * those that can answer with what there is instead of later.
 */
bool connection_may_owe(const struct connection *c);

/* True when it holds nothing but its socket: no calls, no output. */
bool connection_is_idle(const struct connection *c);

#endif
