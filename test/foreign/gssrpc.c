/* The RPC library of MIT Kerberos. */
#include "test/foreign/client.h"

#include <arpa/inet.h>
#include <err.h>
#include <gssrpc/rpc.h>

static CLIENT *handle;

bool
code_word(void *xdrs, uint32_t *word)
{
	return xdr_u_int32(xdrs, word);
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

static bool_t
code(XDR *xdrs, struct coded *coded)
{
	return coded->codec(xdrs, coded->value);
}

void
library_connect(uint16_t port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int socket = RPC_ANYSOCK;

	handle = clnttcp_create(&address, PROGRAM, VERSION, &socket, 0, 0);
	if (handle == NULL)
		errx(1, "%s", clnt_spcreateerror("connect"));
}

int
library_call(uint32_t procedure, struct coded arguments, struct coded result)
{
	struct timeval timeout = { .tv_sec = 25 };
	enum clnt_stat status = clnt_call(
	    handle, procedure, code, &arguments, code, &result, timeout);

	if (status != RPC_SUCCESS && status != RPC_CANTDECODEARGS)
		errx(1, "%s", clnt_sperror(handle, "call"));
	return status == RPC_SUCCESS ? 0 : ACCEPT_GARBAGE;
}
