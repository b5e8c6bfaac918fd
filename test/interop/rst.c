#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <stdlib.h>
#include <string.h>

/* A TEXT of LARGE bytes; what is wrong may be no answer, but no wrong one. */
static enum clnt_stat
call(void)
{
	CLIENT *server = connect_to_reverse();
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(LARGE) };
	reverse_result result;
	enum clnt_stat status;

	memset(&result, 0, sizeof(result));
	status = reverse_text_1(&args, &result, server);
	if (status == RPC_SUCCESS) {
		demand(result.code == STATUS_OK);
		demand(
		    is_reversed(&result.reverse_result_u.outcome.text, LARGE));
		xdr_free((xdrproc_t)xdr_reverse_result, (char *)&result);
	}
	free(args.text.message_val);
	clnt_destroy(server);
	return status;
}

void
rst_after_header(void)
{
	demand(call() == RPC_CANTRECV);
	demand(call() == RPC_SUCCESS);
}

void
rst_during_data(void)
{
	demand(call() == RPC_CANTRECV);
	demand(call() == RPC_SUCCESS);
}

void
rst_after_data(void)
{
	enum clnt_stat status = call();

	demand(status == RPC_SUCCESS || status == RPC_CANTRECV);
	demand(call() == RPC_SUCCESS);
}
