/*
 * What holds for the server's streams between any two calls.
 */
#ifndef TEST_LIB_INVARIANTS_H
#define TEST_LIB_INVARIANTS_H

#include "stream/server/streams.h"

/*
 * all is the account of all peers; elsewhere is the memory that others use, and
 * busy says that the disk may work for streams that have gone.
 * Returns NULL, or what does not hold.
 */
const char *invariants_broken(const struct streams *streams,
    const struct account *all, uint64_t elsewhere, bool busy);

#endif
