/*
 * An errand: a call of a stream that another worker has.
 *
 * It goes to that worker with a copy of its arguments, by an inbox, and comes
 * back the same way with the encoded result, which answers the ticket.  It
 * belongs to the worker that sent it; while it is away only the other one
 * touches what is the other's.  When the connection dies meanwhile, it is
 * recalled: then both messages have to come home.
 */
#ifndef SERVER_SERVICE_ERRAND_H
#define SERVER_SERVICE_ERRAND_H

#include "base/buffer.h"
#include "rpcloop/loop/inbox.h"
#include "rpcloop/net/address.h"
#include "server/service/owed.h"

#include <reverse.h>
#include <stdbool.h>

struct errand;

/* On the thread of whoever has the stream. */
struct errand_ops {
	/* Has it answered by errand_answer(), now or later, which errand_keep()
	 * says before this returns, or redirected.  Returns false when memory
	 * is out: then it has not been, and is answered SYSTEM_ERR. */
	bool (*run)(struct errand *e);
	/* It waited, and its caller has gone. */
	void (*gone)(struct errand *e);
};

struct errand_route {
	struct inbox *home;
	struct inbox *away;
	struct serving *serving; /* there */
	const struct errand_ops *ops;
};

struct errand {
	struct inbox_message message; /* there and back */
	struct inbox_message recall;  /* the same, if its caller has gone */
	/* As it was sent. */
	struct errand_route route;
	rpcproc_t procedure;
	struct address from;
	struct owed_room room;
	uint8_t *arguments;
	size_t len;
	/* Who sent it. */
	SVCXPRT *xprt;
	struct ticket *ticket; /* NULL: answered, or its caller has gone */
	struct charge memory;
	bool is_away;
	bool is_recalled;
	/* Who has the stream. */
	struct owed_answer owed; /* good when it waits */
	bool waits;
	/* As it comes back. */
	struct errand_route redirected; /* away: NULL, or it goes there */
	struct buffer result;
	size_t sent;      /* bytes of it, counted until they are a reply */
	bool is_good;     /* it could be encoded */
	bool trusts_peer; /* as xprt_trust_peer() */
};

/* Outcomes of errand_send(), beside 0 and -ENOMEM. */
enum { ERRAND_REFUSED = 1 };

/*
 * For a procedure: sends its call away, with its arguments.  call has what the
 * caller fills in but its peer.  Returns 0: it will be answered; or
 * ERRAND_REFUSED, when memory is short for the caller.
 */
int errand_send(const struct errand_route *route, const struct svc_req *request,
    const struct stream_call *call);

/* Instead of an answer: another worker has the stream.  The errand is not ours
 * any more. */
void errand_redirect(
    struct errand *e, struct serving *serving, struct inbox *away);

/* For whoever has the stream.  Takes the answer; returns whether it
 * will go out.  The errand is not ours any more. */
bool errand_answer(struct errand *errand, xdrproc_t encode, void *result);

/* The call waits: where it lives on. */
struct stream_call *errand_keep(
    struct errand *errand, const struct owed_answer *owed);

#endif
