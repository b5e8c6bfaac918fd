/*
 * stream - one stream: a sequence of messages each way, and waiting calls
 *
 * For the sources of the stream table only: the way in is
 * stream/server/streams.h.  A stream takes messages from segments
 * (stream_take), lets its method turn them into answers (stream_run), and gives
 * the answers to the calls that are parked on it.  It ends once; what it still
 * owes its client stays until the table forgets it.
 *
 * A method never answers calls and never ends up inside itself: it puts
 * messages and sets the end, and whoever called it delivers.
 *
 * Memory, each way: at most window + message_max, in bytes as on the wire.
 */
#ifndef STREAM_SERVER_STREAM_H
#define STREAM_SERVER_STREAM_H

#include "base/timers.h"
#include "stream/fifo.h"
#include "stream/method/method.h"
#include "stream/server/streams.h"

struct stream;
TAILQ_HEAD(stream_list, stream);
TAILQ_HEAD(stream_call_list, stream_call);

/* What all streams of a table share. */
struct stream_world {
	struct streams_limits limits;
	struct streams_ops ops;
	void *context;
	struct disk *disk;
	uint64_t now;
	int64_t budget;     /* text that may be reversed before a pause;
			       below 0 when a step took more */
	size_t memory;      /* of all streams */
	unsigned int owing; /* streams whose end was not told */
	struct timers timers;
	struct stream_list ready; /* have work and wait for budget */
	message *scratch;         /* SEGMENT_MAX of them, for one answer */
};

/* One client, as far as limits are concerned; see stream/server/streams.c. */
struct stream_client {
	uint64_t identity;
	unsigned int open;    /* streams that have not ended */
	unsigned int streams; /* all of them */
	size_t memory;
	struct stream_list finished; /* the oldest first */
	struct stream_client *chain;
};

struct stream {
	struct stream_world *world;
	struct stream_client *client;
	const struct method *method;
	void *state; /* the method's own */

	/* As OPEN had it. */
	token name;
	char nonce[16];
	text_unit unit;
	uint32_t pace_ms;
	uint32_t largest;
	uint64_t opened_first;
	uint64_t opened_next;
	size_t echo_size; /* bytes of metadata kept for the end */

	/* From the client. */
	struct fifo in;   /* taken, not yet worked on */
	uint64_t in_next; /* the number expected */
	bool in_closed;   /* in_next is the end */
	bool told_full;   /* the last answer had a window of 0 */

	/* To the client: out.first is the first not acknowledged. */
	struct fifo out;
	uint64_t produced;       /* numbers given to answers so far */
	struct fifo_mark cursor; /* the next to be sent */
	uint64_t sent;           /* the highest that may be acknowledged */

	/* The end. */
	bool ended;
	bool end_told;   /* some answer had it, or nobody waits for it */
	uint64_t end_at; /* the number after the last answer */
	stream_end end;  /* with the metadata from the start */

	/* Calls. */
	uint64_t connection; /* of the last takeover */
	uint64_t opener;     /* the host of the first OPEN */
	struct stream_call_list parked;
	unsigned int parked_count;

	/* Life. */
	bool unproven; /* came over UDP, not continued yet */
	bool is_ready; /* on world->ready */
	uint64_t deadline;
	uint64_t lease_until;
	uint64_t work_at; /* when the method is to be run again */
	struct timer timer;
	size_t memory; /* as accounted for */

	/* The table's. */
	bool retired; /* among the finished, not the open */
	struct stream *by_name;
	struct stream *by_nonce;
	TAILQ_ENTRY(stream) life;      /* among the open or the finished */
	TAILQ_ENTRY(stream) of_client; /* while it is retired */
	TAILQ_ENTRY(stream) ready;
};

/*
 * Whether the segment keeps the rules of numbers and of the half-close.
 * Returns NULL, or what is wrong with it.
 */
const char *stream_refuses(const struct stream *s, const segment *piece);

/* The client has all answers below next. */
void stream_acknowledge(struct stream *s, uint64_t next);

/*
 * Takes the messages that are expected and fit, and the half-close.  Returns 0
 * or -ENOMEM: what was taken before stays.
 */
int stream_take(struct stream *s, const segment *piece);

/*
 * Lets the method work within the budget; when that is used up the stream
 * waits among the ready ones.
 */
void stream_work(struct stream *s);

/* Puts the stream among the ready ones, or takes it out. */
void stream_wake(struct stream *s);
void stream_sleep(struct stream *s);

/* The lease runs from the end of the last call: from now on. */
void stream_renew(struct stream *s);

/* What the stream takes now. */
uint32_t stream_window(const struct stream *s);

/*
 * Whether the method may make another answer: there is room for one of any
 * size, and the stream has not ended.
 */
bool stream_may_answer(const struct stream *s);

/*
 * Whether the next answer was acknowledged before it was made, by the OPEN of
 * a client that replays; then it is skipped.
 */
bool stream_is_unwanted(const struct stream *s);
void stream_skip(struct stream *s);

/*
 * Room for the next answer, which has len bytes, and the answer itself.  NULL
 * when the stream had to be ended: the answer is longer than the client wants,
 * or memory has run out.
 */
void *stream_reserve(struct stream *s, size_t len);
void stream_commit(struct stream *s, size_t len);

/*
 * Ends the stream: after the answers so far, or after those that were sent.
 * Once it has ended these do nothing.
 */
void stream_end_after_answers(struct stream *s, status_code code,
    const char *detail, uint64_t at_message, uint64_t at_byte);
void stream_finish(struct stream *s); /* all is well */
void stream_end_not_utf8(
    struct stream *s, uint64_t at_message, uint64_t at_byte);
void stream_end_now(struct stream *s, status_code code, const char *detail);

/* The client knows how it ended, or does not want to: nothing is owed. */
void stream_told(struct stream *s);

/* Memory, in and out, as rule 3 bounds it, and all of it. */
size_t stream_memory_in(const struct stream *s);
size_t stream_memory_out(const struct stream *s);

/*
 * After anything was done to the stream: frees what an ended one needs no
 * more, and brings timer and accounts up to date.
 */
void stream_settle(struct stream *s);

/* Frees everything; no call is parked. */
void stream_free(struct stream *s);

#endif
