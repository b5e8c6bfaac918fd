#include "rpcloop/serve/ticket.h"

#include "rpcloop/serve/call.h"

#include <stdlib.h>

/* A ticket is its call, seen from outside. */
static struct call *
call_of_ticket(struct ticket *ticket)
{
	return (struct call *)(void *)ticket;
}

static void
on_gone(struct call *call)
{
	if (call->lost != NULL)
		call->lost(call->lost_arg);
	free(call);
}

struct ticket *
ticket_take(SVCXPRT *xprt, void (*lost)(void *arg), void *arg)
{
	struct call *call = call_of(xprt);
	struct call *spare = calloc(1, sizeof(*spare));

	if (spare == NULL)
		return NULL;
	if (!call_owe(call, on_gone)) {
		free(spare);
		return NULL;
	}
	call->calls->spare = spare;
	call->lost = lost;
	call->lost_arg = arg;
	return (struct ticket *)(void *)call;
}

bool
ticket_reply(struct ticket *ticket, xdrproc_t encode, void *result)
{
	struct call *call = call_of_ticket(ticket);
	bool done;

	call_settle(call);
	done = svc_sendreply(&call->xprt, encode, result);
	if (!done)
		svcerr_systemerr(&call->xprt);
	if (!call->answered)
		call_abandon(call);
	/* Inside its own procedure the call is still the dispatcher's. */
	if (!call->dispatching)
		free(call);
	return done;
}
