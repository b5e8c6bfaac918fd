#include "rpcloop/serve/xprt.h"

#include "rpcloop/serve/call.h"

void *
xprt_context(const SVCXPRT *xprt)
{
	return call_of(xprt)->calls->context;
}

const struct address *
xprt_peer(const SVCXPRT *xprt)
{
	return call_from(call_of(xprt));
}

bool
xprt_is_datagram(const SVCXPRT *xprt)
{
	return call_of(xprt)->datagram != NULL;
}

size_t
xprt_call_size(const SVCXPRT *xprt)
{
	return call_of(xprt)->owed_datagram.origin.len;
}

size_t
xprt_reply_max(const SVCXPRT *xprt)
{
	return call_of(xprt)->reply_max;
}

void
xprt_trust_peer(SVCXPRT *xprt)
{
	struct call *call = call_of(xprt);

	if (call->datagram != NULL)
		call->reply_max = DATAGRAM_SIZE_MAX;
}

uint64_t
xprt_host(const SVCXPRT *xprt)
{
	const struct call *call = call_of(xprt);

	return address_host_hash(call_from(call), &call->calls->key);
}

/* Connections are numbered from 1. */
uint64_t
xprt_connection(const SVCXPRT *xprt)
{
	const struct call *call = call_of(xprt);

	return call->connection != NULL ? call->connection->id
					: (uint64_t)1 << 63 | xprt_host(xprt);
}

struct account *
xprt_account(const SVCXPRT *xprt)
{
	struct peer *peer = call_peer(call_of(xprt));

	return peer != NULL ? &peer->account : NULL;
}

bool
xprt_may_wait(const SVCXPRT *xprt)
{
	struct call *call = call_of(xprt);
	const struct peer *peer = call_peer(call);

	if (call->connection != NULL)
		return connection_may_owe(call->connection);
	return peer != NULL && !peer_is_short(peer) &&
	    datagram_may_owe(call->datagram);
}

uint64_t
xprt_arrived_ms(const SVCXPRT *xprt)
{
	return call_of(xprt)->arrived_ms;
}

const uint8_t *
xprt_arguments(const SVCXPRT *xprt, size_t *len)
{
	const struct call *call = call_of(xprt);

	*len = call->arguments_size;
	return (const uint8_t *)call->arguments.x_base;
}

void *
xprt_room(SVCXPRT *xprt, size_t size)
{
	return arena_room(&call_of(xprt)->calls->arena, size);
}
