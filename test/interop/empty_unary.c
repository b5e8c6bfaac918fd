#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <string.h>

void
empty_unary(void)
{
	CLIENT *server = connect_to_reverse();
	reverse_args args;
	reverse_result result;
	message *text = &result.reverse_result_u.outcome.text;

	/* No bytes at all, either way. */
	demand(reverse_ping_1(NULL, NULL, server) == RPC_SUCCESS);

	/* A message of none. */
	memset(&args, 0, sizeof(args));
	memset(&result, 0, sizeof(result));
	demand(reverse_text_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK && text->message_len == 0);
	xdr_free((xdrproc_t)xdr_reverse_result, (char *)&result);
	clnt_destroy(server);
}
