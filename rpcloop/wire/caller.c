#include "rpcloop/wire/caller.h"

#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

enum { HEAD_WORDS = 6 };

/* An xdrproc_t for arguments or a result, of which there may be none. */
static xdrproc_t
codec_of(xdrproc_t codec)
{
	return codec != NULL ? codec : (xdrproc_t)xdr_void_value;
}

bool
caller_put_call(XDR *xdrs, const struct caller_call *call)
{
	const uint32_t words[HEAD_WORDS] = { call->xid, CALL, RPC_MSG_VERSION,
		call->program, call->version, call->procedure };
	uint8_t head[HEAD_WORDS * WORD_SIZE];

	for (int i = 0; i < HEAD_WORDS; i++)
		word_put(head + i * WORD_SIZE, words[i]);
	return XDR_PUTBYTES(xdrs, (char *)head, sizeof(head)) &&
	    AUTH_MARSHALL(call->auth, xdrs) &&
	    AUTH_WRAP(call->auth, xdrs, codec_of(call->args), call->value);
}

bool
caller_is_reply(const uint8_t *message, size_t len, uint32_t *xid)
{
	if (len < (size_t)2 * WORD_SIZE ||
	    word_get(message + WORD_SIZE) != REPLY)
		return false;
	*xid = word_get(message);
	return true;
}

/* The results of a reply that says success, after its verifier. */
static void
take_result(
    XDR *xdrs, const struct caller_result *result, struct rpc_err *error)
{
	if (AUTH_UNWRAP(
		result->auth, xdrs, codec_of(result->codec), result->value))
		return;
	error->re_status = RPC_CANTDECODERES;
	/* What was decoded before the failure would be lost. */
	if (result->codec != NULL && result->arena == NULL)
		xdr_free(result->codec, result->value);
}

void
caller_take_reply(const uint8_t *message, size_t len,
    const struct caller_result *result, struct rpc_err *error)
{
	char verifier[MAX_AUTH_BYTES];
	struct rpc_msg reply = { .rm_xid = 0 };
	XDR xdrs;

	*error = (struct rpc_err){ .re_status = RPC_CANTDECODERES };
	reply.acpted_rply.ar_verf.oa_base = verifier;
	reply.acpted_rply.ar_results.proc = (xdrproc_t)xdr_void_value;
	xdrspan_borrow(&xdrs, message, len, result->arena);
	if (!xdr_replymsg(&xdrs, &reply))
		return;
	_seterr_reply(&reply, error);
	if (error->re_status != RPC_SUCCESS)
		return;
	if (!AUTH_VALIDATE(result->auth, &reply.acpted_rply.ar_verf)) {
		error->re_status = RPC_AUTHERROR;
		error->re_why = AUTH_INVALIDRESP;
		return;
	}
	take_result(&xdrs, result, error);
}
