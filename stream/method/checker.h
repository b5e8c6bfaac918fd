/*
 * checker - whether a text that arrives in messages is UTF-8
 *
 * A character may begin in one message and end in another.  The place of the
 * first ill-formed sequence is the message that it begins in and the byte of
 * that message.
 */
#ifndef STREAM_METHOD_CHECKER_H
#define STREAM_METHOD_CHECKER_H

#include "text/pieces.h"

#include <stddef.h>
#include <stdint.h>

struct checker {
	struct text_check check;
	uint64_t size;    /* bytes fed */
	uint64_t message; /* where the character begins of which only */
	uint64_t byte;    /* a part has come; or the bad sequence */
};

void checker_init(struct checker *checker);

/*
 * Goes on with message number.  Returns 0, or TEXT_ILL_FORMED: message and
 * byte say where.
 */
int checker_feed(
    struct checker *checker, uint64_t number, const void *bytes, size_t len);

/* The text ends here.  Returns as checker_feed() does. */
int checker_finish(struct checker *checker);

#endif
