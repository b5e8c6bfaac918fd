#include "rpcloop/call/resolve.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/thread.h"
#include "rpcloop/loop/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * What whoever asks and the thread share.  The last of them to let go frees it,
 * so that an answer that nobody waits for any more has somewhere to go.
 */
struct shared {
	pthread_mutex_t lock;  /* of asker, holders, and the answer */
	struct resolve *asker; /* NULL: it has gone */
	unsigned int holders;
	struct resolve_answer answer;
	struct inbox_message message;
	struct addrinfo hints;
	char host[];
};

struct resolve {
	struct loop_item item; /* runs when there is an answer, or no time */
	struct inbox inbox;    /* for the thread */
	struct shared *shared; /* NULL: there is no thread */
	bool answered;
	struct resolve_answer answer;
	/* Of the loopback: what is here is not freed. */
	struct addrinfo loopback[2];
	struct sockaddr_in6 at_6;
	struct sockaddr_in at_4;
	void (*done)(void *context, const struct resolve_answer *answer);
	void *context;
};

static void
let_go(struct shared *s)
{
	bool last;

	pthread_mutex_lock(&s->lock);
	last = --s->holders == 0;
	pthread_mutex_unlock(&s->lock);
	if (!last)
		return;
	if (s->answer.list != NULL)
		freeaddrinfo(s->answer.list);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* The thread posts nothing more. */
static void
leave_thread(struct resolve *r)
{
	struct shared *s = r->shared;

	if (s == NULL)
		return;
	r->shared = NULL;
	pthread_mutex_lock(&s->lock);
	s->asker = NULL;
	pthread_mutex_unlock(&s->lock);
	inbox_deinit(&r->inbox);
	let_go(s);
}

static void
answer_with(struct resolve *r, int error)
{
	r->answer.system = errno;
	r->answer.error = error;
	r->answered = true;
	loop_queue(&r->item, LOOP_RESUMED);
}

/* On the thread of the loop.  Whoever asked may not be told here: he may free
 * the inbox. */
static void
on_message(struct inbox_message *message)
{
	struct shared *s = container_of(message, struct shared, message);
	struct resolve *r = s->asker;

	pthread_mutex_lock(&s->lock);
	r->answer = s->answer;
	s->answer.list = NULL;
	pthread_mutex_unlock(&s->lock);
	r->answered = true;
	loop_queue(&r->item, LOOP_RESUMED);
}

static void *
ask(void *arg)
{
	struct shared *s = arg;
	struct resolve_answer answer = { .list = NULL };

	answer.error = getaddrinfo(s->host, NULL, &s->hints, &answer.list);
	answer.system = errno;
	if (answer.error != 0)
		answer.list = NULL;
	pthread_mutex_lock(&s->lock);
	s->answer = answer;
	if (s->asker != NULL)
		inbox_post(&s->asker->inbox, &s->message);
	pthread_mutex_unlock(&s->lock);
	let_go(s);
	return NULL;
}

/* Returns 0 or a negative errno. */
static int
start_thread(struct shared *s)
{
	pthread_t thread;
	int r;

	s->holders++;
	r = thread_start(&thread, ask, s);
	if (r == 0)
		pthread_detach(thread);
	else
		s->holders--;
	return r;
}

/* Returns 0 or a negative errno. */
static int
ask_in_thread(struct resolve *r, const char *host, const struct addrinfo *hints)
{
	struct shared *s = calloc(1, sizeof(*s) + strlen(host) + 1);
	int result;

	if (s == NULL)
		return -ENOMEM;
	pthread_mutex_init(&s->lock, NULL);
	s->holders = 1;
	s->asker = r;
	s->message.run = on_message;
	s->hints = *hints;
	strcpy(s->host, host);
	r->shared = s;
	result = inbox_init(&r->inbox, r->item.loop);
	return result == 0 ? start_thread(s) : result;
}

/* Both addresses, or that of the family.  To have them from getaddrinfo(3),
 * which sorts what it finds by what the network takes, is a twentieth of the
 * time that a call takes from the start of its program to the end. */
static struct addrinfo *
loopback_of(struct resolve *r, const struct addrinfo *hints)
{
	r->at_6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	r->at_4 = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	r->loopback[0] = (struct addrinfo){
		.ai_family = AF_INET6,
		.ai_addr = (struct sockaddr *)&r->at_6,
		.ai_addrlen = sizeof(r->at_6),
		.ai_next =
		    hints->ai_family == AF_UNSPEC ? &r->loopback[1] : NULL,
	};
	r->loopback[1] = (struct addrinfo){
		.ai_family = AF_INET,
		.ai_addr = (struct sockaddr *)&r->at_4,
		.ai_addrlen = sizeof(r->at_4),
	};
	return &r->loopback[hints->ai_family == AF_INET ? 1 : 0];
}

static bool
is_loopback(const struct resolve *r)
{
	return r->answer.list == &r->loopback[0] ||
	    r->answer.list == &r->loopback[1];
}

/* False: a name service has to be asked. */
static bool
answers_at_once(
    struct resolve *r, const char *host, const struct addrinfo *hints)
{
	struct addrinfo **list = &r->answer.list;
	size_t len = strlen(host);
	char bare[NI_MAXHOST];
	int error = 0;

	if (len >= sizeof(bare)) {
		error = EAI_NONAME;
	} else if (strcasecmp(host, "localhost") == 0) {
		*list = loopback_of(r, hints);
	} else if (host[0] == '[' && len > 2 && host[len - 1] == ']') {
		memcpy(bare, host + 1, len - 2);
		bare[len - 2] = '\0';
		error = getaddrinfo(bare, NULL, hints, list);
	} else {
		error = getaddrinfo(host, NULL, hints, list);
		if (error == EAI_NONAME)
			return false;
	}
	answer_with(r, error);
	return true;
}

static int
begin(struct resolve *r, const struct resolve_question *question)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST,
		.ai_family = question->family,
		.ai_socktype = question->type,
	};
	int result = loop_timed(&r->item);

	if (result != 0 || answers_at_once(r, question->host, &hints))
		return result;
	hints.ai_flags = 0;
	loop_due(&r->item, clock_now_ms() + question->ms);
	return ask_in_thread(r, question->host, &hints);
}

static void
run(struct loop_item *item, unsigned int reasons)
{
	struct resolve *r = container_of(item, struct resolve, item);

	(void)reasons;
	if (!r->answered) {
		r->answer.error = EAI_SYSTEM;
		r->answer.system = ETIMEDOUT;
	}
	leave_thread(r);
	loop_due(item, TIMER_NEVER);
	r->done(r->context, &r->answer);
}

int
resolve_start(struct resolve **out, struct loop *loop,
    const struct resolve_question *question)
{
	struct resolve *r = calloc(1, sizeof(*r));
	int result;

	if (r == NULL)
		return -ENOMEM;
	loop_item_init(&r->item, loop, -1, run, NULL);
	r->done = question->done;
	r->context = question->context;
	result = begin(r, question);
	if (result == 0)
		*out = r;
	else
		resolve_free(r);
	return result;
}

void
resolve_free(struct resolve *r)
{
	if (r == NULL)
		return;
	leave_thread(r);
	loop_forget(&r->item);
	if (r->answer.list != NULL && !is_loopback(r))
		freeaddrinfo(r->answer.list);
	free(r);
}
