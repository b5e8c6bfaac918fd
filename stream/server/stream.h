/*
 * stream - one stream: a sequence of messages each way, and waiting calls
 *
 * For the sources of this folder and for methods only: the way in is
 * stream/server/streams.h.  A stream takes messages from segments
 * (stream_take), lets its method turn them into answers (stream_work), and
 * gives the answers to the calls that are parked on it.  It ends once; what it
 * still owes its client stays until streams_forget().
 *
 * A method never answers calls, and is never called again before it has
 * returned: it puts messages and sets the end, and whoever called it delivers.
 *
 * Memory, each way: at most window + message_max, in bytes as on the wire.  All
 * that a stream holds is charged to the account of the peer that opened it.
 */
#ifndef STREAM_SERVER_STREAM_H
#define STREAM_SERVER_STREAM_H

#include "base/map.h"
#include "base/spare.h"
#include "base/timers.h"
#include "stream/fifo.h"
#include "stream/method/method.h"
#include "stream/server/disk.h"
#include "stream/server/terms.h"

struct stream;
TAILQ_HEAD(stream_list, stream);
TAILQ_HEAD(stream_call_list, stream_call);

/* What a stream may do for one call: a full segment's worth. */
enum { CALL_QUANTUM = 256 * 1024 };

/* What all streams of a worker share. */
struct stream_world {
	struct streams_limits limits;
	struct streams_ops ops;
	void *context;
	struct disk *disk;
	uint64_t now;
	uint64_t lost;      /* see streams_excuse() */
	size_t quantum;     /* of work that one stream may do now */
	size_t left;        /* of the turn, when it had last worked */
	bool must_step;     /* at least one step, whatever is left */
	bool hurried;       /* a call is handed in, and others may be ready */
	unsigned int owing; /* streams whose end was not told */
	struct timers timers;
	struct stream_list ready; /* have work and wait for their turn */
	message *scratch;         /* SEGMENT_MAX of them, for one answer */
};

struct stream {
	struct stream_world *world;
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
	uint64_t lease_until; /* if nothing is lost after lease_lost */
	uint64_t lease_lost;
	uint64_t work_at; /* when the method is to be run again */
	struct timer timer;

	/* What it holds of its peer's account. */
	struct charge bytes; /* of memory; from its beginning to its end */
	struct charge place; /* among the open or the finished */
	struct charge doubt; /* while it is open and unproven */

	/* For stream/server/streams.c. */
	bool retired; /* among the finished, not the open */
	struct map_node by_name;
	struct map_node by_nonce;
	struct spare spare;       /* while it is retired */
	TAILQ_ENTRY(stream) life; /* among the open or the finished */
	TAILQ_ENTRY(stream) ready;
};

/*
 * A stream without a name, in no list, for arguments that are not refused; it
 * holds the account of its peer.  NULL without memory.
 */
struct stream *stream_new(struct stream_world *world,
    const struct method *method, const open_args *args,
    const struct stream_call *call);

/* Frees everything; no call is parked. */
void stream_free(struct stream *s);

/* The account that all it holds is charged to. */
static inline struct account *
stream_peer(const struct stream *s)
{
	return s->bytes.account;
}

/*
 * Whether args, which have the nonce of s and are for this method, ask for the
 * same stream.  The deadline may differ: it is shorter when it is sent again.
 */
bool stream_repeats(
    const struct stream *s, const struct method *method, const open_args *args);

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

/* Counts messages that the method has taken, and their bytes. */
static inline void
stream_took(struct stream *s, u_int messages, size_t bytes)
{
	s->in_next += messages;
	s->end.messages_in += messages;
	s->end.bytes_in += bytes;
}

/* Whether all its messages have been taken, now or before. */
bool stream_took_all(const struct stream *s, const segment *piece);

/*
 * Lets the method work within the quantum and what is left of the turn; when
 * one of them is used up, or little and the next step is long, the stream
 * waits among the ready ones.
 */
void stream_work(struct stream *s);

/* After it has worked: whether the next answer should wait, since little is
 * left of the turn and it is long. */
bool stream_should_put_off(const struct stream *s);

/* Puts the stream among the ready ones, or takes it out. */
void stream_wake(struct stream *s);
void stream_sleep(struct stream *s);

/* The lease runs from the end of the last call: from now on. */
void stream_renew(struct stream *s);

/* When it ends. */
static inline uint64_t
stream_lease_end(const struct stream *s)
{
	return s->lease_until + s->world->lost - s->lease_lost;
}

/* What the stream takes now. */
uint32_t stream_window(const struct stream *s);

/* The work() of a method that has a step(). */
size_t stream_steps(struct stream *s, size_t most);

/*
 * Whether the method may make another answer: there is room for one of any
 * size, and the stream has not ended.
 */
static inline bool
stream_may_answer(const struct stream *s)
{
	return !s->ended && s->out.used < s->world->limits.window;
}

/*
 * Whether the next answer was acknowledged before it was made, by the OPEN of
 * a client that replays; then it is skipped.
 */
static inline bool
stream_is_unwanted(const struct stream *s)
{
	return s->produced < s->out.next;
}

void stream_skip(struct stream *s);

/* The slower part of stream_reserve(): ends the stream, and returns NULL. */
void *stream_cannot_answer(struct stream *s, size_t len);

/*
 * Room for the next answer, which has len bytes, and the answer itself.  NULL
 * when the stream had to be ended: the answer is longer than the client wants,
 * or memory has run out.
 */
static inline void *
stream_reserve(struct stream *s, size_t len)
{
	void *room = NULL;

	assert(stream_may_answer(s) && !stream_is_unwanted(s));
	if (len <= s->largest)
		room = fifo_reserve(&s->out, len);
	return room != NULL ? room : stream_cannot_answer(s, len);
}

static inline void
stream_commit(struct stream *s, size_t len)
{
	fifo_commit(&s->out, len);
	s->produced++;
	s->end.bytes_out += len;
}

/*
 * A row of answers (stream/fifo.h), while stream_may_answer().  It leaves some
 * of the window to one more: what does not fit goes by stream_reserve().
 * stream_row_end() counts those that were put.
 */
static inline struct fifo_row
stream_row_begin(const struct stream *s)
{
	/* Before the first that is wanted there is no memory for a row. */
	assert(!stream_is_unwanted(s) || s->out.size == 0);
	return fifo_row_begin(&s->out, s->world->limits.window - 1);
}

static inline void *
stream_row_reserve(
    const struct stream *s, const struct fifo_row *row, size_t len)
{
	return len <= s->largest ? fifo_row_reserve(row, len) : NULL;
}

static inline void
stream_row_end(struct stream *s, const struct fifo_row *row)
{
	fifo_row_end(&s->out, row);
	s->produced += row->count;
	s->end.bytes_out += row->text;
}

/*
 * Ends the stream after the answers so far: as a method says, with all done,
 * or for a text that is not what its unit demands.  stream_end_now() drops
 * what was not sent.  Once the stream has ended these do nothing.
 */
void stream_end_after_answers(struct stream *s, status_code code,
    const char *detail, uint64_t at_message, uint64_t at_byte);
void stream_end_now(struct stream *s, status_code code, const char *detail);

static inline void
stream_finish(struct stream *s)
{
	stream_end_after_answers(s, STATUS_OK, "", 0, 0);
}

static inline void
stream_end_not_utf8(struct stream *s, uint64_t at_message, uint64_t at_byte)
{
	stream_end_after_answers(
	    s, STATUS_INVALID_ARGUMENT, "not UTF-8", at_message, at_byte);
}

/* The client knows how it ended, or does not want to: nothing is owed. */
void stream_told(struct stream *s);

/* Memory, in and out, as rule 3 bounds it. */
size_t stream_memory_in(const struct stream *s);
size_t stream_memory_out(const struct stream *s);

/* Brings the charge for its memory up to date. */
void stream_account(struct stream *s);

/*
 * After anything was done to the stream: frees what an ended one needs no
 * more, and brings timer and charge up to date.
 */
void stream_settle(struct stream *s);

#endif
