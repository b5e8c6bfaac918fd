/*
 * A ticket: a reply that is owed.
 *
 * A procedure that cannot answer yet takes a ticket and returns FALSE; the
 * dispatcher then sends nothing.  Later, in any order, each ticket is answered
 * once, on the thread of the loop.  A connection that dies takes its tickets
 * along: lost is called for one after the other, and the ticket is gone.  lost
 * may answer other tickets, also of the same connection.
 *
 * The arguments and the credential of the call are gone when the procedure
 * returns; what is needed later must be copied.
 */
#ifndef RPCLOOP_SERVE_TICKET_H
#define RPCLOOP_SERVE_TICKET_H

#include <rpc/rpc.h>
#include <stdbool.h>

struct ticket;

/*
 * For a procedure: takes the ticket of its call, and must then return FALSE.
 * NULL when memory is out: the procedure must answer at once.  lost may be
 * NULL.
 */
struct ticket *ticket_take(SVCXPRT *xprt, void (*lost)(void *arg), void *arg);

/*
 * Answers the call with a result and frees the ticket; the result stays the
 * caller's.  Returns false when the result could not be encoded: the answer
 * was SYSTEM_ERR then, or when there was no memory even for that, the
 * connection is closed.
 */
bool ticket_reply(struct ticket *ticket, xdrproc_t encode, void *result);

#endif
