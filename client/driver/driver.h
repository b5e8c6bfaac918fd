/*
 * driver: runs one stream of a command over the session, with several calls in
 * flight, or one over UDP.
 *
 * stream/client/stream says which call comes next; here it is made, on a new
 * connection after a loss, and time is kept: that of the deadline, of the
 * lease, and of the pauses between attempts.  While the input is silent, or
 * the reader of the output slow, the lease is renewed.
 */
#ifndef CLIENT_DRIVER_DRIVER_H
#define CLIENT_DRIVER_DRIVER_H

#include "client/session/session.h"
#include "stream/client/stream.h"

/* Where messages come from, and answers go: to the output of the session. */
struct driver_ops {
	/*
	 * Reads what there is, without waiting; messages stay where they are
	 * until it is called again.  Returns 0; negative: reading failed, as
	 * was said, and the stream is to be cancelled.  NULL: all messages are
	 * there from the beginning.
	 */
	int (*refill)(void *context);
	/* The three as in client_stream_ops; progress may be NULL. */
	client_source_fn *messages;
	void (*progress)(void *context, uint64_t taken, uint64_t done);
	void (*answers)(
	    void *context, uint64_t number, const message *texts, u_int count);
	/*
	 * Datagrams of this path carry no messages longer than max, and nothing
	 * was answered yet.  True: the stream is to begin anew with shorter
	 * ones, and driver_run() returns DRIVER_AGAIN.  NULL: there are none.
	 */
	bool (*shorten)(void *context, uint32_t max);
	/* What becomes readable when there is more to refill; NULL with it. */
	int (*descriptor)(const void *context);
	/* Writes where in the input a failure is; NULL: there is no place. */
	void (*place)(
	    const void *context, const failure *why, char *text, size_t size);
};

/* A message that the server took cannot be decoded: the stream ended for that.
 * What it refused before is no message's fault. */
static inline bool
driver_is_undecodable(const stream_end *how)
{
	return how->why.code == STATUS_INVALID_ARGUMENT && how->messages_in > 0;
}

/* Beside exit codes: the stream was ended for a shorter one's sake. */
#define DRIVER_AGAIN (-2)

/* Bytes of a place. */
#define DRIVER_PLACE_MAX 4352

/*
 * Runs it to its end.  Of terms, method, pace_ms and largest count.  Returns
 * an exit code, whatever is not EXIT_DONE having been explained; EXIT_DONE
 * also when output failed, for which the stream is cancelled; or DRIVER_AGAIN,
 * which only shorten() makes it.  how, if not NULL, is what the server counted,
 * and why it ended, without the detail.
 */
int driver_run(struct session *session, const struct client_stream_terms *terms,
    const struct driver_ops *ops, void *context, stream_end *how);

#endif
