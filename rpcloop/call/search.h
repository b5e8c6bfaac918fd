/*
 * The inside of a search (rpcloop/call/locate): its attempts, a list in the
 * order in which they are begun.  What an attempt comes to may put others right
 * after it.  For the sources of this folder only.
 *
 * search.c has the order and the hooks, attempt.c what one attempt does, and
 * candidates.c which there are.
 */
#ifndef RPCLOOP_CALL_SEARCH_H
#define RPCLOOP_CALL_SEARCH_H

#include "rpcloop/call/locate.h"
#include "rpcloop/call/resolve.h"
#include "rpcloop/call/rpcbind_query.h"

/* The addresses that a name has, without ports. */
struct host {
	struct endpoint at[LOCATE_ADDRESSES_MAX];
	size_t count;
};

enum attempt_state { ATTEMPT_WAITING, ATTEMPT_RUNNING, ATTEMPT_ENDED };

/* A step of the search.  It stays in the list when it has ended. */
struct attempt {
	TAILQ_ENTRY(attempt) entry;
	struct locate *search;
	enum attempt_state state;
	enum locate_step step;
	const struct locate_place *place;
	struct host *host;  /* of the place */
	struct endpoint at; /* of length 0: the path is too long for one */
	const struct endpoint *named_by; /* borrowed from another attempt */
	/* While it runs, one of these; else NULL. */
	struct resolve *name;
	struct rpcbind_query *rpcbind;
	struct channel *server;
	/* The call to a server. */
	struct channel_call ping;
	struct channel_question question;
};
TAILQ_HEAD(attempts, attempt);

struct locate {
	struct loop *loop;
	struct locate_terms terms;
	struct loop_item clock; /* for when the next attempt is begun */
	struct attempts attempts;
	unsigned int busy;   /* it is being worked on, */
	bool freed;          /* and is to be freed after that */
	bool over;           /* nothing is told any more */
	struct host hosts[]; /* one for each place */
};

/* attempt.c */

/* Begins an attempt that waits, or fills in what came of it.  Returns whether
 * it runs. */
bool attempt_begin(struct attempt *a, struct locate_try *how);

/* Ends one that may run, without a word. */
void attempt_stop(struct attempt *a);

/* A try of this attempt, to be filled in. */
struct locate_try attempt_try(const struct attempt *a);

/* What is to be said of one that runs when there is no more time. */
struct rpc_err attempt_late(const struct attempt *a);

/* candidates.c: each returns 0 or -ENOMEM. */

/* All that is known of the places, at the end of the list. */
int candidates_of_places(struct locate *l);

/* What follows from the addresses of a name, but for *left_out of them. */
int candidates_of_name(
    struct attempt *a, const struct addrinfo *list, size_t *left_out);

/*
 * What follows from the address that an rpcbind names: its port at the address
 * that was asked, and the address itself if that belongs to the host.  *belongs
 * is whether it does.
 */
int candidates_of_rpcbind(
    struct attempt *a, const struct endpoint *named, bool *belongs);

/* search.c */

/* Whether there is, and was, no other server to try. */
bool search_is_only(const struct attempt *a);

/* What an attempt that runs has come to.  The search may be gone after each. */

/* To nothing. */
void search_failed(struct attempt *a, const struct locate_try *how);
void search_named(struct attempt *a, const struct addrinfo *list);
void search_registered(struct attempt *a, const struct endpoint *named);
void search_found(struct attempt *a);

/* A call of it has ended.  Returns false when the search is gone. */
bool search_called(struct attempt *a, const struct channel_question *what,
    const struct channel_call *how, const struct rpc_err *error);

#endif
