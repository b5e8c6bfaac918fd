/*
 * resolve: getaddrinfo, which cannot be told to give up, where it may be left.
 */
#include "client/session/resolve.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/*
 * A question to the name service, which may keep silent for long, in a thread
 * of its own.  Both who asks and the thread hold it; the last to let go frees
 * it, so that an abandoned answer has somewhere to go.
 */
struct question {
	pthread_mutex_t lock; /* of all that follows but answered and host */
	unsigned int holders;
	int error;
	struct addrinfo *list;
	struct addrinfo hints;
	int answered; /* eventfd */
	char host[];
};

static struct question *
question_new(const char *host, const struct addrinfo *hints)
{
	struct question *q = calloc(1, sizeof(*q) + strlen(host) + 1);

	if (q == NULL)
		return NULL;
	q->answered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (q->answered == -1) {
		free(q);
		return NULL;
	}
	pthread_mutex_init(&q->lock, NULL);
	q->holders = 1;
	q->hints = *hints;
	strcpy(q->host, host);
	return q;
}

static void
question_leave(struct question *q)
{
	bool last;

	pthread_mutex_lock(&q->lock);
	last = --q->holders == 0;
	pthread_mutex_unlock(&q->lock);
	if (!last)
		return;
	if (q->list != NULL)
		freeaddrinfo(q->list);
	pthread_mutex_destroy(&q->lock);
	close(q->answered);
	free(q);
}

static void *
ask(void *arg)
{
	static const uint64_t one = 1;
	struct question *q = arg;
	struct addrinfo *list = NULL;
	int error = getaddrinfo(q->host, NULL, &q->hints, &list);

	pthread_mutex_lock(&q->lock);
	q->error = error;
	q->list = error == 0 ? list : NULL;
	pthread_mutex_unlock(&q->lock);
	/* An eventfd at 0 takes any number. */
	if (write(q->answered, &one, sizeof(one)) != sizeof(one))
		abort();
	question_leave(q);
	return NULL;
}

static int
wait_for_answer(struct watch *watch, struct question *q, struct addrinfo **list)
{
	int error = EAI_INTR;

	if (watch_wait(watch, q->answered, POLLIN, WATCH_FOREVER) != 0)
		return error;
	pthread_mutex_lock(&q->lock);
	error = q->error;
	*list = q->list;
	q->list = NULL;
	pthread_mutex_unlock(&q->lock);
	return error;
}

static int
ask_in_thread(struct watch *watch, const char *host,
    const struct addrinfo *hints, struct addrinfo **list)
{
	struct question *q = question_new(host, hints);
	pthread_t thread;
	int error;

	if (q == NULL)
		return EAI_MEMORY;
	q->holders++;
	error = pthread_create(&thread, NULL, ask, q);
	if (error == 0) {
		pthread_detach(thread);
		error = wait_for_answer(watch, q, list);
	} else {
		q->holders--;
		errno = error;
		error = EAI_SYSTEM;
	}
	question_leave(q);
	return error;
}

int
resolve(struct watch *watch, const char *host, int family, int type,
    struct addrinfo **list)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_family = family,
		.ai_socktype = type,
	};
	char bare[NI_MAXHOST];
	size_t len = strlen(host);
	int error;

	/* The loopback, whatever the name service knows. */
	if (strcmp(host, "localhost") == 0)
		return getaddrinfo(NULL, "0", &hints, list);
	if (len >= sizeof(bare))
		return EAI_NONAME;
	if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	memcpy(bare, host, len);
	bare[len] = '\0';
	error = getaddrinfo(bare, NULL, &hints, list);
	if (error != EAI_NONAME)
		return error;
	hints.ai_flags = 0;
	return ask_in_thread(watch, bare, &hints, list);
}
