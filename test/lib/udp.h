/*
 * For tests of datagram sockets: an engine that answers each datagram with
 * itself, or later, and clients on the loopback.
 */
#ifndef TEST_LIB_UDP_H
#define TEST_LIB_UDP_H

#include "rpcloop/net/datagram.h"
#include "rpcloop/serve/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { UDP_OWED_MAX = 8 };

struct udp_fixture {
	struct engine engine;
	struct datagram *d;
	unsigned int received; /* datagrams handed over */
	size_t received_bytes;
	struct datagram_owed owed[UDP_OWED_MAX];
	unsigned int owed_count;
	unsigned int lost;
	bool owes;   /* answers later */
	bool drains; /* begins to drain in the middle of a call */
	bool drained;
};

/* Of the test that is run. */
extern struct udp_fixture udp;

/* Its set-up and its end, for cmocka. */
int udp_setup(void **state);
int udp_teardown(void **state);

/* What the socket hands datagrams to. */
void udp_received(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *body, size_t len);

/* Opens the socket at a host, and any port.  Returns as datagram_open(). */
int udp_open(const char *host);

/* Replies with these bytes. */
void udp_reply(struct datagram *d, const struct datagram_origin *to,
    const void *bytes, size_t len);

/* Begins to drain; udp.drained says when that is done. */
void udp_drain(void);

/* Runs turns until that many datagrams were handed over; or a few turns. */
void udp_run_until(unsigned int count);
void udp_run(void);

/* A client's socket, connected to the server at a host. */
int udp_client(const char *host);

/* Sends one datagram; and many, each of which has its number. */
void udp_say(int fd, const void *bytes, size_t len);
void udp_say_many(int fd, unsigned int count);

/* The length of the reply that comes, or -1 when none does. */
ssize_t udp_hear(int fd, void *bytes, size_t size);

/* How many replies have come, each of which has its number. */
unsigned int udp_count_replies(int fd);

#endif
