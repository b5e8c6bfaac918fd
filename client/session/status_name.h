#ifndef CLIENT_SESSION_STATUS_NAME_H
#define CLIENT_SESSION_STATUS_NAME_H

#include <reverse.h>

/* The name of a status, as gRPC has it; "UNKNOWN" of one that is none. */
const char *status_name(status_code code);

#endif
