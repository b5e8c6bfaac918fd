/* Calls of reverse.x through the real service: server/service. */
#include "server/service/serving.h"

#include "rpcloop/wire/xdr.h"
#include "server/service/program.h"
#include "server/service/service.h"
#include "test/lib/remote.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	HEADER_SIZE = 40, /* of a call without credentials */
	REPLY_SIZE = 24,  /* of the header of a reply */
	NOT_CLAIMED = 0xffffffffu,
};

static struct {
	struct engine engine;
	struct dispatcher dispatcher;
	struct service service;
	struct serving serving;
	struct settings settings;
	struct remote p;
	char reply[4096];
	int log; /* where the log can be read */
	int saved;
	unsigned int idle;
} f;

/* Standard error becomes a pipe. */
static void
begin_log(void)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	f.log = fds[0];
	f.saved = dup(STDERR_FILENO);
	dup2(fds[1], STDERR_FILENO);
	close(fds[1]);
}

static void
end_log(void)
{
	dup2(f.saved, STDERR_FILENO);
	close(f.saved);
	close(f.log);
}

static int
setup(void **state)
{
	static char name[] = "reversed", spool[] = "--spool=/tmp";
	static char *line[] = { name, spool, NULL };
	struct option_error error;

	(void)state;
	memset(&f, 0, sizeof(f));
	begin_log();
	log_set_level(LOG_LEVEL_INFO);
	dispatcher_init(
	    &f.dispatcher, service_programs, service_program_count, &f.service);
	if (settings_read(&f.settings, 2, line, &error) != 0 ||
	    engine_init(&f.engine, &engine_default_limits, dispatcher_record,
		&f.dispatcher) != 0 ||
	    service_init(&f.service, &f.engine, &f.dispatcher, &f.settings) !=
		0 ||
	    serving_init(&f.serving, &f.service, &f.engine, &f.settings) != 0)
		return -1;
	f.p = remote_connect(&f.engine, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	serving_deinit(&f.serving);
	engine_deinit(&f.engine);
	dispatcher_deinit(&f.dispatcher);
	settings_free(&f.settings);
	close(f.p.fd);
	end_log();
	return 0;
}

static void
send_call(uint32_t procedure, xdrproc_t encode, void *arguments)
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
	remote_send_record(&f.p, record, HEADER_SIZE + xdr_getpos(&xdrs));
}

/* The result of the call that is answered first, which xdr_free() frees. */
static void
take_result(xdrproc_t decode, void *result, size_t size)
{
	size_t len = remote_read_record(&f.p, f.reply, sizeof(f.reply));
	XDR xdrs;

	memset(result, 0, size);
	xdrmem_create(
	    &xdrs, f.reply + REPLY_SIZE, (u_int)(len - REPLY_SIZE), XDR_DECODE);
	assert_true(decode(&xdrs, result));
	assert_int_equal(xdr_getpos(&xdrs), len - REPLY_SIZE);
}

#define TAKE(type, result) \
	take_result((xdrproc_t)xdr_##type, result, sizeof(*(result)))

static void
take_nothing(void)
{
	char byte;

	assert_int_equal(remote_read(&f.p, &byte, 1), -1);
}

static reverse_args
text_args(const char *text, unsigned int deadline_ms)
{
	reverse_args args;

	memset(&args, 0, sizeof(args));
	args.context.deadline_ms = deadline_ms;
	args.text.message_len = (u_int)strlen(text);
	args.text.message_val = (char *)(uintptr_t)text;
	return args;
}

static open_args
each_args(unsigned int wait_ms)
{
	open_args args;

	memset(&args, 0, sizeof(args));
	args.method = METHOD_EACH;
	args.piece.window = 1000;
	args.wait_ms = wait_ms;
	return args;
}

/* The status code that TEXT is answered with. */
static status_code
text_code(void)
{
	reverse_result result;
	status_code code;

	TAKE(reverse_result, &result);
	code = result.code;
	xdr_free((xdrproc_t)xdr_reverse_result, &result);
	return code;
}

/* It has waited for a second behind the call before it. */
static void
a_deadline_of_text_runs_from_its_arrival(void **state)
{
	reverse_args args = text_args("ab", 0);

	(void)state;
	f.engine.net.limits.turn_calls = 1;
	for (unsigned int ms = 400; ms <= 60000; ms += 59600) {
		args.context.deadline_ms = 0;
		send_call(REVERSE_TEXT, (xdrproc_t)xdr_reverse_args, &args);
		args.context.deadline_ms = ms;
		send_call(REVERSE_TEXT, (xdrproc_t)xdr_reverse_args, &args);
		remote_run_turn(&f.engine);
		f.p.c->read_ms -= 1000;
		remote_run(&f.engine);
		assert_int_equal(text_code(), STATUS_OK);
		assert_int_equal(text_code(),
		    ms < 1000 ? STATUS_DEADLINE_EXCEEDED : STATUS_OK);
	}
	assert_int_equal(f.service.failures, 1);
}

/* The one line that was logged since the last look ends with this. */
static void
assert_logged(const char *what)
{
	char text[1024];
	ssize_t n = read(f.log, text, sizeof(text) - 1);

	assert_true(n > 0);
	text[n] = '\0';
	assert_ptr_equal(strchr(text, '\n'), text + n - 1);
	assert_non_null(strstr(text, what));
}

static void
set_trace(call_context *context, metadatum pairs[2])
{
	static const char *const texts[][2] = { { "traceparent", "00-a b-01" },
		{ "traceparents", "not this" } };

	for (int i = 0; i < 2; i++) {
		pairs[i].key.key_len = (u_int)strlen(texts[i][0]);
		pairs[i].key.key_val = (char *)(uintptr_t)texts[i][0];
		pairs[i].value.value_len = (u_int)strlen(texts[i][1]);
		pairs[i].value.value_val = (char *)(uintptr_t)texts[i][1];
	}
	context->metadata.metadata_len = 2;
	context->metadata.metadata_val = pairs;
}

static void
each_call_with_a_context_leaves_its_trace(void **state)
{
	reverse_args text = text_args("ab", 0);
	open_args each = each_args(0);
	call_context context = { .deadline_ms = 0 };
	metadatum pairs[2];

	(void)state;
	set_trace(&context, pairs);
	text.context = each.context = context;
	send_call(REVERSE_GREET, (xdrproc_t)xdr_call_context, &context);
	remote_run(&f.engine);
	assert_logged("call procedure=GREET traceparent=00-a\\x20b-01\n");
	send_call(REVERSE_TEXT, (xdrproc_t)xdr_reverse_args, &text);
	remote_run(&f.engine);
	assert_logged("call procedure=TEXT traceparent=00-a\\x20b-01\n");
	send_call(REVERSE_OPEN, (xdrproc_t)xdr_open_args, &each);
	remote_run(&f.engine);
	assert_logged("call procedure=OPEN traceparent=00-a\\x20b-01\n");
}

/* Opens a stream and returns its token. */
static void
open_stream(token stream)
{
	open_args args = each_args(0);
	open_result result;

	send_call(REVERSE_OPEN, (xdrproc_t)xdr_open_args, &args);
	remote_run(&f.engine);
	TAKE(open_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	memcpy(stream, result.open_result_u.started.stream, sizeof(token));
	xdr_free((xdrproc_t)xdr_open_result, &result);
}

static void
on_idle(void *owner)
{
	assert_ptr_equal(owner, &f);
	f.idle++;
}

/* Else it would take a processor as long as a stream goes on. */
static void
a_drain_that_waits_for_streams_is_quiet(void **state)
{
	struct pollfd ready = { .fd = loop_fd(&f.engine.loop),
		.events = POLLIN };
	cancel_args args;

	(void)state;
	open_stream(args.stream);
	serving_drain(&f.serving, on_idle, &f);
	for (int i = 0; i < 3; i++)
		remote_run_turn(&f.engine);
	assert_int_equal(poll(&ready, 1, 0), 0);
	assert_int_equal(f.idle, 0);
	send_call(REVERSE_CANCEL, (xdrproc_t)xdr_cancel_args, &args);
	for (int i = 0; i < 5; i++)
		remote_run_turn(&f.engine);
	assert_int_equal(f.idle, 1);
	assert_int_equal(poll(&ready, 1, 0), 0);
}

/* It is told so by the loop, and not before serving_drain() has returned. */
static void
a_drain_without_streams_is_over_in_the_next_turn(void **state)
{
	(void)state;
	serving_drain(&f.serving, on_idle, &f);
	assert_int_equal(f.idle, 0);
	remote_run(&f.engine);
	assert_int_equal(f.idle, 1);
}

static exchange_args
pull_args(const token stream)
{
	exchange_args args;

	memset(&args, 0, sizeof(args));
	memcpy(args.stream, stream, sizeof(token));
	args.piece.window = 1000;
	args.wait_ms = 10000;
	return args;
}

static void
a_call_that_waits_is_answered_by_the_end(void **state)
{
	exchange_result result;
	exchange_args args;
	token stream;

	(void)state;
	open_stream(stream);
	args = pull_args(stream);
	send_call(REVERSE_EXCHANGE, (xdrproc_t)xdr_exchange_args, &args);
	remote_run(&f.engine);
	take_nothing();
	serving_end(&f.serving);
	remote_run(&f.engine);
	TAKE(exchange_result, &result);
	assert_int_equal(result.code, STATUS_OK);
	assert_int_equal(result.exchange_result_u.answered.end->why.code,
	    STATUS_UNAVAILABLE);
	xdr_free((xdrproc_t)xdr_exchange_result, &result);
}

static void
what_failed_is_counted(void **state)
{
	reverse_args text = text_args("\xff", 0);
	const token nobody = { 1 };
	exchange_args args = pull_args(nobody);
	status_result status;

	(void)state;
	send_call(REVERSE_TEXT, (xdrproc_t)xdr_reverse_args, &text);
	send_call(REVERSE_EXCHANGE, (xdrproc_t)xdr_exchange_args, &args);
	send_call(99, xdr_void_value, NULL);
	remote_run(&f.engine);
	for (int i = 0; i < 3; i++)
		remote_read_record(&f.p, f.reply, sizeof(f.reply));
	send_call(REVERSE_STATUS, xdr_void_value, NULL);
	remote_run(&f.engine);
	TAKE(status_result, &status);
	assert_int_equal(status.status_result_u.counters.calls, 4);
	assert_int_equal(status.status_result_u.counters.failures, 3);
	assert_int_equal(status.status_result_u.counters.connections, 1);
}

static void
peers_have_the_limits_of_the_settings(void **state)
{
	const struct peers *peers = &f.engine.net.peers;
	const struct settings *s = &f.settings;

	(void)state;
	assert_int_equal(peers->all.most[CHARGE_STREAMS], s->streams);
	assert_int_equal(peers->each[CHARGE_STREAMS], s->streams_per_client);
	assert_int_equal(peers->all.most[CHARGE_UNPROVEN], s->datagram_streams);
	assert_int_equal(peers->all.most[CHARGE_KEPT], s->streams_kept);
	assert_int_equal(peers->all.most[CHARGE_SPOOL], s->spool_total_bytes);
}

static void
who_claims_nothing_is_nobody(void **state)
{
	whoami_result result;
	caller *you = &result.whoami_result_u.you;

	(void)state;
	send_call(REVERSE_WHOAMI, xdr_void_value, NULL);
	remote_run(&f.engine);
	TAKE(whoami_result, &result);
	assert_int_equal(you->uid, NOT_CLAIMED);
	assert_int_equal(you->principal.principal_len, 0);
	assert_memory_equal(
	    you->address.address_val, "192.0.2.1.", strlen("192.0.2.1."));
	xdr_free((xdrproc_t)xdr_whoami_result, &result);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_deadline_of_text_runs_from_its_arrival),
		TEST(each_call_with_a_context_leaves_its_trace),
		TEST(a_drain_that_waits_for_streams_is_quiet),
		TEST(a_drain_without_streams_is_over_in_the_next_turn),
		TEST(a_call_that_waits_is_answered_by_the_end),
		TEST(what_failed_is_counted),
		TEST(peers_have_the_limits_of_the_settings),
		TEST(who_claims_nothing_is_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
