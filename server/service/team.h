/*
 * A team: the services of the workers of one daemon.
 *
 * A stream belongs to the worker that opened it, whose number is in its token.
 * Which worker has the stream of a call, is found here; the call goes there as
 * an errand (server/service/errand.h).  STATUS, which is that of all of them,
 * is here as well.
 */
#ifndef SERVER_SERVICE_TEAM_H
#define SERVER_SERVICE_TEAM_H

#include "server/service/nonces.h"

#include <reverse.h>
#include <stdbool.h>

struct service;
struct serving;

struct team {
	struct service **members; /* borrowed */
	unsigned int count;
	struct nonces nonces;
};

/* For this many services.  Returns 0 or -ENOMEM; team_deinit() either way. */
int team_init(struct team *team, unsigned int count);
void team_deinit(struct team *team);

/* Makes the service one of the team, before its serving is set up.  Number 0 is
 * the first to join. */
void team_join(struct team *team, unsigned int number, struct service *s);

/* The rest is for services on their own thread.  First, who has the stream of a
 * token, if another worker may; else NULL. */
struct serving *team_owner(const struct service *s, const token stream);

/*
 * Who has the stream that the peer opened with this nonce, if another worker
 * has; else NULL, and this one claims it.  team_opened() and team_forgot() say
 * whether there is such a stream, after each OPEN, and when it has gone.
 */
struct serving *team_opener(
    const struct service *s, const struct account *peer, const char *nonce);
void team_opened(const struct service *s, const struct account *peer,
    const char *nonce, bool is_there);

#endif
