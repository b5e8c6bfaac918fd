/*
 * The system calls of datagram sockets: many datagrams at a time, each with
 * the address that it was sent to (ip(7), ipv6(7): packet information).
 *
 * For rpcloop/net/datagram.c only.
 */
#ifndef RPCLOOP_NET_DATAGRAM_IO_H
#define RPCLOOP_NET_DATAGRAM_IO_H

#include "rpcloop/net/datagram.h"

enum { DATAGRAM_IO_BATCH = 16 };

/* Room for so many datagrams of any length; one serves any number of sockets.
 * Pages are taken as they are used. */
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

/* A non-blocking socket, bound; or a negative errno. */
int datagram_io_bind(const struct address *address);

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
