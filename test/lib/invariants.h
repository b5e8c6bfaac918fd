/*
 * What holds for a table of streams between any two calls of it.
 */
#ifndef TEST_LIB_INVARIANTS_H
#define TEST_LIB_INVARIANTS_H

#include "stream/server/streams.h"

/* Returns NULL, or what does not hold. */
const char *invariants_broken(const struct streams *streams);

#endif
