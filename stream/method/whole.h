/*
 * whole - the method WHOLE: a text of any size, reversed as one
 *
 * The text comes in first.  Up to limits.spool_memory of it stays in memory;
 * a longer one goes to a file of the stream's disk, block by block while it
 * comes, and the window stays shut while the disk is behind.  When the client
 * has half-closed, the text is read backward in blocks and comes out in
 * pieces of exactly the largest size the client takes, the last one shorter:
 * where they are cut depends on the text alone, so that a stream opened again
 * gives the same pieces.
 *
 * A stream may go while its disk works for it: the state stays until then.
 */
#ifndef STREAM_METHOD_WHOLE_H
#define STREAM_METHOD_WHOLE_H

#include "stream/server/stream.h"

extern const struct method whole_method;

#endif
