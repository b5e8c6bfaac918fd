/*
 * What differs between a channel on a connection and one for datagrams, and
 * what both need of rpcloop/call/channel.  For the sources of this folder only.
 */
#ifndef RPCLOOP_CALL_CHANNEL_KIND_H
#define RPCLOOP_CALL_CHANNEL_KIND_H

#include "base/base.h"
#include "rpcloop/call/channel.h"
#include "rpcloop/wire/caller.h"

struct channel_kind {
	/* What its socket's item does. */
	void (*run)(struct loop_item *item, unsigned int reasons);
	bool (*settle)(struct loop_item *item);
	/* Begins to connect the socket.  Returns 0 or a negative errno. */
	int (*start)(struct channel *c);
	/* Frees what start() has made, and closes the socket. */
	void (*end)(struct channel *c);
	/* Encodes a call, which goes when the turn is settled.  Returns
	 * RPC_SUCCESS or as channel_send(). */
	enum clnt_stat (*put)(
	    struct channel_call *call, const struct caller_call *what);
	/* Whether any byte of a call has left. */
	bool (*has_left)(const struct channel_call *call);
	/* The timer of a call is due before its end; NULL: it never is. */
	void (*again)(struct channel_call *call);
};

extern const struct channel_kind channel_of_records, channel_of_datagrams;

enum {
	/* Any datagram fits, and much of a connection's input. */
	CHANNEL_SCRATCH = 256 * 1024,
	/* Before a Unix socket whose queue is full is tried again. */
	CHANNEL_FULL_MS = 20,
};

/*
 * Around whatever may call done(): it may close the channel.  leave() returns
 * whether the channel is still there.
 */
void channel_enter(struct channel *c);
bool channel_leave(struct channel *c);

/* Nothing more comes: all calls end. */
void channel_break(struct channel *c, int error);

/* A message came, which may be anything.  False when it is no reply. */
bool channel_receive(struct channel *c, const uint8_t *message, size_t len);

/* A call ends. */
void channel_finish(struct channel_call *call, const struct rpc_err *error);

/* When a call is to be looked at again, at the latest at its end. */
void channel_look_at(struct channel_call *call, uint64_t due_ms);

/* The socket's channel. */
static inline struct channel *
channel_of_item(struct loop_item *item)
{
	return container_of(item, struct channel, flow.item);
}

#endif
