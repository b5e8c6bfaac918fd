/*
 * What is left out where a message is shown: of a long array the elements in
 * the middle, and of long bytes the middle.
 */
#ifndef SCHEMA_SKIPPING_H
#define SCHEMA_SKIPPING_H

#include "schema/part.h"

enum {
	/* Bytes and elements up to which all are shown. */
	SHOW_BYTES = 32,
	SHOW_ELEMENTS = 5,
	/* What is shown of longer bytes. */
	SHOW_HEAD = 16,
	SHOW_TAIL = 8,
};

/* What was left out since something was shown.  Zeroed it is nothing. */
struct skipping {
	bool skips;
	unsigned int depth; /* of the elements */
	size_t elements, len;
	uint32_t index; /* of the latest element */
};

/* Whether the next part of a message belongs to what is left out.  If not, and
 * something was before it, skips is still set, until the caller clears it. */
bool skipping_takes(struct skipping *skipping, const struct part *part);

#endif
