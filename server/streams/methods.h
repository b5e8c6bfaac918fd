/*
 * methods - COLLECT, SPELL and EACH; WHOLE is in server/streams/whole.h
 *
 * For the sources of the stream table only.
 */
#ifndef SERVER_STREAMS_METHODS_H
#define SERVER_STREAMS_METHODS_H

#include "server/streams/stream.h"

/* What a step costs at least, as bytes of text: empty messages cost too. */
#define METHOD_STEP_COST 64

/* The method with this number, or NULL. */
const struct method *method_find(stream_method number);

#endif
