#include "schema/skipping.h"

/* Elements at the front of a long array that are shown. */
enum { FIRST = 3 };

static bool
is_middle(const struct part *part)
{
	return part->index != PART_NO_INDEX && part->indexes > SHOW_ELEMENTS &&
	    part->index >= FIRST && part->index + 1 < part->indexes;
}

bool
skipping_takes(struct skipping *skipping, const struct part *part)
{
	bool inside = skipping->skips && part->depth > skipping->depth;

	if (part->kind == PART_REST || (!inside && !is_middle(part)))
		return false;
	if (!skipping->skips)
		*skipping = (struct skipping){
			.skips = true,
			.depth = part->depth,
			.index = PART_NO_INDEX,
		};
	if (!inside && part->index != skipping->index) {
		skipping->elements++;
		skipping->index = part->index;
	}
	skipping->len += part->len + part->padding;
	return true;
}
