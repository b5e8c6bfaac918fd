/*
 * The server's streams on a bench: calls written down in one line, and what was
 * answered kept in a form that one line can compare.
 */
#ifndef TEST_LIB_BENCH_H
#define TEST_LIB_BENCH_H

#include "stream/server/opening.h"
#include "stream/server/turns.h"
#include "test/lib/fake_disk.h"

#include <stdbool.h>
#include <stdint.h>

#define BENCH_WINDOW  1000
#define BENCH_MESSAGE 2000

/* Number 0 is the loopback, which has no limits of its own. */
#define BENCH_PEERS 10

struct bench {
	struct streams *streams;
	struct streams_limits limits;
	struct account all;
	struct account peers[BENCH_PEERS];
	struct charge elsewhere; /* memory that others use */
	struct charge held;      /* by connections of a peer */
	struct fake_disk disk;
	struct rng rng;
	uint64_t now;
	size_t turn_bytes; /* of work in one millisecond, */
	size_t left;       /* of which so much is left */
	uint64_t turn;     /* in that one */
	bool mute;         /* no answer goes out */
	bool keepless;     /* no call can be kept */
};

/* The messages of a call. */
#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* A call; what is not said is 0, and means what the comment says. */
struct saying {
	const char *const *texts;
	const message *messages; /* in place of texts, */
	u_int count;             /* and how many */
	uint64_t first;
	bool last;
	uint64_t next;
	uint32_t credit; /* the segment's window */
	uint32_t wait_ms;
	bool ahead;
	uint64_t connection; /* 0: 1 */
	unsigned int client; /* of bench.peers */
	bool datagram;
	bool at_once;
	uint32_t room;  /* 0: more than enough */
	uint32_t space; /* likewise */

	/* Of OPEN only. */
	stream_method method; /* 0: EACH */
	text_unit unit;       /* UNIT_GRAPHEME */
	uint32_t pace_ms;
	uint32_t largest;
	uint32_t deadline_ms;
	char nonce;       /* its first byte */
	const char *echo; /* the value of metadata echo-test */
};

/* A call that is handed in, or kept. */
struct handed {
	struct stream_call call;
	struct said *said;
};

/* A call and its answer. */
struct said {
	struct handed kept;
	bool waits; /* it was kept */
	struct bench *bench;
	unsigned int answers; /* has to become 1, and no more */
	uint64_t answered_at;
	status_code code;
	uint32_t retry_after_ms;
	token stream;
	char heard[49152]; /* the messages, joined by commas, */
	size_t heard_len;  /* which may hold NULs */
	unsigned int count;
	uint64_t first;
	bool last;
	uint64_t next;
	uint32_t window;
	bool has_end;
	status_code end;
	uint64_t at_message;
	uint64_t at_byte;
	uint64_t messages_in;
	uint64_t bytes_in;
	uint64_t bytes_out;
	char echo[64];
};

/* Small limits, which may be changed before bench_start(). */
void bench_init(struct bench *b);
void bench_start(struct bench *b);

/* Ends all streams; every call has to have been answered by now. */
void bench_stop(struct bench *b);

/* What all peers may hold, and what each but the loopback may. */
void bench_limit(
    struct bench *b, enum charge_kind kind, uint64_t all, uint64_t each);

/* Memory that others use, and that connections of a peer use. */
void bench_use(struct bench *b, uint64_t bytes);
void bench_hold(struct bench *b, unsigned int client, uint64_t bytes);

/* Bytes of memory that streams hold, whoever they are of. */
uint64_t bench_memory(const struct bench *b);

/* Withdraws a call that waits. */
void bench_gone(struct bench *b, struct said *said);

/* For a fact of cmocka: a bench of its own that has been started. */
int bench_set_up(void **state);
int bench_tear_down(void **state);

void bench_open(struct bench *b, struct said *out, struct saying saying);
void bench_exchange(struct bench *b, struct said *out, const token stream,
    struct saying saying);
void bench_cancel(struct bench *b, const token stream);

/* Lets time pass, and with it timers, disk and work. */
void bench_pass(struct bench *b, uint64_t ms);

/* The streams have a turn for work that was put off. */
void bench_work(struct bench *b);

/* As long as it takes: until the call is answered. */
void bench_wait(struct bench *b, const struct said *said);

#endif
