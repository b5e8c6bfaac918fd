#include "test/interop/cases.h"
#include "test/interop/client.h"

/* A PING of that program and version. */
static struct rpc_err
call(rpcprog_t program, rpcvers_t version)
{
	CLIENT *server = connect_to(program, version);
	struct rpc_err error;

	reverse_ping_1(NULL, NULL, server);
	clnt_geterr(server, &error);
	clnt_destroy(server);
	return error;
}

void
unimplemented_service(void)
{
	struct rpc_err error = call(REVERSE_PROG + 1, REVERSE_V1);

	demand(error.re_status == RPC_PROGUNAVAIL);
	error = call(REVERSE_PROG, REVERSE_V1 + 1);
	demand(error.re_status == RPC_PROGVERSMISMATCH);
	demand(error.re_vers.low == REVERSE_V1);
	demand(error.re_vers.high == REVERSE_V1);
}
