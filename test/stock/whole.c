/*
 * Bidirectional: standard input, however long, reversed as a whole.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc whole.c reverse_clnt.c reverse_xdr.c -ltirpc
 *	./a.out [HOST] <FILE
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
	answer *heard;
	segment *piece;

	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "exchange"));
	if (result->code != STATUS_OK)
		errx(1, "exchange: status %d", result->code);
	heard = &result->exchange_result_u.answered;
	piece = &heard->piece;
	for (u_int i = 0; i < piece->messages.messages_len; i++)
		fwrite(piece->messages.messages_val[i].message_val, 1,
		    piece->messages.messages_val[i].message_len, stdout);
	next.piece.first = piece->next;
	next.piece.next = piece->first + piece->messages.messages_len;
	if (heard->end != NULL && heard->end->why.code != STATUS_OK)
		errx(1, "ended with status %d", heard->end->why.code);
	return heard->end == NULL;
}

int
main(int argc, char **argv)
{
	static char bytes[32768];
	message text = { 0, bytes };
	u_quad_t sent = 0;

	open_stream(argc > 1 ? argv[1] : "localhost", METHOD_WHOLE);
	next.piece.messages.messages_val = &text;
	next.piece.messages.messages_len = 1;
	for (; (text.message_len = fread(bytes, 1, 32768, stdin)) > 0; sent++)
		/* Again, when the server had no room for it. */
		do
			exchange();
		while (next.piece.first == sent);
	next.piece.messages.messages_len = 0;
	next.piece.last = TRUE;
	while (exchange())
		continue;
	return 0;
}
