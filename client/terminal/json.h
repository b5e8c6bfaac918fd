/*
 * json: a result as one JSON object (RFC 8259) on one line of output.
 *
 * Bytes that are UTF-8 become a string; other bytes become base64 (RFC 4648),
 * as the member name_base64 in place of name.  Whoever joins the bytes of all
 * pieces of a text, of either member, has that text.
 */
#ifndef CLIENT_TERMINAL_JSON_H
#define CLIENT_TERMINAL_JSON_H

#include "client/terminal/output.h"

#include <stddef.h>
#include <stdint.h>

/* With the output alone set, it is an object to begin. */
struct json {
	struct output *output; /* borrowed */
	size_t members;
};

void json_number(struct json *json, const char *name, uint64_t number);
void json_text(struct json *json, const char *name, const char *text);
void json_bytes(
    struct json *json, const char *name, const void *bytes, size_t len);

/* A member that is an object: until the close, members are its own. */
void json_open(struct json *json, const char *name);
void json_close(struct json *json);

/*
 * The next bytes of what comes in pieces, each in an object of its own.  A
 * piece of a text may end within a character: what there is of that is held,
 * and written with the next one.  What is held at the end is no text, and left
 * to json_bytes().
 */
void json_piece(struct json *json, const char *name, struct buffer *held,
    const void *bytes, size_t len);

/* Ends the object, and the line. */
void json_end(struct json *json);

#endif
