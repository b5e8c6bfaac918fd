/* ntirpc, the library of NFS-Ganesha. */
#include "test/foreign/client.h"

#include <arpa/inet.h>
#include <err.h>
#include <rpc/rpc.h>
#include <rpc/svc.h>
#include <rpc/svc_rqst.h>
#include <rpc/xdr_inline.h>
#include <stdlib.h>
#include <unistd.h>

static CLIENT *handle;
static AUTH *nobody;

bool
code_word(void *xdrs, uint32_t *word)
{
	return xdr_uint32_t(xdrs, word);
}

bool
code_fixed(void *xdrs, char *bytes, uint32_t len)
{
	return xdr_opaque(xdrs, bytes, len);
}

bool
code_bytes(void *xdrs, char **bytes, uint32_t *len)
{
	return xdr_bytes(xdrs, bytes, len, UINT32_MAX);
}

static bool
code(XDR *xdrs, void *value)
{
	struct coded *coded = value;

	return coded->codec(xdrs, coded->value);
}

/* What a reply is taken for, until it is found to be one. */
static struct svc_req *
new_request(SVCXPRT *transport, XDR *xdrs)
{
	struct svc_req *request = calloc(1, sizeof(*request));

	if (request == NULL)
		err(1, "calloc");
	SVC_REF(transport, SVC_REF_FLAG_NONE);
	request->rq_xprt = transport;
	request->rq_xdrs = xdrs;
	request->rq_refcnt = 1;
	return request;
}

static void
free_request(struct svc_req *request, enum xprt_stat state)
{
	(void)state;
	SVC_RELEASE(request->rq_xprt, SVC_RELEASE_FLAG_NONE);
	free(request);
}

void
library_connect(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct netbuf server = { sizeof(address), sizeof(address), &address };
	/* Threads of a server's wait for replies, too. */
	svc_init_params terms = {
		.alloc_cb = new_request,
		.free_cb = free_request,
		.flags = SVC_INIT_EPOLL,
		.max_connections = 16,
		.max_events = 16,
		.ioq_send_max = 2 * 1024 * 1024,
		.ioq_thrd_max = 4,
		.ioq_thrd_min = 2,
		.channels = 1,
		.idle_timeout = 600,
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || !svc_init(&terms))
		errx(1, "cannot begin");
	handle = clnt_vc_ncreate(fd, &server, PROGRAM, VERSION, 0, 0);
	if (CLNT_FAILURE(handle))
		errx(1, "%s", rpc_sperror(&handle->cl_error, "connect"));
	nobody = authnone_ncreate();
}

int
library_call(uint32_t procedure, struct coded arguments, struct coded result)
{
	struct timespec timeout = { .tv_sec = 25 };
	struct clnt_req *request = calloc(1, sizeof(*request));
	enum clnt_stat status;

	if (request == NULL)
		err(1, "calloc");
	clnt_req_fill(request, handle, nobody, procedure, code, &arguments,
	    code, &result);
	status = clnt_req_setup(request, timeout);
	if (status == RPC_SUCCESS)
		status = CLNT_CALL_WAIT(request);
	if (status != RPC_SUCCESS && status != RPC_CANTDECODEARGS)
		errx(1, "%s", rpc_sperror(&request->cc_error, "call"));
	clnt_req_release(request);
	return status == RPC_SUCCESS ? 0 : ACCEPT_GARBAGE;
}
