/* Where datagrams were sent to: rpcloop/net/datagram_io. */
#include "rpcloop/net/datagram_io.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000 };

static struct {
	int fd; /* of the server, at any address */
	uint16_t port;
	int client;
	struct datagram_batch *batch;
} f;

static int
setup(void **state)
{
	struct address any, bound;
	int on = 1;

	(void)state;
	f.batch = datagram_io_batch_new();
	assert_int_equal(address_parse(&any, "0.0.0.0", 0), 0);
	f.fd = datagram_io_bind(&any);
	assert_int_equal(address_of_socket(&bound, f.fd), 0);
	f.port = ntohs(bound.u.in.sin_port);
	f.client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(f.client, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on));
	return f.batch != NULL && f.fd >= 0 && f.client >= 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	close(f.client);
	close(f.fd);
	free(f.batch);
	return 0;
}

/* A datagram of these bytes, as the server has it. */
static struct datagram_input *
arrives(const char *host, const void *bytes, size_t len)
{
	struct pollfd ready = { .fd = f.fd, .events = POLLIN };
	struct address to;

	assert_int_equal(address_parse(&to, host, f.port), 0);
	assert_int_equal(
	    sendto(f.client, bytes, len, 0, &to.u.any, to.len), len);
	assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
	assert_int_equal(datagram_io_receive(f.fd, f.batch), 1);
	return datagram_io_input(f.batch, 0);
}

static void
it_says_which_address_was_called(void **state)
{
	struct datagram_input *input = arrives("127.9.8.7", "call", 4);

	(void)state;
	assert_true(input->for_us);
	assert_int_equal(input->len, 4);
	assert_memory_equal(input->bytes, "call", 4);
	assert_int_equal(ntohl(input->origin.called.in.s_addr), 0x7f090807);
}

/* To answer it would let one datagram make many hosts answer. */
static void
a_broadcast_is_not_for_this_host_alone(void **state)
{
	(void)state;
	assert_false(arrives("127.255.255.255", "all of you", 10)->for_us);
	assert_true(arrives("127.0.0.1", "you", 3)->for_us);
}

static void
children_do_not_inherit_the_socket(void **state)
{
	(void)state;
	assert_int_equal(fcntl(f.fd, F_GETFD), FD_CLOEXEC);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_says_which_address_was_called),
		TEST(a_broadcast_is_not_for_this_host_alone),
		TEST(children_do_not_inherit_the_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
