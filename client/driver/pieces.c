/*
 * pieces: a ring of slots, filled from the text in order.
 */
#include "client/driver/pieces.h"

#include "base/base.h"
#include "client/driver/driver.h"
#include "client/driver/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Bytes of a piece, unless a message may not have as many: with its length
 * four of them fit the usual window.
 */
#define PIECE_BYTES 65536u

/* Pieces in memory. */
#define PIECES_HELD 8

struct pieces {
	const struct pieces_ops *ops;
	void *context;
	size_t size;         /* bytes of a piece, */
	size_t next_size;    /* and of those of a stream begun anew */
	unsigned char *held; /* piece n is in slot n % PIECES_HELD */
	uint64_t first;      /* the pieces held are these */
	uint64_t next;       /* and those below this one */
	size_t filled;       /* bytes of piece next so far */
	bool ended;          /* there is no piece next */
	size_t last_len;     /* bytes of the one before it */
};

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

/* Reads what is there and fits. */
static int
refill(void *context)
{
	struct pieces *pieces = context;
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

/* The server lost the stream: from the beginning, or wherever it asks.  What
 * was kept is read now, since no descriptor tells that it is there. */
static int
go_back(struct pieces *pieces, uint64_t number)
{
	if (pieces->ops->seek(pieces->context, number * pieces->size) != 0)
		return CLIENT_SOURCE_GONE;
	pieces->first = number;
	pieces->next = number;
	pieces->filled = 0;
	pieces->ended = false;
	return refill(pieces) == 0 ? 0 : CLIENT_SOURCE_GONE;
}

/* One that was released is gone, or can be read again. */
static int
messages_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct pieces *pieces = context;
	bool last;

	if (number < pieces->first && go_back(pieces, number) != 0)
		return CLIENT_SOURCE_GONE;
	if (number >= pieces->next)
		return pieces->ended ? CLIENT_SOURCE_END : CLIENT_SOURCE_WAIT;
	last = pieces->ended && number + 1 == pieces->next;
	out->message_val = (char *)slot(pieces, number);
	out->message_len = (u_int)(last ? pieces->last_len : pieces->size);
	*count = 1;
	return 0;
}

/* Of the pieces below that one, of which the last may be shorter. */
static uint64_t
bytes_below(const struct pieces *pieces, uint64_t number)
{
	bool all = pieces->ended && number == pieces->next && number > 0;

	return number * pieces->size -
	    (all ? pieces->size - pieces->last_len : 0);
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct pieces *pieces = context;

	(void)done;
	pieces->first = MAX_OF(pieces->first, taken);
	pieces->ops->taken(pieces->context, bytes_below(pieces, taken));
}

static void
answers_are(void *context, uint64_t number, const message *texts, u_int count)
{
	struct pieces *pieces = context;

	for (u_int i = 0; i < count; i++)
		pieces->ops->answer(pieces->context, number + i, &texts[i]);
}

/* All of it is read once more. */
static bool
shorten(void *context, uint32_t max)
{
	struct pieces *pieces = context;

	if (max >= pieces->size || pieces->ops->seek(pieces->context, 0) != 0)
		return false;
	pieces->next_size = max;
	return true;
}

static int
descriptor(const void *context)
{
	const struct pieces *pieces = context;

	return pieces->ops->descriptor(pieces->context);
}

static void
place(const void *context, const failure *why, char *text, size_t size)
{
	const struct pieces *pieces = context;

	pieces->ops->place(pieces->context,
	    why->at_message * pieces->size + why->at_byte, text, size);
}

static const struct driver_ops whole_ops = {
	.refill = refill,
	.messages = messages_of,
	.progress = progress,
	.answers = answers_are,
	.shorten = shorten,
	.descriptor = descriptor,
	.place = place,
};

/* A stream from the beginning.  As driver_run(). */
static int
run(struct session *session, struct pieces *pieces, stream_end *how)
{
	struct client_stream_terms terms = {
		.method = METHOD_WHOLE,
		.largest = (uint32_t)pieces->next_size,
	};

	pieces->size = pieces->next_size;
	pieces->first = 0;
	pieces->next = 0;
	pieces->filled = 0;
	pieces->ended = false;
	return driver_run(session, &terms, &whole_ops, pieces, how);
}

int
pieces_run(struct session *session, const struct pieces_ops *ops, void *context,
    uint32_t max, stream_end *how)
{
	struct pieces pieces = {
		.ops = ops,
		.context = context,
		.next_size = MIN_OF(max, PIECE_BYTES),
		.held = malloc(PIECES_HELD * MIN_OF(max, PIECE_BYTES)),
	};
	int r;

	if (pieces.held == NULL)
		return say_no_memory();
	do
		r = run(session, &pieces, how);
	while (r == DRIVER_AGAIN);
	free(pieces.held);
	return r;
}
