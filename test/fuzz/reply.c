#include "test/fuzz/reply.h"

#include "common/base.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

static bool_t
xdr_nothing(XDR *xdrs, ...)
{
	(void)xdrs;
	return TRUE;
}

static const struct {
	xdrproc_t decode;
	bool has_code;
} procedures[] = {
	[REVERSE_PING] = { xdr_nothing, false },
	[REVERSE_GREET] = { (xdrproc_t)xdr_greet_result, true },
	[REVERSE_TEXT] = { (xdrproc_t)xdr_reverse_result, true },
	[REVERSE_OPEN] = { (xdrproc_t)xdr_open_result, true },
	[REVERSE_EXCHANGE] = { (xdrproc_t)xdr_exchange_result, true },
	[REVERSE_CANCEL] = { (xdrproc_t)xdr_cancel_result, true },
	[REVERSE_STATUS] = { (xdrproc_t)xdr_status_result, true },
	[REVERSE_DESCRIBE] = { (xdrproc_t)xdr_describe_result, true },
	[REVERSE_WHOAMI] = { (xdrproc_t)xdr_whoami_result, true },
};

union result {
	greet_result greet;
	reverse_result text;
	open_result open;
	exchange_result exchange;
	cancel_result cancel;
	status_result status;
	describe_result describe;
	whoami_result whoami;
};

/* The result of a call that was done; returns whether it opened a stream. */
static bool
check_result(u_int procedure, XDR *xdrs, const uint8_t *body, size_t len,
    token opened)
{
	u_int at = xdr_getpos(xdrs);
	union result result;
	bool opens;

	MUST(procedure < ARRAY_LEN(procedures));
	memset(&result, 0, sizeof(result));
	MUST(procedures[procedure].decode(xdrs, &result));
	MUST(xdr_getpos(xdrs) == len);
	/* A failure has the code of its result, and is none of STATUS_OK. */
	if (procedures[procedure].has_code &&
	    memcmp(body + at, "\0\0\0\0", 4) != 0)
		MUST(memcmp(body + at, body + at + 4, 4) == 0);
	opens = procedure == REVERSE_OPEN && result.open.code == STATUS_OK;
	if (opens)
		memcpy(opened, result.open.open_result_u.started.stream,
		    sizeof(token));
	xdr_free(procedures[procedure].decode, &result);
	return opens;
}

/* Whether the error is the one for such a call. */
static bool
is_deserved(const struct sent_call *call, const struct rpc_msg *reply)
{
	const uint32_t *words = call->words;

	if (reply->rm_reply.rp_stat == MSG_DENIED)
		return (reply->rjcted_rply.rj_stat == RPC_MISMATCH) ==
		    (call->len >= 12 && words[2] != RPC_MSG_VERSION);
	switch (reply->acpted_rply.ar_stat) {
	case PROG_UNAVAIL:
		return words[3] != REVERSE_PROG;
	case PROG_MISMATCH:
		return words[3] == REVERSE_PROG && words[4] != REVERSE_V1;
	case PROC_UNAVAIL:
		return words[5] >= ARRAY_LEN(procedures);
	case GARBAGE_ARGS:
		return true;
	default:
		return false;
	}
}

bool
reply_check(uint8_t *body, size_t len, struct sent_call *calls,
    unsigned int count, token opened)
{
	struct rpc_msg reply = { .rm_xid = 0 };
	struct sent_call *call;
	XDR xdrs;

	reply.acpted_rply.ar_results.proc = xdr_nothing;
	xdrmem_create(&xdrs, (char *)body, (u_int)len, XDR_DECODE);
	MUST(xdr_replymsg(&xdrs, &reply));
	MUST(reply.rm_direction == REPLY);
	MUST(reply.rm_xid < count);
	call = &calls[reply.rm_xid];
	MUST(!call->answered);
	call->answered = true;
	if (reply.rm_reply.rp_stat == MSG_ACCEPTED) {
		MUST(reply.acpted_rply.ar_verf.oa_flavor == AUTH_NONE);
		MUST(reply.acpted_rply.ar_verf.oa_length == 0);
		if (reply.acpted_rply.ar_stat == SUCCESS) {
			MUST(call->words[2] == RPC_MSG_VERSION);
			MUST(call->words[3] == REVERSE_PROG);
			MUST(call->words[4] == REVERSE_V1);
			return check_result(
			    call->words[5], &xdrs, body, len, opened);
		}
	}
	MUST(xdr_getpos(&xdrs) == len);
	MUST(is_deserved(call, &reply));
	return false;
}
