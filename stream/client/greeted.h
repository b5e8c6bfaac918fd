/*
 * greeted - which release of a server answered
 *
 * A stream that is lost may go on at another server, if its answers are those
 * that the first one would have given.
 */
#ifndef STREAM_CLIENT_GREETED_H
#define STREAM_CLIENT_GREETED_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>

struct greeted {
	char release[64];
	size_t release_len;
	char unicode[16];
	size_t unicode_len;
};

/* Keeps what the greeting says of the server. */
void greeted_keep(struct greeted *g, const greeting *hello);

/* Whether the greeting says the same. */
bool greeted_agrees(const struct greeted *g, const greeting *hello);

#endif
