/*
 * A flow: the bytes of one stream socket, each way.
 *
 * It reads and writes without waiting, and keeps what has arrived and what is
 * to go in two buffers.  It knows neither records nor calls, and serves either
 * end of them.  Its bytes go through a small table: those of the socket as they
 * are, or those of a layer between, such as TLS.
 *
 * Two states say what it waits for.  Each has one setter, and what the loop is
 * told follows from them, when the turn is settled.
 *
 * It is embedded in its owner, whose run() and settle() the loop calls.
 */
#ifndef RPCLOOP_NET_FLOW_H
#define RPCLOOP_NET_FLOW_H

#include "base/buffer.h"
#include "rpcloop/loop/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum flow_reading {
	FLOW_READ_WANTED,  /* waits for input */
	FLOW_READ_QUEUED,  /* was put off to a later turn of the loop */
	FLOW_READ_STALLED, /* no more may be taken on before some has gone */
	FLOW_READ_ENDED,
};

enum flow_writing {
	FLOW_WRITE_NONE,   /* there is nothing to write */
	FLOW_WRITE_NOW,    /* at the end of the turn, or when there is room */
	FLOW_WRITE_QUEUED, /* much: when its turn to send comes */
};

/* What reading came to, beside a negative errno. */
enum flow_result {
	FLOW_NOTHING, /* there is no input now */
	FLOW_INPUT,
	FLOW_END, /* the other end has half-closed */
};

struct flow;

/* As read(2), send(2) with MSG_NOSIGNAL and shutdown(2) of the sending side:
 * -1 and errno. */
struct flow_ops {
	ssize_t (*read)(struct flow *f, void *bytes, size_t size);
	ssize_t (*write)(struct flow *f, const void *bytes, size_t len);
	int (*shut)(struct flow *f);
};

struct flow {
	const struct flow_ops *ops;
	struct loop_item item;
	enum flow_reading reading;
	enum flow_writing writing;
	struct buffer in;
	struct buffer out;
	int unsent; /* bytes the kernel had for the peer at the last look */
};

/*
 * A flow on a non-blocking socket: that of f->item, which its owner has
 * initialised.  in_max bounds the input that is kept.  Returns 0, and the
 * socket is the flow's, or a negative errno.
 */
int flow_init(struct flow *f, size_t in_max);

/* Closes it, whatever its states.  In the owner's settle(). */
void flow_deinit(struct flow *f);

/* Changes what it waits for. */
void flow_set_reading(struct flow *f, enum flow_reading next);

/*
 * Reads once, at most `most` bytes, to the end of the input.  An empty input
 * uses scratch until flow_settle_input().  Returns a flow_result or a negative
 * errno, -ENOMEM among them.
 */
int flow_read(struct flow *f, uint8_t *scratch, size_t size, size_t most);

/* Moves what is left in the scratch memory to memory of its own.  Returns 0 or
 * -ENOMEM. */
int flow_settle_input(struct flow *f);

/* Whether the kernel has input that was not read. */
bool flow_has_input(const struct flow *f);

/* Reads once and throws the input away.  Returns as flow_read(). */
int flow_discard(struct flow *f, uint8_t *scratch, size_t size);

/*
 * Writes output: all of it, when the turn is settled, unless there is much,
 * which waits for its turn to send; then a part of that.  Set what is waited
 * for.  Return how many bytes were written, or a negative errno.
 */
ssize_t flow_flush(struct flow *f);
ssize_t flow_send(struct flow *f);

/* Says that no more output comes. */
void flow_shut(struct flow *f);

/*
 * Gives memory back that is not used, and tells the loop what it waits for.
 * busy: there will soon be more output, which keeps its memory.
 */
void flow_settle(struct flow *f, bool busy);

/* Bytes of memory that it has. */
static inline size_t
flow_memory(const struct flow *f)
{
	return buffer_memory(&f->in) + buffer_memory(&f->out);
}

/*
 * True when the peer has taken bytes since the last look.  The kernel asks for
 * more of ours only when a good part of its own queue has gone, which a slow
 * peer may need longer for than it is given.
 */
bool flow_peer_reads(struct flow *f);

#endif
