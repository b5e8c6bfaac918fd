#include "transport/ticket.h"

#include "transport/call.h"

#include <stdlib.h>

/* A ticket is its call, seen from outside. */
static struct call *
call_of_ticket(struct ticket *ticket)
{
	return (struct call *)(void *)ticket;
}

static void
on_lost(struct owed_reply *owed)
{
	struct call *call = container_of(owed, struct call, owed);

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
	call->dispatcher->spare = spare;
	call->taken = true;
	call->lost = lost;
	call->lost_arg = arg;
	call->owed.lost = on_lost;
	connection_owe(call->connection, &call->owed);
	return (struct ticket *)(void *)call;
}

bool
ticket_reply(struct ticket *ticket, xdrproc_t encode, void *result)
{
	struct call *call = call_of_ticket(ticket);
	bool done;

	connection_settle_owed(call->connection, &call->owed);
	call->taken = false;
	done = svc_sendreply(&call->xprt, encode, result);
	if (!done)
		svcerr_systemerr(&call->xprt);
	if (!call->answered)
		connection_kill(call->connection, "out of memory for a reply");
	/* Inside its own procedure the call is still the dispatcher's. */
	if (!call->dispatching)
		free(call);
	return done;
}
