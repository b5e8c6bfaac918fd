/* Streams, limits and ends of several workers, whose turns are run by hand:
 * server/worker, and server/service/errand and team. */
#include "server/worker.h"

#include "base/log.h"
#include "rpcloop/wire/xdr.h"
#include "test/lib/remote.h"

#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	WORKERS = 3,
	STREAMS = 4,      /* that may be open */
	HEADER_SIZE = 40, /* of a call without credentials */
	REPLY_SIZE = 24,  /* of the header of a reply */
	LONG_WAIT = 10000,
	TEXT_SIZE = 800, /* of a message that is asked for */
	PULLS = 10,      /* times */
};

static struct {
	struct settings settings;
	struct workers workers;
	struct remote p[WORKERS]; /* a connection to each */
	char reply[4096];
	unsigned int told[WORKER_NEWS];
} f;

static void
on_told(void *owner, enum worker_news news)
{
	assert_ptr_equal(owner, &f);
	f.told[news]++;
}

static int
setup(void **state)
{
	static char name[] = "reversed", spool[] = "--spool=/tmp";
	static char streams[] = "--streams=4";
	static char each[] = "--streams-per-client=4";
	static char *line[] = { name, spool, streams, each, NULL };
	struct option_error error;

	(void)state;
	memset(&f, 0, sizeof(f));
	log_set_level(LOG_LEVEL_ERROR);
	f.workers.told = on_told;
	f.workers.owner = &f;
	f.workers.count = WORKERS;
	if (settings_read(&f.settings, 4, line, &error) != 0 ||
	    workers_init(&f.workers, &f.settings, &engine_default_limits) != 0)
		return -1;
	for (int i = 0; i < WORKERS; i++)
		f.p[i] = remote_connect(&f.workers.first[i].engine, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	workers_finish(&f.workers);
	workers_deinit(&f.workers);
	settings_free(&f.settings);
	for (int i = 0; i < WORKERS; i++)
		if (f.p[i].fd >= 0)
			close(f.p[i].fd);
	return 0;
}

static bool
is_ready(const struct engine *e)
{
	struct pollfd ready = { .fd = loop_fd(&e->loop), .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

/* Turns of all, until nobody has anything to do. */
static void
run(void)
{
	bool any = true;

	while (any) {
		any = false;
		for (int i = 0; i < WORKERS; i++) {
			remote_run(&f.workers.first[i].engine);
			for (int j = 0; j <= i; j++)
				any |= is_ready(&f.workers.first[j].engine);
		}
	}
}

static void
send_call(int worker, uint32_t procedure, xdrproc_t encode, void *arguments)
{
	const uint32_t header[HEADER_SIZE / 4] = { 1, 0, 2, REVERSE_PROG,
		REVERSE_V1, procedure };
	uint32_t record[1024];
	XDR xdrs;

	for (int i = 0; i < HEADER_SIZE / 4; i++)
		record[i] = htonl(header[i]);
	xdrmem_create(&xdrs, (char *)record + HEADER_SIZE,
	    sizeof(record) - HEADER_SIZE, XDR_ENCODE);
	assert_true(encode(&xdrs, arguments));
	remote_send_record(
	    &f.p[worker], record, HEADER_SIZE + xdr_getpos(&xdrs));
}

/* The result of the call that is answered first, which xdr_free() frees. */
static void
take_result(int worker, xdrproc_t decode, void *result, size_t size)
{
	size_t len = remote_read_record(&f.p[worker], f.reply, sizeof(f.reply));
	XDR xdrs;

	memset(result, 0, size);
	xdrmem_create(
	    &xdrs, f.reply + REPLY_SIZE, (u_int)(len - REPLY_SIZE), XDR_DECODE);
	assert_true(decode(&xdrs, result));
	assert_int_equal(xdr_getpos(&xdrs), len - REPLY_SIZE);
}

#define TAKE(worker, type, result) \
	take_result(worker, (xdrproc_t)xdr_##type, result, sizeof(*(result)))

static void
take_nothing(int worker)
{
	char byte;

	assert_int_equal(remote_read(&f.p[worker], &byte, 1), -1);
}

/* Opens a stream of EACH on a worker; returns the status, and the token. */
static status_code
open_stream(int worker, char nonce, token stream)
{
	open_args args = { .method = METHOD_EACH };
	open_result result;
	status_code code;

	args.nonce[0] = nonce;
	args.piece.window = 1000;
	send_call(worker, REVERSE_OPEN, (xdrproc_t)xdr_open_args, &args);
	run();
	TAKE(worker, open_result, &result);
	code = result.code;
	if (code == STATUS_OK)
		memcpy(
		    stream, result.open_result_u.started.stream, sizeof(token));
	xdr_free((xdrproc_t)xdr_open_result, &result);
	return code;
}

/* Sends text, NULL for none, as message number first; acknowledges those below
 * next. */
static void
send_exchange(int worker, const token stream, const char *text, uint64_t first,
    uint64_t next)
{
	exchange_args args = { .wait_ms = LONG_WAIT };
	message one = { 0 };

	memcpy(args.stream, stream, sizeof(token));
	args.piece.first = first;
	args.piece.next = next;
	args.piece.window = 1000;
	if (text != NULL) {
		one.message_val = (char *)(uintptr_t)text;
		one.message_len = (u_int)strlen(text);
		args.piece.messages.messages_val = &one;
		args.piece.messages.messages_len = 1;
	}
	send_call(
	    worker, REVERSE_EXCHANGE, (xdrproc_t)xdr_exchange_args, &args);
	run();
}

/* The answer of an EXCHANGE, which has one message with this text, or none. */
static void
take_answer(int worker, const char *text)
{
	exchange_result result;
	const segment *piece = &result.exchange_result_u.answered.piece;

	TAKE(worker, exchange_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	assert_int_equal(piece->messages.messages_len, text != NULL);
	if (text != NULL) {
		const message *m = piece->messages.messages_val;

		assert_int_equal(m->message_len, strlen(text));
		assert_memory_equal(m->message_val, text, strlen(text));
	}
	xdr_free((xdrproc_t)xdr_exchange_result, &result);
}

static status_code
take_code(int worker)
{
	exchange_result result;
	status_code code;

	TAKE(worker, exchange_result, &result);
	code = result.code;
	xdr_free((xdrproc_t)xdr_exchange_result, &result);
	return code;
}

static void
cancel(int worker, const token stream)
{
	cancel_result result;
	cancel_args args;

	memcpy(args.stream, stream, sizeof(token));
	send_call(worker, REVERSE_CANCEL, (xdrproc_t)xdr_cancel_args, &args);
	run();
	TAKE(worker, cancel_result, &result);
	assert_int_equal(result.code, STATUS_OK);
}

static report
counters(int worker)
{
	status_result result;

	send_call(worker, REVERSE_STATUS, xdr_void_value, NULL);
	run();
	TAKE(worker, status_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	return result.status_result_u.counters;
}

static void
stream_goes_on_whichever_worker_has_the_call(void **state)
{
	token stream;

	(void)state;
	for (int owner = 0; owner < WORKERS; owner++) {
		assert_int_equal(open_stream(owner, 0, stream), STATUS_OK);
		assert_int_equal(streams_token_worker(stream), owner);
		for (unsigned int i = 0; i < WORKERS; i++) {
			send_exchange((int)i, stream, "ab", i, i);
			take_answer((int)i, "ba");
		}
		cancel((owner + 1) % WORKERS, stream);
		assert_int_equal(workers_streams(&f.workers), 0);
	}
}

static void
call_that_waits_elsewhere_is_taken_over(void **state)
{
	token stream;

	(void)state;
	open_stream(0, 0, stream);
	send_exchange(1, stream, NULL, 0, 0);
	take_nothing(1);
	/* This one takes the stream over. */
	send_exchange(2, stream, "ab", 0, 0);
	assert_int_equal(take_code(1), STATUS_ABORTED);
	take_answer(2, "ba");
}

static void
connection_that_dies_recalls_its_call(void **state)
{
	token stream;

	(void)state;
	open_stream(0, 0, stream);
	send_exchange(1, stream, NULL, 0, 0);
	assert_false(connection_is_idle(f.p[1].c));
	connection_kill(f.p[1].c, NULL);
	run();
	assert_int_equal(engine_connections(&f.workers.first[1].engine), 0);
	send_exchange(2, stream, "ab", 0, 0);
	take_answer(2, "ba");
}

static void
connection_may_die_before_its_call_has_arrived(void **state)
{
	struct engine *home = &f.workers.first[1].engine;
	exchange_args args = { .wait_ms = LONG_WAIT };
	token stream;

	(void)state;
	open_stream(0, 0, stream);
	memcpy(args.stream, stream, sizeof(token));
	args.piece.window = 1000;
	send_call(1, REVERSE_EXCHANGE, (xdrproc_t)xdr_exchange_args, &args);
	remote_run(home);
	connection_kill(f.p[1].c, NULL);
	remote_run(home);
	run();
	assert_int_equal(engine_connections(home), 0);
	send_exchange(2, stream, "ab", 0, 0);
	take_answer(2, "ba");
}

/* So many calls for the messages of a stream get as far as that worker. */
static void
send_pulls(int worker, const token stream, unsigned int count)
{
	exchange_args args = { .wait_ms = LONG_WAIT };

	memcpy(args.stream, stream, sizeof(token));
	args.piece.first = 1;
	args.piece.window = 1000;
	for (unsigned int i = 0; i < count; i++)
		send_call(worker, REVERSE_EXCHANGE,
		    (xdrproc_t)xdr_exchange_args, &args);
	remote_run(&f.workers.first[worker].engine);
}

/* A stream of the first worker, which has a message of TEXT_SIZE bytes. */
static void
open_with_message(token stream)
{
	char text[TEXT_SIZE + 1] = { 0 };

	memset(text, 'x', TEXT_SIZE);
	open_stream(0, 0, stream);
	send_exchange(0, stream, text, 0, 0);
	take_answer(0, text);
}

static void
answers_for_other_workers_are_a_part_of_the_turn(void **state)
{
	struct loop *l = &f.workers.first[0].engine.loop;
	token stream;

	(void)state;
	open_with_message(stream);
	send_pulls(1, stream, PULLS);
	remote_run_turn(&f.workers.first[0].engine);
	assert_in_range(l->left, 0, l->budget - PULLS * TEXT_SIZE);
}

/* As the third worker sees it, which does nothing here. */
static uint64_t
held_by_all(void)
{
	return account_held(
	    &f.workers.first[2].engine.net.peers.all, CHARGE_BYTES);
}

static void
answers_that_are_on_their_way_are_counted(void **state)
{
	uint64_t before;
	token stream;

	(void)state;
	open_with_message(stream);
	send_pulls(1, stream, PULLS);
	before = held_by_all();
	remote_run_turn(&f.workers.first[0].engine);
	assert_in_range(held_by_all(), before + PULLS * TEXT_SIZE, UINT64_MAX);
	run();
	assert_int_equal(held_by_all(), before);
}

static void
repeated_open_finds_the_stream_on_any_worker(void **state)
{
	token first, again;

	(void)state;
	assert_int_equal(open_stream(1, 'n', first), STATUS_OK);
	for (int i = 0; i < WORKERS; i++) {
		memset(again, 0, sizeof(again));
		assert_int_equal(open_stream(i, 'n', again), STATUS_OK);
		assert_memory_equal(again, first, sizeof(token));
	}
	assert_int_equal(workers_streams(&f.workers), 1);
}

static void
nonce_of_a_stream_that_has_gone_is_free(void **state)
{
	token first, again;

	(void)state;
	open_stream(1, 'n', first);
	cancel(1, first);
	cancel(1, first);
	assert_int_equal(open_stream(2, 'n', again), STATUS_OK);
	assert_int_equal(streams_token_worker(again), 2);
	/* Nor does one stay that no stream was opened for. */
	for (int i = 1; i < STREAMS; i++)
		open_stream(0, 0, first);
	assert_int_equal(open_stream(0, 'm', first), STATUS_RESOURCE_EXHAUSTED);
	assert_int_equal(open_stream(1, 'm', first), STATUS_RESOURCE_EXHAUSTED);
	cancel(0, again);
	assert_int_equal(open_stream(2, 'm', first), STATUS_OK);
	assert_int_equal(streams_token_worker(first), 2);
}

static void
nonce_that_is_anothers_meanwhile_opens_no_second_stream(void **state)
{
	struct serving *away = &f.workers.first[1].serving;
	open_args args = { .method = METHOD_EACH, .nonce = "n" };
	cancel_args end;
	open_result result;
	token stream;

	(void)state;
	open_stream(1, 'n', stream);
	/* It is on its way to that stream, which goes; and there is another. */
	send_call(2, REVERSE_OPEN, (xdrproc_t)xdr_open_args, &args);
	remote_run(&f.workers.first[2].engine);
	memcpy(end.stream, stream, sizeof(token));
	for (int i = 0; i < 2; i++)
		streams_cancel(away->streams, serving_now(away), &end);
	serving_arm(away);
	send_call(0, REVERSE_OPEN, (xdrproc_t)xdr_open_args, &args);
	remote_run(&f.workers.first[0].engine);
	run();
	TAKE(2, open_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	xdr_free((xdrproc_t)xdr_open_result, &result);
	assert_int_equal(workers_streams(&f.workers), 1);
}

static void
limit_of_streams_is_that_of_all_together(void **state)
{
	token streams[STREAMS], more;

	(void)state;
	for (int i = 0; i < STREAMS; i++)
		assert_int_equal(
		    open_stream(i % WORKERS, 0, streams[i]), STATUS_OK);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(
		    open_stream(i, 0, more), STATUS_RESOURCE_EXHAUSTED);
	cancel(0, streams[1]);
	assert_int_equal(open_stream(2, 0, more), STATUS_OK);
}

static void
token_of_no_worker_is_not_found(void **state)
{
	token stream = { 0 };

	(void)state;
	for (int i = 0; i < 256; i++) {
		stream[1] = (char)i;
		send_exchange(0, stream, NULL, 0, 0);
		assert_int_equal(take_code(0), STATUS_NOT_FOUND);
	}
}

static void
status_is_that_of_all_together(void **state)
{
	report first, last;
	token stream;

	(void)state;
	first = counters(0);
	open_stream(1, 0, stream);
	send_exchange(2, stream, "ab", 0, 0);
	take_answer(2, "ba");
	memset(stream + 2, 0, 4);
	send_exchange(0, stream, NULL, 0, 0);
	assert_int_equal(take_code(0), STATUS_NOT_FOUND);
	last = counters(2);
	assert_int_equal(last.calls, first.calls + 4);
	assert_int_equal(last.failures, first.failures + 1);
	assert_int_equal(last.streams, 1);
	assert_true(last.bytes_in > first.bytes_in);
	assert_true(last.bytes_out > first.bytes_out);
	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(counters(i).calls, last.calls + 1 + (u_int)i);
}

static void
all_are_told_of_a_drain_and_tell_its_end(void **state)
{
	token stream;

	(void)state;
	open_stream(2, 0, stream);
	workers_order(&f.workers, WORKER_DRAIN);
	run();
	assert_int_equal(f.told[WORKER_IDLE], 0);
	for (int i = 0; i < WORKERS; i++) {
		assert_int_equal(counters(i).state, HEALTH_DRAINING);
		assert_int_equal(open_stream(i, 0, stream), STATUS_UNAVAILABLE);
	}
	workers_order(&f.workers, WORKER_END_STREAMS);
	run();
	assert_int_equal(workers_streams(&f.workers), 0);
	workers_order(&f.workers, WORKER_FINISH);
	run();
	assert_int_equal(f.told[WORKER_DRAINED], 0);
	for (int i = 0; i < WORKERS; i++) {
		close(f.p[i].fd);
		f.p[i].fd = -1;
	}
	run();
	assert_int_equal(f.told[WORKER_DRAINED], 1);
}

static void
drain_is_idle_when_the_last_stream_has_been_told(void **state)
{
	token stream;

	(void)state;
	open_stream(2, 0, stream);
	workers_order(&f.workers, WORKER_DRAIN);
	run();
	assert_int_equal(f.told[WORKER_IDLE], 0);
	cancel(1, stream);
	assert_int_equal(f.told[WORKER_IDLE], 1);
}

static void
end_answers_those_that_wait_elsewhere(void **state)
{
	exchange_result result;
	token stream;

	(void)state;
	open_stream(0, 0, stream);
	send_exchange(1, stream, NULL, 0, 0);
	take_nothing(1);
	workers_finish(&f.workers);
	workers_deinit(&f.workers);
	TAKE(1, exchange_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	assert_int_equal(result.exchange_result_u.answered.end->why.code,
	    STATUS_UNAVAILABLE);
	xdr_free((xdrproc_t)xdr_exchange_result, &result);
}

/* It was sent, and no worker has a turn any more. */
static void
end_answers_those_that_are_on_their_way(void **state)
{
	exchange_args args = { .wait_ms = LONG_WAIT };
	token stream;

	(void)state;
	open_stream(0, 0, stream);
	memcpy(args.stream, stream, sizeof(token));
	args.piece.window = 1000;
	send_call(1, REVERSE_EXCHANGE, (xdrproc_t)xdr_exchange_args, &args);
	remote_run(&f.workers.first[1].engine);
	workers_finish(&f.workers);
	workers_deinit(&f.workers);
	assert_int_equal(take_code(1), STATUS_OK);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(stream_goes_on_whichever_worker_has_the_call),
		TEST(call_that_waits_elsewhere_is_taken_over),
		TEST(connection_that_dies_recalls_its_call),
		TEST(connection_may_die_before_its_call_has_arrived),
		TEST(answers_for_other_workers_are_a_part_of_the_turn),
		TEST(answers_that_are_on_their_way_are_counted),
		TEST(repeated_open_finds_the_stream_on_any_worker),
		TEST(nonce_of_a_stream_that_has_gone_is_free),
		TEST(nonce_that_is_anothers_meanwhile_opens_no_second_stream),
		TEST(limit_of_streams_is_that_of_all_together),
		TEST(token_of_no_worker_is_not_found),
		TEST(status_is_that_of_all_together),
		TEST(all_are_told_of_a_drain_and_tell_its_end),
		TEST(drain_is_idle_when_the_last_stream_has_been_told),
		TEST(end_answers_those_that_wait_elsewhere),
		TEST(end_answers_those_that_are_on_their_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
