/*
 * The textbook client: calls all that a server of reverse.x offers besides
 * streams, by the stubs that rpcgen makes, and prints the answers.
 *
 *	rpcgen reverse.x
 *	cc -I/usr/include/tirpc client.c reverse_clnt.c reverse_xdr.c -ltirpc
 *	./a.out HOST TEXT
 */
#include "reverse.h"
#include <err.h>
#include <stdio.h>
#include <string.h>

/* What is opaque has a length, and no NUL at its end. */
#define PRINT(bytes, name) \
	printf("%.*s\n", (int)(bytes).name##_len, (bytes).name##_val)

/*
 * Whether the call was answered with a result.  Every answer is a union whose
 * first field is its code; a stub returns NULL when there is no answer.
 */
static int
succeeded(CLIENT *server, const char *name, const void *answer)
{
	if (answer == NULL)
		errx(1, "%s", clnt_sperror(server, name));
	printf("%s: ", name);
	if (*(const status_code *)answer == STATUS_OK)
		return 1;
	printf("failed with status %d\n", *(const status_code *)answer);
	return 0;
}

int
main(int argc, char **argv)
{
	CLIENT *server;
	call_context context = { 0 };
	reverse_args args = { { 0 }, UNIT_GRAPHEME, { 0 } };
	greet_result *greet;
	reverse_result *text;
	status_result *status;
	describe_result *describe;
	whoami_result *whoami;

	if (argc != 3)
		errx(2, "usage: client HOST TEXT");
	server = clnt_create(argv[1], REVERSE_PROG, REVERSE_V1, "tcp");
	if (server == NULL)
		errx(1, "%s", clnt_spcreateerror(argv[1]));
	if (reverse_ping_1(NULL, server) == NULL)
		errx(1, "%s", clnt_sperror(server, "ping"));
	printf("ping: answered\n");
	greet = reverse_greet_1(&context, server);
	if (succeeded(server, "greet", greet))
		PRINT(greet->greet_result_u.hello.text, text);
	args.text.message_val = argv[2];
	args.text.message_len = strlen(argv[2]);
	text = reverse_text_1(&args, server);
	if (succeeded(server, "text", text))
		PRINT(text->reverse_result_u.outcome.text, message);
	status = reverse_status_1(NULL, server);
	if (succeeded(server, "status", status))
		printf("%d\n", status->status_result_u.counters.state);
	describe = reverse_describe_1(NULL, server);
	if (succeeded(server, "describe", describe))
		PRINT(describe->describe_result_u.schema, schema);
	whoami = reverse_whoami_1(NULL, server);
	if (succeeded(server, "whoami", whoami))
		printf("%u\n", whoami->whoami_result_u.you.flavor);
	clnt_destroy(server);
	return 0;
}
