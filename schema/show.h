/*
 * A message for people: lines of at most SHOW_COLUMNS columns, each with some
 * of its bytes and the part that they belong to.
 *
 *	    76  00 00 00 05              text: 5 bytes
 *	    80  68 65 6c 6c 6f           text "hello"
 *	    85  00 00 00                 padding
 *
 * Of long bytes and arrays the middle is left out; a line says how much that
 * is.  Whatever the bytes are, the lines are printable (base/printable).
 */
#ifndef SCHEMA_SHOW_H
#define SCHEMA_SHOW_H

#include "base/buffer.h"
#include "schema/message.h"

enum { SHOW_COLUMNS = 80 };

/* A message as it went over the wire. */
struct show_message {
	const uint8_t *bytes; /* borrowed; without record marks */
	size_t len;
	size_t marks; /* bytes of record marks; 0: a datagram */
};

/*
 * Adds the lines of a call, or of the reply to a call of the target.  Returns
 * 0; BUFFER_FULL: it holds as much as it may; -ENOMEM.
 */
int show_message(struct buffer *out, const struct message_words *words,
    const struct show_message *message, const struct message_target *of,
    bool colours);

#endif
