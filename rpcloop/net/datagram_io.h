/*
 * The system calls of datagram sockets: many datagrams at a time, each with
 * the address that it was sent to (ip(7), ipv6(7): packet information).
 *
 * The functions are for rpcloop/net/datagram.c only.
 */
#ifndef RPCLOOP_NET_DATAGRAM_IO_H
#define RPCLOOP_NET_DATAGRAM_IO_H

#include "rpcloop/net/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	DATAGRAM_IO_BATCH = 16,
	DATAGRAM_SIZE_MAX = 65507, /* bytes, by IPv4's 16 bits for them */
	DATAGRAM_REPLIES = 64,     /* that are sent at once, and may wait */
};

/* A datagram that came: who sent it, where to, and which it was. */
struct datagram_origin {
	struct address peer;
	union {
		struct in_addr in;
		struct in6_addr in6;
	} called;
	unsigned int interface; /* of a link-local address, else 0 */
	size_t len;
	uint64_t hash; /* of its bytes and the host */
};

struct datagram_reply {
	struct datagram_origin to;
	size_t at; /* in the output */
	size_t len;
};

/* Room for a batch of datagrams of any length; one serves any number of
 * sockets.  Pages are taken as they are used. */
struct datagram_batch;

/* A datagram that came; the bytes are in the batch. */
struct datagram_input {
	struct datagram_origin origin; /* but len and hash */
	bool for_us;                   /* sent to this host alone, and whole */
	uint8_t *bytes;
	size_t len;
};

/* NULL when memory is out.  free(3) frees it. */
struct datagram_batch *datagram_io_batch_new(void);

/*
 * A non-blocking socket, bound; or a negative errno.  With datagram_io_share()
 * further sockets of this user can be bound beside it, by
 * datagram_io_bind_beside(): all datagrams of one source come to the same of
 * them.
 */
int datagram_io_bind(const struct address *address);
int datagram_io_bind_beside(const struct address *address);
int datagram_io_share(int fd);

/* Takes what has arrived.  Returns how many, up to DATAGRAM_IO_BATCH. */
int datagram_io_receive(int fd, struct datagram_batch *batch);

/* Number i of those; good until the next are received. */
struct datagram_input *datagram_io_input(struct datagram_batch *batch, int i);

/*
 * Sends replies, whose bytes are in output.  Returns how many are done with:
 * those that cannot be sent at all among them.  The others have to wait until
 * the socket is writable.
 */
unsigned int datagram_io_send(int fd, const struct datagram_reply *replies,
    unsigned int count, uint8_t *output);

#endif
