/*
 * A channel: the calling end of a connection, or of a socket for datagrams.
 *
 * Many calls may be in flight on it.  Each is answered by its xid (RFC 5531,
 * section 9), in any order, or ends when its time is over, or when the
 * connection does.  Nothing here waits: the loop says when there is something
 * to do.  For generated stubs, which do wait, there is rpcloop/call/handle.
 *
 * Over TCP and at a Unix socket a message is a record (section 11), over UDP a
 * datagram, of at most 65507 bytes.  A call may be made while the channel still
 * connects; it goes when that is done.  Over UDP a call that is not answered is
 * sent again, with its xid, after 200 ms, and then after twice as long each
 * time, but never later than after 1 s.
 *
 * A channel that broke stays broken, and has to be closed all the same: whoever
 * wants to go on opens another one.  It raises no SIGPIPE, and binds no
 * reserved port.
 */
#ifndef RPCLOOP_CALL_CHANNEL_H
#define RPCLOOP_CALL_CHANNEL_H

#include "base/map.h"
#include "rpcloop/loop/loop.h"
#include "rpcloop/net/flow.h"
#include "rpcloop/net/universal.h"
#include "rpcloop/wire/caller.h"
#include "rpcloop/wire/record.h"

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

struct channel;
struct channel_kind;

/* Of how many sends of a datagram the time is noted. */
enum { CHANNEL_SENT_MAX = 8 };

/* One call, embedded in an object of whoever makes it, who sets done and resent
 * and leaves the rest alone.  When it is not in flight it may be made again, or
 * freed. */
struct channel_call {
	/*
	 * Told once, in a turn, how it went, unless it is cancelled.  It may
	 * free the call, make others and close the channel.  error is borrowed,
	 * and as clnt_geterr(3) has it:
	 *	RPC_SUCCESS	the result is there
	 *	RPC_TIMEDOUT	its time is over; re_errno is ETIMEDOUT if the
	 *			channel still connects, else 0
	 *	RPC_CANTSEND	the channel broke, as re_errno says, before a
	 *			byte of it left this host; or, with EMSGSIZE,
	 *			this datagram is too long for its path
	 *	RPC_CANTRECV	the channel broke, as re_errno says, and the
	 *			call may have been done
	 *	RPC_CANTDECODERES, and all that a server may say of a call
	 */
	void (*done)(struct channel_call *call, const struct rpc_err *error);
	/* A datagram that was not answered has been sent again; or NULL. */
	void (*resent)(struct channel_call *call);

	/* The channel's, to be read: */
	struct channel *channel; /* NULL: it is not in flight */
	uint32_t xid;
	unsigned int sends; /* of its message; more than 1 over UDP alone */
	size_t call_bytes;  /* of the call message */
	size_t reply_bytes; /* of the reply message; 0: there was none */
	uint64_t began_ns;  /* by base/clock */
	uint64_t took_ns;   /* from the call to its end, before done() */
	/* When a datagram was sent, the first times, by base/clock. */
	uint64_t sent_ns[CHANNEL_SENT_MAX];
	/* What went and came, where the terms say that it is kept; NULL: not,
	 * or nothing.  Good until the call is cancelled, or done() returns. */
	const uint8_t *call_message, *reply_message;
	size_t reply_marks; /* bytes of record marks of the reply */

	/* The channel's alone: */
	struct map_node node;
	TAILQ_ENTRY(channel_call) entry;
	struct timer timer;
	uint64_t ends_ms;      /* its time is over; TIMER_NEVER */
	uint64_t place;        /* of it in all output of a connection */
	struct buffer message; /* a datagram, to be sent again, or kept */
	bool steady;
	struct caller_result result;
};

/* What is called. */
struct channel_question {
	uint32_t program;
	uint32_t version;
	uint32_t procedure;
	AUTH *auth;       /* borrowed until the call has ended */
	xdrproc_t args;   /* NULL: there are none */
	void *args_value; /* borrowed until channel_send() returns */
	xdrproc_t result; /* NULL: there is none */
	void *value;      /* of the result, zeroed; borrowed until the end, and
			     filled after RPC_SUCCESS alone: then it is to be
			     xdr_free()d */
	bool borrows;     /* the result is good while done() is called, and
			     nothing of it is to be freed */
	bool steady;      /* a datagram that is not answered goes again every
			     200 ms: for a short call, soon over */
	uint64_t ms;      /* how long it may take, with connecting;
			     CHANNEL_NO_LIMIT */
};

#define CHANNEL_NO_LIMIT UINT64_MAX

struct channel_terms {
	uint32_t reply_max;  /* bytes of a reply; a longer record breaks the
				channel, while a datagram has no such limit */
	uint32_t connect_ms; /* it breaks when it has taken longer to connect;
				0: no limit but the kernel's */
	bool keeps;          /* messages, for whoever wants to show them */
	/* Told when it has connected, unless channel_open() has done that; or
	 * NULL. */
	void (*opened)(struct channel *channel, void *context);
	/* Told once, in a turn, after all calls, when it broke; or NULL.  It
	 * may close the channel. */
	void (*broke)(struct channel *channel, void *context);
	void *context; /* borrowed until it is closed */
};

enum channel_state {
	CHANNEL_CONNECTING,
	CHANNEL_OPEN,
	CHANNEL_BROKEN,
};

TAILQ_HEAD(channel_calls, channel_call);

/* to, state and error are there to be read; the rest is its own. */
struct channel {
	struct endpoint to;
	enum channel_state state;
	int error; /* why it broke, a positive errno of connect(2), recv(2) or
		      send(2), over UDP also what ICMP tells; ECONNRESET also
		      when the other end closed it in order; EMSGSIZE: a reply
		      was too long; EBADMSG: a record was no reply */
	const struct channel_kind *kind;
	struct loop *loop;
	struct channel_terms terms;
	struct flow flow; /* of a connection; its item is the socket's */
	struct record_reader record;
	struct loop_item clock; /* for the times of its calls */
	struct timers timers;
	struct map by_xid;
	struct channel_calls calls; /* in the order they were made */
	size_t count;
	uint32_t next_xid;
	uint64_t connect_by_ms; /* TIMER_NEVER: no limit */
	uint64_t resend_ms;     /* before a datagram is sent again first */
	uint64_t written;       /* bytes of output that the kernel took, */
	uint64_t received;      /* and of input that was read */
	uint64_t came_ns;       /* when what it takes now was read */
	uint64_t came, went;    /* bytes, when channel_moves() looked last, and
				   those of replies since to no call */
	uint8_t *scratch;       /* for input */
	struct arena arena;     /* for results that are borrowed */
	unsigned int busy;      /* it is being worked on, */
	bool closed;            /* and is to be freed after that */
};

/*
 * A channel to that endpoint, which has begun to connect, or has connected: see
 * its state.  to and terms are copied; the loop has to outlive the channel.
 * Returns 0, and then channel_close() follows; or a negative errno of socket(2)
 * or connect(2), or -ENOMEM, when it cannot even begin, or ends at once.
 */
int channel_open(struct channel **out, struct loop *loop,
    const struct endpoint *to, const struct channel_terms *terms);

/* Ends and frees it, and with it all calls in flight, without a word.  channel
 * may be NULL. */
void channel_close(struct channel *channel);

/*
 * Makes a call.  Returns RPC_SUCCESS: it is in flight, and done() will be
 * called, but not before this returns.  RPC_CANTENCODEARGS: its arguments
 * cannot be encoded, or are too long for a datagram; RPC_CANTSEND: the channel
 * is broken; RPC_SYSTEMERROR: no memory.
 */
enum clnt_stat channel_send(struct channel *channel, struct channel_call *call,
    const struct channel_question *question);

/*
 * Bytes of a message that a datagram carries to the other end without being cut
 * into fragments, as far as the kernel knows the path (RFC 1191, RFC 8201): 0
 * if it carries none.  Where the kernel does not tell, it is a path of 1280
 * bytes (RFC 8200, section 5).  Of UDP alone.
 */
uint32_t channel_datagram_bytes(const struct channel *channel);

/*
 * Whether, since this was asked last, bytes have come that were no reply to
 * nobody's call, or have left for the other end with more to follow them: then
 * its line is slow, and what is not answered may still be on its way.  Known of
 * TCP alone; elsewhere false.
 */
bool channel_moves(struct channel *channel);

/* Ends a call that may be in flight, without a word; a late reply is dropped.
 */
void channel_cancel(struct channel_call *call);

#endif
