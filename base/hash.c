#include "base/hash.h"

#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

static uint64_t
rotate(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static void
rounds(uint64_t v[4], int count)
{
	while (count-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static void
take_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
}

/* The low byte comes first, whatever the processor. */
static uint64_t
word_of(const uint8_t *bytes, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)bytes[i] << (8 * i);
	return word;
}

uint64_t
hash_bytes(const struct hash_key *key, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;
	uint64_t v[4] = {
		key->words[0] ^ 0x736f6d6570736575u,
		key->words[1] ^ 0x646f72616e646f6du,
		key->words[0] ^ 0x6c7967656e657261u,
		key->words[1] ^ 0x7465646279746573u,
	};
	size_t left = len;

	for (; left >= 8; at += 8, left -= 8)
		take_word(v, word_of(at, 8));
	take_word(v, word_of(at, left) | (uint64_t)len << 56);
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/*
 * The kernel hands random bytes to each program that it starts, as many as a
 * key has.  All keys of a process come from these, so each is a hash by them.
 */
static void
derive(struct hash_key *key)
{
	const void *given = (const void *)getauxval(AT_RANDOM);
	struct hash_key start = { { 0 } };

	if (given != NULL)
		memcpy(&start, given, sizeof(start));
	key->words[0] = hash_bytes(&start, &key, sizeof(key));
	key->words[1] = hash_bytes(&start, key->words, sizeof(key->words[0]));
}

void
hash_key_init(struct hash_key *key)
{
	if (getrandom(key, sizeof(*key), GRND_NONBLOCK) != sizeof(*key))
		derive(key);
}
