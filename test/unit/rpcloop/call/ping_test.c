/* Whether a server answers, whatever it is that is there: rpcloop/call/ping. */
#include "rpcloop/call/ping.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	/* For who answers, and for who does not. */
	PING_MS = 20000,
	BRIEF_MS = 300,
	LATE_MS = 10000,
	DRIP_MS = 20,
	CALL_SIZE = 44,
	PROGRAM = 0x20000001,
};

/* What the server does with one connection, once it has read the call. */
typedef void behaviour(int fd, const uint32_t *call);

static struct {
	struct address address;
	int listener;
	behaviour *behave;
	pthread_t thread;
} f;

/* Whether the process is stopped after it has called, until it is answered and
 * its time is over; and how far that has come. */
static struct {
	bool stops;
	bool called;
	atomic_bool answered;
} stop;

/* These take the place of the C library's, and of base/clock's. */
ssize_t
send(int fd, const void *bytes, size_t len, int flags)
{
	if (!pthread_equal(pthread_self(), f.thread))
		stop.called = true;
	return sendto(fd, bytes, len, flags, NULL, 0);
}

uint64_t
clock_now_ms(void)
{
	struct timespec ts;
	uint64_t now;

	if (stop.stops && stop.called)
		for (int i = 0; i < LATE_MS && !stop.answered; i++)
			poll(NULL, 0, 1);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	now = (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
	return stop.stops && stop.called ? now + 2 * PING_MS : now;
}

static void *
serve_one(void *arg)
{
	uint32_t call[CALL_SIZE / sizeof(uint32_t)] = { 0 };
	int fd = accept(f.listener, NULL, NULL);

	(void)arg;
	if (recv(fd, call, sizeof(call), MSG_WAITALL) == sizeof(call))
		f.behave(fd, call);
	stop.answered = true;
	close(fd);
	return NULL;
}

static int
setup(void **state)
{
	(void)state;
	address_parse(&f.address, "127.0.0.1", 0);
	f.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(f.listener, &f.address.u.any, f.address.len) < 0 ||
	    listen(f.listener, 1) < 0)
		return -1;
	return address_of_socket(&f.address, f.listener);
}

static int
teardown(void **state)
{
	(void)state;
	if (f.listener >= 0)
		close(f.listener);
	return 0;
}

/* Pings what is at the address over TCP. */
static bool
ping_there(int ms)
{
	struct endpoint there;
	struct universal where;

	universal_of_address(&where, &f.address, false);
	assert_int_equal(universal_resolve(&there, &where), 0);
	return ping_server(&there, PROGRAM, 1, ms);
}

/* Pings a server that behaves so; in time, whatever comes of it. */
static bool
ping_for(behaviour *behave, int ms)
{
	uint64_t begun = clock_now_ms();
	bool answers;

	f.behave = behave;
	assert_int_equal(pthread_create(&f.thread, NULL, serve_one, NULL), 0);
	answers = ping_there(ms);
	assert_true(stop.stops || clock_now_ms() - begun < LATE_MS);
	pthread_join(f.thread, NULL);
	return answers;
}

static bool
ping(behaviour *behave)
{
	return ping_for(behave, PING_MS);
}

static void
say(int fd, const void *bytes, size_t len)
{
	(void)!send(fd, bytes, len, MSG_NOSIGNAL);
}

static void
say_reply(int fd, uint32_t xid, uint32_t accept_stat)
{
	const uint32_t reply[] = { htonl(0x80000018), xid, htonl(1), 0, 0, 0,
		htonl(accept_stat) };

	say(fd, reply, sizeof(reply));
}

static void
answer(int fd, const uint32_t *call)
{
	static const uint32_t expected[] = { 0x80000028, 0, 0, 2, PROGRAM, 1, 0,
		0, 0, 0, 0 };

	for (size_t i = 0; i < CALL_SIZE / sizeof(uint32_t); i++) {
		if (i != 1 && ntohl(call[i]) != expected[i])
			return;
	}
	say_reply(fd, call[1], 0);
}

static void
answer_in_fragments(int fd, const uint32_t *call)
{
	const uint32_t first[] = { htonl(8), call[1], htonl(1) };
	const uint32_t second[] = { htonl(0x80000010), 0, 0, 0, 0 };

	say(fd, first, sizeof(first));
	say(fd, second, sizeof(second));
}

static void
answer_unavailable(int fd, const uint32_t *call)
{
	say_reply(fd, call[1], 1);
}

static void
answer_another_call(int fd, const uint32_t *call)
{
	say_reply(fd, call[1] + 1, 0);
}

static void
close_at_once(int fd, const uint32_t *call)
{
	(void)fd;
	(void)call;
}

static bool
has_gone(int fd, int ms)
{
	struct pollfd watch = { .fd = fd, .events = POLLIN };

	return poll(&watch, 1, ms) != 0;
}

static void
say_nothing(int fd, const uint32_t *call)
{
	(void)call;
	has_gone(fd, LATE_MS);
}

/* A record that goes on and on, a byte at a time. */
static void
drip(int fd, const uint32_t *call)
{
	(void)call;
	say(fd, "\x80\x00\x01\xc0", 4);
	for (int i = 0; i < LATE_MS / DRIP_MS && !has_gone(fd, DRIP_MS); i++)
		say(fd, "", 1);
}

static void
claim_much(int fd, const uint32_t *call)
{
	(void)call;
	say(fd, "\xff\xff\xff\xff", 4);
	has_gone(fd, LATE_MS);
}

static void
a_server_that_answers_is_one(void **state)
{
	(void)state;
	assert_true(ping(answer));
	assert_true(ping(answer_in_fragments));
}

static void
another_answer_is_none(void **state)
{
	(void)state;
	assert_false(ping(answer_unavailable));
	assert_false(ping(answer_another_call));
	assert_false(ping(close_at_once));
	assert_false(ping(claim_much));
}

static void
nobody_can_keep_it_waiting(void **state)
{
	(void)state;
	assert_false(ping_for(say_nothing, BRIEF_MS));
	assert_false(ping_for(drip, BRIEF_MS));
}

static void
where_nobody_listens_nobody_answers(void **state)
{
	(void)state;
	close(f.listener);
	f.listener = -1;
	assert_false(ping_there(PING_MS));
}

/* Its queue is full: connecting says EAGAIN. */
static void
a_busy_server_at_a_unix_socket_is_one(void **state)
{
	struct endpoint at = { SOCK_STREAM, sizeof(at.at.un), { { 0 } } };
	socklen_t len = sizeof(at.at.un);
	int busy = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int waiting = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	/* The kernel finds a name for it. */
	at.at.un.sun_family = AF_UNIX;
	assert_int_equal(bind(busy, &at.at.any, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(busy, 0), 0);
	assert_int_equal(getsockname(busy, &at.at.any, &len), 0);
	at.len = len;
	assert_int_equal(connect(waiting, &at.at.any, at.len), 0);
	assert_true(ping_server(&at, PROGRAM, 1, PING_MS));
	close(busy);
	close(waiting);
	assert_false(ping_server(&at, PROGRAM, 1, PING_MS));
}

static void
an_answer_that_came_while_it_was_stopped_is_one(void **state)
{
	(void)state;
	stop.stops = true;
	stop.called = false;
	stop.answered = false;
	assert_true(ping(answer));
	stop.called = false;
	stop.answered = false;
	assert_false(ping(answer_unavailable));
	stop.stops = false;
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_answers_is_one),
		TEST(another_answer_is_none),
		TEST(nobody_can_keep_it_waiting),
		TEST(where_nobody_listens_nobody_answers),
		TEST(a_busy_server_at_a_unix_socket_is_one),
		TEST(an_answer_that_came_while_it_was_stopped_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
