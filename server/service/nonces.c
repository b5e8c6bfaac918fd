#include "server/service/nonces.h"

#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { NONCE_SIZE = 16 };

struct nonce {
	struct map_node node;
	const struct pot *peer; /* NULL: the loopback */
	char bytes[NONCE_SIZE];
	unsigned int worker;
};

int
nonces_init(struct nonces *nonces)
{
	*nonces = (struct nonces){ .lock = PTHREAD_MUTEX_INITIALIZER };
	hash_key_init(&nonces->key);
	return map_init(&nonces->map);
}

void
nonces_deinit(struct nonces *nonces)
{
	map_deinit(&nonces->map);
}

static uint64_t
hash(const struct nonces *nonces, const struct account *peer, const char *nonce)
{
	struct {
		uintptr_t peer;
		char bytes[NONCE_SIZE];
	} name = { .peer = (uintptr_t)peer->pot };

	memcpy(name.bytes, nonce, NONCE_SIZE);
	return hash_bytes(&nonces->key, &name, sizeof(name));
}

static struct nonce *
find(const struct nonces *nonces, const struct account *peer, const char *nonce,
    uint64_t hash)
{
	struct map_node *node = map_first(&nonces->map, hash);
	struct nonce *n;

	for (; node != NULL; node = map_next(node)) {
		n = container_of(node, struct nonce, node);
		if (n->peer == peer->pot &&
		    memcmp(n->bytes, nonce, NONCE_SIZE) == 0)
			return n;
	}
	return NULL;
}

static void
add(struct nonces *nonces, const struct account *peer, const char *nonce,
    unsigned int worker)
{
	struct nonce *n = malloc(sizeof(*n));

	if (n == NULL)
		return;
	n->peer = peer->pot;
	n->worker = worker;
	memcpy(n->bytes, nonce, NONCE_SIZE);
	map_add(&nonces->map, &n->node, hash(nonces, peer, nonce));
}

unsigned int
nonces_claim(struct nonces *nonces, const struct account *peer,
    const char *nonce, unsigned int worker)
{
	uint64_t h = hash(nonces, peer, nonce);
	const struct nonce *n;

	pthread_mutex_lock(&nonces->lock);
	n = find(nonces, peer, nonce, h);
	if (n != NULL)
		worker = n->worker;
	else
		add(nonces, peer, nonce, worker);
	pthread_mutex_unlock(&nonces->lock);
	return worker;
}

void
nonces_release(struct nonces *nonces, const struct account *peer,
    const char *nonce, unsigned int worker)
{
	uint64_t h = hash(nonces, peer, nonce);
	struct nonce *n;

	pthread_mutex_lock(&nonces->lock);
	n = find(nonces, peer, nonce, h);
	if (n != NULL && n->worker == worker)
		map_remove(&nonces->map, &n->node);
	else
		n = NULL;
	pthread_mutex_unlock(&nonces->lock);
	free(n);
}
