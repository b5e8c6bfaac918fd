/*
 * What client/session/link promises over UDP, where replies come twice, or not
 * at all.
 */
#include "client/session/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* A deadline that does not pass. */
#define PATIENCE_MS 20000

#define CALLS 20

struct fixture {
	struct watch watch;
	struct link link;
	struct link_call how;
	struct endpoint at; /* of the server */
	int server;
	pthread_t thread;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(watch_start(&f->watch), 0);
	f->server = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	f->at.type = SOCK_DGRAM;
	f->at.len = sizeof(f->at.at.in);
	f->at.at.in.sin_family = AF_INET;
	f->at.at.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(f->server, &f->at.at.any, f->at.len), 0);
	assert_int_equal(getsockname(f->server, &f->at.at.any, &f->at.len), 0);
	assert_int_equal(link_open(&f->link, &f->watch, &f->at, REVERSE_PROG,
			     REVERSE_V1, PATIENCE_MS),
	    0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	link_close(&f->link);
	watch_stop(&f->watch);
	if (f->server >= 0)
		close(f->server);
	free(f);
	return 0;
}

static void
ping(struct fixture *f)
{
	watch_arm(&f->watch, PATIENCE_MS);
	link_call(&f->link, &f->watch, WATCH_FOREVER, &procedure_ping, NULL,
	    NULL, &f->how);
}

/* Reads a call; false: there is none. */
static bool
read_call(struct fixture *f, uint32_t *xid, struct endpoint *from)
{
	uint32_t call[64];

	from->len = sizeof(from->at);
	if (recvfrom(f->server, call, sizeof(call), 0, &from->at.any,
		&from->len) < (ssize_t)sizeof(*xid))
		return false;
	*xid = call[0];
	return true;
}

/* Accepts a call to which nothing is to be returned. */
static void
reply(struct fixture *f, uint32_t xid, const struct endpoint *to)
{
	uint32_t words[6] = { xid, htonl(1) };

	sendto(f->server, words, sizeof(words), 0, &to->at.any, to->len);
}

/* The second reply to a call comes before the first one to the next. */
static void *
reply_twice(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t xid, before = 0;

	for (int i = 0; i < CALLS && read_call(f, &xid, &from); i++) {
		reply(f, before, &from);
		reply(f, xid, &from);
		before = xid;
	}
	return NULL;
}

static void
a_second_reply_makes_no_second_call(void **state)
{
	struct fixture *f = *state;
	char byte;

	assert_int_equal(pthread_create(&f->thread, NULL, reply_twice, f), 0);
	for (int i = 0; i < CALLS; i++) {
		ping(f);
		assert_int_equal(f->how.status, RPC_SUCCESS);
	}
	assert_int_equal(pthread_join(f->thread, NULL), 0);
	assert_int_equal(recv(f->server, &byte, 1, MSG_DONTWAIT), -1);
}

/* The first two are lost. */
static void *
reply_to_the_third(void *arg)
{
	struct fixture *f = arg;
	struct endpoint from;
	uint32_t xid[3];

	for (int i = 0; i < 3; i++)
		if (!read_call(f, &xid[i], &from))
			return NULL;
	if (xid[0] == xid[1] && xid[1] == xid[2])
		reply(f, xid[2], &from);
	return NULL;
}

static void
a_lost_call_is_made_again(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
	    pthread_create(&f->thread, NULL, reply_to_the_third, f), 0);
	ping(f);
	assert_int_equal(f->how.status, RPC_SUCCESS);
	assert_int_equal(pthread_join(f->thread, NULL), 0);
}

static void
a_server_that_is_gone_is_noticed(void **state)
{
	struct fixture *f = *state;

	close(f->server);
	f->server = -1;
	ping(f);
	assert_int_not_equal(f->how.status, RPC_SUCCESS);
	assert_int_not_equal(f->how.status, RPC_TIMEDOUT);
	assert_int_equal(f->how.error.re_errno, ECONNREFUSED);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_second_reply_makes_no_second_call),
		CASE(a_lost_call_is_made_again),
		CASE(a_server_that_is_gone_is_noticed),
	};

	return cmocka_run_group_tests_name(
	    "client_datagram", tests, NULL, NULL);
}
