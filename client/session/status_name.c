#include "client/session/status_name.h"

#include "base/base.h"

#include <errno.h>

const char *
status_name(status_code code)
{
	static const char *const names[] = {
		[STATUS_OK] = "OK",
		[STATUS_CANCELLED] = "CANCELLED",
		[STATUS_UNKNOWN] = "UNKNOWN",
		[STATUS_INVALID_ARGUMENT] = "INVALID_ARGUMENT",
		[STATUS_DEADLINE_EXCEEDED] = "DEADLINE_EXCEEDED",
		[STATUS_NOT_FOUND] = "NOT_FOUND",
		[STATUS_ALREADY_EXISTS] = "ALREADY_EXISTS",
		[STATUS_PERMISSION_DENIED] = "PERMISSION_DENIED",
		[STATUS_RESOURCE_EXHAUSTED] = "RESOURCE_EXHAUSTED",
		[STATUS_FAILED_PRECONDITION] = "FAILED_PRECONDITION",
		[STATUS_ABORTED] = "ABORTED",
		[STATUS_OUT_OF_RANGE] = "OUT_OF_RANGE",
		[STATUS_UNIMPLEMENTED] = "UNIMPLEMENTED",
		[STATUS_INTERNAL] = "INTERNAL",
		[STATUS_UNAVAILABLE] = "UNAVAILABLE",
		[STATUS_DATA_LOSS] = "DATA_LOSS",
		[STATUS_UNAUTHENTICATED] = "UNAUTHENTICATED",
	};

	return (size_t)code < ARRAY_LEN(names) ? names[code] : "UNKNOWN";
}

const char *
status_of_errno(int error)
{
	switch (error) {
	case ENOENT:
		return status_name(STATUS_NOT_FOUND);
	case EACCES:
	case EPERM:
		return status_name(STATUS_PERMISSION_DENIED);
	case ENOMEM:
	case EMFILE:
	case ENFILE:
	case ENOSPC:
		return status_name(STATUS_RESOURCE_EXHAUSTED);
	case EISDIR:
		return status_name(STATUS_FAILED_PRECONDITION);
	default:
		return status_name(STATUS_UNKNOWN);
	}
}

/* The connection broke, or could not be used. */
static status_code
of_connection(const struct rpc_err *error)
{
	if (error->re_errno == EMSGSIZE)
		return STATUS_OUT_OF_RANGE;
	return error->re_errno == EBADMSG ? STATUS_INTERNAL
					  : STATUS_UNAVAILABLE;
}

status_code
status_of_call(const struct rpc_err *error)
{
	switch (error->re_status) {
	case RPC_SUCCESS:
		return STATUS_OK;
	case RPC_TIMEDOUT:
		return STATUS_DEADLINE_EXCEEDED;
	case RPC_CANTSEND:
	case RPC_CANTRECV:
		return of_connection(error);
	case RPC_AUTHERROR:
		return STATUS_UNAUTHENTICATED;
	case RPC_PROGUNAVAIL:
	case RPC_PROGVERSMISMATCH:
	case RPC_PROCUNAVAIL:
	case RPC_VERSMISMATCH:
		return STATUS_UNIMPLEMENTED;
	case RPC_CANTDECODEARGS:
		return STATUS_INVALID_ARGUMENT;
	case RPC_CANTENCODEARGS:
	case RPC_CANTDECODERES:
	case RPC_SYSTEMERROR:
		return STATUS_INTERNAL;
	default:
		return STATUS_UNKNOWN;
	}
}
