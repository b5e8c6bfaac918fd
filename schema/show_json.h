/*
 * A message as JSON, for programs that show it; see schema/show for people.
 *
 *	{"size": BYTES, "parts": [{"at": 4, "len": 4, "depth": 1,
 *	  "words": "xid 5", "hex": "00000005", "file": 0, "line": 12}, ...]}
 *
 * Each byte belongs to one part; record marks, padding and what is left out are
 * parts, too.  Of long bytes "hex" is the front; then "left" is how many are
 * left out, and "tail" what comes after them.  A part without bytes says what
 * begins there.  file and line are where the field is declared: an index of the
 * schemas, as message_words has them, that of RPC first.  A part that is wrong
 * has "wrong": true.
 */
#ifndef SCHEMA_SHOW_JSON_H
#define SCHEMA_SHOW_JSON_H

#include "base/buffer.h"
#include "schema/show.h"

/* Bytes of JSON after which the rest of a message is one part. */
enum { SHOW_JSON_MAX = 64 * 1024 };

/* Adds a call, or the reply to a call of the target.  Returns 0, BUFFER_FULL or
 * -ENOMEM. */
int show_json(struct buffer *out, const struct message_words *words,
    const struct show_message *message, const struct message_target *of);

/* Adds the schemas as an array, of objects with "file" and "text", which is
 * null where none was kept.  Returns as show_json(). */
int show_json_schemas(struct buffer *out, const struct message_words *words);

#endif
