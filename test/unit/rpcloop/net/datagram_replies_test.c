/* Replies over UDP, those that have to wait and those that are owed:
 * rpcloop/net/datagram. */
#include "test/lib/udp.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static struct {
	int client;
	bool full; /* the kernel has no room */
} f;

/* Instead of the C library's: the loopback always has room. */
int
sendmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags)
{
	if (!f.full)
		return (int)syscall(SYS_sendmmsg, fd, messages, count, flags);
	errno = EAGAIN;
	return -1;
}

static int
setup(void **state)
{
	f.full = false;
	if (udp_setup(state) < 0 || udp_open("127.0.0.1") < 0)
		return -1;
	f.client = udp_client("127.0.0.1");
	return 0;
}

static int
teardown(void **state)
{
	int r;

	close(f.client);
	r = udp_teardown(state);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		assert_int_equal(udp.engine.net.peers.all.held[kind], 0);
	return r;
}

/* Sends a datagram and waits until it was handed over. */
static void
call_with(const void *bytes, size_t len)
{
	unsigned int before = udp.received;

	udp_say(f.client, bytes, len);
	udp_run_until(before + 1);
	udp_run();
}

static unsigned int
read_replies(void)
{
	char reply[2000];
	unsigned int count = 0;

	while (recv(f.client, reply, sizeof(reply), MSG_DONTWAIT) > 0)
		count++;
	return count;
}

static void
replies_wait_until_the_kernel_has_room(void **state)
{
	(void)state;
	f.full = true;
	call_with("one", 3);
	call_with("three", 5);
	assert_int_equal(read_replies(), 0);
	/* In memory of their own. */
	assert_int_equal(udp.engine.net.lender.count, 0);
	assert_true(udp.engine.net.peers.all.held[CHARGE_SOCKETS] >= 8);
	assert_int_equal(udp.d->reply_count, 2);
	assert_true(udp.d->memory.amount > 0);
	f.full = false;
	udp_run();
	assert_int_equal(read_replies(), 2);
	assert_int_equal(udp.engine.net.counters.bytes_out, 8);
	assert_int_equal(udp.d->memory.amount, 0);
}

static void
a_call_is_charged_until_it_is_answered(void **state)
{
	struct account *a = &udp.engine.net.peers.loopback.account;

	(void)state;
	udp.owes = true;
	call_with("call", 4);
	assert_int_equal(a->held[CHARGE_CALLS], 1);
	assert_int_equal(a->held[CHARGE_BYTES], NET_OWED_BYTES);
	assert_int_equal(a->held[CHARGE_SOCKETS], NET_OWED_BYTES);
	datagram_settle_owed(udp.d, &udp.owed[0]);
	udp_reply(udp.d, &udp.owed[0].origin, "late", 4);
	udp_run();
	assert_int_equal(a->held[CHARGE_CALLS], 0);
	assert_int_equal(a->held[CHARGE_BYTES], 0);
	assert_int_equal(a->held[CHARGE_SOCKETS], 0);
	assert_int_equal(read_replies(), 1);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(replies_wait_until_the_kernel_has_room),
		TEST(a_call_is_charged_until_it_is_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
