/*
 * opening - how an OPEN becomes a stream
 *
 * For the sources of the stream table only.
 */
#ifndef STREAM_SERVER_OPENING_H
#define STREAM_SERVER_OPENING_H

#include "stream/server/stream.h"

/* What is wrong with the arguments, whatever the state; or NULL. */
const char *opening_refuses(const open_args *args);

/*
 * Whether args, which have the nonce of s, ask for the same stream.  The
 * deadline may differ: it is shorter when it is sent again.
 */
bool opening_repeats(const struct stream *s, const open_args *args);

/*
 * A stream without a name, in no list, for arguments that are not refused.
 * client is borrowed.  NULL without memory.
 */
struct stream *stream_new(struct stream_world *world,
    struct stream_client *client, const open_args *args,
    const struct stream_call *call);

#endif
