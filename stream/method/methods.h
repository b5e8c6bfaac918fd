/*
 * The methods of the server, each in the file of its name.
 */
#ifndef STREAM_METHOD_METHODS_H
#define STREAM_METHOD_METHODS_H

#include "stream/method/method.h"

extern const struct method collect_method;
extern const struct method spell_method;
extern const struct method each_method;
extern const struct method whole_method;

/* The method with this number, or NULL. */
const struct method *method_find(stream_method number);

#endif
