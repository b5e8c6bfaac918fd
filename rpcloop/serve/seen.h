/*
 * A message that came or goes, for whoever wants to show it (dispatcher.h).
 */
#ifndef RPCLOOP_SERVE_SEEN_H
#define RPCLOOP_SERVE_SEEN_H

#include "rpcloop/net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All that it points to is borrowed. */
struct seen_message {
	const struct address *peer; /* who sent it, or will receive it */
	const uint8_t *bytes;       /* without record marks */
	size_t len;
	size_t marks; /* bytes of record marks; 0: a datagram */
	bool is_reply;
	uint32_t xid;
	uint32_t program, version, procedure; /* 0: the call does not say */
};

typedef void seen_fn(void *context, const struct seen_message *message);

#endif
