/*
 * What the methods are like, for both ends of a stream: a row each.
 *
 * What a method does with the messages is in the file of its name, and told to
 * the server by stream/method/method.h.
 */
#ifndef STREAM_METHOD_TRAITS_H
#define STREAM_METHOD_TRAITS_H

#include <reverse.h>
#include <stdbool.h>
#include <stdint.h>

struct method_traits {
	uint64_t messages_max; /* from the client; a further one is refused */
	uint32_t largest;      /* bytes of an answer when OPEN does not say;
				  0: as many as a message may have */
	/* Each message has one answer, of its number: a stream that replaces
	 * another goes on with the numbers of both. */
	bool paired;
	/* Nothing is answered before the client has half-closed. */
	bool silent;
	/* What has come stays in memory until then. */
	bool grows;
};

enum { METHOD_TRAITS = METHOD_WHOLE + 1 };

/* By the number of the method; number 0 is none. */
extern const struct method_traits method_traits[METHOD_TRAITS];

#endif
