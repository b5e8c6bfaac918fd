/*
 * A keyed hash: SipHash-2-4 (Aumasson and Bernstein, 2012).  Whoever does not
 * know the key can neither find two inputs with the same hash nor aim at one
 * bucket of a table.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t words[2];
};

/*
 * Makes a random key.  Where getrandom(2) has nothing yet, or is denied, it is
 * made of what the kernel gave the process at its start.
 */
void hash_key_init(struct hash_key *key);

uint64_t hash_bytes(const struct hash_key *key, const void *bytes, size_t len);

#endif
