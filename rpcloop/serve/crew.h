/*
 * A crew: several engines, each with a thread of its own, that serve the same
 * addresses.
 *
 * One of them listens.  Each connection that it accepts goes to the member with
 * the fewest, and stays there; when it drains, those that still wait stay with
 * it, since the others have begun theirs.  What peers hold is bounded for all
 * together (rpcloop/net/shared_peers).  Whoever has something for a member to
 * do posts it to its inbox.
 */
#ifndef RPCLOOP_SERVE_CREW_H
#define RPCLOOP_SERVE_CREW_H

#include "rpcloop/loop/inbox.h"
#include "rpcloop/net/shared_peers.h"
#include "rpcloop/serve/engine.h"

#include <stdatomic.h>

struct crew_member {
	struct crew *crew;
	struct engine *engine;
	struct inbox inbox;
	atomic_uint connections; /* open here, or on their way */
	unsigned int open;       /* those that are, as this member counts */
	struct inbox_message make_room;
};

struct crew {
	struct crew_member *members;
	unsigned int count;
	struct shared_peers peers;
};

/* Nobody has joined.  Returns 0 or -ENOMEM; crew_deinit() either way. */
int crew_init(struct crew *crew, unsigned int count);

/*
 * The end, when the threads have ended.  crew_run() runs all that was posted,
 * and returns whether that was anything; then the members need no inbox any
 * more, and at last, when the engines have gone, they need no peers.
 */
bool crew_run(struct crew *crew);
void crew_leave(struct crew *crew);
void crew_deinit(struct crew *crew);

/*
 * Makes the engine this member, before any other has a thread or it has a
 * connection.  It is borrowed until crew_deinit().  Returns 0 or a negative
 * errno.
 */
int crew_join(struct crew *crew, unsigned int number, struct engine *engine);

/* From any thread: connections that are open, or about to be. */
unsigned int crew_connections(const struct crew *crew);

#endif
