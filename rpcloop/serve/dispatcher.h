/*
 * The dispatcher: libtirpc's face of the transport, for calls that come in.
 *
 * Each record or datagram is a call.  Its header is checked, its caller
 * authenticated (AUTH_NONE and AUTH_SYS), and the function that rpcgen wrote
 * for the program is called, unchanged, with a SVCXPRT of the call's own:
 * arguments decode from the record in memory, and the reply is encoded into
 * the output of the connection or datagram socket.  A procedure answers in
 * one of three ways: it returns TRUE and rpcgen's code sends its result; or it
 * sends a reply itself and returns FALSE; or it takes a ticket
 * (rpcloop/serve/ticket.h), returns FALSE and answers later.
 *
 * Every call is answered exactly once.  Faults are answered as RFC 5531,
 * section 9, has it: RPC_MISMATCH, PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL,
 * GARBAGE_ARGS also for bytes after the arguments, AUTH_ERROR.
 */
#ifndef RPCLOOP_SERVE_DISPATCHER_H
#define RPCLOOP_SERVE_DISPATCHER_H

#include "rpcloop/serve/call.h"

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One version of one program, and the dispatcher that rpcgen made for it.
 *
 * Where it borrows, arguments are not copied (xdrspan_borrow() of
 * rpcloop/wire/xdr.h): its procedures may neither free them, nor keep or return
 * a pointer into them.  With the address sanitizer, whoever does finds other
 * bytes, or none.
 */
struct xprt_program {
	rpcprog_t program;
	rpcvers_t version;
	void (*dispatch)(struct svc_req *request, SVCXPRT *xprt);
	bool borrows;
};

struct dispatcher {
	const struct xprt_program *programs; /* borrowed */
	size_t count;
	struct calls calls;
};

/* Programs are borrowed for the life of the dispatcher. */
void dispatcher_init(struct dispatcher *d, const struct xprt_program *programs,
    size_t count, void *context);

/* Shows each message, calls before they are done, and replies before they are
 * sent.  NULL ends that; context is borrowed until then. */
void dispatcher_show(struct dispatcher *d, seen_fn *seen, void *context);

/* To be called after engine_deinit().  May be called twice. */
void dispatcher_deinit(struct dispatcher *d);

/* The record function of an engine; owner is a struct dispatcher. */
bool dispatcher_record(
    void *owner, struct connection *c, uint8_t *record, size_t len);

/* A datagram_fn; the owner of the engine is a struct dispatcher. */
void dispatcher_datagram(struct datagram *d,
    const struct datagram_origin *origin, uint8_t *message, size_t len);

#endif
