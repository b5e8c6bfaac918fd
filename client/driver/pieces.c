/*
 * pieces: a ring of slots, filled from the text in order.
 */
#include "client/driver/pieces.h"

#include "base/base.h"
#include "client/driver/files.h"
#include "stream/client/stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
pieces_init(struct pieces *pieces, const struct pieces_ops *ops, void *context,
    uint32_t max)
{
	memset(pieces, 0, sizeof(*pieces));
	pieces->ops = ops;
	pieces->context = context;
	pieces->size = MIN_OF(max, PIECE_BYTES);
	pieces->held = malloc(PIECES_HELD * pieces->size);
	return pieces->held != NULL ? 0 : -ENOMEM;
}

void
pieces_deinit(struct pieces *pieces)
{
	free(pieces->held);
	pieces->held = NULL;
}

static unsigned char *
slot(const struct pieces *pieces, uint64_t number)
{
	return pieces->held + number % PIECES_HELD * pieces->size;
}

/* The text is over, maybe in the middle of a piece. */
static void
end(struct pieces *pieces)
{
	pieces->ended = true;
	pieces->last_len = pieces->size;
	if (pieces->filled == 0)
		return;
	pieces->last_len = pieces->filled;
	pieces->filled = 0;
	pieces->next++;
}

int
pieces_refill(struct pieces *pieces)
{
	size_t len;
	int r;

	while (!pieces->ended && pieces->next < pieces->first + PIECES_HELD) {
		r = pieces->ops->read(pieces->context,
		    slot(pieces, pieces->next) + pieces->filled,
		    pieces->size - pieces->filled, &len);
		if (r == FILES_END)
			end(pieces);
		else if (r != 0)
			return r < 0 ? r : 0;
		pieces->filled += len;
		if (pieces->filled == pieces->size) {
			pieces->filled = 0;
			pieces->next++;
		}
	}
	return 0;
}

/* The server lost the stream: from the beginning, or wherever it asks. */
static int
go_back(struct pieces *pieces, uint64_t number)
{
	if (pieces->ops->seek(pieces->context, number * pieces->size) != 0)
		return CLIENT_SOURCE_GONE;
	pieces->first = number;
	pieces->next = number;
	pieces->filled = 0;
	pieces->ended = false;
	return CLIENT_SOURCE_WAIT;
}

int
pieces_message(struct pieces *pieces, uint64_t number, message *out)
{
	bool last = pieces->ended && number + 1 == pieces->next;

	if (number < pieces->first)
		return go_back(pieces, number);
	if (number >= pieces->next)
		return pieces->ended ? CLIENT_SOURCE_END : CLIENT_SOURCE_WAIT;
	out->message_val = (char *)slot(pieces, number);
	out->message_len = (u_int)(last ? pieces->last_len : pieces->size);
	return 0;
}

void
pieces_release(struct pieces *pieces, uint64_t number)
{
	if (number > pieces->first)
		pieces->first = number;
}
