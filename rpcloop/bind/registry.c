#include "rpcloop/bind/registry.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "rpcloop/bind/rival.h"
#include "rpcloop/bind/rpcbind.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	RETRY_MS = 1000,
	START_MS = 5000, /* for the first attempt, that blocks */
	END_MS = 2000,   /* for the entries to be taken back */
	WHY_SIZE = 512,
	OWNER_SIZE = 32,
};

/* The thread's, but for what main looks at under the lock. */
struct registry {
	struct registry_service service;
	struct rpcbind rpcbind;    /* connected and hung up under the lock */
	enum registry_result last; /* to log changes only */
	int retire_fd;             /* an eventfd: to retire */
	int retired_fd;            /* another: the thread has */
	pthread_t thread;
	pthread_mutex_t lock;
	bool given_up; /* under the lock: connect no more */
};

/* As rpcbind names the owner of what this process registers. */
static void
own_name(char *out, size_t size)
{
	if (geteuid() == 0)
		snprintf(out, size, "superuser");
	else
		snprintf(out, size, "%u", (unsigned int)geteuid());
}

/* True when another server answers at the entry's address. */
static bool
is_served(const struct registry_service *s, const struct universal *own,
    const struct rpcbind_entry *entry, char *why)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address a;

	if (!rival_answers(&entry->at, own, s->program, s->version))
		return false;
	snprintf(why, WHY_SIZE,
	    "already served by %s (netid %s, registered "
	    "by %s)",
	    address_parse_universal(&a, entry->at.address) == 0
		? address_text(&a, text)
		: entry->text,
	    own->netid, entry->owner);
	return true;
}

static void
explain_foreign(const struct registry_service *s,
    const struct rpcbind_entry *entry, char *why)
{
	bool is_uid = entry->owner[0] >= '0' && entry->owner[0] <= '9';
	char me[OWNER_SIZE];

	own_name(me, sizeof(me));
	snprintf(why, WHY_SIZE,
	    "rpcbind has an entry of %s%s for program %u "
	    "version %u on %s, which %s may not replace; no server answers "
	    "there, so remove it as its owner or as root: rpcinfo -d %u %u",
	    is_uid ? "uid " : "", entry->owner, (unsigned int)s->program,
	    (unsigned int)s->version, entry->at.netid, me,
	    (unsigned int)s->program, (unsigned int)s->version);
}

static bool
is_own_entry(const struct rpcbind_entry *entry, const struct universal *own)
{
	char me[OWNER_SIZE];

	own_name(me, sizeof(me));
	return strcmp(entry->at.address, own->address) == 0 &&
	    strcmp(entry->owner, me) == 0;
}

/*
 * Removes the entry that is in the way, unless it is of use to somebody.
 * rpcbind knows whose it is, and whether this process may.
 */
static int
make_way(struct registry *r, const struct universal *own,
    const struct rpcbind_entry *entry, char *why)
{
	const struct registry_service *s = &r->service;
	int e;

	/* With less time, a server that is slow would be taken for none. */
	if (r->rpcbind.deadline_ms < clock_now_ms() + RIVAL_MS)
		return -ETIMEDOUT;
	if (is_served(s, own, entry, why))
		return REGISTRY_SERVED;
	e = rpcbind_unset(&r->rpcbind, s->program, s->version, own->netid);
	if (e != -EPERM)
		return e;
	explain_foreign(s, entry, why);
	return REGISTRY_FOREIGN;
}

/* Sees to one entry.  Negative: rpcbind does not answer. */
static int
assert_one(struct registry *r, const struct universal *own, char *why)
{
	const struct registry_service *s = &r->service;
	struct rpcbind_entry entry;
	int e = 0;

	if (rpcbind_find(
		&r->rpcbind, s->program, s->version, own->netid, &entry)) {
		if (is_own_entry(&entry, own))
			return 0;
		e = make_way(r, own, &entry, why);
	}
	if (e != 0)
		return e;
	e = rpcbind_set(&r->rpcbind, s->program, s->version, own);
	if (e == -EEXIST) {
		snprintf(why, WHY_SIZE, "rpcbind refused the entry for %s",
		    own->netid);
		return REGISTRY_REFUSED;
	}
	if (e == 0)
		log_info("registered with rpcbind netid=%s address=%s",
		    own->netid, own->address);
	return e;
}

static int
connect_to(struct registry *r)
{
	int e;

	pthread_mutex_lock(&r->lock);
	e = r->given_up ? -ECANCELED : rpcbind_connect(&r->rpcbind);
	pthread_mutex_unlock(&r->lock);
	return e;
}

static void
hang_up(struct registry *r)
{
	pthread_mutex_lock(&r->lock);
	rpcbind_disconnect(&r->rpcbind);
	pthread_mutex_unlock(&r->lock);
}

/* Ends the call that the thread is in, and makes every other one fail. */
static void
give_up(struct registry *r)
{
	pthread_mutex_lock(&r->lock);
	r->given_up = true;
	if (r->rpcbind.fd >= 0)
		shutdown(r->rpcbind.fd, SHUT_RDWR);
	pthread_mutex_unlock(&r->lock);
}

/* One attempt at all of it. */
static enum registry_result
attempt(struct registry *r, char *why)
{
	int e;

	if (connect_to(r) < 0)
		return REGISTRY_ABSENT;
	e = rpcbind_dump(&r->rpcbind);
	for (size_t i = 0; e == 0 && i < r->service.count; i++)
		e = assert_one(r, &r->service.entries[i], why);
	if (e == 0)
		return REGISTRY_REGISTERED;
	if (e > 0)
		return (enum registry_result)e;
	hang_up(r);
	return REGISTRY_ABSENT;
}

/* Removes one entry, if it names this process's address. */
static int
take_back_one(struct registry *r, const struct universal *own)
{
	const struct registry_service *s = &r->service;
	struct rpcbind_entry entry;
	int e;

	if (!rpcbind_find(
		&r->rpcbind, s->program, s->version, own->netid, &entry) ||
	    strcmp(entry.at.address, own->address) != 0)
		return 0;
	e = rpcbind_unset(&r->rpcbind, s->program, s->version, own->netid);
	if (e == 0)
		log_info("unregistered from rpcbind netid=%s", own->netid);
	return e;
}

static void
take_back(struct registry *r)
{
	int e;

	if (r->rpcbind.client == NULL && connect_to(r) < 0)
		return;
	e = rpcbind_dump(&r->rpcbind);
	for (size_t i = 0; e == 0 && i < r->service.count; i++) {
		e = take_back_one(r, &r->service.entries[i]);
		if (e == -EPERM)
			e = 0;
	}
	hang_up(r);
}

/* Logs what came of an attempt, unless it is what came of the last one. */
static void
note(struct registry *r, enum registry_result result, const char *why)
{
	if (result == r->last)
		return;
	r->last = result;
	if (result == REGISTRY_ABSENT)
		log_warn("rpcbind cannot be reached, or not in time: serving "
			 "without a registration until it can");
	else if (result != REGISTRY_REGISTERED)
		log_warn("not registered with rpcbind: %s", why);
}

/*
 * Waits until it is time to look again.  Returns false when the registry is
 * to retire.
 */
static bool
wait_for_change(struct registry *r, bool settled)
{
	struct pollfd fds[2] = {
		{ .fd = r->retire_fd, .events = POLLIN },
		{ .fd = settled ? r->rpcbind.fd : -1, .events = POLLIN },
	};

	while (poll(fds, 2, settled ? -1 : RETRY_MS) < 0 && errno == EINTR)
		;
	return fds[0].revents == 0;
}

/* Makes an eventfd readable. */
static void
tell(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		log_warn("registry: %s", strerror(errno));
}

static void *
keep_registered(void *arg)
{
	struct registry *r = arg;
	enum registry_result result = r->last;
	char why[WHY_SIZE] = "";

	for (;;) {
		if (!wait_for_change(r, result == REGISTRY_REGISTERED))
			break;
		if (result == REGISTRY_REGISTERED) {
			/* Hung up: it restarts, or had enough of us.  Give it
			 * a moment, and see what it remembers. */
			hang_up(r);
			if (!wait_for_change(r, false))
				break;
		}
		hang_up(r);
		result = attempt(r, why);
		note(r, result, why);
	}
	take_back(r);
	tell(r->retired_fd);
	return NULL;
}

static void
destroy(struct registry *r)
{
	if (r->retire_fd >= 0)
		close(r->retire_fd);
	if (r->retired_fd >= 0)
		close(r->retired_fd);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static int
create(struct registry **out, const struct registry_service *service)
{
	struct registry *r = calloc(1, sizeof(*r));
	int e;

	if (r == NULL)
		return -ENOMEM;
	r->service = *service;
	r->rpcbind.fd = -1;
	pthread_mutex_init(&r->lock, NULL);
	r->retire_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->retired_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->retire_fd < 0 || r->retired_fd < 0) {
		e = -errno;
		destroy(r);
		return e;
	}
	*out = r;
	return 0;
}

int
registry_start(struct registry **out, const struct registry_service *service,
    char *why, size_t size)
{
	char reason[WHY_SIZE] = "";
	enum registry_result result;
	struct registry *r = NULL;
	int e;

	*out = NULL;
	e = create(&r, service);
	if (e < 0)
		return e;
	r->rpcbind.deadline_ms = clock_now_ms() + START_MS;
	result = attempt(r, reason);
	if (result <= REGISTRY_ABSENT) {
		note(r, result, reason);
		r->rpcbind.deadline_ms = UINT64_MAX;
		e = thread_start(&r->thread, keep_registered, r);
	}
	if (result > REGISTRY_ABSENT || e < 0) {
		snprintf(why, size, "%s", reason);
		r->rpcbind.deadline_ms = clock_now_ms() + END_MS;
		take_back(r);
		destroy(r);
		return e < 0 ? e : (int)result;
	}
	*out = r;
	return result;
}

void
registry_retire(struct registry *r)
{
	if (r != NULL)
		tell(r->retire_fd);
}

struct registry *
registry_free(struct registry *r)
{
	struct pollfd retired = { .events = POLLIN };

	if (r == NULL)
		return NULL;
	retired.fd = r->retired_fd;
	registry_retire(r);
	while (poll(&retired, 1, END_MS) < 0 && errno == EINTR)
		;
	if (retired.revents == 0)
		give_up(r);
	pthread_join(r->thread, NULL);
	destroy(r);
	return NULL;
}
