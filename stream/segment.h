/*
 * What both ends of a stream do alike with segments and their numbers
 * (reverse.x, "Streams").
 */
#ifndef STREAM_SEGMENT_H
#define STREAM_SEGMENT_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Numbers of messages stay below this. */
#define NUMBER_END ((uint64_t)1 << 63)

/* What a message of len bytes costs: as much as on the wire. */
static inline size_t
message_cost(size_t len)
{
	return 4 + (len + 3) / 4 * 4;
}

/*
 * Whether a message goes too, where those before it have used up a part of
 * the room: the first one does, whatever its size (rule 3).
 */
static inline bool
segment_fits(size_t cost, size_t used, size_t room)
{
	return used == 0 || (used <= room && cost <= room - used);
}

/* The number that follows its messages. */
static inline uint64_t
segment_after(const segment *piece)
{
	return piece->first + piece->messages.messages_len;
}

/*
 * Whether its numbers keep rule 1, for a receiver that has sent the messages
 * below sent.  Returns NULL, or what is wrong with them.
 */
const char *segment_refuses(const segment *piece, uint64_t sent);

#endif
