#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <string.h>

enum { UNIMPLEMENTED_CALL = 99 };

void
unimplemented_method(void)
{
	CLIENT *server = connect_to_reverse();
	struct timeval limit = { .tv_sec = 25 };
	xdrproc_t type = (xdrproc_t)xdr_call_context;
	call_context empty, result;

	memset(&empty, 0, sizeof(empty));
	memset(&result, 0, sizeof(result));
	demand(clnt_call(server, UNIMPLEMENTED_CALL, type, (char *)&empty, type,
		   (char *)&result, limit) == RPC_PROCUNAVAIL);
	demand(reverse_ping_1(NULL, NULL, server) == RPC_SUCCESS);
	clnt_destroy(server);
}
