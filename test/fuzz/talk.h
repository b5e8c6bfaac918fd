/*
 * A stream as a client knows it that believes in the rules (reverse.x), for
 * test/fuzz/streams.c: what it has said, what it has been told, and where the
 * next answer has to go on.  What a message says follows from its stream and
 * its number alone.
 */
#ifndef TEST_FUZZ_TALK_H
#define TEST_FUZZ_TALK_H

#include "test/fuzz/fuzz.h"

#include <reverse.h>
#include <stdbool.h>

enum {
	TALK_MESSAGE = 64, /* bytes of the longest message */
	TALK_WHOLE = 512,  /* bytes of the longest text of WHOLE */
};

struct talk {
	open_args opened; /* without messages */
	token name;
	bool named;
	bool closed;           /* the client has said last */
	uint8_t seed;          /* of what its messages say */
	uint64_t connection;   /* of the last takeover */
	uint64_t taken;        /* messages, as the server said */
	uint64_t heard;        /* the answer that comes next */
	uint64_t acknowledged; /* the highest next that counted */
	uint64_t cursor;       /* where the next answer goes on */
	bool has_end;
	status_code end;
	uint64_t end_at;
	uint8_t text[TALK_WHOLE]; /* heard, of all methods but EACH */
	size_t text_len;
};

/* Begins one, with terms from the input and a nonce like no other number's. */
void talk_begin(struct talk *t, char number, struct input *in);

/* What message number says; returns its length. */
size_t talk_say(
    const struct talk *t, uint64_t number, uint8_t bytes[TALK_MESSAGE]);

/* A number about the one that the client knows, or a lie, as the byte says. */
uint64_t talk_number(uint8_t byte, uint64_t known);

/* A call of it is made, and counts if it is not refused. */
void talk_calls(
    struct talk *t, const segment *piece, bool takes_over, uint64_t connection);

/* The server refused the call at once: undoes what it does not count for. */
void talk_refused(struct talk *t, const struct talk *before, status_code code);

/* A stream of that name was opened, if it is not known already. */
void talk_named(struct talk *t, const token name);

/*
 * An answer to a call with that credit and room: it must keep to them, go on
 * where the one before it ended, and say what is true.
 */
void talk_hears(
    struct talk *t, const answer *a, uint32_t credit, uint32_t room);

#endif
