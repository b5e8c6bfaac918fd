/*
 * The textbook server: procedures for the dispatcher and main() that rpcgen
 * makes from reverse.x, and nothing else.  Each returns a static result, and
 * an answer too long for one stays allocated until the next.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc server.c reverse_svc.c reverse_xdr.c -ltirpc
 */
#include "reverse.h"
#include <stdlib.h>
#include <string.h>

#define TEXTBOOK "Give me a message, and I give it back reversed."

#define UNIMPLEMENTED(procedure, argument, result)             \
	result *procedure(argument *args, struct svc_req *req) \
	{                                                      \
		static result answer;                          \
		(void)args, (void)req;                         \
		answer.code = STATUS_UNIMPLEMENTED;            \
		answer.result##_u.why.code = answer.code;      \
		return &answer;                                \
	}

UNIMPLEMENTED(reverse_open_1_svc, open_args, open_result)
UNIMPLEMENTED(reverse_exchange_1_svc, exchange_args, exchange_result)
UNIMPLEMENTED(reverse_cancel_1_svc, cancel_args, cancel_result)
UNIMPLEMENTED(reverse_status_1_svc, void, status_result)
UNIMPLEMENTED(reverse_describe_1_svc, void, describe_result)
UNIMPLEMENTED(reverse_whoami_1_svc, void, whoami_result)

void *
reverse_ping_1_svc(void *args, struct svc_req *req)
{
	static char nothing;

	(void)args, (void)req;
	return &nothing;
}

greet_result *
reverse_greet_1_svc(call_context *args, struct svc_req *req)
{
	static greet_result answer;
	greeting *hello = &answer.greet_result_u.hello;

	(void)args, (void)req;
	hello->text.text_val = TEXTBOOK;
	hello->text.text_len = strlen(TEXTBOOK);
	hello->server.server_val = "textbook";
	hello->server.server_len = strlen("textbook");
	hello->message_max = MESSAGE_MAX;
	return &answer;
}

reverse_result *
reverse_text_1_svc(reverse_args *args, struct svc_req *req)
{
	static reverse_result answer;
	message *out = &answer.reverse_result_u.outcome.text;
	char *in = args->text.message_val;
	u_int end = args->text.message_len, start, at = 0;

	(void)req;
	xdr_free((xdrproc_t)xdr_reverse_result, (char *)&answer);
	out->message_len = end;
	out->message_val = malloc(end + 1);
	for (; end > 0; end = start) {
		start = end - 1;
		/* A code point is its lead byte and what continues it. */
		while (args->unit != UNIT_BYTE && start > 0 &&
		    (in[start] & 0xc0) == 0x80)
			start--;
		memcpy(out->message_val + at, in + start, end - start);
		at += end - start;
	}
	return &answer;
}
