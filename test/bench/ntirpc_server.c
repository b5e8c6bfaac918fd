/*
 * The same work behind ntirpc, the library of NFS-Ganesha, for test/bench/load:
 * REVERSE_TEXT by bytes, and no other procedure.  Its headers take the place of
 * libtirpc's, so what rpcgen makes does not compile with them, and the
 * arguments are decoded by hand.
 *
 *	ntirpc_server ADDRESS
 */
#include "test/bench/measure.h"
#include "text/text.h"

#include <err.h>
#include <rpc/rpc.h>
#include <rpc/svc_auth.h>
#include <rpc/svc_rqst.h>
#include <rpc/xdr_inline.h>
#include <stdlib.h>
#include <unistd.h>

enum { PROGRAM = 0x20726576, TEXT = 2, BUFFER = 64 * 1024 };

/* A call, with its text and then the text turned round. */
struct call {
	struct svc_req request;
	char *text;
	u_int len;
};

static uint32_t channel;

static struct svc_req *
new_call(SVCXPRT *transport, XDR *xdrs)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		err(1, "calloc");
	SVC_REF(transport, SVC_REF_FLAG_NONE);
	call->request.rq_xprt = transport;
	call->request.rq_xdrs = xdrs;
	call->request.rq_refcnt = 1;
	return &call->request;
}

static void
free_call(struct svc_req *request, enum xprt_stat state)
{
	struct call *call = opr_containerof(request, struct call, request);

	(void)state;
	if (request->rq_auth != NULL)
		SVCAUTH_RELEASE(request);
	SVC_RELEASE(request->rq_xprt, SVC_RELEASE_FLAG_NONE);
	free(call->text);
	free(call);
}

static bool
decode_text(XDR *xdrs, struct call *call)
{
	uint32_t deadline, metadata = 0, unit;

	return xdr_uint32_t(xdrs, &deadline) && xdr_uint32_t(xdrs, &metadata) &&
	    metadata == 0 && xdr_uint32_t(xdrs, &unit) &&
	    xdr_bytes(xdrs, &call->text, &call->len, TEXT_MAX);
}

static bool
encode_text(XDR *xdrs, struct call *call)
{
	uint32_t zero = 0; /* STATUS_OK; no metadata */

	return xdr_uint32_t(xdrs, &zero) &&
	    xdr_bytes(xdrs, &call->text, &call->len, TEXT_MAX) &&
	    xdr_uint32_t(xdrs, &zero);
}

static void
turn_round(struct call *call)
{
	char *out = malloc(call->len + 1);

	if (out == NULL)
		err(1, "malloc");
	text_reverse((uint8_t *)out, (const uint8_t *)call->text, call->len,
	    TEXT_BY_BYTE, NULL);
	free(call->text);
	call->text = out;
}

static enum xprt_stat
answer(struct svc_req *request)
{
	struct call *call = opr_containerof(request, struct call, request);
	struct accepted_reply *reply = &request->rq_msg.RPCM_ack;
	bool ignored;

	if (request->rq_msg.cb_prog != PROGRAM ||
	    request->rq_msg.cb_proc != TEXT)
		return svcerr_noproc(request);
	if (svc_auth_authenticate(request, &ignored) != AUTH_OK)
		return svcerr_auth(request, AUTH_FAILED);
	request->rq_msg.rm_xdr.where = call;
	request->rq_msg.rm_xdr.proc = (xdrproc_t)decode_text;
	if (!SVCAUTH_CHECKSUM(request))
		return svcerr_decode(request);
	turn_round(call);
	reply->ar_results.where = call;
	reply->ar_results.proc = (xdrproc_t)encode_text;
	return svc_sendreply(request);
}

static enum xprt_stat
meet(SVCXPRT *transport)
{
	transport->xp_dispatch.process_cb = answer;
	return SVC_STAT(transport->xp_parent);
}

int
main(int argc, char **argv)
{
	svc_init_params terms = {
		.alloc_cb = new_call,
		.free_cb = free_call,
		.flags = SVC_INIT_EPOLL | SVC_INIT_NOREG_XPRTS,
		.max_connections = 16384,
		.max_events = 1024,
		.ioq_send_max = 2 * TEXT_MAX,
		.ioq_thrd_max = 4,
		.ioq_thrd_min = 2,
		.channels = 2,
		.idle_timeout = 600,
	};
	SVCXPRT *transport;

	if (argc != 2)
		errx(2, "usage: ntirpc_server ADDRESS");
	use_all_descriptors();
	if (!svc_init(&terms) || svc_rqst_new_evchan(&channel, NULL, 0) != 0)
		errx(1, "ntirpc does not start");
	transport = svc_vc_ncreatef(listen_on(argv[1]), BUFFER, BUFFER,
	    SVC_CREATE_FLAG_CLOSE | SVC_CREATE_FLAG_LISTEN);
	if (transport == NULL)
		errx(1, "ntirpc makes no transport of the socket");
	transport->xp_dispatch.rendezvous_cb = meet;
	if (svc_rqst_evchan_reg(
		channel, transport, SVC_RQST_FLAG_CHAN_AFFINITY) != 0)
		errx(1, "ntirpc does not wait");
	for (;;)
		pause();
}
