/*
 * REVERSE_EXCHANGE by hand, over a connection: what rpcgen makes around
 * reverse_exchange_1_svc(), and the reply to most calls.
 */
#ifndef SERVER_SERVICE_EXCHANGE_H
#define SERVER_SERVICE_EXCHANGE_H

#include <reverse.h>
#include <stdbool.h>

/* Has the call answered.  Returns false, having done nothing, when its
 * arguments do not decode or memory is out. */
bool exchange_answer(struct svc_req *request);

/* Answers a call whose procedure runs with what goes on.  Returns false, having
 * done nothing, when the result is another, or the call came otherwise. */
bool exchange_reply(SVCXPRT *xprt, const exchange_result *result);

#endif
