/* What a procedure may ask about its call: rpcloop/serve/xprt. */
#include "rpcloop/serve/xprt.h"

#include "rpcloop/wire/xdr.h"
#include "test/lib/callee.h"
#include "test/lib/remote.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PROGRAM = 0x20000001 };

/* What was asked about the last call. */
struct told {
	uint64_t host;
	uint64_t connection;
	struct account *account;
	bool datagram;
	size_t reply_max;
};

static struct {
	struct callee callee;
	struct told told;
	u_int result_size;
} f;

/* Of the bytes that the test wants. */
static bool_t
xdr_result(XDR *xdrs)
{
	static char bytes[1000];

	return xdr_opaque(xdrs, bytes, f.result_size);
}

static void
dispatch(struct svc_req *request, SVCXPRT *xprt)
{
	(void)request;
	f.told = (struct told){
		.host = xprt_host(xprt),
		.connection = xprt_connection(xprt),
		.account = xprt_account(xprt),
		.datagram = xprt_is_datagram(xprt),
		.reply_max = xprt_reply_max(xprt),
	};
	svc_sendreply(xprt, (xdrproc_t)xdr_result, NULL);
}

static const struct xprt_program program = { PROGRAM, 1, dispatch, false };

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	return callee_start(&f.callee, &program, 1);
}

static int
teardown(void **state)
{
	(void)state;
	callee_stop(&f.callee);
	return 0;
}

static const uint32_t call[10] = { 1, 0, 2, PROGRAM, 1, 1 };

static void
put_call(uint32_t words[10])
{
	for (int i = 0; i < 10; i++)
		words[i] = htonl(call[i]);
}

/* A call as if in a datagram from there. */
static struct told
by_datagram(const char *host, uint16_t port)
{
	uint32_t words[10];

	put_call(words);
	callee_take(&f.callee, host, port, words, sizeof(words));
	assert_true(f.told.datagram);
	return f.told;
}

static struct told
by_connection(const struct remote *p)
{
	uint32_t words[10];

	put_call(words);
	remote_send_record(p, words, sizeof(words));
	remote_run(&f.callee.engine);
	assert_false(f.told.datagram);
	return f.told;
}

/* They share what a peer may have, but not what was sent to one of them: a
 * token, say. */
static void
two_hosts_of_one_64_are_two_hosts_and_one_peer(void **state)
{
	struct told one, again, other, foreign;
	struct address a;
	struct peer *peer;

	(void)state;
	/* Or the peer would go with each of its calls. */
	assert_int_equal(address_parse(&a, "2001:db8::9", 1), 0);
	peer = peer_find(&f.callee.engine.net.peers, &a);
	one = by_datagram("2001:db8::1", 700);
	again = by_datagram("2001:db8::1", 701);
	other = by_datagram("2001:db8::2", 700);
	foreign = by_datagram("2001:db8:0:1::1", 700);
	assert_true(one.host == again.host);
	assert_true(one.connection == again.connection);
	assert_true(one.host != other.host);
	assert_true(one.connection != other.connection);
	assert_ptr_equal(one.account, &peer->account);
	assert_ptr_equal(other.account, &peer->account);
	assert_ptr_not_equal(foreign.account, &peer->account);
	account_drop(&peer->account);
}

/* Nothing is left of whoever called and is owed nothing. */
static void
who_sent_a_datagram_is_forgotten(void **state)
{
	(void)state;
	by_datagram("192.0.2.1", 700);
	by_datagram("2001:db8::1", 700);
	assert_int_equal(f.callee.engine.net.peers.map.count, 0);
}

static void
connections_have_numbers_and_a_host_over_udp_another(void **state)
{
	struct remote p = remote_connect(&f.callee.engine, 1);
	struct remote q = remote_connect(&f.callee.engine, 1);
	struct told one, two, three;

	(void)state;
	one = by_connection(&p);
	two = by_connection(&q);
	three = by_datagram("192.0.2.1", 700);
	assert_int_equal(one.connection, 1);
	assert_int_equal(two.connection, 2);
	/* However many connections there will be. */
	assert_true(three.connection >> 63 == 1);
	assert_true(one.host == two.host && one.host == three.host);
	close(p.fd);
	close(q.fd);
}

static void
only_over_udp_a_reply_is_bounded_by_its_call(void **state)
{
	struct remote p = remote_connect(&f.callee.engine, 1);

	(void)state;
	assert_true(by_connection(&p).reply_max == SIZE_MAX);
	assert_int_equal(by_datagram("192.0.2.1", 700).reply_max, 400);
	close(p.fd);
}

/* The reply to the last datagram; the sizes of results. */
enum { HEADER = 24, LEAST = 400 - HEADER };

static size_t
reply_size(u_int result_size)
{
	size_t before = buffer_len(&f.callee.d->out);

	f.result_size = result_size;
	by_datagram("192.0.2.1", 700);
	return buffer_len(&f.callee.d->out) - before;
}

/* Whatever else is sent in the same turn. */
static void
over_udp_a_reply_is_no_longer_than_it_may_be(void **state)
{
	(void)state;
	assert_int_equal(reply_size(LEAST), 400);
	assert_int_equal(reply_size(LEAST), 400);
	assert_int_equal(reply_size(LEAST + 4), 0);
	assert_int_equal(reply_size(0), HEADER);
}

/* Of what is shown. */
static struct seen_message seen[8];
static uint32_t seen_words[8][10];
static unsigned int seen_count;

static void
on_seen(void *context, const struct seen_message *message)
{
	assert_ptr_equal(context, &f);
	assert_true(seen_count < 8 && message->len <= sizeof(seen_words[0]));
	seen[seen_count] = *message;
	memcpy(seen_words[seen_count++], message->bytes, message->len);
}

/* A call and its reply, which the test has called by what is in call[]. */
static void
assert_seen(unsigned int at, size_t call_marks, size_t reply_marks)
{
	for (unsigned int i = at; i < at + 2; i++) {
		assert_int_equal(seen[i].is_reply, i > at);
		assert_int_equal(seen[i].xid, 1);
		assert_int_equal(seen[i].program, PROGRAM);
		assert_int_equal(seen[i].version, 1);
		assert_int_equal(seen[i].procedure, 1);
		assert_int_equal(ntohl(seen_words[i][0]), 1);
		assert_int_equal(ntohl(seen_words[i][1]), i - at);
	}
	assert_int_equal(seen[at].len, sizeof(call));
	assert_int_equal(seen[at].marks, call_marks);
	assert_int_equal(seen[at + 1].len, HEADER);
	assert_int_equal(seen[at + 1].marks, reply_marks);
}

static void
messages_are_shown_to_whoever_wants_to_see_them(void **state)
{
	struct remote p = remote_connect(&f.callee.engine, 1);
	uint32_t words[12];

	(void)state;
	seen_count = 0;
	dispatcher_show(&f.callee.dispatcher, on_seen, &f);
	by_connection(&p);
	by_datagram("192.0.2.1", 700);
	/* In two fragments. */
	put_call(words + 2);
	words[0] = htonl(4);
	words[1] = words[2];
	words[2] = htonl(0x80000000u | 36);
	remote_send(&p, words, sizeof(words));
	remote_run(&f.callee.engine);
	assert_int_equal(seen_count, 6);
	assert_seen(0, 4, 4);
	assert_seen(2, 0, 0);
	assert_seen(4, 8, 4);
	dispatcher_show(&f.callee.dispatcher, NULL, NULL);
	by_connection(&p);
	assert_int_equal(seen_count, 6);
	close(p.fd);
}

/* What is refused before its numbers are looked at has none. */
static void
a_call_of_another_rpc_has_no_numbers(void **state)
{
	uint32_t words[10];

	(void)state;
	seen_count = 0;
	dispatcher_show(&f.callee.dispatcher, on_seen, &f);
	put_call(words);
	words[2] = htonl(3);
	callee_take(&f.callee, "192.0.2.1", 700, words, sizeof(words));
	assert_int_equal(seen_count, 2);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(seen[i].xid, 1);
		assert_int_equal(seen[i].program, 0);
		assert_int_equal(seen[i].procedure, 0);
	}
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(two_hosts_of_one_64_are_two_hosts_and_one_peer),
		TEST(who_sent_a_datagram_is_forgotten),
		TEST(connections_have_numbers_and_a_host_over_udp_another),
		TEST(only_over_udp_a_reply_is_bounded_by_its_call),
		TEST(over_udp_a_reply_is_no_longer_than_it_may_be),
		TEST(messages_are_shown_to_whoever_wants_to_see_them),
		TEST(a_call_of_another_rpc_has_no_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
