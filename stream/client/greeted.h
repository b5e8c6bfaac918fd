/*
 * greeted - which release of a server answered
 *
 * A stream that is lost may go on at another server, if its answers are those
 * that the first one would have given: servers of the same name and version of
 * Unicode promise it, whose releases are of the same line.
 *
 * The line of a release is what comes before its second dot, or all of it: 0.1,
 * 0.1.3 and 0.1.9-rc1 are of the line 0.1, which 0.10 and 0.1-rc1 are not.
 */
#ifndef STREAM_CLIENT_GREETED_H
#define STREAM_CLIENT_GREETED_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct greeted {
	char server[64];
	size_t server_len;
	char line[64]; /* of its release */
	size_t line_len;
	char unicode[16];
	size_t unicode_len;
	uint32_t window; /* what it takes, and gives, ahead */
};

/* Keeps what the greeting says of the server. */
void greeted_keep(struct greeted *g, const greeting *hello);

/* Whether the greeting is one of a server that may go on. */
bool greeted_agrees(const struct greeted *g, const greeting *hello);

#endif
