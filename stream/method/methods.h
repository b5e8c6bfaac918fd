/*
 * methods - COLLECT, SPELL and EACH; WHOLE is in stream/method/whole.h
 *
 * For the sources of the stream table only.
 */
#ifndef STREAM_METHOD_METHODS_H
#define STREAM_METHOD_METHODS_H

#include "stream/server/stream.h"

/* What a step costs at least, as bytes of text: empty messages cost too. */
#define METHOD_STEP_COST 64

/* The method with this number, or NULL. */
const struct method *method_find(stream_method number);

#endif
