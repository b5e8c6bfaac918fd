#include "test/lib/pings.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static void *
answer(void *arg)
{
	struct pings *pings = arg;
	uint32_t call[512], words[6] = { 0, htonl(1) };
	struct sockaddr_in from;
	socklen_t len;

	while (!atomic_load(&pings->over)) {
		len = sizeof(from);
		if (recvfrom(pings->fd, call, sizeof(call), 0,
			(struct sockaddr *)&from, &len) < 24 ||
		    call[5] != 0)
			continue;
		words[0] = call[0];
		sendto(pings->fd, words, sizeof(words), 0,
		    (struct sockaddr *)&from, len);
	}
	return NULL;
}

void
pings_start(struct pings *pings)
{
	const struct timeval brief = { .tv_usec = 20000 };
	struct endpoint *at = &pings->at;

	*at = (struct endpoint){ .type = SOCK_DGRAM };
	at->len = sizeof(at->at.in);
	at->at.in.sin_family = AF_INET;
	at->at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	pings->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(pings->fd, &at->at.any, at->len), 0);
	assert_int_equal(getsockname(pings->fd, &at->at.any, &at->len), 0);
	setsockopt(pings->fd, SOL_SOCKET, SO_RCVTIMEO, &brief, sizeof(brief));
	atomic_store(&pings->over, false);
	assert_int_equal(
	    pthread_create(&pings->thread, NULL, answer, pings), 0);
}

void
pings_stop(struct pings *pings)
{
	atomic_store(&pings->over, true);
	pthread_join(pings->thread, NULL);
	close(pings->fd);
}
