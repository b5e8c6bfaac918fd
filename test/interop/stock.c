/*
 * The client that is stock: handles of libtirpc.
 */
#include "test/interop/client.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

CLIENT *
connect_to(rpcprog_t program, rpcvers_t version)
{
	struct sockaddr_in at = server_at;
	int fd = RPC_ANYSOCK;
	CLIENT *server = clnttcp_create(&at, program, version, &fd, 0, 0);

	demand(server != NULL);
	return server;
}

/* One of the calls that are made at once. */
struct one {
	pthread_t thread;
	const reverse_args *args;
	reverse_result result;
};

static void *
call_one(void *arg)
{
	struct one *one = arg;
	reverse_args args = *one->args;
	CLIENT *server = connect_to_reverse();

	demand(reverse_text_1(&args, &one->result, server) == RPC_SUCCESS);
	clnt_destroy(server);
	return NULL;
}

void
call_at_once(unsigned int count, const reverse_args *args,
    void (*checked)(const reverse_result *result))
{
	struct one *all = calloc(count, sizeof(*all));

	demand(all != NULL);
	for (struct one *one = all; one < all + count; one++) {
		one->args = args;
		demand(pthread_create(&one->thread, NULL, call_one, one) == 0);
	}
	for (struct one *one = all; one < all + count; one++) {
		pthread_join(one->thread, NULL);
		checked(&one->result);
		xdr_free((xdrproc_t)xdr_reverse_result, (char *)&one->result);
	}
	free(all);
}
