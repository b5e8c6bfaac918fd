/* Replies over UDP, those that have to wait and those that are owed:
 * rpcloop/net/datagram. */
#include "rpcloop/net/datagram.h"

#include "rpcloop/serve/engine.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 10000 };

static struct {
	struct engine engine;
	struct datagram *d;
	int client;
	unsigned int received;
	bool owes;
	struct datagram_owed owed;
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

static void
answer(const struct datagram_origin *to, const void *bytes, size_t len)
{
	struct buffer *out = datagram_output(f.d);
	size_t before = buffer_len(out);

	assert_int_equal(buffer_reserve(out, len), 0);
	memcpy(buffer_tail(out), bytes, len);
	buffer_commit(out, len);
	datagram_replied(f.d, to, before);
}

static void
on_received(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *body, size_t len)
{
	assert_ptr_equal(d, f.d);
	f.received++;
	if (!f.owes) {
		answer(origin, body, len);
		return;
	}
	f.owed.origin = *origin;
	datagram_owe(d, &f.owed, &f.engine.net.peers.loopback.account);
}

static bool
ignore_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	(void)owner;
	(void)c;
	(void)body;
	(void)len;
	return false;
}

static int
setup(void **state)
{
	struct address a;

	(void)state;
	memset(&f, 0, sizeof(f));
	log_set_level(LOG_LEVEL_ERROR);
	address_parse(&a, "127.0.0.1", 0);
	if (engine_init(&f.engine, &engine_default_limits, ignore_record, &f) <
		0 ||
	    datagram_open(&f.d, &f.engine.net, &a, on_received) < 0)
		return -1;
	f.client = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	return connect(f.client, &f.d->address.u.any, f.d->address.len);
}

static int
teardown(void **state)
{
	(void)state;
	close(f.client);
	engine_deinit(&f.engine);
	for (int kind = 0; kind < CHARGE_KINDS; kind++)
		assert_int_equal(f.engine.net.peers.all.held[kind], 0);
	return 0;
}

static void
run_turns(void)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(&f.engine.loop), 0);
}

/* Sends a datagram and waits until it was handed over. */
static void
call_with(const void *bytes, size_t len)
{
	struct pollfd ready = { f.d->item.fd, POLLIN, 0 };
	unsigned int before = f.received;

	assert_int_equal(send(f.client, bytes, len, 0), len);
	assert_int_equal(poll(&ready, 1, PATIENCE_MS), 1);
	run_turns();
	assert_int_equal(f.received, before + 1);
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
	assert_int_equal(f.d->reply_count, 2);
	assert_true(f.d->memory.amount > 0);
	f.full = false;
	run_turns();
	assert_int_equal(read_replies(), 2);
	assert_int_equal(f.engine.net.counters.bytes_out, 8);
	assert_int_equal(f.d->memory.amount, 0);
}

static void
a_call_is_charged_until_it_is_answered(void **state)
{
	struct account *a = &f.engine.net.peers.loopback.account;

	(void)state;
	f.owes = true;
	call_with("call", 4);
	assert_int_equal(a->held[CHARGE_CALLS], 1);
	assert_int_equal(a->held[CHARGE_BYTES], NET_OWED_BYTES);
	assert_int_equal(a->held[CHARGE_SOCKETS], NET_OWED_BYTES);
	datagram_settle_owed(f.d, &f.owed);
	answer(&f.owed.origin, "late", 4);
	run_turns();
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
