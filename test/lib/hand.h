/*
 * For tests of the client: a server of reverse by hand, on the connections of a
 * script.  It runs in the thread of the script, where nothing can be asserted.
 */
#ifndef TEST_LIB_HAND_H
#define TEST_LIB_HAND_H

#include "test/lib/script.h"

#include <reverse.h>
#include <stdatomic.h>
#include <stdbool.h>

struct hand_call {
	uint32_t xid;
	uint32_t procedure;
	uint32_t flavor; /* of its credential */
	union {
		call_context greet;
		open_args open;
		exchange_args exchange;
		cancel_args cancel;
	} args;
};

/* The next call; false: the client has left.  hand_free() follows. */
bool hand_take(struct script *script, int fd, struct hand_call *call);
void hand_free(struct hand_call *call);

/* Whether a call comes within so many milliseconds. */
bool hand_waits(int fd, int ms);

/* Answers it; result is NULL for a PING. */
void hand_reply(int fd, const struct hand_call *call, void *result);

/* Denies it, with AUTH_TOOWEAK. */
void hand_deny(int fd, const struct hand_call *call);

/* Answers GREET. */
void hand_greet(int fd, const struct hand_call *call);

enum { HAND_MESSAGES = 4096, HAND_PARKED = 64 };

/*
 * A server of one EACH stream, whose answers are its messages as they came.  It
 * goes on over connections that are cut.  Zeroed it is the usual one.
 */
struct hand {
	/* To be set before it plays: */
	uint32_t lease_ms;        /* 0: 60 s */
	unsigned int cut_after;   /* EXCHANGEs, once: the connection is; or 0 */
	unsigned int silent_from; /* EXCHANGEs, of which none is answered
				     from this one on; or 0 */
	int wait_ms;              /* before calls that wait are answered with
				     nothing; 0: they wait on */
	bool answers_pings;       /* then, too */
	unsigned int hold;        /* EXCHANGEs: none is answered until so many
				     wait */
	unsigned int interrupt_at; /* EXCHANGEs: SIGINT comes with this one */
	unsigned int mute_opens;   /* OPENs that are not answered; SIGINT comes
				      with the last of them */
	atomic_bool ignores_pings;
	atomic_bool ignores_cancels;
	uint32_t denies; /* AUTH_SYS, of the procedures whose bits are set */
	status_code refuses; /* an OPEN; 0: none is refused */
	bool forgets;        /* the stream, with a connection */
	stream_end end;      /* how it ends, if not well: after the first
				message */

	/* What came: */
	atomic_uint counts[9]; /* calls, by procedure */
	atomic_uint renewals;  /* EXCHANGEs that neither push nor pull */
	atomic_uint in_flight; /* most calls that waited at once */
	atomic_uint messages;  /* taken */

	/* The stream's: */
	token name;
	bool named;
	bool last;
	uint64_t first;
	uint64_t next; /* to be taken */
	uint64_t sent; /* answers */
	message texts[HAND_MESSAGES];
	struct hand_call parked[HAND_PARKED];
	unsigned int waiting;
};

/* A script whose context is a hand. */
void play_hand(struct script *script, int fd);

/* Frees what it has taken, and counts anew. */
void hand_clear(struct hand *hand);

#endif
