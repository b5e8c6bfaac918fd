/*
 * Full duplex: one process pushes, with a window of 0, another one pulls.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc duplex.c reverse_clnt.c reverse_xdr.c -ltirpc
 *	./a.out HOST TEXT...
 */
#include "reverse.h"
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static CLIENT *
connect_to(const char *host)
{
	CLIENT *server = clnt_create(host, REVERSE_PROG, REVERSE_V1, "tcp");

	if (server == NULL)
		errx(1, "%s", clnt_spcreateerror(host));
	return server;
}

static answer *
exchange(CLIENT *server, exchange_args *args)
{
	exchange_result *result = reverse_exchange_1(args, server);

	if (result == NULL || result->code != STATUS_OK)
		errx(1, "%s", clnt_sperror(server, "exchange"));
	return &result->exchange_result_u.answered;
}

static void
push(CLIENT *server, exchange_args args, char **texts)
{
	message text;

	args.piece.messages.messages_val = &text;
	args.piece.messages.messages_len = 1;
	for (char *t; (t = texts[args.piece.first]) != NULL;) {
		text = (message){ strlen(t), t };
		args.piece.last = texts[args.piece.first + 1] == NULL;
		args.piece.first = exchange(server, &args)->piece.next;
	}
}

/* Goes on where OPEN began, which came by the same handle. */
static void
pull(CLIENT *server, exchange_args args)
{
	answer *heard;

	args.piece.window = 65536;
	do {
		heard = exchange(server, &args);
		for (message *m = heard->piece.messages.messages_val,
			     *end = m + heard->piece.messages.messages_len;
		     m < end; m++, args.piece.next++)
			printf("%.*s\n", (int)m->message_len, m->message_val);
	} while (heard->end == NULL);
}

int
main(int argc, char **argv)
{
	open_args args = { .method = METHOD_EACH, .unit = UNIT_GRAPHEME };
	exchange_args next = { .wait_ms = 5000, .ahead = TRUE };
	CLIENT *server = connect_to(argc > 1 ? argv[1] : "localhost");
	open_result *result = reverse_open_1(&args, server);

	if (result == NULL || result->code != STATUS_OK)
		errx(1, "%s", clnt_sperror(server, "open"));
	memcpy(next.stream, result->open_result_u.started.stream, 16);
	if (fork() == 0)
		push(connect_to(argv[1]), next, argv + 2);
	else
		pull(server, next);
}
