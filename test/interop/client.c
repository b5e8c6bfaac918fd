#include "test/interop/client.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

struct sockaddr_in server_at;

void
demand_failed(const char *file, int line, const char *what)
{
	errx(1, "%s:%d: it is not so that %s", file, line, what);
}

CLIENT *
connect_to_reverse(void)
{
	return connect_to(REVERSE_PROG, REVERSE_V1);
}

void
allow_ms(CLIENT *server, unsigned int ms)
{
	struct timeval limit = {
		.tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000 * 1000),
	};

	demand(clnt_control(server, CLSET_TIMEOUT, (char *)&limit));
}

unsigned int
rounds(unsigned int few, unsigned int full)
{
	return getenv("TEST_FULL") != NULL ? full : few;
}

static char
byte_at(u_int i)
{
	return (char)(i % 251);
}

message
bytes_of(u_int len)
{
	message text = { .message_len = len, .message_val = malloc(len + 1) };

	demand(text.message_val != NULL);
	for (u_int i = 0; i < len; i++)
		text.message_val[i] = byte_at(i);
	return text;
}

bool
is_reversed(const message *text, u_int len)
{
	if (text->message_len != len)
		return false;
	for (u_int i = 0; i < len; i++)
		if (text->message_val[i] != byte_at(len - 1 - i))
			return false;
	return true;
}

void
call_large(CLIENT *server)
{
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(LARGE) };
	reverse_result result;

	memset(&result, 0, sizeof(result));
	demand(reverse_text_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK);
	demand(is_reversed(&result.reverse_result_u.outcome.text, LARGE));
	xdr_free((xdrproc_t)xdr_reverse_result, (char *)&result);
	free(args.text.message_val);
}
