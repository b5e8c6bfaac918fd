#ifndef CLIENT_SESSION_STATUS_NAME_H
#define CLIENT_SESSION_STATUS_NAME_H

#include <reverse.h>
#include <rpc/rpc.h>

/* The name of a status, as gRPC has it; "UNKNOWN" of one that is none. */
const char *status_name(status_code code);

/* That of a failure of this host, by its errno. */
const char *status_of_errno(int error);

/* The status of a call by what became of it, without an answer of the
 * application. */
status_code status_of_call(const struct rpc_err *error);

#endif
