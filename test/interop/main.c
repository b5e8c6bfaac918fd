/*
 * Runs one case against the server at a port of the loopback.
 *
 *	ours|stock CASE PORT
 */
#include "test/interop/cases.h"
#include "test/interop/client.h"

#include <err.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "empty_unary", empty_unary },
	{ "large_unary", large_unary },
	{ "client_streaming", client_streaming },
	{ "server_streaming", server_streaming },
	{ "ping_pong", ping_pong },
	{ "empty_stream", empty_stream },
	{ "cancel_after_begin", cancel_after_begin },
	{ "cancel_after_first_response", cancel_after_first_response },
	{ "timeout_on_sleeping_server", timeout_on_sleeping_server },
	{ "unimplemented_method", unimplemented_method },
	{ "unimplemented_service", unimplemented_service },
	{ "custom_metadata", custom_metadata },
	{ "concurrent_large_unary", concurrent_large_unary },
	{ "rpc_soak", rpc_soak },
	{ "channel_soak", channel_soak },
	{ "special_status_message", special_status_message },
	{ "rst_after_header", rst_after_header },
	{ "rst_during_data", rst_during_data },
	{ "rst_after_data", rst_after_data },
	{ "goaway", goaway },
	{ "max_streams", max_streams },
	{ "push_back", push_back },
};

enum { CASES = sizeof(cases) / sizeof(cases[0]) };

int
main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: ours|stock CASE PORT");
	server_at.sin_family = AF_INET;
	server_at.sin_port = htons((in_port_t)atoi(argv[2]));
	server_at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* A handle of libtirpc dies by it when its server has left. */
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < CASES; i++)
		if (strcmp(cases[i].name, argv[1]) == 0) {
			cases[i].run();
			return 0;
		}
	errx(2, "no such case: %s", argv[1]);
}
