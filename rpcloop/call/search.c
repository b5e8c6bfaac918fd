/* What locate.h promises: the order of the attempts, and the hooks. */
#include "rpcloop/call/search.h"

#include "base/base.h"

#include <errno.h>
#include <stdlib.h>

const struct locate_pace locate_pace = {
	.stagger = 250,
	.step = 2000,
	.name = 10000,
};

static void
stop_all(struct locate *l)
{
	struct attempt *a;

	l->over = true;
	loop_due(&l->clock, TIMER_NEVER);
	TAILQ_FOREACH(a, &l->attempts, entry)
		attempt_stop(a);
}

static void
enter(struct locate *l)
{
	l->busy++;
}

/* Returns whether the search is still there. */
static bool
leave(struct locate *l)
{
	struct attempt *a;

	if (--l->busy > 0 || !l->freed)
		return !l->freed;
	while ((a = TAILQ_FIRST(&l->attempts)) != NULL) {
		TAILQ_REMOVE(&l->attempts, a, entry);
		free(a);
	}
	loop_forget(&l->clock);
	free(l);
	return false;
}

static void
tell(struct locate *l, const struct locate_try *what)
{
	if (!l->over && l->terms.hooks->tried != NULL)
		l->terms.hooks->tried(l->terms.context, what);
}

/* For want of memory there is less to try. */
static void
tell_no_memory(struct attempt *a)
{
	struct locate_try what = attempt_try(a);

	what.outcome = LOCATE_UNANSWERED;
	what.error.re_status = RPC_SYSTEMERROR;
	what.error.re_errno = ENOMEM;
	tell(a->search, &what);
}

static bool
is_any(const struct locate *l, enum attempt_state state)
{
	const struct attempt *a;

	TAILQ_FOREACH(a, &l->attempts, entry)
		if (a->state == state)
			return true;
	return false;
}

/* An equal one has been begun. */
static bool
is_repeated(const struct attempt *a)
{
	const struct attempt *b;

	if (a->at.len == 0)
		return false;
	TAILQ_FOREACH(b, &a->search->attempts, entry)
		if (b->state != ATTEMPT_WAITING && b->step == a->step &&
		    endpoint_equal(&b->at, &a->at))
			return true;
	return false;
}

/* The first that waits and is not repeated; NULL: there is none. */
static struct attempt *
next_attempt(struct locate *l)
{
	struct attempt *a;

	TAILQ_FOREACH(a, &l->attempts, entry) {
		if (a->state != ATTEMPT_WAITING)
			continue;
		if (!is_repeated(a))
			return a;
		a->state = ATTEMPT_ENDED;
	}
	return NULL;
}

bool
search_is_only(const struct attempt *a)
{
	const struct attempt *b;

	TAILQ_FOREACH(b, &a->search->attempts, entry) {
		if (b == a)
			continue;
		if (b->step != LOCATE_NAME || b->state != ATTEMPT_ENDED)
			return false;
	}
	return true;
}

/* Begins the next attempt; those that fail at once are followed at once. */
static void
go_on(struct locate *l)
{
	struct locate_try how;
	struct attempt *a;

	while (!l->over && (a = next_attempt(l)) != NULL) {
		if (attempt_begin(a, &how)) {
			loop_due(
			    &l->clock, l->loop->now_ms + l->terms.pace.stagger);
			return;
		}
		tell(l, &how);
	}
	if (l->over || is_any(l, ATTEMPT_RUNNING))
		return;
	stop_all(l);
	l->terms.hooks->nobody(l->terms.context);
}

void
search_failed(struct attempt *a, const struct locate_try *how)
{
	struct locate *l = a->search;

	enter(l);
	tell(l, how);
	attempt_stop(a);
	go_on(l);
	leave(l);
}

void
search_named(struct attempt *a, const struct addrinfo *list)
{
	struct locate *l = a->search;
	struct locate_try how = attempt_try(a);

	enter(l);
	if (candidates_of_name(a, list, &how.left_out) != 0)
		tell_no_memory(a);
	how.outcome = LOCATE_LEFT_OUT;
	if (how.left_out > 0)
		tell(l, &how);
	attempt_stop(a);
	go_on(l);
	leave(l);
}

void
search_registered(struct attempt *a, const struct endpoint *named)
{
	struct locate *l = a->search;
	struct locate_try how = attempt_try(a);
	bool belongs;

	enter(l);
	how.outcome = LOCATE_NAMED;
	how.named = *named;
	tell(l, &how);
	if (candidates_of_rpcbind(a, &how.named, &belongs) != 0)
		tell_no_memory(a);
	if (!belongs) {
		how.step = LOCATE_SERVER;
		how.outcome = LOCATE_NOT_OF_HOST;
		how.at = how.named;
		how.named_by = &a->at;
		tell(l, &how);
	}
	attempt_stop(a);
	go_on(l);
	leave(l);
}

void
search_found(struct attempt *a)
{
	struct locate *l = a->search;
	struct channel *channel = a->server;

	enter(l);
	a->server = NULL;
	stop_all(l);
	channel->terms = l->terms.channel;
	l->terms.hooks->found(l->terms.context, a->place, channel);
	leave(l);
}

bool
search_called(struct attempt *a, const struct channel_question *what,
    const struct channel_call *how, const struct rpc_err *error)
{
	struct locate *l = a->search;

	enter(l);
	if (l->terms.hooks->called != NULL)
		l->terms.hooks->called(
		    l->terms.context, &a->at, what, how, error);
	return leave(l);
}

/* It is time for the next, whatever those before it do. */
static void
on_clock(struct loop_item *item, unsigned int reasons)
{
	struct locate *l = container_of(item, struct locate, clock);

	(void)reasons;
	enter(l);
	go_on(l);
	leave(l);
}

int
locate_start(
    struct locate **out, struct loop *loop, const struct locate_terms *terms)
{
	struct locate *l =
	    calloc(1, sizeof(*l) + terms->place_count * sizeof(l->hosts[0]));
	int r;

	if (l == NULL)
		return -ENOMEM;
	l->loop = loop;
	l->terms = *terms;
	TAILQ_INIT(&l->attempts);
	loop_item_init(&l->clock, loop, -1, on_clock, NULL);
	r = loop_timed(&l->clock);
	if (r == 0)
		r = candidates_of_places(l);
	if (r != 0) {
		locate_free(l);
		return r;
	}
	loop_queue(&l->clock, LOOP_RESUMED);
	*out = l;
	return 0;
}

void
locate_tell_unfinished(struct locate *l)
{
	struct locate_try what;
	struct attempt *a;

	enter(l);
	TAILQ_FOREACH(a, &l->attempts, entry) {
		if (a->state != ATTEMPT_RUNNING)
			continue;
		what = attempt_try(a);
		what.outcome = LOCATE_UNFINISHED;
		what.error = attempt_late(a);
		tell(l, &what);
	}
	leave(l);
}

void
locate_free(struct locate *l)
{
	if (l == NULL)
		return;
	enter(l);
	l->freed = true;
	stop_all(l);
	leave(l);
}
