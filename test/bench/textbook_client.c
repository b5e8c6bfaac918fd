/*
 * The textbook client for one text, at a port of the loopback and without
 * rpcbind: what rpcgen makes without -M, and a main() of our own.
 *
 *	textbook_client PORT TEXT
 */

#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reverse.h"

int
main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	reverse_args args = { { 0 }, UNIT_GRAPHEME, { 0 } };
	reverse_result *result;
	int fd = RPC_ANYSOCK;
	CLIENT *server;

	if (argc != 3)
		errx(2, "usage: textbook_client PORT TEXT");
	at.sin_port = htons((uint16_t)atoi(argv[1]));
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server = clnttcp_create(&at, REVERSE_PROG, REVERSE_V1, &fd, 0, 0);
	if (server == NULL)
		errx(1, "%s", clnt_spcreateerror("clnttcp_create"));
	args.text.message_val = argv[2];
	args.text.message_len = strlen(argv[2]);
	result = reverse_text_1(&args, server);
	if (result == NULL)
		errx(1, "%s", clnt_sperror(server, "text"));
	if (result->code != STATUS_OK)
		errx(1, "text: status %d", result->code);
	printf("%.*s\n", (int)result->reverse_result_u.outcome.text.message_len,
	    result->reverse_result_u.outcome.text.message_val);
	clnt_destroy(server);
	return 0;
}
