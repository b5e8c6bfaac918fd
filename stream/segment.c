#include "stream/segment.h"

const char *
segment_refuses(const segment *piece, uint64_t sent)
{
	if (piece->first >= NUMBER_END || piece->next >= NUMBER_END ||
	    segment_after(piece) >= NUMBER_END)
		return "numbers end below 2^63";
	if (piece->next > sent)
		return "next is beyond what was sent";
	return NULL;
}
