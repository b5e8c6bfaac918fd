#include "client/session/trace.h"

#include "base/base.h"
#include "client/terminal/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *
trace_words(const struct rpc_err *error)
{
	static const char prefix[] = "RPC: ";
	const char *text;

	switch (error->re_status) {
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		return strerror(error->re_errno);
	case RPC_TIMEDOUT:
		return error->re_errno != 0 ? strerror(error->re_errno)
					    : "no answer";
	default:
		text = clnt_sperrno(error->re_status);
		if (strncmp(text, prefix, strlen(prefix)) == 0)
			text += strlen(prefix);
		return text;
	}
}

const char *
trace_auth_name(enum auth_stat why)
{
	static const char *const names[] = {
		[AUTH_BADCRED] = "AUTH_BADCRED",
		[AUTH_REJECTEDCRED] = "AUTH_REJECTEDCRED",
		[AUTH_BADVERF] = "AUTH_BADVERF",
		[AUTH_REJECTEDVERF] = "AUTH_REJECTEDVERF",
		[AUTH_TOOWEAK] = "AUTH_TOOWEAK",
		[AUTH_INVALIDRESP] = "AUTH_INVALIDRESP",
		[AUTH_FAILED] = "AUTH_FAILED",
	};

	if ((size_t)why >= ARRAY_LEN(names) || names[why] == NULL)
		return "unknown reason";
	return names[why];
}

void
trace_call(const char *name, const struct endpoint *at,
    const struct channel_call *how, const struct rpc_err *error)
{
	char where[ENDPOINT_TEXT_SIZE], reply[32] = "no result";
	uint64_t us = how->took_ns / 1000;

	if (error->re_status == RPC_SUCCESS)
		snprintf(
		    reply, sizeof(reply), "reply %zu bytes", how->reply_bytes);
	say_trace("%s %s xid=0x%08" PRIx32 " call %zu bytes, %s, %" PRIu64
		  ".%03u ms",
	    name, endpoint_text(at, where), how->xid, how->call_bytes, reply,
	    us / 1000, (unsigned int)(us % 1000));
}
