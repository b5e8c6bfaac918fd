/*
 * The client's end of a stream against a server that the test plays: it takes
 * the calls, and answers them by hand.
 */
#ifndef TEST_LIB_PLAYER_H
#define TEST_LIB_PLAYER_H

#include "stream/client/calls.h"

#include <stdbool.h>
#include <stdint.h>

/* What the server is said to take, in bytes. */
enum { PLAYER_WINDOW = 100, PLAYER_DATAGRAM = 12 };

/* How long it is tried again; a server asks for half of that. */
enum { PLAYER_RETRY_MS = 200 };

struct player {
	struct client_stream stream;
	uint64_t now;
	const char *const *texts; /* the input */
	bool open_ended;          /* more may come after them */
	bool gone;                /* what was taken cannot be had again */
	uint64_t taken;
	uint64_t done;
	char heard[256]; /* the answers, joined by commas */
	uint64_t randoms;
	struct client_call call; /* the latest */
	uint32_t message_max;    /* as it greets; MESSAGE_MAX unless set, */
	uint32_t lease_ms;       /* and a minute */
};

/* Messages, of the input or of an answer. */
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Begins a stream, up to the greeting of a server of release 1.0. */
void player_begin(struct player *p, stream_method method, unsigned int flights,
    const char *const *texts);
/* The same, and no server has answered yet. */
void player_start(struct player *p, stream_method method, unsigned int flights,
    const char *const *texts);
/* A stream over UDP, with one call in flight. */
void player_begin_udp(
    struct player *p, stream_method method, const char *const *texts);
/* The same, and no server has answered yet. */
void player_start_udp(
    struct player *p, stream_method method, const char *const *texts);
void player_finish(struct player *p);

/* The next call, which there has to be: the player's latest. */
struct client_call *player_next(struct player *p);

/* The next call has to be a GREET, and is answered. */
void player_greet(struct player *p, const char *release);

/* An answer: messages from first on, and what the server expects next. */
answer player_say(
    const char *const *texts, uint64_t first, uint64_t next_number);

/* The next call has to be an OPEN, and is answered. */
void player_open(struct player *p, answer a);

/* The connection is gone. */
void player_lose(struct player *p);

/* There is nothing to do now; or never, having ended like this. */
void player_is_idle(struct player *p);
void player_is_over(struct player *p, status_code code);

/* How an EXCHANGE went.  A refusal by exhaustion asks for patience. */
void player_answer(struct player *p, const struct client_call *call, answer a);
void player_refuse(
    struct player *p, const struct client_call *call, status_code code);

#endif
