/*
 * Relief: what other workers ask of one whose finished streams are the oldest,
 * when memory is short, or too many of them are kept.
 *
 * They ask for one peer, or for all of them.  As many peers are remembered as
 * can use all they may at the same time; whoever was not is asked for again,
 * by the next call that finds no room.
 */
#ifndef SERVER_SERVICE_RELIEF_H
#define SERVER_SERVICE_RELIEF_H

#include "base/charge.h"
#include "rpcloop/loop/inbox.h"
#include "rpcloop/net/peer.h"

#include <pthread.h>

enum { RELIEF_PEERS = 16 };

struct relief {
	struct inbox_message message; /* its run() is the owner's */
	pthread_mutex_t lock;
	unsigned int count;
	struct address peers[RELIEF_PEERS];
};

void relief_init(struct relief *r, void (*run)(struct inbox_message *message));

/* From another worker: has it run for the peers of that account, one's of the
 * asking worker or everybody's. */
void relief_ask(struct relief *r, struct inbox *inbox, struct account *a);

/*
 * When it runs: calls give() with the account of each peer that was asked for
 * and is known here, and with that of all.
 */
void relief_take(struct relief *r, struct peers *peers,
    void (*give)(void *context, struct account *a), void *context);

#endif
