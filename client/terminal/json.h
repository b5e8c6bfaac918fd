/*
 * json: a result as one JSON object (RFC 8259) on one line of output.
 *
 * Bytes that are UTF-8 become a string; other bytes become base64 (RFC 4648),
 * as the member name_base64 in place of name.
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

/* Ends the object, and the line. */
void json_end(struct json *json);

#endif
