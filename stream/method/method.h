/*
 * How the server works on a stream of some method.
 *
 * The functions are called by stream/server/stream.c, and give their answers
 * back to it (stream_reserve, stream_commit).  All may end the stream.
 */
#ifndef STREAM_METHOD_METHOD_H
#define STREAM_METHOD_METHOD_H

#include "stream/method/traits.h"

#include <stddef.h>

/* What a step costs at least, as bytes of text: empty messages cost too. */
#define METHOD_STEP_COST 64

struct stream;

struct method {
	const struct method_traits *traits;
	/* Makes s->state.  Returns 0 or -ENOMEM.  NULL: it has no state. */
	int (*start)(struct stream *s);
	/* Bytes it takes now.  NULL: always a whole window. */
	uint32_t (*window)(const struct stream *s);
	/*
	 * Takes the next messages, one at least, of which the first is number
	 * s->in_next, until window() is 0; called only when it is not.  Counts
	 * what it has taken by stream_took().  Returns 0 or -ENOMEM.
	 */
	int (*take)(struct stream *s, const message *m, u_int count);
	/* The client has half-closed: all that came was taken.  May be NULL. */
	void (*closed)(struct stream *s);
	/* About how many bytes of text the next step handles. */
	size_t (*next_step)(const struct stream *s);
	/*
	 * Works, in steps, until they come to about most bytes of text, which
	 * is not 0.  Returns what they come to; when that is less, there is
	 * nothing to do until something else happens.
	 */
	size_t (*work)(struct stream *s, size_t most);
	/* With stream_steps() for its work(): one of them.  Returns 0 when
	 * there is nothing to do until something else happens. */
	size_t (*step)(struct stream *s);

	/* With a state only. */

	/* Memory in use for the messages in, and for those out; the second
	 * may be NULL for none. */
	size_t (*memory_in)(const struct stream *s);
	size_t (*memory_out)(const struct stream *s);
	/* The stream has ended: stops, and frees the state.  Called once. */
	void (*stop)(struct stream *s);
};

#endif
