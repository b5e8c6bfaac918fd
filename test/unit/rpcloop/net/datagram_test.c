/* Datagram sockets: rpcloop/net/datagram. */
#include "test/lib/udp.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* Answers late what is owed first, with its number. */
static void
answer_late(unsigned int number)
{
	datagram_settle_owed(udp.d, &udp.owed[number]);
	udp_reply(udp.d, &udp.owed[number].origin, "late", 4);
}

static void
a_datagram_is_answered_where_it_came_from(void **state)
{
	char reply[16];
	int a, b;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	a = udp_client("127.0.0.1");
	b = udp_client("127.0.0.1");
	udp_say(a, "one", 3);
	udp_say(b, "three", 5);
	udp_run_until(2);
	udp_run();
	assert_int_equal(udp_hear(a, reply, sizeof(reply)), 3);
	assert_memory_equal(reply, "one", 3);
	assert_int_equal(udp_hear(b, reply, sizeof(reply)), 5);
	assert_memory_equal(reply, "three", 5);
	assert_int_equal(recv(a, reply, sizeof(reply), MSG_DONTWAIT), -1);
	assert_int_equal(udp.engine.net.counters.bytes_in, 8);
	assert_int_equal(udp.engine.net.counters.bytes_out, 8);
	close(a);
	close(b);
}

/* A connected socket hears nothing that comes from another address. */
static void
a_reply_leaves_from_the_address_that_was_called(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "127.0.0.2",
		"127.9.8.7" };
	char reply[16];

	(void)state;
	assert_int_equal(udp_open("0.0.0.0"), 0);
	for (unsigned int i = 0; i < 3; i++) {
		int fd = udp_client(hosts[i]);

		udp_say(fd, "call", 4);
		udp_run_until(i + 1);
		udp_run();
		assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 4);
		close(fd);
	}
}

static void
so_it_is_for_ipv6(void **state)
{
	char reply[16];
	int fd;

	(void)state;
	if (udp_open("::") == -EAFNOSUPPORT)
		return; /* the rest of this file shows IPv4 */
	fd = udp_client("::1");
	udp_say(fd, "call", 4);
	udp_run_until(1);
	udp_run();
	assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 4);
	close(fd);
}

static void
the_longest_datagram_is_not_cut(void **state)
{
	static uint8_t longest[DATAGRAM_SIZE_MAX], reply[DATAGRAM_SIZE_MAX + 1];
	int fd;

	(void)state;
	memset(longest, 7, sizeof(longest));
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say(fd, longest, sizeof(longest));
	udp_run_until(1);
	udp_run();
	assert_int_equal(udp.received_bytes, DATAGRAM_SIZE_MAX);
	assert_int_equal(udp_hear(fd, reply, sizeof(reply)), DATAGRAM_SIZE_MAX);
	assert_memory_equal(reply, longest, DATAGRAM_SIZE_MAX);
	udp_say(fd, "", 0);
	udp_run_until(2);
	close(fd);
}

static void
a_call_that_waits_is_not_made_twice(void **state)
{
	char reply[16];
	int fd, other;

	(void)state;
	udp.owes = true;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	other = udp_client("127.0.0.1");
	udp_say(fd, "call 1", 6);
	udp_run_until(1);
	udp_say(fd, "call 1", 6);
	udp_say(fd, "call 1", 6);
	/* Other bytes, and the same from another peer, are other calls. */
	udp_say(fd, "call 2", 6);
	udp_say(fd, "call 1.", 7);
	udp_say(other, "call 1", 6);
	udp_run_until(4);
	udp_run();
	assert_int_equal(udp.received, 4);
	answer_late(0);
	udp_run();
	assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 4);
	assert_int_equal(recv(fd, reply, sizeof(reply), MSG_DONTWAIT), -1);
	/* Answered, it may be made again: the reply may have been lost. */
	udp_say(fd, "call 1", 6);
	udp_run_until(5);
	close(fd);
	close(other);
}

static void
the_socket_that_goes_tells_who_owes(void **state)
{
	int fd;

	(void)state;
	udp.owes = true;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say(fd, "call 1", 6);
	udp_say(fd, "call 2", 6);
	udp_run_until(2);
	assert_true(udp.engine.net.peers.all.held[CHARGE_BYTES] > 0);
	engine_deinit(&udp.engine);
	assert_int_equal(udp.lost, 2);
	close(fd);
}

static void
a_drain_waits_for_what_is_owed(void **state)
{
	char reply[16];
	int fd;

	(void)state;
	udp.owes = true;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	fd = udp_client("127.0.0.1");
	udp_say(fd, "waits in the queue", 18);
	udp_drain();
	udp_run_until(1);
	udp_run();
	assert_false(udp.drained);
	answer_late(0);
	udp_run();
	assert_true(udp.drained);
	assert_true(TAILQ_EMPTY(&udp.engine.net.datagrams));
	assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 4);
	close(fd);
}

/* epoll has no room: the sweep tries again, and until then nothing spins. */
static void
a_socket_that_cannot_be_watched_costs_nothing(void **state)
{
	struct pollfd ready = { loop_fd(&udp.engine.loop), POLLIN, 0 };
	int kept, null;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	kept = dup(udp.d->item.fd);
	loop_want(&udp.d->item, 0);
	udp_run();
	/* A file of this kind cannot be watched. */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(dup2(null, udp.d->item.fd), udp.d->item.fd);
	loop_settle(&udp.d->item);
	udp_run();
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_int_equal(dup2(kept, udp.d->item.fd), udp.d->item.fd);
	loop_settle(&udp.d->item);
	udp_run();
	assert_int_equal(udp.d->item.known, LOOP_READABLE);
	close(null);
	close(kept);
}

static void
nobody_is_answered_at_port_0(void **state)
{
	struct datagram_origin origin = { .peer = { .len = 0 } };
	char reply[16];
	int fd;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	assert_int_equal(address_parse(&origin.peer, "127.0.0.1", 0), 0);
	origin.called.in = origin.peer.u.in.sin_addr;
	udp_reply(udp.d, &origin, "nobody", 6);
	fd = udp_client("127.0.0.1");
	udp_say(fd, "somebody", 8);
	udp_run_until(1);
	udp_run();
	assert_int_equal(udp_hear(fd, reply, sizeof(reply)), 8);
	assert_int_equal(udp.engine.net.peers.all.held[CHARGE_BYTES], 0);
	close(fd);
}

static void
an_address_in_use_is_an_error(void **state)
{
	struct address taken;

	(void)state;
	assert_int_equal(udp_open("127.0.0.1"), 0);
	taken = udp.d->address;
	assert_int_equal(
	    datagram_open(NULL, &udp.engine.net, &taken, udp_received),
	    -EADDRINUSE);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, udp_setup, udp_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_is_answered_where_it_came_from),
		TEST(a_reply_leaves_from_the_address_that_was_called),
		TEST(so_it_is_for_ipv6),
		TEST(the_longest_datagram_is_not_cut),
		TEST(a_call_that_waits_is_not_made_twice),
		TEST(the_socket_that_goes_tells_who_owes),
		TEST(a_drain_waits_for_what_is_owed),
		TEST(a_socket_that_cannot_be_watched_costs_nothing),
		TEST(nobody_is_answered_at_port_0),
		TEST(an_address_in_use_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
