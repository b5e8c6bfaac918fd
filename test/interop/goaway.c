#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <stdio.h>

void
goaway(void)
{
	CLIENT *server = connect_to_reverse();
	enum clnt_stat status;

	call_large(server);
	puts("answered");
	fflush(stdout);
	/* Until the server has gone, and there is another. */
	demand(getchar() == '\n');
	status = reverse_ping_1(NULL, NULL, server);
	demand(status == RPC_CANTSEND || status == RPC_CANTRECV);
	clnt_destroy(server);

	server = connect_to_reverse();
	call_large(server);
	clnt_destroy(server);
}
