/*
 * A call under way.  Private to the transport: xprt.c and ticket.c.
 *
 * The dispatcher keeps one call for the procedures that answer at once, and
 * uses it again and again.  A call whose ticket is taken belongs to the ticket
 * until it is answered or its connection dies.
 */
#ifndef TRANSPORT_CALL_H
#define TRANSPORT_CALL_H

#include "transport/credential.h"
#include "transport/xprt.h"

struct call {
	SVCXPRT xprt;
	struct dispatcher *dispatcher;
	struct connection *connection;
	uint32_t xid;
	uint64_t arrived_ms;
	bool dispatching;        /* its procedure has not returned */
	bool answered;
	bool taken;              /* by a ticket that is still out */
	struct owed_reply owed;  /* valid when taken */
	void (*lost)(void *arg);
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

#endif
