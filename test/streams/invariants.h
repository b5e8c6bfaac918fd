/*
 * What holds for a table of streams between any two calls of it.
 */
#ifndef TEST_STREAMS_INVARIANTS_H
#define TEST_STREAMS_INVARIANTS_H

#include "server/streams/streams.h"

/* Returns NULL, or what does not hold. */
const char *invariants_broken(const struct streams *streams);

#endif
