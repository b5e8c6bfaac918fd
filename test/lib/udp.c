#include "test/lib/udp.h"

#include "base/clock.h"
#include "test/lib/remote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, LARGE_QUEUE = 1024 * 1024 };

struct udp_fixture udp;

void
udp_reply(struct datagram *d, const struct datagram_origin *to,
    const void *bytes, size_t len)
{
	struct buffer *out = datagram_output(d);
	size_t before = buffer_len(out);

	assert_int_equal(buffer_reserve(out, len), 0);
	if (len > 0)
		memcpy(buffer_tail(out), bytes, len);
	buffer_commit(out, len);
	datagram_replied(d, to, before);
}

static void
on_lost(struct datagram_owed *owed)
{
	assert_true(owed >= udp.owed && owed < udp.owed + UDP_OWED_MAX);
	udp.lost++;
}

static void
on_drained(void *arg)
{
	assert_ptr_equal(arg, &udp.drained);
	assert_false(udp.drained);
	udp.drained = true;
}

void
udp_drain(void)
{
	engine_drain(&udp.engine, on_drained, &udp.drained);
}

void
udp_received(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *body, size_t len)
{
	struct datagram_owed *owed;

	udp.received++;
	udp.received_bytes += len;
	if (udp.drains)
		udp_drain();
	udp.drains = false;
	if (!udp.owes) {
		udp_reply(d, origin, body, len);
		return;
	}
	assert_true(udp.owed_count < UDP_OWED_MAX);
	owed = &udp.owed[udp.owed_count++];
	owed->origin = *origin;
	owed->lost = on_lost;
	datagram_owe(d, owed, &udp.engine.net.peers.loopback.account);
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

int
udp_open(const char *host)
{
	struct address a;

	assert_int_equal(address_parse(&a, host, 0), 0);
	return datagram_open(&udp.d, &udp.engine.net, &a, udp_received);
}

int
udp_setup(void **state)
{
	const struct engine_limits limits = remote_limits();

	(void)state;
	memset(&udp, 0, sizeof(udp));
	log_set_level(LOG_LEVEL_ERROR);
	return engine_init(&udp.engine, &limits, ignore_record, &udp);
}

int
udp_teardown(void **state)
{
	(void)state;
	engine_deinit(&udp.engine);
	return udp.engine.net.peers.all.held[CHARGE_BYTES] == 0 ? 0 : -1;
}

int
udp_client(const char *host)
{
	struct timeval patience = { WAIT_MS / 1000, 0 };
	struct address a;
	int fd, size = LARGE_QUEUE;

	assert_int_equal(
	    address_parse(&a, host, ntohs(udp.d->address.u.in.sin_port)), 0);
	fd = socket(a.u.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, &a.u.any, a.len), 0);
	return fd;
}

void
udp_say(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, 0), len);
}

void
udp_run_until(unsigned int count)
{
	uint64_t end = clock_now_ms() + WAIT_MS;

	while (udp.received < count && clock_now_ms() < end)
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
	assert_int_equal(udp.received, count);
}

void
udp_run(void)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(&udp.engine.loop), 0);
}

ssize_t
udp_hear(int fd, void *bytes, size_t size)
{
	return recv(fd, bytes, size, 0);
}

unsigned int
udp_count_replies(int fd)
{
	unsigned int number, count = 0;

	while (recv(fd, &number, sizeof(number), MSG_DONTWAIT) > 0)
		assert_int_equal(number, count++);
	return count;
}

void
udp_say_many(int fd, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		udp_say(fd, &i, sizeof(i));
}
