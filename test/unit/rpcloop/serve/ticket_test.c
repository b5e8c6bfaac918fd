/* Calls through the dispatcher, and tickets: faults, and late replies. */
#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/ticket.h"
#include "rpcloop/serve/xprt.h"
#include "test/lib/remote.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PROGRAM = 0x20000001,
	PROC_NOW = 1,    /* returns its argument */
	PROC_LATER = 2,  /* takes a ticket */
	PROC_TWICE = 3,  /* takes a ticket and answers it before returning */
	PROC_BROKEN = 4, /* has a result that cannot be encoded */
	PROC_BOTH = 5,   /* takes a ticket and answers at once as well */
	PROC_POLITE = 6, /* takes a ticket only when it may wait */
	TICKETS = 100,
	NO_MEMORY = 4711,
};

static struct {
	struct engine engine;
	struct dispatcher dispatcher;
	struct ticket *tickets[TICKETS];
	u_int values[TICKETS];
	unsigned int taken;
	unsigned int lost;
	uint64_t arrived_ms; /* of the last call */
	void (*on_lost)(void *arg);
} f;

static bool_t
cannot_encode(XDR *xdrs, ...)
{
	u_int half = 7;

	/* Something is written before it fails. */
	xdr_u_int(xdrs, &half);
	return FALSE;
}

static void
on_lost(void *arg)
{
	(void)arg;
	f.lost++;
}

static void
call_procedure(rpcproc_t procedure, u_int value, SVCXPRT *xprt)
{
	struct ticket *ticket;

	f.arrived_ms = xprt_arrived_ms(xprt);
	if (procedure == PROC_POLITE)
		procedure = xprt_may_wait(xprt) ? PROC_LATER : PROC_NOW;
	switch (procedure) {
	case PROC_NOW:
		svc_sendreply(xprt, (xdrproc_t)xdr_u_int, &value);
		break;
	case PROC_LATER:
		f.values[f.taken] = value;
		f.tickets[f.taken++] = ticket_take(xprt, f.on_lost, NULL);
		break;
	case PROC_TWICE:
		ticket = ticket_take(xprt, on_lost, NULL);
		ticket_reply(ticket, (xdrproc_t)xdr_u_int, &value);
		svc_sendreply(xprt, (xdrproc_t)xdr_u_int, &value);
		break;
	case PROC_BROKEN:
		if (!svc_sendreply(xprt, cannot_encode, NULL))
			svcerr_systemerr(xprt);
		break;
	case PROC_BOTH:
		f.tickets[f.taken++] = ticket_take(xprt, on_lost, NULL);
		if (!svc_sendreply(xprt, (xdrproc_t)xdr_u_int, &value))
			svcerr_systemerr(xprt);
		break;
	default:
		svcerr_noproc(xprt);
	}
}

/* An argument of this value cannot be stored. */
static bool_t
decode(XDR *xdrs, u_int *value)
{
	if (!xdr_u_int(xdrs, value))
		return FALSE;
	if (*value == NO_MEMORY) {
		errno = ENOMEM;
		return FALSE;
	}
	return TRUE;
}

/* Of the form that rpcgen writes. */
static void
dispatch(struct svc_req *request, SVCXPRT *xprt)
{
	u_int value = 0;

	if (!svc_getargs(xprt, (xdrproc_t)decode, &value)) {
		svcerr_decode(xprt);
		return;
	}
	call_procedure(request->rq_proc, value, xprt);
	svc_freeargs(xprt, (xdrproc_t)xdr_u_int, &value);
}

static const struct xprt_program programs[] = {
	{ PROGRAM, 2, dispatch, false },
	{ PROGRAM, 4, dispatch, false },
};

static int
setup(void **state)
{
	const struct engine_limits limits = remote_limits();

	(void)state;
	memset(&f, 0, sizeof(f));
	f.on_lost = on_lost;
	log_set_level(LOG_LEVEL_ERROR);
	dispatcher_init(&f.dispatcher, programs, 2, NULL);
	return engine_init(
	    &f.engine, &limits, dispatcher_record, &f.dispatcher);
}

static int
teardown(void **state)
{
	(void)state;
	engine_deinit(&f.engine);
	dispatcher_deinit(&f.dispatcher);
	return 0;
}

/* Sends a call with AUTH_NONE and further words behind its header. */
static void
send_call(const struct remote *p, uint32_t xid, const uint32_t header[5],
    const uint32_t *words, size_t count)
{
	uint32_t record[32] = { htonl(xid) };
	size_t n = 1;

	for (int i = 0; i < 5; i++)
		record[n++] = htonl(header[i]);
	n += 4; /* two empty opaque_auth */
	for (size_t i = 0; i < count; i++)
		record[n++] = htonl(words[i]);
	remote_send_record(p, record, n * 4);
}

static void
call(const struct remote *p, uint32_t xid, uint32_t procedure, uint32_t value)
{
	const uint32_t header[] = { 0, 2, PROGRAM, 2, procedure };

	send_call(p, xid, header, &value, 1);
}

/* The reply that is there must be just these words. */
static void
assert_reply(const struct remote *p, const uint32_t *words, size_t count)
{
	uint32_t body[32];

	assert_int_equal(remote_read_record(p, body, sizeof(body)), count * 4);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ntohl(body[i]), words[i]);
}

#define ASSERT_REPLY(p, ...)                               \
	assert_reply(p, (const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / sizeof(uint32_t))

static void
assert_nothing_more(const struct remote *p)
{
	char byte;

	assert_int_equal(remote_read(p, &byte, 1), -1);
}

static void
a_call_is_answered_at_once(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	call(&p, 0x77, PROC_NOW, 42);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 0x77, 1, 0, 0, 0, 0, 42);
	assert_nothing_more(&p);
	close(p.fd);
}

/* It waits for those before it, and its deadline does not. */
static void
a_call_has_arrived_when_it_was_read(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	f.engine.net.limits.turn_calls = 1;
	call(&p, 1, PROC_NOW, 0);
	call(&p, 2, PROC_NOW, 0);
	remote_run_turn(&f.engine);
	p.c->read_ms -= 1000;
	remote_run(&f.engine);
	assert_int_equal(f.dispatcher.calls.received, 2);
	assert_int_equal(f.arrived_ms, p.c->read_ms);
	close(p.fd);
}

static void
tickets_are_answered_in_any_order(void **state)
{
	static const int order[] = { 2, 0, 1 };
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	for (uint32_t xid = 0; xid < 3; xid++)
		call(&p, xid, PROC_LATER, 100 + xid);
	call(&p, 9, PROC_NOW, 1);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 9, 1, 0, 0, 0, 0, 1);
	assert_nothing_more(&p);
	for (int i = 0; i < 3; i++)
		assert_true(ticket_reply(f.tickets[order[i]],
		    (xdrproc_t)xdr_u_int, &f.values[order[i]]));
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 2, 1, 0, 0, 0, 0, 102);
	ASSERT_REPLY(&p, 0, 1, 0, 0, 0, 0, 100);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, 0, 101);
	assert_nothing_more(&p);
	assert_int_equal(f.lost, 0);
	close(p.fd);
}

/* One that waits must leave room for another. */
static void
calls_that_wait_where_they_may_never_stop_the_reading(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	f.engine.net.limits.calls_in_flight = 3;
	for (uint32_t xid = 0; xid < 9; xid++)
		call(&p, xid, PROC_POLITE, xid);
	remote_run(&f.engine);
	assert_int_equal(f.taken, 2);
	for (uint32_t xid = 2; xid < 9; xid++)
		ASSERT_REPLY(&p, xid, 1, 0, 0, 0, 0, xid);
	assert_nothing_more(&p);
	close(p.fd);
}

/* They have a size, too: with memory scarce some are enough. */
static void
when_memory_is_scarce_few_calls_may_wait(void **state)
{
	struct remote p;

	(void)state;
	peers_limit(
	    &f.engine.net.peers, CHARGE_BYTES, 8 * 64 * 1024, 64 * 1024);
	p = remote_connect(&f.engine, 1);
	for (uint32_t xid = 0; xid < 90; xid++) {
		call(&p, xid, PROC_POLITE, xid);
		remote_run(&f.engine);
	}
	assert_in_range(f.taken, 60, 70);
	assert_int_equal(f.dispatcher.calls.received, 90);
	connection_kill(p.c, NULL);
	remote_run(&f.engine);
	assert_int_equal(f.lost, f.taken);
	assert_int_equal(f.engine.net.peers.all.held[CHARGE_BYTES], 0);
	close(p.fd);
}

static void
a_dead_connection_loses_its_tickets_only(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	struct remote q = remote_connect(&f.engine, 2);
	u_int value = 5;

	(void)state;
	call(&p, 1, PROC_LATER, 0);
	call(&p, 2, PROC_LATER, 0);
	remote_run(&f.engine);
	call(&q, 3, PROC_LATER, 0);
	remote_run(&f.engine);
	connection_kill(p.c, "test");
	remote_run(&f.engine);
	assert_int_equal(f.lost, 2);
	ticket_reply(f.tickets[2], (xdrproc_t)xdr_u_int, &value);
	remote_run(&f.engine);
	ASSERT_REPLY(&q, 3, 1, 0, 0, 0, 0, 5);
	close(p.fd);
	close(q.fd);
}

/* Whoever answers has to know: what goes nowhere is still owed. */
static void
a_reply_on_a_connection_that_has_died_is_not_sent(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	u_int value = 5;

	(void)state;
	call(&p, 1, PROC_LATER, 0);
	remote_run(&f.engine);
	connection_kill(p.c, "test");
	assert_false(ticket_reply(f.tickets[0], (xdrproc_t)xdr_u_int, &value));
	assert_int_equal(buffer_len(connection_output(p.c)), 0);
	remote_run(&f.engine);
	assert_int_equal(f.lost, 0);
	close(p.fd);
}

static void
answer_the_second(void *arg)
{
	u_int value = 5;

	(void)arg;
	f.lost++;
	if (f.tickets[1] != NULL)
		ticket_reply(f.tickets[1], (xdrproc_t)xdr_u_int, &value);
	f.tickets[1] = NULL;
}

/* Whoever hears of one lost call may answer those that waited with it. */
static void
a_lost_ticket_may_answer_another_of_its_connection(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	struct remote q = remote_connect(&f.engine, 2);

	(void)state;
	f.on_lost = answer_the_second;
	call(&p, 1, PROC_LATER, 0);
	call(&p, 2, PROC_LATER, 0);
	remote_run(&f.engine);
	connection_kill(p.c, "test");
	remote_run(&f.engine);
	assert_int_equal(f.lost, 1);
	call(&q, 3, PROC_NOW, 7);
	remote_run(&f.engine);
	ASSERT_REPLY(&q, 3, 1, 0, 0, 0, 0, 7);
	close(p.fd);
	close(q.fd);
}

static void
a_ticket_of_a_half_closed_peer_is_answered(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	u_int value = 5;
	char byte;

	(void)state;
	call(&p, 1, PROC_LATER, 0);
	shutdown(p.fd, SHUT_WR);
	remote_run(&f.engine);
	assert_nothing_more(&p);
	ticket_reply(f.tickets[0], (xdrproc_t)xdr_u_int, &value);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, 0, 5);
	assert_int_equal(remote_read(&p, &byte, 1), 0);
	close(p.fd);
}

static void
a_second_reply_is_not_sent(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	call(&p, 1, PROC_TWICE, 6);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, 0, 6);
	assert_nothing_more(&p);
	close(p.fd);
}

/* A mistake of a procedure, which must not cost the caller its answer. */
static void
while_a_ticket_is_out_only_it_answers(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	u_int value = 8;

	(void)state;
	call(&p, 1, PROC_BOTH, 7);
	remote_run(&f.engine);
	assert_nothing_more(&p);
	ticket_reply(f.tickets[0], (xdrproc_t)xdr_u_int, &value);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, 0, 8);
	assert_nothing_more(&p);
	close(p.fd);
}

/* What a stream does whose calls are parked on several connections. */
static void
answer_all_others(void *arg)
{
	u_int value = 5;

	(void)arg;
	if (f.lost++ > 0)
		return;
	for (unsigned int i = 1; i < f.taken; i++)
		ticket_reply(f.tickets[i], (xdrproc_t)xdr_u_int, &value);
}

static void
tickets_may_answer_each_other_at_the_end(void **state)
{
	struct remote peers[3];

	(void)state;
	f.on_lost = answer_all_others;
	for (unsigned int i = 0; i < 3; i++) {
		peers[i] = remote_connect(&f.engine, i);
		call(&peers[i], 1, PROC_LATER, 0);
		call(&peers[i], 2, PROC_LATER, 0);
		remote_run(&f.engine);
	}
	engine_deinit(&f.engine);
	assert_int_equal(f.lost, 1);
	for (unsigned int i = 0; i < 3; i++)
		close(peers[i].fd);
}

/* Nothing can be sent then, and a caller must not wait for ever. */
static void
without_memory_for_a_late_reply_the_connection_ends(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	u_int value = 5;
	char byte;

	(void)state;
	call(&p, 1, PROC_LATER, 0);
	remote_run(&f.engine);
	connection_output(p.c)->max = 0;
	assert_false(ticket_reply(f.tickets[0], (xdrproc_t)xdr_u_int, &value));
	remote_run(&f.engine);
	assert_int_equal(remote_read(&p, &byte, 1), 0);
	assert_int_equal(f.lost, 0);
	close(p.fd);
}

static void
a_result_that_fails_to_encode_is_one_system_error(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);
	struct ticket *ticket;

	(void)state;
	call(&p, 1, PROC_BROKEN, 0);
	call(&p, 2, PROC_LATER, 0);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, SYSTEM_ERR);
	assert_nothing_more(&p);
	ticket = f.tickets[0];
	assert_false(ticket_reply(ticket, cannot_encode, NULL));
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 2, 1, 0, 0, 0, SYSTEM_ERR);
	assert_nothing_more(&p);
	close(p.fd);
}

static void
faults_are_answered_as_rfc_5531_says(void **state)
{
	static const uint32_t rpc_3[] = { 0, 3, PROGRAM, 2, PROC_NOW };
	static const uint32_t other[] = { 0, 2, PROGRAM + 1, 2, PROC_NOW };
	static const uint32_t version_3[] = { 0, 2, PROGRAM, 3, PROC_NOW };
	static const uint32_t no_proc[] = { 0, 2, PROGRAM, 2, 99 };
	static const uint32_t good[] = { 0, 2, PROGRAM, 4, PROC_NOW };
	static const uint32_t two_words[] = { 8, 9 };
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	send_call(&p, 1, rpc_3, two_words, 1);
	send_call(&p, 2, other, two_words, 1);
	send_call(&p, 3, version_3, two_words, 1);
	send_call(&p, 4, no_proc, two_words, 1);
	send_call(&p, 5, good, two_words, 0);
	send_call(&p, 6, good, two_words, 2);
	send_call(&p, 7, good, two_words, 1);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, MSG_DENIED, RPC_MISMATCH, 2, 2);
	ASSERT_REPLY(&p, 2, 1, 0, 0, 0, PROG_UNAVAIL);
	ASSERT_REPLY(&p, 3, 1, 0, 0, 0, PROG_MISMATCH, 2, 4);
	ASSERT_REPLY(&p, 4, 1, 0, 0, 0, PROC_UNAVAIL);
	ASSERT_REPLY(&p, 5, 1, 0, 0, 0, GARBAGE_ARGS);
	ASSERT_REPLY(&p, 6, 1, 0, 0, 0, GARBAGE_ARGS);
	ASSERT_REPLY(&p, 7, 1, 0, 0, 0, 0, 8);
	assert_nothing_more(&p);
	assert_int_equal(f.dispatcher.calls.received, 7);
	assert_int_equal(f.dispatcher.calls.rejected, 6);
	close(p.fd);
}

/* The caller's arguments are good, and may be sent again. */
static void
arguments_without_memory_for_them_are_no_garbage(void **state)
{
	struct remote p = remote_connect(&f.engine, 1);

	(void)state;
	call(&p, 1, PROC_NOW, NO_MEMORY);
	call(&p, 2, PROC_NOW, 1);
	remote_run(&f.engine);
	ASSERT_REPLY(&p, 1, 1, 0, 0, 0, SYSTEM_ERR);
	ASSERT_REPLY(&p, 2, 1, 0, 0, 0, 0, 1);
	assert_nothing_more(&p);
	close(p.fd);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_call_is_answered_at_once),
		TEST(a_call_has_arrived_when_it_was_read),
		TEST(tickets_are_answered_in_any_order),
		TEST(calls_that_wait_where_they_may_never_stop_the_reading),
		TEST(when_memory_is_scarce_few_calls_may_wait),
		TEST(a_dead_connection_loses_its_tickets_only),
		TEST(a_reply_on_a_connection_that_has_died_is_not_sent),
		TEST(a_lost_ticket_may_answer_another_of_its_connection),
		TEST(a_ticket_of_a_half_closed_peer_is_answered),
		TEST(a_second_reply_is_not_sent),
		TEST(while_a_ticket_is_out_only_it_answers),
		TEST(tickets_may_answer_each_other_at_the_end),
		TEST(without_memory_for_a_late_reply_the_connection_ends),
		TEST(a_result_that_fails_to_encode_is_one_system_error),
		TEST(faults_are_answered_as_rfc_5531_says),
		TEST(arguments_without_memory_for_them_are_no_garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
