/*
 * trace: a call as --trace shows it, and in words what became of one.
 */
#ifndef CLIENT_SESSION_TRACE_H
#define CLIENT_SESSION_TRACE_H

#include "client/session/endpoint.h"
#include "rpcloop/call/channel.h"

/* What became of a call that did not succeed, in a few words. */
const char *trace_words(const struct rpc_err *error);

/* The name of RFC 5531, section 9, for why a credential was refused. */
const char *trace_auth_name(enum auth_stat why);

void trace_call(const char *name, const struct endpoint *at,
    const struct channel_call *how, const struct rpc_err *error);

#endif
