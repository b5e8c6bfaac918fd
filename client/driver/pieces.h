/*
 * pieces: a text of any length through a WHOLE stream, in pieces.
 *
 * All pieces but the last have the same size, so a message's number is its
 * place in the text: whatever can be read again can be sent again.  Memory
 * holds those that are on their way, and a few more.
 */
#ifndef CLIENT_DRIVER_PIECES_H
#define CLIENT_DRIVER_PIECES_H

#include "client/session/session.h"

#include <reverse.h>
#include <stddef.h>
#include <stdint.h>

/* Where the text comes from, and its reversal goes. */
struct pieces_ops {
	/* As files_read and files_seek. */
	int (*read)(void *context, void *bytes, size_t room, size_t *len);
	int (*seek)(void *context, uint64_t offset);
	/* What becomes readable when there is more to read. */
	int (*descriptor)(const void *context);
	/* The server has taken so many bytes of the text. */
	void (*taken)(void *context, uint64_t bytes);
	/* The next piece of the answer; borrowed. */
	void (*answer)(void *context, uint64_t number, const message *text);
	/* Writes where in the input a byte of the text is. */
	void (*place)(
	    const void *context, uint64_t byte, char *text, size_t size);
};

/*
 * Runs the stream to its end.  No piece is longer than max, which is not 0;
 * over a path that carries less, and before anything was answered, it is run
 * again with pieces that fit, if the text can be read again. Returns an exit
 * code, as driver_run does, and how as it does.
 */
int pieces_run(struct session *session, const struct pieces_ops *ops,
    void *context, uint32_t max, stream_end *how);

#endif
