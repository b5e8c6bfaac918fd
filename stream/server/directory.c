#include "stream/server/directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
word(const char *bytes)
{
	uint64_t w;

	memcpy(&w, bytes, sizeof(w));
	return w;
}

static size_t
nonce_bucket(
    const struct directory *directory, uint64_t client, const char *nonce)
{
	uint64_t words[] = { word(nonce), word(nonce + 8), client };

	return hash_bytes(&directory->key, words, sizeof(words)) &
	    directory->mask;
}

/* The part of a name after the worker is random already. */
static size_t
name_bucket(const struct directory *directory, const char *name)
{
	return word(name + 8) & directory->mask;
}

static size_t
client_bucket(const struct directory *directory, uint64_t identity)
{
	return hash_bytes(&directory->key, &identity, sizeof(identity)) &
	    directory->mask;
}

int
directory_init(
    struct directory *directory, size_t streams, const struct hash_key *key)
{
	size_t buckets = 16;

	while (buckets < streams)
		buckets *= 2;
	directory->mask = buckets - 1;
	directory->key = *key;
	directory->by_name = calloc(buckets, sizeof(struct stream *));
	directory->by_nonce = calloc(buckets, sizeof(struct stream *));
	directory->clients = calloc(buckets, sizeof(struct stream_client *));
	if (directory->by_name != NULL && directory->by_nonce != NULL &&
	    directory->clients != NULL)
		return 0;
	directory_deinit(directory);
	return -ENOMEM;
}

void
directory_deinit(struct directory *directory)
{
	free(directory->by_name);
	free(directory->by_nonce);
	free(directory->clients);
	memset(directory, 0, sizeof(*directory));
}

struct stream *
directory_by_name(const struct directory *directory, const char *name)
{
	struct stream *s = directory->by_name[name_bucket(directory, name)];

	while (s != NULL && memcmp(s->name, name, sizeof(s->name)) != 0)
		s = s->by_name;
	return s;
}

static bool
is_zero(const char *nonce)
{
	return word(nonce) == 0 && word(nonce + 8) == 0;
}

struct stream *
directory_by_nonce(
    const struct directory *directory, uint64_t client, const char *nonce)
{
	struct stream *s;

	s = directory->by_nonce[nonce_bucket(directory, client, nonce)];
	while (s != NULL &&
	    (s->client->identity != client ||
		memcmp(s->nonce, nonce, sizeof(s->nonce)) != 0))
		s = s->by_nonce;
	return s;
}

void
directory_add(struct directory *directory, struct stream *s)
{
	size_t at = name_bucket(directory, s->name);

	s->by_name = directory->by_name[at];
	directory->by_name[at] = s;
	if (is_zero(s->nonce))
		return;
	at = nonce_bucket(directory, s->client->identity, s->nonce);
	s->by_nonce = directory->by_nonce[at];
	directory->by_nonce[at] = s;
}

void
directory_remove(struct directory *directory, struct stream *s)
{
	size_t at = name_bucket(directory, s->name);
	struct stream **place = &directory->by_name[at];

	while (*place != s)
		place = &(*place)->by_name;
	*place = s->by_name;
	if (is_zero(s->nonce))
		return;
	at = nonce_bucket(directory, s->client->identity, s->nonce);
	place = &directory->by_nonce[at];
	while (*place != s)
		place = &(*place)->by_nonce;
	*place = s->by_nonce;
}

struct stream_client *
directory_known(const struct directory *directory, uint64_t identity)
{
	struct stream_client *client =
	    directory->clients[client_bucket(directory, identity)];

	while (client != NULL && client->identity != identity)
		client = client->chain;
	return client;
}

struct stream_client *
directory_client(struct directory *directory, uint64_t identity)
{
	size_t at = client_bucket(directory, identity);
	struct stream_client *client = directory_known(directory, identity);

	if (client == NULL) {
		client = calloc(1, sizeof(*client));
		if (client == NULL)
			return NULL;
		client->identity = identity;
		TAILQ_INIT(&client->finished);
		client->chain = directory->clients[at];
		directory->clients[at] = client;
	}
	client->streams++;
	return client;
}

void
directory_release(struct directory *directory, struct stream_client *client)
{
	size_t at = client_bucket(directory, client->identity);
	struct stream_client **place = &directory->clients[at];

	if (--client->streams > 0)
		return;
	while (*place != client)
		place = &(*place)->chain;
	*place = client->chain;
	free(client);
}
