#include "stream/segment.h"

size_t
segment_cost(const segment *piece)
{
	size_t sum = 0;

	for (u_int i = 0; i < piece->messages.messages_len; i++)
		sum +=
		    message_cost(piece->messages.messages_val[i].message_len);
	return sum;
}

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
