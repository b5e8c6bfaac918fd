/*
 * What a client of the simulation says, and what it must hear.
 *
 * The expected answers come from reversing whole texts in memory; nothing of
 * the stream code is used for them.
 */
#ifndef TEST_SIMULATION_SCHEDULE_H
#define TEST_SIMULATION_SCHEDULE_H

#include "test/lib/random.h"

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	uint8_t *bytes;
	size_t len;
};

struct script {
	stream_method method;
	text_unit unit;
	uint32_t largest;     /* as in open_args */
	uint32_t carried_max; /* bytes of a message on the way */
	struct text *messages;
	size_t count;

	struct text *answers;
	size_t answer_count;
	status_code code;    /* and what follows them */
	uint64_t at_message; /* when it is INVALID_ARGUMENT */
	uint64_t at_byte;
	uint64_t bytes_in;
};

/*
 * A random one, for a server that takes messages of message_max bytes, and of
 * carried_max bytes on the way: less over UDP, else the same.
 */
void script_make(struct script *script, struct rng *rng, uint32_t message_max,
    uint32_t carried_max);
void script_free(struct script *script);

#endif
