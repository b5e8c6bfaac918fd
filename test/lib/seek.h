/*
 * For tests of the search for a server: a search, what it told, and a network
 * for it.  By test/lib/seek_network.h a program has its own connect(2), which
 * notes where it was to go and leads each address of 192.0.2.0/24 to a fake,
 * and its own getaddrinfo(3), which knows host.example.
 */
#ifndef TEST_LIB_SEEK_H
#define TEST_LIB_SEEK_H

#include "rpcloop/call/locate.h"
#include "test/lib/fake.h"

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>

enum {
	SEEK_DEFAULT_PORT = 20726,
	SEEK_RPCBIND_PORT = 9111,
	SEEK_FAKES = 4,
	SEEK_MAX = 64,
	SEEK_TEXT = 128,
};

struct seek_route {
	const char *from; /* 192.0.2.1:20726 */
	struct fake *to;  /* NULL: nothing ever comes of it */
};

struct seek_fixture {
	struct loop loop;
	struct fake fakes[SEEK_FAKES];
	struct locate_terms terms;
	struct locate_place places[4];
	struct locate *search;
	/* The network: what has no route is refused. */
	struct seek_route routes[8];
	const char *addresses; /* of host.example, with blanks between; NULL:
				  it is unknown */
	/* What was told. */
	struct locate_try tried[SEEK_MAX];
	char named_by[SEEK_MAX][SEEK_TEXT];
	char text[SEEK_TEXT]; /* the latest from the wire */
	size_t tries;
	size_t calls;
	uint32_t procedures[SEEK_MAX];
	enum clnt_stat stats[SEEK_MAX]; /* of the calls */
	struct channel *found;
	const struct locate_place *place; /* where it was found */
	unsigned int ends;                /* found() and nobody() */
	/* Connections that were begun, in order. */
	char connects[SEEK_MAX][SEEK_TEXT];
	size_t connect_count;
	/* The search is freed by that hook. */
	bool frees_tried, frees_called, frees_end;
	size_t frees_after; /* that many tries; 0: not */
	struct loop_item guard;
	int hole; /* a listener whose queue is full */
};

extern struct seek_fixture seek;

/* As connect(2) and getaddrinfo(3), in that network. */
int seek_connect(int fd, const struct sockaddr *address, socklen_t len);
int seek_getaddrinfo(const char *host, const char *port,
    const struct addrinfo *hints, struct addrinfo **list);

/* Its set-up and its end, for cmocka: no place, and so much patience that only
 * what is done at once is done at all. */
int seek_setup(void **state);
int seek_teardown(void **state);

/* Adds a place. */
void seek_host(const char *name, uint16_t port);
void seek_path(const char *path);
void seek_local(const char *rpcbind, const char *const *paths);

/* Leads an address of 192.0.2.0/24 and a port to a fake, or to nobody. */
void seek_route(const char *from, struct fake *to);

/* A fake that listens on the loopback, and its answers. */
struct fake *seek_fake(int type,
    int (*answer)(
	struct fake *fake, const struct call_header *call, uint32_t *words));

/* A step is followed by the next after a moment. */
void seek_staggered(void);

/* Begins the search; and runs it until it is over or was freed. */
void seek_start(void);
void seek_run(void);

/* Begins it unless it was, and runs as many turns as all takes that does not
 * wait: for no time, and for no name. */
void seek_turns(void);

/* Waits until the addresses of host.example were looked up.  A search that is
 * freed does not wait for its thread; a test that ends then has to. */
void seek_await_lookup(void);

/* Where connections were to go, each with a blank after it. */
void seek_assert_connects(const char *expected);

/* A step that was told: number i. */
void seek_assert_try(
    size_t i, enum locate_step step, enum locate_outcome outcome);

/* That the search has come to no end, and tells nothing any more. */
void seek_assert_silent(void);

/* That the server at an address was found, as endpoints are noted. */
void seek_assert_found(const char *at);
void seek_assert_nobody(void);

#endif
