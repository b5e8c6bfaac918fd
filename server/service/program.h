/*
 * The program of reverse.x, as the dispatcher is given it: its procedures are
 * in server/service/service.c and text.c, but for those of streams, which are
 * here.
 */
#ifndef SERVER_SERVICE_PROGRAM_H
#define SERVER_SERVICE_PROGRAM_H

#include "rpcloop/serve/dispatcher.h"

#include <stddef.h>

/* The program and version of reverse.x, for dispatcher_init(). */
extern const struct xprt_program service_programs[];
extern const size_t service_program_count;

#endif
