/*
 * directory - finds streams by name and by nonce, and clients by identity
 *
 * For the sources of the stream table only.  A nonce is its client's: another
 * client that uses the same one has another stream.
 */
#ifndef STREAM_SERVER_DIRECTORY_H
#define STREAM_SERVER_DIRECTORY_H

#include "base/hash.h"
#include "stream/server/stream.h"

struct directory {
	struct stream **by_name;
	struct stream **by_nonce;
	struct stream_client **clients;
	size_t mask;         /* buckets of each, less 1 */
	struct hash_key key; /* so that nobody can aim at one bucket */
};

/* Made for about so many streams.  Returns 0 or -ENOMEM. */
int directory_init(
    struct directory *directory, size_t streams, const struct hash_key *key);
void directory_deinit(struct directory *directory);

/* NULL when there is none.  A nonce of zeros is never entered. */
struct stream *directory_by_name(
    const struct directory *directory, const char *name);
struct stream *directory_by_nonce(
    const struct directory *directory, uint64_t client, const char *nonce);

void directory_add(struct directory *directory, struct stream *s);
void directory_remove(struct directory *directory, struct stream *s);

/* The client with this identity, if it has streams, else NULL. */
struct stream_client *directory_known(
    const struct directory *directory, uint64_t identity);

/*
 * The client with this identity, made if it is new, with one stream more; NULL
 * without memory.  It is freed when its last stream is released.
 */
struct stream_client *directory_client(
    struct directory *directory, uint64_t identity);
void directory_release(
    struct directory *directory, struct stream_client *client);

#endif
