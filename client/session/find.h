/*
 * find: looks for the server that the settings mean, in rounds.
 *
 * rpcloop/call/locate searches; here is what it looks for, and how often: where
 * nobody listens, and nobody was met before, a server may just be starting, and
 * there are three rounds within a second.
 */
#ifndef CLIENT_SESSION_FIND_H
#define CLIENT_SESSION_FIND_H

#include "base/runtime.h"
#include "client/session/service.h"
#include "client/settings.h"
#include "client/terminal/say.h"
#include "rpcloop/call/locate.h"

#include <errno.h>

/* Told once; channel, which is the user's from then on, is NULL when no server
 * was found. */
typedef void find_done(void *context, struct channel *channel);

struct find {
	const struct settings *settings; /* borrowed */
	const struct service *service;   /* borrowed; at first reverse */
	struct say_lines *tried;         /* in vain, in the latest round */
	struct channel_terms terms;      /* of the channel that is found */
	struct tracer *tracer;           /* borrowed; NULL: of no bytes */
	struct locate *locate;           /* NULL: nothing is looked for */
	struct loop_item pause;          /* between two rounds */
	struct locate_place places[PLACES_MAX];
	char paths[2][RUNTIME_PATH_SIZE];
	const char *path_list[3];
	size_t first; /* of the servers: the one that worked last, unless that
			 is to be avoided */
	unsigned int rounds; /* that are left, if another may help */
	/* In this round: */
	bool cut;      /* somebody hung up */
	bool silence;  /* a server did not answer */
	bool hopeless; /* what will be no better in a moment */
	find_done *done;
	void *context;
};

/* settings and tried are borrowed.  Returns 0 or -ENOMEM; find_deinit() either
 * way. */
int find_init(struct find *find, struct loop *loop,
    const struct settings *settings, struct say_lines *tried);
void find_deinit(struct find *find);

/* Begins to look; met: there was a server before.  done() is called, but not
 * before this returns, unless find_stop() ends it. */
void find_start(struct find *find, bool met, find_done *done, void *context);
void find_stop(struct find *find);

/* Whether it says that somebody was asked, and did not answer. */
static inline bool
find_is_silence(const struct rpc_err *error)
{
	return error->re_status == RPC_TIMEDOUT || error->re_errno == ETIMEDOUT;
}

/* Whether the user named more than one server. */
bool find_has_others(const struct find *find);

/* The next search begins with another server than the one that was found last,
 * if there is one. */
void find_avoid(struct find *find);

#endif
