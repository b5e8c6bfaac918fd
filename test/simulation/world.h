/*
 * One random schedule: clients and a server, both the real state machines, and
 * between them a network that loses, doubles, delays and cuts.
 *
 * Nothing runs in real time.  Calls and replies travel as XDR, so that what is
 * sent is what rpcgen can encode and nothing is shared by accident.  All that
 * happens follows from the seed.
 */
#ifndef TEST_SIMULATION_WORLD_H
#define TEST_SIMULATION_WORLD_H

#include "base/timers.h"
#include "stream/client/calls.h"
#include "stream/server/opening.h"
#include "stream/server/turns.h"
#include "test/lib/fake_disk.h"
#include "test/lib/random.h"
#include "test/simulation/schedule.h"

#include <sys/queue.h>

#define CLIENTS_MAX 3

struct world;

/* How bad things are; once in so many, 0 = never. */
struct weather {
	uint32_t loss; /* of datagrams */
	uint32_t doubling;
	uint32_t cut;        /* of connections, per packet */
	uint32_t restart;    /* of the server, per packet */
	uint32_t upgrade;    /* to another line, per restart */
	uint32_t slowest;    /* ms that a packet may take */
	uint32_t idle_turn;  /* turns that do no work */
	uint32_t slow_input; /* messages that are late */
};

/* A call at the server: a copy of the first one is kept while it waits. */
struct served {
	struct stream_call call;
	struct world *world;
	unsigned int client;
	uint64_t connection;
	uint64_t xid;
	uint64_t answer_by;
	uint64_t next; /* of the arguments */
	bool opens;
	bool kept; /* in world.served */
	LIST_ENTRY(served) link;
};
LIST_HEAD(served_list, served);

/* A call or a reply on its way. */
struct packet {
	struct timer timer;
	struct world *world;
	unsigned int client;
	uint64_t connection;
	uint64_t xid;
	enum client_call_kind kind;
	bool is_reply; /* to the client */
	bool closes;   /* nothing but: the connection is gone */
	char *bytes;
	u_int len;
	LIST_ENTRY(packet) link;
};
LIST_HEAD(packet_list, packet);

/* A call a client waits for. */
struct pending {
	struct client_call call;
	uint64_t xid;
	bool used;
};

#define PENDING_MAX CLIENT_FLIGHTS_MAX

struct actor {
	struct world *world;
	unsigned int number;
	struct client_stream stream;
	struct script script;
	size_t heard;      /* answers so far */
	uint64_t released; /* messages below are not needed */
	uint64_t ready;    /* messages that the source has */
	bool datagram;
	bool over;
	bool cut;            /* the client does not know yet */
	bool may_fail;       /* something was done that may end it */
	bool shrunk;         /* it knows what the path carries */
	bool impatient;      /* it may end because others are too slow */
	uint64_t connection; /* identity at the server */
	uint64_t arrives[2]; /* when the last packet each way arrives */
	uint64_t patience;   /* over UDP: when it gives the call up, */
	unsigned int silent; /* how often it did, */
	uint32_t path;       /* and what longer messages of a call or answer
				cost is lost on the way; 0 = nothing */
	struct pending pending[PENDING_MAX];
};

struct world {
	struct rng rng;
	uint64_t seed;
	uint64_t now;
	struct weather weather;
	struct streams_limits limits;
	size_t turn_bytes; /* of the server's work in a step, */
	size_t left;       /* and what is left of them */
	struct account all;
	struct account peers[CLIENTS_MAX];
	struct account others;
	struct charge elsewhere; /* memory that others use */
	uint32_t datagram_max;   /* bytes of a message over UDP, a
				    multiple of 4 */
	struct streams *streams;
	struct fake_disk disk;
	struct served_list served; /* those that were kept */
	struct packet_list packets;
	struct timers timers;
	unsigned int faults; /* that may still happen */
	unsigned int line;   /* of the server's release, */
	unsigned int update; /* and which one of it */
	uint64_t next_id;    /* of connections and calls */
	unsigned int actors;
	struct actor actor[CLIENTS_MAX];
	unsigned int steps;
	unsigned int pressed; /* steps for which memory is short */
	uint32_t keepless;    /* once in so many a call cannot be kept */
	const char *wrong;    /* what broke, or NULL */
};

/* Notes that a rule was broken; the first one stays. */
void world_fail(struct world *w, const char *what);

/* True once in n times while faults are left, and uses one up. */
bool world_fault(struct world *w, uint32_t n);

/* Bytes of the messages of a piece, as on the wire. */
size_t world_cost_of(const segment *piece);

/* Runs the schedule.  Returns NULL, or what went wrong. */
const char *world_run(struct world *w, uint64_t seed);

/* The server's side of the network (test/simulation/world_server.c). */
void world_start_server(struct world *w);
void world_stop_server(struct world *w);
void world_serve(struct world *w, const struct packet *p);
void world_connection_gone(struct world *w, uint64_t connection);
void world_check_server(struct world *w);

/* The clients' side (test/simulation/world_client.c). */
void world_start_clients(struct world *w);
void world_stop_clients(struct world *w);
void world_hear(struct world *w, const struct packet *p);
void world_pump(struct world *w, struct actor *a);
void world_lose(struct world *w, struct actor *a);

/* The network (test/simulation/world_net.c). */
void world_send(
    struct world *w, const struct packet *like, xdrproc_t encode, void *what);
void world_deliver(struct world *w, struct packet *p);
/* Cuts the client's connection; both ends learn of it later. */
void world_cut(struct world *w, struct actor *a);
void world_drop_all(struct world *w);

#endif
