/*
 * backoff - how long to pause before another attempt
 */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

/*
 * Milliseconds to pause before another attempt, of which that many have been
 * made without progress.  The first one is made at once.  Before the others it
 * is 50 ms, doubled up to 5 s, each a random 50 to 100 % of that, so that those
 * whom one server lost do not all come back at once.  random is any number.
 */
uint32_t backoff_ms(unsigned int attempts, uint32_t random);

#endif
