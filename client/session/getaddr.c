#include "client/session/getaddr.h"

#include <rpc/rpcb_prot.h>

static enum clnt_stat
getaddr_stub(void *args, void *result, CLIENT *handle)
{
	/* The handle's own timeout counts; 0 would mean not to wait at all. */
	static const struct timeval ignored = { .tv_sec = 1 };

	return clnt_call(handle, RPCBPROC_GETADDR, (xdrproc_t)xdr_rpcb, args,
	    (xdrproc_t)xdr_wrapstring, result, ignored);
}

const struct procedure procedure_getaddr = {
	.name = "RPCBPROC_GETADDR",
	.stub = getaddr_stub,
	.args = (xdrproc_t)xdr_rpcb,
	.result = (xdrproc_t)xdr_wrapstring,
	.result_size = sizeof(char *),
	.context = PROCEDURE_NO_CONTEXT,
};
