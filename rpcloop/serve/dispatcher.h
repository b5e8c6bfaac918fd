/*
 * The dispatcher: libtirpc's face of the transport, for calls that come in.
 *
 * Each record or datagram is a call.  Its header is checked, its caller
 * authenticated (AUTH_NONE and AUTH_SYS), and the function that rpcgen wrote
 * for the program is called, unchanged, with a SVCXPRT of the call's own:
 * arguments decode from the record in memory, and the reply is encoded into
 * the output of the connection or socket.  A procedure answers by returning
 * TRUE, or takes a ticket (rpcloop/serve/ticket.h), returns FALSE and answers
 * later.
 *
 * Every call is answered exactly once.  Faults are answered as RFC 5531,
 * section 9, has it: RPC_MISMATCH, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL,
 * GARBAGE_ARGS also for bytes behind the arguments, AUTH_ERROR.
 */
#ifndef RPCLOOP_SERVE_DISPATCHER_H
#define RPCLOOP_SERVE_DISPATCHER_H

#include "rpcloop/net/address.h"
#include "rpcloop/net/connection.h"
#include "rpcloop/net/datagram.h"

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stdint.h>

struct call;

/* One version of one program, and the dispatcher that rpcgen made for it. */
struct xprt_program {
	rpcprog_t program;
	rpcvers_t version;
	void (*dispatch)(struct svc_req *request, SVCXPRT *xprt);
};

struct dispatcher {
	const struct xprt_program *programs; /* borrowed */
	size_t count;
	void *context;       /* what xprt_context() returns */
	struct call *spare;  /* for the next call */
	struct hash_key key; /* of xprt_host() */
	uint64_t calls;      /* received */
	uint64_t rejected;   /* answered with an error of RFC 5531 */
};

/* Programs are borrowed for the life of the dispatcher. */
void dispatcher_init(struct dispatcher *d, const struct xprt_program *programs,
    size_t count, void *context);

/* To be called after the engine's end.  May be called twice. */
void dispatcher_deinit(struct dispatcher *d);

/* An engine_record_fn; owner is a struct dispatcher. */
bool dispatcher_record(
    void *owner, struct connection *c, uint8_t *record, size_t len);

/* A datagram_fn; the owner of the engine is a struct dispatcher. */
void dispatcher_datagram(struct datagram *d,
    const struct datagram_origin *origin, uint8_t *message, size_t len);

/*
 * For procedures, about the call they are given (rqstp->rq_xprt): the context
 * of the dispatcher, the caller's address (borrowed), its host, by a number
 * that stands for it, its connection, by a number that is never used twice,
 * and when the call arrived by clock_now_ms().  All datagrams of a host belong
 * to one connection, whatever ports they come from.
 */
void *xprt_context(const SVCXPRT *xprt);
const struct address *xprt_peer(const SVCXPRT *xprt);
uint64_t xprt_host(const SVCXPRT *xprt);
uint64_t xprt_connection(const SVCXPRT *xprt);
uint64_t xprt_arrived_ms(const SVCXPRT *xprt);

/*
 * The account of the caller's peer, which all it holds and may hold is asked
 * of; borrowed until the procedure returns.  NULL when memory is out.
 */
struct account *xprt_account(const SVCXPRT *xprt);

/*
 * Whether the call may wait for its reply.  If it may not and is kept waiting
 * all the same, its connection is read no more until one has been answered:
 * the call that would end the wait might never be read.
 */
bool xprt_may_wait(const SVCXPRT *xprt);

/*
 * Whether the call came in a datagram; and then: the bytes of the call, and
 * those that its reply may have, which depend on them: whoever claims to be
 * somebody else must not make the server send much there.  After
 * xprt_trust_peer() the reply may fill a datagram: for a caller that has shown
 * that it receives what is sent to its address.  Over a connection reply_max
 * is SIZE_MAX.  A reply that is longer is not sent: SYSTEM_ERR is.
 */
bool xprt_is_datagram(const SVCXPRT *xprt);
size_t xprt_call_size(const SVCXPRT *xprt);
size_t xprt_reply_max(const SVCXPRT *xprt);
void xprt_trust_peer(SVCXPRT *xprt);

#endif
