/* Connections that come in by rpcloop/net/listener. */
#include "rpcloop/net/listener.h"

#include "test/lib/remote.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

static struct engine engine;
static unsigned int records;
static bool drained;
static bool no_descriptors; /* are to be had */

/* Instead of the C library's. */
int
accept4(int fd, struct sockaddr *peer, socklen_t *len, int flags)
{
	if (!no_descriptors)
		return (int)syscall(SYS_accept4, fd, peer, len, flags);
	errno = EMFILE;
	return -1;
}

/* Answers with an empty record. */
static bool
on_record(void *owner, struct connection *c, uint8_t *body, size_t len)
{
	struct buffer *out = connection_output(c);

	(void)owner;
	(void)body;
	(void)len;
	records++;
	assert_int_equal(buffer_reserve(out, RECORD_HEADER_SIZE), 0);
	record_put_header(buffer_tail(out), 0);
	buffer_commit(out, RECORD_HEADER_SIZE);
	connection_replied(c);
	return true;
}

static int
setup(void **state)
{
	const struct engine_limits limits = remote_limits();

	(void)state;
	records = 0;
	drained = no_descriptors = false;
	log_set_level(LOG_LEVEL_ERROR);
	return engine_init(&engine, &limits, on_record, NULL);
}

static int
teardown(void **state)
{
	(void)state;
	engine_deinit(&engine);
	return 0;
}

static struct listener *
listen_somewhere(void)
{
	struct address any;
	struct listener *l;

	assert_int_equal(address_parse(&any, "127.0.0.1", 0), 0);
	assert_int_equal(engine_listen(&engine, &any, &l), 0);
	return l;
}

static struct remote
connect_to(const struct listener *l)
{
	struct remote p = { .fd = -1 };

	p.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p.fd >= 0);
	assert_int_equal(connect(p.fd, &l->address.u.any, l->address.len), 0);
	return p;
}

/* Waits for the reply: this is a real network, however short. */
static ptrdiff_t
wait_for_reply(const struct remote *p)
{
	uint8_t reply[RECORD_HEADER_SIZE + 1];
	struct timeval patience = { 10, 0 };

	setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return recv(p->fd, reply, sizeof(reply), 0);
}

static void
a_port_that_is_any_becomes_one(void **state)
{
	struct listener *l = listen_somewhere();

	(void)state;
	assert_int_not_equal(ntohs(l->address.u.in.sin_port), 0);
}

static void
an_address_in_use_is_an_error(void **state)
{
	struct listener *l = listen_somewhere();

	(void)state;
	assert_int_equal(
	    engine_listen(&engine, &l->address, NULL), -EADDRINUSE);
}

static void
a_connection_is_served(void **state)
{
	struct remote p = connect_to(listen_somewhere());

	(void)state;
	remote_send_record(&p, "call", 4);
	while (records == 0)
		remote_run_turn(&engine);
	assert_int_equal(wait_for_reply(&p), RECORD_HEADER_SIZE);
	assert_int_equal(engine.net.counters.accepted, 1);
	close(p.fd);
}

static void
run_turns(void)
{
	for (int i = 0; i < 5; i++)
		remote_run_turn(&engine);
}

/* Not one descriptor is to be had, not even to refuse somebody with. */
static void
one_that_paused_for_want_of_descriptors_goes_on(void **state)
{
	struct pollfd ready = { .fd = loop_fd(&engine.loop), .events = POLLIN };
	struct listener *l = listen_somewhere();
	struct remote p = connect_to(l);

	(void)state;
	no_descriptors = true;
	remote_send_record(&p, "call", 4);
	run_turns();
	assert_true(l->paused);
	/* It does not spin. */
	assert_int_equal(poll(&ready, 1, 0), 0);
	/* It looks again now and then. */
	engine.sweep.run(&engine.sweep, LOOP_DUE);
	run_turns();
	assert_true(l->paused);
	assert_int_equal(records, 0);
	no_descriptors = false;
	engine.sweep.run(&engine.sweep, LOOP_DUE);
	run_turns();
	assert_false(l->paused);
	assert_int_equal(records, 1);
	assert_int_equal(wait_for_reply(&p), RECORD_HEADER_SIZE);
	close(p.fd);
}

static int
option_of(const struct listener *l, int level, int name)
{
	socklen_t len = sizeof(int);
	int value = -1;

	assert_int_equal(getsockopt(l->item.fd, level, name, &value, &len), 0);
	return value;
}

/* Whatever is left of connections that it had. */
static void
a_port_can_be_had_again_at_once(void **state)
{
	struct listener *l = listen_somewhere();
	struct address at = l->address;
	struct remote p = connect_to(l);

	(void)state;
	assert_int_equal(option_of(l, SOL_SOCKET, SO_REUSEADDR), 1);
	while (TAILQ_EMPTY(&engine.net.connections))
		remote_run_turn(&engine);
	/* The end that closes first keeps the port busy for a minute. */
	engine_deinit(&engine);
	setup(NULL);
	assert_int_equal(engine_listen(&engine, &at, NULL), 0);
	close(p.fd);
}

static void
a_reply_does_not_wait_for_others(void **state)
{
	struct remote p = connect_to(listen_somewhere());
	struct connection *c;
	socklen_t len = sizeof(int);
	int on = 0;

	(void)state;
	while ((c = TAILQ_FIRST(&engine.net.connections)) == NULL)
		remote_run_turn(&engine);
	assert_int_equal(
	    getsockopt(c->flow.item.fd, IPPROTO_TCP, TCP_NODELAY, &on, &len),
	    0);
	assert_int_not_equal(on, 0);
	close(p.fd);
}

static void
on_drained(void *arg)
{
	assert_ptr_equal(arg, &drained);
	drained = true;
}

/* Its connect() has succeeded, and its call was sent. */
static void
one_that_waits_in_the_queue_is_served_by_a_drain(void **state)
{
	struct remote p = connect_to(listen_somewhere());

	(void)state;
	remote_send_record(&p, "call", 4);
	shutdown(p.fd, SHUT_WR);
	engine_drain(&engine, on_drained, &drained);
	while (!drained)
		remote_run_turn(&engine);
	assert_int_equal(wait_for_reply(&p), RECORD_HEADER_SIZE);
	assert_int_equal(wait_for_reply(&p), 0);
	close(p.fd);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_port_that_is_any_becomes_one),
		TEST(an_address_in_use_is_an_error),
		TEST(a_connection_is_served),
		TEST(one_that_paused_for_want_of_descriptors_goes_on),
		TEST(a_port_can_be_had_again_at_once),
		TEST(a_reply_does_not_wait_for_others),
		TEST(one_that_waits_in_the_queue_is_served_by_a_drain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
