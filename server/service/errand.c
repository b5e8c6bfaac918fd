#include "server/service/errand.h"

#include "base/base.h"
#include "rpcloop/net/net.h"
#include "rpcloop/serve/xprt.h"
#include "rpcloop/wire/xdr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* No result is longer: a message of the greatest size, and what is beside. */
enum { RESULT_MAX = 2 * MESSAGE_MAX };

static void on_arrival(struct inbox_message *message);

static void
errand_free(struct errand *e)
{
	if (e->memory.account != NULL)
		account_receive(e->memory.account, e->sent);
	charge_release(&e->memory);
	buffer_deinit(&e->result);
	free(e->arguments);
	free(e);
}

static bool_t
put_result(XDR *xdrs, struct errand *e)
{
	return e->is_good &&
	    xdr_opaque(xdrs, (char *)buffer_head(&e->result),
		(u_int)buffer_len(&e->result));
}

static void
reply(struct errand *e)
{
	struct loop *loop = e->route.home->item.loop;

	if (e->trusts_peer)
		xprt_trust_peer(e->xprt);
	loop_spend(loop, buffer_len(&e->result) + NET_CALL_BYTES);
	ticket_reply(e->ticket, (xdrproc_t)put_result, e);
	e->ticket = NULL;
}

static void
leave(struct errand *e)
{
	e->is_away = true;
	e->message.run = on_arrival;
	inbox_post(e->route.away, &e->message);
}

/* At home. */
static void
on_return(struct inbox_message *message)
{
	struct errand *e = container_of(message, struct errand, message);

	e->is_away = false;
	if (e->ticket != NULL && e->redirected.away != NULL) {
		e->route = e->redirected;
		e->owed.serving = e->route.serving;
		e->redirected.away = NULL;
		leave(e);
		return;
	}
	if (e->ticket != NULL)
		reply(e);
	if (!e->is_recalled)
		errand_free(e);
}

static void
on_recall_return(struct inbox_message *message)
{
	struct errand *e = container_of(message, struct errand, recall);

	e->is_recalled = false;
	if (!e->is_away)
		errand_free(e);
}

/* Away. */
static void
go_home(struct errand *e)
{
	e->waits = false;
	e->message.run = on_return;
	inbox_post(e->route.home, &e->message);
}

void
errand_redirect(struct errand *e, struct serving *serving, struct inbox *away)
{
	e->redirected = e->route;
	e->redirected.serving = serving;
	e->redirected.away = away;
	go_home(e);
}

static void
on_recall(struct inbox_message *message)
{
	struct errand *e = container_of(message, struct errand, recall);
	struct inbox *home = e->route.home;

	if (e->waits) {
		e->route.ops->gone(e);
		go_home(e);
	}
	e->recall.run = on_recall_return;
	inbox_post(home, &e->recall);
}

/* At home: the connection of the call has died. */
static void
on_lost(void *arg)
{
	struct errand *e = arg;

	e->ticket = NULL;
	e->is_recalled = true;
	e->recall.run = on_recall;
	inbox_post(e->route.away, &e->recall);
}

bool
errand_answer(struct errand *e, xdrproc_t encode, void *result)
{
	XDR xdrs;
	bool good;

	xdrbuf_create(&xdrs, &e->result);
	good = encode(&xdrs, result) &&
	    buffer_len(&e->result) <= e->room.reply - OWED_HEADER_BYTES;
	e->is_good = good;
	e->sent = buffer_len(&e->result);
	loop_spend(e->route.away->item.loop, e->sent);
	account_send(e->memory.account, e->sent);
	go_home(e);
	return good;
}

struct stream_call *
errand_keep(struct errand *e, const struct owed_answer *owed)
{
	e->owed = *owed;
	e->waits = true;
	return &e->owed.call;
}

static void
on_arrival(struct inbox_message *message)
{
	struct errand *e = container_of(message, struct errand, message);

	loop_spend(e->route.away->item.loop, e->len + NET_CALL_BYTES);
	if (!e->route.ops->run(e))
		go_home(e);
}

/* What is the same for all of them. */
static struct errand *
errand_new(const struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;
	struct errand *e = calloc(1, sizeof(*e));
	const uint8_t *arguments;

	if (e == NULL)
		return NULL;
	arguments = xprt_arguments(xprt, &e->len);
	e->arguments = malloc(e->len);
	if (e->arguments == NULL) {
		free(e);
		return NULL;
	}
	memcpy(e->arguments, arguments, e->len);
	e->procedure = request->rq_proc;
	e->from = *xprt_peer(xprt);
	e->room.call = xprt_call_size(xprt);
	e->room.reply = xprt_reply_max(xprt);
	e->xprt = xprt;
	buffer_init(&e->result, RESULT_MAX);
	return e;
}

/* A CANCEL takes little, and gives more back. */
static bool
is_refused(const struct svc_req *request)
{
	SVCXPRT *xprt = request->rq_xprt;

	return request->rq_proc != REVERSE_CANCEL &&
	    (account_is_full(xprt_account(xprt)) ||
		(xprt_is_datagram(xprt) && !xprt_may_wait(xprt)));
}

int
errand_send(const struct errand_route *route, const struct svc_req *request,
    const struct stream_call *call)
{
	struct account *account = xprt_account(request->rq_xprt);
	struct errand *e;

	if (account == NULL)
		return -ENOMEM;
	if (is_refused(request))
		return ERRAND_REFUSED;
	e = errand_new(request);
	if (e == NULL)
		return -ENOMEM;
	e->route = *route;
	e->owed.call = *call;
	e->owed.serving = route->serving;
	e->owed.errand = e;
	e->ticket = ticket_take(request->rq_xprt, on_lost, e);
	if (e->ticket == NULL) {
		errand_free(e);
		return -ENOMEM;
	}
	charge_take(&e->memory, account, CHARGE_BYTES, sizeof(*e) + e->len);
	leave(e);
	return 0;
}
