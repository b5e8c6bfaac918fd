#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <stdlib.h>
#include <string.h>

static const char special[] =
    "\t\ntest with whitespace\r\nand Unicode BMP \u263a "
    "and non-BMP \U0001f608\t\n";

void
special_status_message(void)
{
	CLIENT *server = connect_to_reverse();
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(1) };
	reverse_result result;
	failure *why = &result.reverse_result_u.why;

	memset(&result, 0, sizeof(result));
	demand(reverse_text_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_UNKNOWN && why->code == STATUS_UNKNOWN);
	demand(why->detail.detail_len == strlen(special));
	demand(memcmp(why->detail.detail_val, special, strlen(special)) == 0);
	xdr_free((xdrproc_t)xdr_reverse_result, (char *)&result);
	free(args.text.message_val);
	clnt_destroy(server);
}
