/* Datagram sockets: rpcloop/net/datagram. */
#include "rpcloop/net/datagram.h"

#include "base/clock.h"
#include "test/lib/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WAIT_MS = 10000, OWED_MAX = 8 };
enum { SMALL_QUEUE = 2048, LARGE_QUEUE = 1024 * 1024 };

static struct {
	struct engine engine;
	struct datagram *d;
	unsigned int received; /* datagrams handed over */
	size_t received_bytes;
	struct datagram_owed owed[OWED_MAX];
	unsigned int owed_count;
	unsigned int lost;
	bool owes;   /* answers later */
	bool drains; /* begins to drain in the middle of a call */
	bool drained;
} f;

static void
append(struct datagram *d, const struct datagram_origin *to, const void *bytes,
    size_t len)
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
	assert_true(owed >= f.owed && owed < f.owed + OWED_MAX);
	f.lost++;
}

static void
on_drained(void *arg)
{
	assert_ptr_equal(arg, &f.drained);
	assert_false(f.drained);
	f.drained = true;
}

static void
on_received(struct datagram *d, const struct datagram_origin *origin,
    uint8_t *body, size_t len)
{
	struct datagram_owed *owed;

	f.received++;
	f.received_bytes += len;
	if (f.drains)
		engine_drain(&f.engine, on_drained, &f.drained);
	f.drains = false;
	if (!f.owes) {
		append(d, origin, body, len);
		return;
	}
	assert_true(f.owed_count < OWED_MAX);
	owed = &f.owed[f.owed_count++];
	owed->origin = *origin;
	owed->lost = on_lost;
	datagram_owe(d, owed, &f.engine.net.peers.loopback.account);
}

/* Answers late what is owed first, with its number. */
static void
answer_late(unsigned int number)
{
	datagram_settle_owed(f.d, &f.owed[number]);
	append(f.d, &f.owed[number].origin, "late", 4);
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
open_at(const char *host)
{
	struct address a;

	assert_int_equal(address_parse(&a, host, 0), 0);
	return datagram_open(&f.d, &f.engine.net, &a, on_received);
}

static int
setup(void **state)
{
	const struct engine_limits limits = remote_limits();

	(void)state;
	memset(&f, 0, sizeof(f));
	log_set_level(LOG_LEVEL_ERROR);
	return engine_init(&f.engine, &limits, ignore_record, &f);
}

static int
teardown(void **state)
{
	(void)state;
	engine_deinit(&f.engine);
	return f.engine.net.peers.all.held[CHARGE_BYTES] == 0 ? 0 : -1;
}

/* A client's socket, connected to the server at a host. */
static int
client_to(const char *host)
{
	struct timeval patience = { WAIT_MS / 1000, 0 };
	struct address a;
	int fd, size = LARGE_QUEUE;

	assert_int_equal(
	    address_parse(&a, host, ntohs(f.d->address.u.in.sin_port)), 0);
	fd = socket(a.u.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, &a.u.any, a.len), 0);
	return fd;
}

static void
say(int fd, const void *bytes, size_t len)
{
	assert_int_equal(send(fd, bytes, len, 0), len);
}

/* Runs turns until that many datagrams were handed over. */
static void
run_until_received(unsigned int count)
{
	uint64_t end = clock_now_ms() + WAIT_MS;

	while (f.received < count && clock_now_ms() < end)
		assert_int_equal(loop_turn(&f.engine.loop), 0);
	assert_int_equal(f.received, count);
}

static void
run_turns(void)
{
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(&f.engine.loop), 0);
}

/* The length of the reply that comes, or -1 when none does. */
static ssize_t
hear(int fd, void *bytes, size_t size)
{
	return recv(fd, bytes, size, 0);
}

static void
a_datagram_is_answered_where_it_came_from(void **state)
{
	char reply[16];
	int a, b;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	a = client_to("127.0.0.1");
	b = client_to("127.0.0.1");
	say(a, "one", 3);
	say(b, "three", 5);
	run_until_received(2);
	run_turns();
	assert_int_equal(hear(a, reply, sizeof(reply)), 3);
	assert_memory_equal(reply, "one", 3);
	assert_int_equal(hear(b, reply, sizeof(reply)), 5);
	assert_memory_equal(reply, "three", 5);
	assert_int_equal(recv(a, reply, sizeof(reply), MSG_DONTWAIT), -1);
	assert_int_equal(f.engine.net.counters.bytes_in, 8);
	assert_int_equal(f.engine.net.counters.bytes_out, 8);
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
	assert_int_equal(open_at("0.0.0.0"), 0);
	for (unsigned int i = 0; i < 3; i++) {
		int fd = client_to(hosts[i]);

		say(fd, "call", 4);
		run_until_received(i + 1);
		run_turns();
		assert_int_equal(hear(fd, reply, sizeof(reply)), 4);
		close(fd);
	}
}

static void
so_it_is_for_ipv6(void **state)
{
	char reply[16];
	int fd;

	(void)state;
	if (open_at("::") == -EAFNOSUPPORT)
		return; /* the rest of this file shows IPv4 */
	fd = client_to("::1");
	say(fd, "call", 4);
	run_until_received(1);
	run_turns();
	assert_int_equal(hear(fd, reply, sizeof(reply)), 4);
	close(fd);
}

static void
the_longest_datagram_is_not_cut(void **state)
{
	static uint8_t longest[DATAGRAM_SIZE_MAX], reply[DATAGRAM_SIZE_MAX + 1];
	int fd;

	(void)state;
	memset(longest, 7, sizeof(longest));
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	say(fd, longest, sizeof(longest));
	run_until_received(1);
	run_turns();
	assert_int_equal(f.received_bytes, DATAGRAM_SIZE_MAX);
	assert_int_equal(hear(fd, reply, sizeof(reply)), DATAGRAM_SIZE_MAX);
	assert_memory_equal(reply, longest, DATAGRAM_SIZE_MAX);
	say(fd, "", 0);
	run_until_received(2);
	close(fd);
}

static void
a_call_that_waits_is_not_made_twice(void **state)
{
	char reply[16];
	int fd, other;

	(void)state;
	f.owes = true;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	other = client_to("127.0.0.1");
	say(fd, "call 1", 6);
	run_until_received(1);
	say(fd, "call 1", 6);
	say(fd, "call 1", 6);
	/* Other bytes, and the same from another peer, are other calls. */
	say(fd, "call 2", 6);
	say(fd, "call 1.", 7);
	say(other, "call 1", 6);
	run_until_received(4);
	run_turns();
	assert_int_equal(f.received, 4);
	answer_late(0);
	run_turns();
	assert_int_equal(hear(fd, reply, sizeof(reply)), 4);
	assert_int_equal(recv(fd, reply, sizeof(reply), MSG_DONTWAIT), -1);
	/* Answered, it may be made again: the reply may have been lost. */
	say(fd, "call 1", 6);
	run_until_received(5);
	close(fd);
	close(other);
}

static void
the_socket_that_goes_tells_who_owes(void **state)
{
	int fd;

	(void)state;
	f.owes = true;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	say(fd, "call 1", 6);
	say(fd, "call 2", 6);
	run_until_received(2);
	assert_true(f.engine.net.peers.all.held[CHARGE_BYTES] > 0);
	engine_deinit(&f.engine);
	assert_int_equal(f.lost, 2);
	close(fd);
}

static void
a_drain_waits_for_what_is_owed(void **state)
{
	char reply[16];
	int fd;

	(void)state;
	f.owes = true;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	say(fd, "waits in the queue", 18);
	engine_drain(&f.engine, on_drained, &f.drained);
	run_until_received(1);
	run_turns();
	assert_false(f.drained);
	answer_late(0);
	run_turns();
	assert_true(f.drained);
	assert_true(TAILQ_EMPTY(&f.engine.net.datagrams));
	assert_int_equal(hear(fd, reply, sizeof(reply)), 4);
	close(fd);
}

/* How many replies have come, each of which has its number. */
static unsigned int
count_replies(int fd)
{
	unsigned int number, count = 0;

	while (recv(fd, &number, sizeof(number), MSG_DONTWAIT) > 0)
		assert_int_equal(number, count++);
	return count;
}

static void
send_many(int fd, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		say(fd, &i, sizeof(i));
}

static void
each_of_many_in_a_turn_is_answered(void **state)
{
	enum { MANY = 3 * DATAGRAM_REPLIES + 8 };
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	send_many(fd, MANY);
	run_until_received(MANY);
	run_turns();
	assert_int_equal(count_replies(fd), MANY);
	assert_int_equal(
	    f.engine.net.counters.bytes_out, MANY * sizeof(unsigned int));
	close(fd);
}

/* Like records: once a turn has had its bytes, the others wait. */
static void
datagrams_are_charged_to_the_turn(void **state)
{
	enum { MANY = 200, FEW = 40 };
	unsigned int before, turns = 0;
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	/* From the next turn on: a call and its reply are charged. */
	f.engine.loop.budget = FEW * (NET_CALL_BYTES + 2 * sizeof(int));
	assert_int_equal(loop_turn(&f.engine.loop), 0);
	send_many(fd, MANY);
	while (f.received < MANY) {
		before = f.received;
		assert_int_equal(loop_turn(&f.engine.loop), 0);
		/* The last batch may have begun before. */
		assert_in_range(f.received - before, 1, FEW + 16);
		turns++;
	}
	assert_true(turns >= MANY / (FEW + 16));
	run_turns();
	assert_int_equal(count_replies(fd), MANY);
	close(fd);
}

/* Takes all the bytes of a turn, and wants more in a later one. */
static void
take_all(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_spend(item->loop, item->loop->budget);
	loop_put_off(item);
}

/* However many others have much to do: here they are of one peer, which has
 * one turn and then the socket has the next. */
static void
a_call_is_answered_in_its_turn(void **state)
{
	enum { OTHERS = 50 };
	struct loop_item others[OTHERS];
	struct loop_share share;
	char reply[16];
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	loop_share_init(&share);
	for (int i = 0; i < OTHERS; i++) {
		loop_item_init(&others[i], &f.engine.loop, -1, take_all, NULL);
		others[i].share = &share;
	}
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < OTHERS; i++)
			loop_queue(&others[i], LOOP_READABLE);
		say(fd, "call", 4);
		assert_int_equal(loop_turn(&f.engine.loop), 0);
		assert_int_equal(loop_turn(&f.engine.loop), 0);
		assert_int_equal(hear(fd, reply, sizeof(reply)), 4);
	}
	for (int i = 0; i < OTHERS; i++)
		loop_forget(&others[i]);
	close(fd);
}

/* epoll has no room: the sweep tries again, and until then nothing spins. */
static void
a_socket_that_cannot_be_watched_costs_nothing(void **state)
{
	struct pollfd ready = { loop_fd(&f.engine.loop), POLLIN, 0 };
	int kept, null;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	kept = dup(f.d->item.fd);
	loop_want(&f.d->item, 0);
	run_turns();
	/* A file of this kind cannot be watched. */
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_int_equal(dup2(null, f.d->item.fd), f.d->item.fd);
	loop_settle(&f.d->item);
	run_turns();
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_int_equal(dup2(kept, f.d->item.fd), f.d->item.fd);
	loop_settle(&f.d->item);
	run_turns();
	assert_int_equal(f.d->item.known, LOOP_READABLE);
	close(null);
	close(kept);
}

/* More than one round of them. */
static void
a_drain_answers_all_that_had_come(void **state)
{
	enum { MANY = 270 };
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	send_many(fd, MANY);
	engine_drain(&f.engine, on_drained, &f.drained);
	run_turns();
	assert_true(f.drained);
	assert_int_equal(count_replies(fd), MANY);
	close(fd);
}

/* However little a turn may do: all that had come is answered, turn by turn. */
static void
a_drain_of_a_full_queue_takes_many_turns(void **state)
{
	enum { MANY = 600, FEW = 10 };
	unsigned int turns = 0;
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	f.engine.loop.budget = FEW * NET_CALL_BYTES;
	send_many(fd, MANY);
	engine_drain(&f.engine, on_drained, &f.drained);
	for (; !f.drained && turns < MANY; turns++)
		assert_int_equal(loop_turn(&f.engine.loop), 0);
	assert_true(f.drained);
	assert_true(turns > MANY / 32);
	assert_int_equal(count_replies(fd), MANY);
	close(fd);
}

static void
a_drain_in_the_middle_of_a_call_answers_it(void **state)
{
	int fd;

	(void)state;
	f.drains = true;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	send_many(fd, 20);
	run_until_received(20);
	run_turns();
	assert_true(f.drained);
	assert_int_equal(count_replies(fd), 20);
	close(fd);
}

/* More than the queue of the client holds: the rest is lost, not kept. */
static void
a_client_that_does_not_read_costs_no_memory(void **state)
{
	int size = SMALL_QUEUE;
	uint8_t call[1000] = { 0 };
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	fd = client_to("127.0.0.1");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	for (unsigned int i = 1; i <= 1000; i++) {
		say(fd, call, sizeof(call));
		run_until_received(i);
	}
	run_turns();
	assert_int_equal(f.engine.net.peers.all.held[CHARGE_BYTES], 0);
	close(fd);
}

static void
nobody_is_answered_at_port_0(void **state)
{
	struct datagram_origin origin = { .peer = { .len = 0 } };
	char reply[16];
	int fd;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	assert_int_equal(address_parse(&origin.peer, "127.0.0.1", 0), 0);
	origin.called.in = origin.peer.u.in.sin_addr;
	append(f.d, &origin, "nobody", 6);
	fd = client_to("127.0.0.1");
	say(fd, "somebody", 8);
	run_until_received(1);
	run_turns();
	assert_int_equal(hear(fd, reply, sizeof(reply)), 8);
	assert_int_equal(f.engine.net.peers.all.held[CHARGE_BYTES], 0);
	close(fd);
}

static void
an_address_in_use_is_an_error(void **state)
{
	struct address taken;

	(void)state;
	assert_int_equal(open_at("127.0.0.1"), 0);
	taken = f.d->address;
	assert_int_equal(
	    datagram_open(NULL, &f.engine.net, &taken, on_received),
	    -EADDRINUSE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_datagram_is_answered_where_it_came_from),
		TEST(a_reply_leaves_from_the_address_that_was_called),
		TEST(so_it_is_for_ipv6),
		TEST(the_longest_datagram_is_not_cut),
		TEST(a_call_that_waits_is_not_made_twice),
		TEST(the_socket_that_goes_tells_who_owes),
		TEST(a_drain_waits_for_what_is_owed),
		TEST(each_of_many_in_a_turn_is_answered),
		TEST(datagrams_are_charged_to_the_turn),
		TEST(a_call_is_answered_in_its_turn),
		TEST(a_socket_that_cannot_be_watched_costs_nothing),
		TEST(a_drain_answers_all_that_had_come),
		TEST(a_drain_of_a_full_queue_takes_many_turns),
		TEST(a_drain_in_the_middle_of_a_call_answers_it),
		TEST(a_client_that_does_not_read_costs_no_memory),
		TEST(nobody_is_answered_at_port_0),
		TEST(an_address_in_use_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
