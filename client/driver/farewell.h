/*
 * farewell: the server need not keep a stream any longer.
 */
#ifndef CLIENT_DRIVER_FAREWELL_H
#define CLIENT_DRIVER_FAREWELL_H

#include "client/session/session.h"

/*
 * Cancels the stream of that name, within a second; within a twentieth of one
 * after the deadline of the command, which the server knows as well.  So it
 * does after an interruption: another one ends this.  Where the name is not
 * known, because OPEN was not answered, opened is how it was called: repeated,
 * it makes no other stream.  Either may be NULL.
 */
void farewell(
    struct session *session, const token name, const open_args *opened);

#endif
