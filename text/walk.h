/*
 * Where the last unit of a text starts, found from the end backward, the text
 * given in pieces.
 *
 * Whether there is a boundary between two characters mostly depends on them
 * alone.  Three questions need what stands before (UAX #29): between regional
 * indicators, how many there are (GB12, GB13); between ZWJ and a pictograph,
 * and before a consonant, what the run of marks stands on (GB11, GB9c).  The
 * walk goes on to the answer and, for indicators, keeps it: it is the same
 * for the whole run.
 */
#ifndef TEXT_WALK_H
#define TEXT_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/text.h"

enum walk_question {
	WALK_PAIR,  /* none: look at the next two characters */
	WALK_FLAGS, /* how many regional indicators precede the candidate */
	WALK_PICTOGRAPH, /* does Extended_Pictographic Extend* precede ZWJ */
	WALK_CONJUNCT,   /* do a consonant and a linker precede */
};

struct walk {
	enum text_by by;
	uint64_t end;        /* the unit ends here */
	uint64_t at;         /* read down to here */
	uint64_t candidate;  /* the boundary in question */
	uint64_t flags_from; /* a run of indicators starts here: see flags */
	bool flags; /* from flags_from to end there are whole flags only */
	bool linker;
	enum walk_question question;
	unsigned int right; /* class of the character read last */
};

/* Starts with the text that ends at end; by is valid. */
void walk_init(struct walk *walk, enum text_by by, uint64_t end);

/* Goes on with the unit that ends at end, where the last one found starts. */
void walk_next(struct walk *walk, uint64_t end);

/*
 * Whether the start of the unit, put into *start, is known without reading.
 * The units of a run of flags, of which a text may consist, are.
 */
bool walk_knows(const struct walk *walk, uint64_t *start);

/*
 * Reads in, the bytes of the text up to walk->at, from its end.  Returns true
 * and the start of the unit, or false when it needs the bytes before: up to 3
 * of those in in may then be unread, see walk->at.  If in begins the text, the
 * answer is always true.
 */
bool walk_back(
    struct walk *walk, const uint8_t *in, size_t len, uint64_t *start);

/*
 * Offset, not 0, of the first byte in in at which a unit starts whatever
 * stands before in; 0 if there is none.  in may begin inside a character.
 */
size_t walk_first_cut(const uint8_t *in, size_t len, enum text_by by);

#endif
