/*
 * The search for a server, on a loop.
 *
 * Each step has a kind: a name is looked up, an rpcbind is asked, a server is
 * called.  Steps are begun in order, side by side (RFC 8305): the next one 250
 * ms after the latest, or at once when one has failed.  The first server that
 * answers a call of procedure 0 of the program and version is found; whatever
 * else takes a connection is none.  But where there is no choice, and never was
 * one, a connection is enough: the first call over it says what is there.
 *
 * The steps of a place come before those of the next; but what follows from a
 * name or an rpcbind can only come when that has answered.  Within a host its
 * addresses come in the order of getaddrinfo(3).  Where no port is known,
 * rpcbind (RFC 1833) is asked at each of them, in version 4, then 3, and over
 * IPv4 2 (rpcloop/call/rpcbind_query); after that the default port of each is
 * tried.  What rpcbind names is tried next: its port at the address that was
 * asked, then the address that it names, if that belongs to the host
 * (rpcloop/call/belongs).  Equal addresses are tried once.
 *
 * Nothing is said in words here: hooks tell what was done.  Each hook is called
 * in a turn of the loop, and may end the search by locate_free().
 */
#ifndef RPCLOOP_CALL_LOCATE_H
#define RPCLOOP_CALL_LOCATE_H

#include "rpcloop/call/channel.h"

#include <sys/socket.h>

struct locate;

enum locate_kind {
	LOCATE_HOST,  /* a name or an address, and a port */
	LOCATE_PATH,  /* a Unix socket */
	LOCATE_LOCAL, /* what the rpcbind of this machine names for the netid
			 "local", then other paths */
};

struct locate_place {
	enum locate_kind kind;
	const char *name; /* the host; the path; the path of rpcbind's socket */
	uint16_t port;    /* of LOCATE_HOST; 0: none is known */
	const char *const *paths; /* of LOCATE_LOCAL: NULL ends them, or is
				     for none */
};

/* Times, in milliseconds. */
struct locate_pace {
	uint64_t stagger; /* from one step to the next */
	uint64_t step;    /* for a server to answer, with connecting; and for an
			     rpcbind, in all versions */
	uint64_t name;    /* for a name: one server of the name service may
			     take five seconds before the next is asked */
};

/* 250, 2000, 10000. */
extern const struct locate_pace locate_pace;

enum locate_step { LOCATE_NAME, LOCATE_RPCBIND, LOCATE_SERVER };

enum locate_outcome {
	LOCATE_NAMED,        /* an rpcbind names an address: named */
	LOCATE_NO_NAME,      /* gai; with EAI_SYSTEM also error.re_errno,
				which is ETIMEDOUT after pace.name */
	LOCATE_UNANSWERED,   /* error; what could not be begun is RPC_CANTSEND,
				and error.re_errno tells why */
	LOCATE_UNREGISTERED, /* an rpcbind knows no such program */
	LOCATE_NO_ADDRESS,   /* what an rpcbind names is none: text */
	LOCATE_NOT_OF_HOST,  /* an address was not tried */
	LOCATE_LEFT_OUT,     /* left_out addresses of a name are not tried */
	LOCATE_UNFINISHED,   /* see locate_tell_unfinished(); error */
};

/* A step that has come to something, good while it is told. */
struct locate_try {
	enum locate_step step;
	enum locate_outcome outcome;
	const struct locate_place *place;
	struct endpoint at; /* of an rpcbind or a server; else zeroed */
	const struct endpoint *named_by; /* the rpcbind that named the server;
					    NULL: the place itself did */
	struct endpoint named;
	int gai; /* an error of getaddrinfo(3) */
	struct rpc_err error;
	const char *text; /* from the wire; NULL: a port that is none */
	size_t left_out;
};

/* All are given the context of the terms. */
struct locate_hooks {
	/* The search is over; the channel, with the terms given for it, is the
	 * caller's to channel_close(). */
	void (*found)(void *context, const struct locate_place *place,
	    struct channel *channel);
	/* The search is over: nothing is left to try. */
	void (*nobody)(void *context);
	/* Or NULL: a step has come to something, other than success. */
	void (*tried)(void *context, const struct locate_try *what);
	/* Or NULL: a call to at has ended, which was one of the search. */
	void (*called)(void *context, const struct endpoint *at,
	    const struct channel_question *what, const struct channel_call *how,
	    const struct rpc_err *error);
};

struct locate_terms {
	/* Where to look, in order.  All of it is borrowed until the search is
	 * freed. */
	const struct locate_place *places;
	size_t place_count;
	int family; /* of hosts: AF_UNSPEC, AF_INET or AF_INET6 */
	int type;   /* for hosts: SOCK_STREAM or SOCK_DGRAM */
	uint32_t program;
	uint32_t version;
	uint16_t default_port; /* in the order of the host, as all ports here;
				  0: there is none */
	uint16_t rpcbind_port; /* 0: 111 */
	struct locate_pace pace;
	struct channel_terms channel;     /* of the one that is found */
	const struct locate_hooks *hooks; /* borrowed */
	void *context;                    /* borrowed */
};

/* Addresses of a host that are looked at. */
enum { LOCATE_ADDRESSES_MAX = 16 };

/*
 * Begins to search.  terms are copied; the loop has to outlive the search.
 * Returns 0, and then found() or nobody() is called once unless the search is
 * freed before, but neither before this returns, and locate_free() follows; or
 * -ENOMEM.
 */
int locate_start(
    struct locate **out, struct loop *loop, const struct locate_terms *terms);

/* Tells what has been begun and has come to nothing yet, as tried() does: the
 * caller has no more time. */
void locate_tell_unfinished(struct locate *l);

/* Ends the search, over or not; no hook is called any more.  l may be NULL. */
void locate_free(struct locate *l);

#endif
