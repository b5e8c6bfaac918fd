/*
 * For tests of the client: a server over UDP, in a thread, that answers calls
 * of procedure 0 alone, as if all longer datagrams got lost.
 */
#ifndef TEST_LIB_PINGS_H
#define TEST_LIB_PINGS_H

#include "rpcloop/net/endpoint.h"

#include <pthread.h>
#include <stdatomic.h>

struct pings {
	struct endpoint at; /* on the loopback */
	int fd;
	atomic_bool over;
	pthread_t thread;
};

void pings_start(struct pings *pings);
void pings_stop(struct pings *pings);

#endif
