/*
 * A call under way.  For the other files of this folder only.
 *
 * It came over a connection or in a datagram, and that is where its reply
 * goes.  The dispatcher keeps one call for the procedures that answer at once,
 * and uses it again and again.  A call whose ticket is taken belongs to the
 * ticket until it is answered or its connection dies.
 */
#ifndef RPCLOOP_SERVE_CALL_H
#define RPCLOOP_SERVE_CALL_H

#include "base/arena.h"
#include "base/counter.h"
#include "rpcloop/auth/sys.h"
#include "rpcloop/net/connection.h"
#include "rpcloop/net/datagram.h"
#include "rpcloop/serve/seen.h"
#include "rpcloop/wire/word.h"

struct call;

/* What all calls of one dispatcher share. */
struct calls {
	void *context;       /* for the procedures */
	struct call *spare;  /* for the next call */
	struct hash_key key; /* of hosts */
	struct arena arena;  /* of arguments that are borrowed */
	counter received;
	counter rejected; /* answered with an error of RFC 5531 */
	seen_fn *seen;    /* see dispatcher_show() */
	void *seen_context;
};

struct call {
	SVCXPRT xprt;
	struct calls *calls;
	struct connection *connection; /* NULL for a datagram */
	struct datagram *datagram;     /* NULL for a connection */
	struct peer *sender; /* of a datagram, once it was looked for */
	uint32_t xid;
	uint32_t program, version, procedure; /* where it is shown; or 0 */
	uint64_t arrived_ms;
	size_t reply_max; /* bytes of the reply message */
	size_t reply_at;  /* where its record begins, while it has room */
	bool dispatching; /* its procedure has not returned */
	bool answered;
	bool taken;             /* by a ticket that is still out */
	struct owed_reply owed; /* by the connection, valid when taken */
	struct datagram_owed owed_datagram; /* its origin is always valid */
	void (*gone)(struct call *call);    /* as call_owe() was told */
	void (*lost)(void *arg);            /* the ticket's */
	void *lost_arg;
	XDR arguments;
	u_int arguments_size;
	struct sys_credential sys;
};

static inline struct call *
call_of(const SVCXPRT *xprt)
{
	return container_of(xprt, struct call, xprt);
}

void calls_init(struct calls *calls, void *context);

/* When no call is under way.  May be called twice. */
void calls_deinit(struct calls *calls);

/* The call that comes next, to be begun; NULL when memory is out. */
struct call *calls_next(struct calls *calls);

/* Where it is from; borrowed. */
const struct address *call_from(const struct call *call);

/* Whom it is from, while its procedure runs; borrowed.  NULL when memory is
 * out. */
struct peer *call_peer(struct call *call);

/* Makes it a call that has just come, over one of the two. */
void call_begin(struct call *call, struct connection *c);
void call_begin_datagram(struct call *call, struct datagram *d,
    const struct datagram_origin *origin);

/*
 * The arguments to come, which end the message: len bytes, copied when they are
 * decoded or borrowed.  call_forget_arguments() ends that: nothing may use them
 * any more.
 */
void call_set_arguments(
    struct call *call, uint8_t *arguments, size_t len, bool borrows);
void call_forget_arguments(struct call *call);

/* The header of the usual reply (RFC 5531, section 9): a success, with
 * AUTH_NONE for a verifier. */
enum { CALL_SUCCESS_SIZE = 6 * WORD_SIZE };
void call_put_success(uint8_t at[CALL_SUCCESS_SIZE], uint32_t xid);

/* Shows its message, or its reply's, to whoever wants to see them. */
void call_show_message(
    const struct call *call, const uint8_t *bytes, size_t len, bool is_reply);

static inline void
call_show(
    const struct call *call, const uint8_t *bytes, size_t len, bool is_reply)
{
	if (call->calls->seen != NULL)
		call_show_message(call, bytes, len, is_reply);
}

/* Its procedure has returned. */
void call_end(struct call *call);

/*
 * Its reply will come later; not any more.  gone is called when the connection
 * or the socket goes first.  Returns false when memory is out.
 */
bool call_owe(struct call *call, void (*gone)(struct call *call));
void call_settle(struct call *call);

/* It cannot be answered, not even with an error: for want of memory. */
void call_abandon(struct call *call);

#endif
