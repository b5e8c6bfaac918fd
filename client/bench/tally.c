#include "client/bench/tally.h"

#include "base/base.h"

#include <errno.h>

void
tally_add(struct tally *tally, status_code status, uint64_t now_ns,
    uint64_t latency_ns)
{
	tally->calls++;
	tally->end_ns = MAX_OF(tally->end_ns, now_ns);
	if (status == STATUS_OK) {
		histogram_add(&tally->latency, latency_ns);
		return;
	}
	tally->failures++;
	tally->failed[(size_t)status < TALLY_STATUSES ? status
						      : STATUS_UNKNOWN]++;
}

uint64_t
tally_rate(const struct tally *tally)
{
	double seconds = (double)(tally->end_ns - tally->begin_ns) / 1e9;

	if (tally->latency.count == 0 || seconds <= 0)
		return 0;
	return (uint64_t)((double)tally->latency.count * 1000 / seconds);
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
tally_status(const struct rpc_err *error)
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
	default:
		return STATUS_INTERNAL;
	}
}
