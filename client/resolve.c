#include "client/resolve.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How soon an interruption is noticed while a name server keeps silent. */
#define TURN_MS 50

/* A question with all that its thread reads and writes. */
struct question {
	struct gaicb request;
	struct addrinfo hints;
	char host[];
};

static struct question *
question_new(const char *host, int family, int type)
{
	size_t len = strlen(host);
	struct question *question;

	/* The name of this host means its loopback, whatever knows names. */
	if (strcmp(host, "localhost") == 0)
		len = 0;
	if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	question = calloc(1, sizeof(*question) + len + 1);
	if (question == NULL)
		return NULL;
	memcpy(question->host, host, len);
	question->hints.ai_family = family;
	question->hints.ai_socktype = type;
	/* One of name and service must be given; the port is set later. */
	question->request.ar_name = len > 0 ? question->host : NULL;
	question->request.ar_service = "0";
	question->request.ar_request = &question->hints;
	return question;
}

/* The resolver's thread may still write to a question it will not cancel. */
static void
question_abandon(struct question *question)
{
	if (gai_cancel(&question->request) == EAI_CANCELED)
		free(question);
}

int
resolve(struct watch *watch, const char *host, int family, int type,
    struct addrinfo **list)
{
	static const struct timespec turn = { .tv_nsec = TURN_MS * 1000000 };
	struct question *question = question_new(host, family, type);
	struct gaicb *waiting[1];
	int r;

	if (question == NULL)
		return EAI_MEMORY;
	waiting[0] = &question->request;
	r = getaddrinfo_a(GAI_NOWAIT, waiting, 1, NULL);
	if (r != 0) {
		free(question);
		return r;
	}
	while (gai_error(waiting[0]) == EAI_INPROGRESS) {
		if (watch_happened(watch) != WATCH_NOTHING) {
			question_abandon(question);
			return EAI_INTR;
		}
		gai_suspend((const struct gaicb *const *)waiting, 1, &turn);
	}
	r = gai_error(waiting[0]);
	*list = question->request.ar_result;
	free(question);
	return r;
}
