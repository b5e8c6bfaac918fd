/*
 * Bidirectional: a round trip for each message.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc each.c reverse_clnt.c reverse_xdr.c -ltirpc
 *	./a.out HOST TEXT...
 */
#include "reverse.h"
#include <err.h>
#include <stdio.h>
#include <string.h>

static CLIENT *server;
/* The next call of the stream: its token, and how far we are. */
static exchange_args next = { .wait_ms = 5000, .piece.window = 65536 };

static void
open_stream(const char *host, stream_method method)
{
	open_args args = { .method = method, .unit = UNIT_GRAPHEME };
	open_result *result;

	server = clnt_create(host, REVERSE_PROG, REVERSE_V1, "tcp");
	if (server == NULL)
		errx(1, "%s", clnt_spcreateerror(host));
	result = reverse_open_1(&args, server);
	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "open"));
	if (result->code != STATUS_OK)
		errx(1, "open: status %d", result->code);
	memcpy(next.stream, result->open_result_u.started.stream,
	    sizeof(next.stream));
}

/* Sends what next says, prints what comes; FALSE when that was the end. */
static int
exchange(void)
{
	exchange_result *result = reverse_exchange_1(&next, server);

	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "exchange"));
	if (result->code != STATUS_OK)
		errx(1, "exchange: status %d", result->code);
	answer *heard = &result->exchange_result_u.answered;
	segment *piece = &heard->piece;
	for (message *m = piece->messages.messages_val,
		     *end = m + piece->messages.messages_len;
	     m < end; m++)
		printf("%.*s\n", (int)m->message_len, m->message_val);
	next.piece.first = piece->next;
	next.piece.next = piece->first + piece->messages.messages_len;
	if (heard->end != NULL && heard->end->why.code != STATUS_OK)
		errx(1, "ended with status %d", heard->end->why.code);
	return heard->end == NULL;
}

int
main(int argc, char **argv)
{
	message text;

	open_stream(argc > 1 ? argv[1] : "localhost", METHOD_EACH);
	next.piece.messages.messages_val = &text;
	next.piece.messages.messages_len = 1;
	for (int i = 2; i < argc; i++) {
		text = (message){ strlen(argv[i]), argv[i] };
		/* Again, if it takes long: a repeat does no harm. */
		do {
			next.piece.first = i - 2;
			exchange();
		} while (next.piece.next < (u_quad_t)i - 1);
	}
	next.piece.messages.messages_len = 0;
	next.piece.last = TRUE;
	while (exchange())
		continue;
	return 0;
}
