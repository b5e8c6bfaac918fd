/*
 * Text that arrives in pieces, cut anywhere, even inside a character: whether
 * it is well-formed.  The struct holds all the state, and needs no deinit.
 * Offsets count from the first piece; after an outcome of TEXT_ILL_FORMED only
 * another init makes sense.
 */
#ifndef TEXT_PIECES_H
#define TEXT_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

/* A sequence of UTF-8 of which the pieces so far have only the beginning. */
struct text_rest {
	uint8_t bytes[4];
	uint8_t length;
};

struct text_check {
	uint64_t at; /* everything before is well-formed */
	struct text_rest rest;
};

void text_check_init(struct text_check *check);

/*
 * Reads the next piece.  Returns 0, or TEXT_ILL_FORMED and the offset of the
 * first ill-formed sequence as soon as no continuation could mend it.
 */
int text_check_piece(
    struct text_check *check, const uint8_t *in, size_t len, uint64_t *bad_at);

/* The text ends here.  TEXT_ILL_FORMED if that is inside a character. */
int text_check_end(const struct text_check *check, uint64_t *bad_at);

#endif
