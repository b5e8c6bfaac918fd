/*
 * A datagram socket: a call in each datagram that comes, a reply in each that
 * goes (RFC 5531, section 10).
 *
 * Datagrams get lost, and whoever called calls again with the same bytes.  A
 * call whose reply is still owed is not made a second time: the same datagram
 * from the same peer is dropped until then.  Replies wait only as long as the
 * kernel has no room for them; beyond a number of them the newest are lost.
 *
 * A reply leaves from the address that was called, wherever the socket is
 * bound.  What was sent to many hosts at once, by broadcast or multicast, is
 * not answered.
 *
 * Many may call at one socket, so it is read a batch at a time: until it has
 * had its part of the turn, and one batch at least.  Its calls and replies are
 * charged to the turn like those of connections.
 *
 * It belongs to its net, and knows nothing of what is in a datagram.
 */
#ifndef RPCLOOP_NET_DATAGRAM_H
#define RPCLOOP_NET_DATAGRAM_H

#include "base/buffer.h"
#include "base/map.h"
#include "rpcloop/net/datagram_io.h"
#include "rpcloop/net/net.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DATAGRAM_OWED = 16384, /* calls that may wait for a late reply */
};

struct datagram;

/* A reply that somebody owes.  lost is called when the socket goes first; the
 * entry is then no longer listed. */
struct datagram_owed {
	struct datagram_origin origin;
	void (*lost)(struct datagram_owed *owed);
	struct charge call;   /* of the peer, */
	struct charge memory; /* its bytes, */
	struct charge socket; /* which are of a socket */
	struct map_node node;
	TAILQ_ENTRY(datagram_owed) entry;
};

TAILQ_HEAD(datagram_owed_list, datagram_owed);

/*
 * Called with each datagram.  The bytes may be changed and are borrowed until
 * it returns.
 */
typedef void datagram_fn(struct datagram *d,
    const struct datagram_origin *origin, uint8_t *body, size_t len);

struct datagram {
	struct net *net;
	datagram_fn *received;
	struct loop_item item;
	struct address address;   /* where it is bound, with the real port */
	bool finishing;           /* goes when it has read all that had come
				     and nothing is owed */
	unsigned int rounds_left; /* of reading, once it is finishing */
	struct buffer out;
	bool borrows; /* it is in the net's memory, or was */
	struct datagram_reply replies[DATAGRAM_REPLIES];
	unsigned int reply_count;
	struct datagram_owed_list owed;
	struct map owed_by_call;
	struct hash_key key;
	struct charge memory; /* of the output, and that it is a socket's */
	struct charge socket;
	TAILQ_ENTRY(datagram) entry;
};

/*
 * Binds a UDP socket to the address.  The net owns it; *out is borrowed and
 * may be NULL.  Returns 0 or a negative errno.  An IPv6 address takes no IPv4
 * datagrams.
 */
int datagram_open(struct datagram **out, struct net *net,
    const struct address *address, datagram_fn *received);

/*
 * Binds a further socket at the address of one, for another net: each source
 * always reaches the same of them, so that a repeat meets the call under way.
 * As above.
 */
int datagram_open_beside(
    struct datagram **out, struct net *net, const struct datagram *first);

/*
 * The output, to which a whole reply is appended.  datagram_replied() says that
 * what is there after the first before bytes is the reply to that datagram;
 * between the two nothing else is done to the socket.
 */
struct buffer *datagram_output(struct datagram *d);
void datagram_replied(
    struct datagram *d, const struct datagram_origin *to, size_t before);

/*
 * Lists a reply that will come later, of owed->origin, whose sender the account
 * is; and takes it off.
 */
void datagram_owe(
    struct datagram *d, struct datagram_owed *owed, struct account *sender);
void datagram_settle_owed(struct datagram *d, struct datagram_owed *owed);

/* True while fewer than DATAGRAM_OWED are. */
static inline bool
datagram_may_owe(const struct datagram *d)
{
	return d->owed_by_call.count < DATAGRAM_OWED;
}

/* Has all that has arrived answered, round by round, as much as a queue may
 * hold, and then closes. */
void datagram_finish(struct datagram *d);

/* Sends what the kernel takes at once, and closes. */
void datagram_close(struct datagram *d);

#endif
