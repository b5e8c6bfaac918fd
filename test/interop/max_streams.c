#include "test/interop/cases.h"
#include "test/interop/stream.h"

#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 10 };

static void
check(const reverse_result *result)
{
	demand(result->code == STATUS_OK);
	demand(is_reversed(&result->reverse_result_u.outcome.text, LARGE));
}

/* A second stream is refused, for now. */
static void
is_refused(CLIENT *server)
{
	open_args args = { .method = METHOD_EACH, .unit = UNIT_BYTE };
	open_result result;

	memset(&result, 0, sizeof(result));
	demand(reverse_open_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_RESOURCE_EXHAUSTED);
	demand(result.open_result_u.why.retry_after_ms > 0);
	xdr_free((xdrproc_t)xdr_open_result, (char *)&result);
}

void
max_streams(void)
{
	CLIENT *server = connect_to_reverse();
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(LARGE) };
	struct stream s;

	call_large(server);
	call_at_once(AT_ONCE, &args, check);
	stream_open_bytes(&s, server, METHOD_EACH);
	is_refused(server);
	stream_finish(&s);
	stream_close(&s);
	stream_open_bytes(&s, server, METHOD_EACH);
	stream_cancel(&s);
	stream_close(&s);
	free(args.text.message_val);
	clnt_destroy(server);
}
