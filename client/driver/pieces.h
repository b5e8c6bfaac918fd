/*
 * pieces: a text of any length as the messages of a WHOLE stream.
 *
 * All pieces but the last have the same size, so a message's number is its
 * place in the text: whatever can be read again can be sent again.  Memory
 * holds those that are on their way, and a few more.
 */
#ifndef CLIENT_DRIVER_PIECES_H
#define CLIENT_DRIVER_PIECES_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes of a piece, unless a message may not have as many: with its length
 * four of them fit the usual window.
 */
#define PIECE_BYTES 65536u

/* Pieces in memory. */
#define PIECES_HELD 8

/* Where the text comes from; results as of files_read and files_seek. */
struct pieces_ops {
	int (*read)(void *context, void *bytes, size_t room, size_t *len);
	int (*seek)(void *context, uint64_t offset);
};

struct pieces {
	const struct pieces_ops *ops;
	void *context;
	size_t size;         /* bytes of a piece */
	unsigned char *held; /* piece n is in slot n % PIECES_HELD */
	uint64_t first;      /* the pieces held are these */
	uint64_t next;       /* and those below this one */
	size_t filled;       /* bytes of piece next so far */
	bool ended;          /* there is no piece next */
	size_t last_len;     /* and the one before has so many bytes */
};

/*
 * Borrows ops and context.  No piece is longer than max, which is not 0.
 * Returns 0 or -ENOMEM.
 */
int pieces_init(struct pieces *pieces, const struct pieces_ops *ops,
    void *context, uint32_t max);

/* May be called twice. */
void pieces_deinit(struct pieces *pieces);

/* Reads what is there and fits.  Returns 0 or a negative errno of read. */
int pieces_refill(struct pieces *pieces);

/*
 * As client_stream_ops.message.  One that was released is gone, or, where the
 * text can be read again, there after a refill.
 */
int pieces_message(struct pieces *pieces, uint64_t number, message *out);

/* Those below number have arrived. */
void pieces_release(struct pieces *pieces, uint64_t number);

#endif
