/*
 * opening - OPEN: how a call becomes a stream (reverse.x, "Streams", rule 7)
 */
#ifndef STREAM_SERVER_OPENING_H
#define STREAM_SERVER_OPENING_H

#include "stream/server/streams.h"

/* The procedure.  args may be freed when it returns. */
void streams_open(struct streams *streams, uint64_t now, const open_args *args,
    struct stream_call *call);

#endif
