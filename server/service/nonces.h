/*
 * The nonces of streams, of all workers of a daemon: an OPEN that is repeated,
 * on another connection say, finds the stream whoever has it.
 *
 * A nonce is its peer's; a peer is told by the pot of its accounts, which all
 * workers share (rpcloop/net/shared_peers).
 */
#ifndef SERVER_SERVICE_NONCES_H
#define SERVER_SERVICE_NONCES_H

#include "base/charge.h"
#include "base/hash.h"
#include "base/map.h"

#include <pthread.h>

struct nonces {
	pthread_mutex_t lock;
	struct map map;
	struct hash_key key; /* nobody can aim at a chain */
};

/* Returns 0 or -ENOMEM; nonces_deinit() either way. */
int nonces_init(struct nonces *nonces);

/* All were released.  May be called twice. */
void nonces_deinit(struct nonces *nonces);

/*
 * From any thread, with a nonce of 16 bytes that are not all zero: which worker
 * has it.  That is this one from now on, if none has, until it releases it; and
 * also when memory is out, but then others do not know.
 */
unsigned int nonces_claim(struct nonces *nonces, const struct account *peer,
    const char *nonce, unsigned int worker);

/* The worker does not have it, if it had. */
void nonces_release(struct nonces *nonces, const struct account *peer,
    const char *nonce, unsigned int worker);

#endif
