#include "test/fuzz/judge.h"

#include "base/base.h"
#include "rpcloop/wire/xdr.h"
#include "test/fuzz/fuzz.h"

#include <string.h>

static const struct {
	xdrproc_t arguments;
	xdrproc_t result;
	bool has_code;
} procedures[] = {
#define PROCEDURE(arguments_, result_)                                       \
	{                                                                    \
		(xdrproc_t) xdr_##arguments_, (xdrproc_t)xdr_##result_, true \
	}
	[REVERSE_PING] = { xdr_void_value, xdr_void_value, false },
	[REVERSE_GREET] = PROCEDURE(call_context, greet_result),
	[REVERSE_TEXT] = PROCEDURE(reverse_args, reverse_result),
	[REVERSE_OPEN] = PROCEDURE(open_args, open_result),
	[REVERSE_EXCHANGE] = PROCEDURE(exchange_args, exchange_result),
	[REVERSE_CANCEL] = PROCEDURE(cancel_args, cancel_result),
	[REVERSE_STATUS] = PROCEDURE(void_value, status_result),
	[REVERSE_DESCRIBE] = PROCEDURE(void_value, describe_result),
	[REVERSE_WHOAMI] = PROCEDURE(void_value, whoami_result),
};

union arguments {
	call_context greet;
	reverse_args text;
	open_args open;
	exchange_args exchange;
	cancel_args cancel;
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

/* AUTH_NONE, or AUTH_SYS with a body that libtirpc takes all of. */
static bool
is_credential(const struct opaque_auth *credential)
{
	struct authunix_parms sys = { .aup_time = 0 };
	bool good;
	XDR xdrs;

	if (credential->oa_flavor != AUTH_SYS)
		return credential->oa_flavor == AUTH_NONE;
	xdrmem_create(
	    &xdrs, credential->oa_base, credential->oa_length, XDR_DECODE);
	good = xdr_authunix_parms(&xdrs, &sys) &&
	    xdr_getpos(&xdrs) == credential->oa_length;
	xdr_free((xdrproc_t)xdr_authunix_parms, &sys);
	return good;
}

bool
reply_is_due(uint8_t *body, size_t len)
{
	static char credential[MAX_AUTH_BYTES], verifier[MAX_AUTH_BYTES];
	struct rpc_msg msg = { .rm_xid = 0 };
	struct call_body *call = &msg.rm_call;
	union arguments arguments;
	xdrproc_t decode;
	bool good;
	XDR xdrs;

	call->cb_cred.oa_base = credential;
	call->cb_verf.oa_base = verifier;
	xdrmem_create(&xdrs, (char *)body, (u_int)len, XDR_DECODE);
	if (!xdr_callmsg(&xdrs, &msg) || !is_credential(&call->cb_cred) ||
	    call->cb_prog != REVERSE_PROG || call->cb_vers != REVERSE_V1 ||
	    call->cb_proc >= ARRAY_LEN(procedures))
		return false;
	memset(&arguments, 0, sizeof(arguments));
	decode = procedures[call->cb_proc].arguments;
	good = decode(&xdrs, &arguments) && xdr_getpos(&xdrs) == len;
	xdr_free(decode, &arguments);
	return good;
}

/* The result of a call that was done; returns whether it opened a stream. */
static bool
check_result(
    u_int procedure, XDR *xdrs, const uint8_t *body, size_t len, token opened)
{
	u_int at = xdr_getpos(xdrs);
	union result result;
	bool opens;

	MUST(procedure < ARRAY_LEN(procedures));
	memset(&result, 0, sizeof(result));
	MUST(procedures[procedure].result(xdrs, &result));
	MUST(xdr_getpos(xdrs) == len);
	/* A failure has the code of its result, and is none of STATUS_OK. */
	if (procedures[procedure].has_code &&
	    memcmp(body + at, "\0\0\0\0", 4) != 0)
		MUST(memcmp(body + at, body + at + 4, 4) == 0);
	opens = procedure == REVERSE_OPEN && result.open.code == STATUS_OK;
	if (opens)
		memcpy(opened, result.open.open_result_u.started.stream,
		    sizeof(token));
	xdr_free(procedures[procedure].result, &result);
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

	reply.acpted_rply.ar_results.proc = xdr_void_value;
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
			MUST(call->good);
			return check_result(
			    call->words[5], &xdrs, body, len, opened);
		}
	}
	MUST(!call->good);
	MUST(xdr_getpos(&xdrs) == len);
	MUST(is_deserved(call, &reply));
	return false;
}
