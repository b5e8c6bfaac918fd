/*
 * Full duplex: one process pushes, with a window of 0, another one pulls.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc duplex.c reverse_clnt.c reverse_xdr.c -ltirpc
 *	./a.out HOST TEXT...
 */
#include "reverse.h"
#include <err.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* The next call of the stream; each process goes on with its own. */
static exchange_args next = { .wait_ms = 5000, .ahead = TRUE };

/* Sends what next says, prints what comes; FALSE when that was the end. */
static int
exchange(CLIENT *server)
{
	exchange_result *result = reverse_exchange_1(&next, server);

	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "exchange"));
	if (result->code != STATUS_OK)
		errx(1, "exchange: status %d", result->code);
	answer *heard = &result->exchange_result_u.answered;
	for (message *m = heard->piece.messages.messages_val,
		     *end = m + heard->piece.messages.messages_len;
	     m < end; m++, next.piece.next++)
		printf("%.*s\n", (int)m->message_len, m->message_val);
	next.piece.first = heard->piece.next;
	if (heard->end != NULL && heard->end->why.code != STATUS_OK)
		errx(1, "ended with status %d", heard->end->why.code);
	return heard->end == NULL;
}

static void
push(CLIENT *server, char **texts)
{
	next.piece.messages.messages_len = 1;
	do {
		char *t = texts[next.piece.first];

		next.piece.messages.messages_val = &(message){ strlen(t), t };
		next.piece.last = texts[next.piece.first + 1] == NULL;
	} while (exchange(server) && texts[next.piece.first] != NULL);
}

int
main(int argc, char **argv)
{
	const char *host = argc > 1 ? argv[1] : "localhost";
	open_args args = { .method = METHOD_EACH, .piece.last = argc < 3 };
	CLIENT *server = clnt_create(host, REVERSE_PROG, REVERSE_V1, "tcp");
	CLIENT *other = clnt_create(host, REVERSE_PROG, REVERSE_V1, "tcp");
	int failed = 0;

	/* Both processes may say how it ended: each in one write. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	if (server == NULL || other == NULL)
		errx(1, "%s", clnt_spcreateerror(host));
	open_result *result = reverse_open_1(&args, server);
	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "open"));
	if (result->code != STATUS_OK)
		errx(1, "open: status %d", result->code);
	memcpy(next.stream, result->open_result_u.started.stream, 16);
	if (argc > 2 && fork() == 0)
		return push(other, argv + 2), 0;
	/* By the handle that OPEN came by, unless the other process failed. */
	next.piece.window = 65536;
	while (!failed && exchange(server))
		waitpid(-1, &failed, WNOHANG);
	return failed != 0;
}
