/*
 * Text that arrives in pieces, cut anywhere, even inside a character: whether
 * it is well-formed, and where its units start.  Both structs hold all their
 * state, and need no deinit.  Offsets count from the first piece; after an
 * outcome of TEXT_ILL_FORMED only another init makes sense.
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

struct text_scan {
	uint64_t at; /* where the character begins that is read next */
	struct text_rest rest;
	enum text_by by;
	unsigned int state; /* what the last character means for the next */
};

void text_scan_init(struct text_scan *scan, enum text_by by);

/*
 * Reads on in the piece *in of *len bytes, and moves both past what it read.
 * Returns TEXT_FOUND with the offset at which a unit starts, which may be up
 * to 3 bytes before this piece; 0 when the piece is used up; TEXT_ILL_FORMED
 * with the offset of the first ill-formed sequence, unless by takes any bytes.
 * The start of the text is not reported.
 */
int text_scan_next(
    struct text_scan *scan, const uint8_t **in, size_t *len, uint64_t *offset);

/* The text ends here.  TEXT_ILL_FORMED if that is inside a character. */
int text_scan_end(const struct text_scan *scan, uint64_t *bad_at);

#endif
