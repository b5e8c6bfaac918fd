/* Where rpcbind has a program: rpcloop/call/rpcbind_query. */
#include "rpcloop/call/rpcbind_query.h"

#include "base/base.h"
#include "rpcloop/net/address.h"
#include "test/lib/fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <rpc/pmap_prot.h>
#include <rpc/rpcb_prot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PATIENCE_MS = 60000,
	BRIEF_MS = 100,
};

static struct {
	struct loop loop;
	struct fake rpcbind;
	struct rpcbind_query *query;
	unsigned int answers;
	struct rpcbind_answer answer;
	char text[64];
	unsigned int called;
	enum clnt_stat stats[8]; /* of the calls that ended */
	bool frees_when_called;
	bool frees_when_done;
} f;

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	f.rpcbind.answer = fake_is_rpcbind;
	f.rpcbind.address = "127.0.0.1.80.246";
	f.rpcbind.port = 20727;
	return loop_init(&f.loop, 100000);
}

static int
teardown(void **state)
{
	(void)state;
	rpcbind_query_free(f.query);
	fake_stop(&f.rpcbind);
	loop_deinit(&f.loop);
	return 0;
}

static void
free_query(void)
{
	rpcbind_query_free(f.query);
	f.query = NULL;
	loop_stop(&f.loop);
}

static bool
on_called(void *context, const struct channel_question *what,
    const struct channel_call *how, const struct rpc_err *error)
{
	assert_ptr_equal(context, &f);
	assert_int_equal(what->program, RPCBPROG);
	assert_int_equal(what->procedure, RPCBPROC_GETADDR);
	assert_true(how->call_bytes > 0);
	assert_true(f.called < ARRAY_LEN(f.stats));
	f.stats[f.called++] = error->re_status;
	if (f.frees_when_called)
		free_query();
	return f.query != NULL;
}

static void
on_done(void *context, const struct rpcbind_answer *answer)
{
	assert_ptr_equal(context, &f);
	f.answers++;
	f.answer = *answer;
	if (answer->text != NULL)
		snprintf(f.text, sizeof(f.text), "%s", answer->text);
	if (f.frees_when_done)
		free_query();
	loop_stop(&f.loop);
}

static void
start(const struct endpoint *at, uint64_t ms)
{
	const struct rpcbind_terms terms = {
		.at = *at,
		.program = FAKE_PROGRAM,
		.version = 1,
		.ms = ms,
		.called = on_called,
		.done = on_done,
		.context = &f,
	};

	assert_int_equal(rpcbind_query_start(&f.query, &f.loop, &terms), 0);
}

/* What an rpcbind of these versions answers. */
static enum rpcbind_outcome
ask(int type, const char *host, unsigned int versions)
{
	f.rpcbind.versions = versions;
	if (f.rpcbind.at.len == 0)
		fake_start(&f.rpcbind, &f.loop, type, host);
	f.rpcbind.count = f.rpcbind.accepted = f.called = f.answers = 0;
	start(&f.rpcbind.at, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	rpcbind_query_free(f.query);
	f.query = NULL;
	return f.answer.outcome;
}

static enum rpcbind_outcome
ask_tcp(unsigned int versions)
{
	return ask(SOCK_STREAM, "127.0.0.1", versions);
}

static void
assert_asked(unsigned int count)
{
	static const uint32_t versions[] = { 4, 3, 2 };

	assert_int_equal(f.rpcbind.count, count);
	assert_int_equal(f.called, count);
	for (unsigned int i = 0; i < count; i++)
		assert_int_equal(f.rpcbind.calls[i].version, versions[i]);
}

static void
assert_named(const char *host, uint16_t port, int type)
{
	struct address a;

	assert_int_equal(f.answer.outcome, RPCBIND_NAMED);
	assert_int_equal(address_parse(&a, host, port), 0);
	assert_int_equal(f.answer.named.type, type);
	assert_int_equal(f.answer.named.len, a.len);
	assert_memory_equal(&f.answer.named.at, &a.u, a.len);
}

static void
version_4_comes_first(void **state)
{
	(void)state;
	ask_tcp(1 << 4 | 1 << 3 | 1 << 2);
	assert_named("127.0.0.1", 20726, SOCK_STREAM);
	assert_asked(1);
}

static void
then_version_3_on_the_same_channel(void **state)
{
	(void)state;
	ask_tcp(1 << 3 | 1 << 2);
	assert_named("127.0.0.1", 20726, SOCK_STREAM);
	assert_asked(2);
	assert_int_equal(f.rpcbind.accepted, 1);
}

static void
then_the_portmapper_names_a_port_of_its_host(void **state)
{
	(void)state;
	ask_tcp(1 << 2);
	assert_named("127.0.0.1", 20727, SOCK_STREAM);
	assert_asked(3);
	assert_int_equal(f.rpcbind.accepted, 1);
}

static void
over_udp_it_is_the_same(void **state)
{
	(void)state;
	ask(SOCK_DGRAM, "127.0.0.1", 1 << 4);
	assert_named("127.0.0.1", 20726, SOCK_DGRAM);
	assert_asked(1);
	ask(SOCK_DGRAM, "127.0.0.1", 1 << 2);
	assert_named("127.0.0.1", 20727, SOCK_DGRAM);
	assert_asked(3);
}

static void
over_ipv6_there_is_no_portmapper(void **state)
{
	(void)state;
	f.rpcbind.address = "2001:db8::1.80.246";
	ask(SOCK_STREAM, "::1", 1 << 3);
	assert_named("2001:db8::1", 20726, SOCK_STREAM);
	assert_int_equal(ask(SOCK_STREAM, "::1", 1 << 2), RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_status, RPC_PROGVERSMISMATCH);
	assert_asked(2);
}

static void
at_a_unix_socket_a_path_is_named(void **state)
{
	char path[64];

	(void)state;
	snprintf(
	    path, sizeof(path), "/tmp/rpcbind_query_test.%d", (int)getpid());
	f.rpcbind.address = "/run/x";
	assert_int_equal(ask(SOCK_STREAM, path, 1 << 3), RPCBIND_NAMED);
	assert_string_equal(f.answer.named.at.un.sun_path, "/run/x");
	assert_asked(2);
}

static void
it_asks_for_the_netid_of_the_question(void **state)
{
	static const struct {
		int type;
		const char *host;
		int version;
		const char *netid;
	} rows[] = {
		{ SOCK_STREAM, "127.0.0.1", 4, "tcp" },
		{ SOCK_DGRAM, "127.0.0.1", 4, "udp" },
		{ SOCK_STREAM, "127.0.0.1", 2, "tcp" },
		{ SOCK_DGRAM, "127.0.0.1", 2, "udp" },
		{ SOCK_STREAM, "::1", 4, "tcp6" },
		{ SOCK_DGRAM, "::1", 3, "udp6" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask(rows[i].type, rows[i].host, 1 << rows[i].version);
		assert_string_equal(f.rpcbind.netid, rows[i].netid);
		fake_stop(&f.rpcbind);
	}
}

static void
what_is_not_registered_is_told(void **state)
{
	(void)state;
	f.rpcbind.address = "";
	f.rpcbind.port = 0;
	assert_int_equal(ask_tcp(1 << 4), RPCBIND_UNREGISTERED);
	assert_asked(1);
	assert_int_equal(ask_tcp(1 << 2), RPCBIND_UNREGISTERED);
}

static void
what_is_no_address_is_told(void **state)
{
	static const char *const texts[] = {
		"garbage",
		"127.0.0.1",
		"127.0.0.1.0.0",
		"127.0.0.1.80.256",
		"::1.80.246",
		"/run/x",
		"127.0.0.1.80.246\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		f.rpcbind.address = texts[i];
		assert_int_equal(ask_tcp(1 << 4), RPCBIND_NO_ADDRESS);
		assert_string_equal(f.text, texts[i]);
	}
	f.rpcbind.port = 65536 + 20726;
	assert_int_equal(ask_tcp(1 << 2), RPCBIND_NO_ADDRESS);
	assert_null(f.answer.text);
}

static void
garbage_is_followed_by_the_next_version(void **state)
{
	(void)state;
	f.rpcbind.answer = fake_garbles;
	assert_int_equal(ask_tcp(0), RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_status, RPC_CANTDECODERES);
	assert_asked(3);
}

static void
another_program_at_its_port_is_told(void **state)
{
	(void)state;
	f.rpcbind.answer = fake_is_another;
	assert_int_equal(ask_tcp(0), RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_status, RPC_PROGUNAVAIL);
	assert_asked(3);
}

static void
what_breaks_the_channel_is_told_once(void **state)
{
	(void)state;
	f.rpcbind.answer = NULL;
	assert_int_equal(ask_tcp(0), RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_status, RPC_CANTRECV);
	assert_int_equal(f.answer.error.re_errno, ECONNRESET);
	f.rpcbind.answer = fake_hangs;
	f.rpcbind.greeting = "HTTP/1.1 400 Bad Request\r\n\r\n";
	assert_int_equal(ask_tcp(0), RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_errno, EMSGSIZE);
}

static void
where_nobody_listens_nobody_answers(void **state)
{
	struct endpoint at;

	(void)state;
	fake_start(&f.rpcbind, &f.loop, SOCK_DGRAM, "127.0.0.1");
	at = f.rpcbind.at;
	fake_stop(&f.rpcbind);
	start(&at, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answer.outcome, RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_errno, ECONNREFUSED);
}

/* Silence is followed by the next version, and still listened to. */
static void
a_version_that_keeps_silent_does_not_hold_up_the_others(void **state)
{
	(void)state;
	f.rpcbind.versions = f.rpcbind.silent = 1 << 4 | 1 << 3;
	f.rpcbind.versions |= 1 << 2;
	fake_start(&f.rpcbind, &f.loop, SOCK_STREAM, "127.0.0.1");
	start(&f.rpcbind.at, 24 * BRIEF_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_named("127.0.0.1", 20727, SOCK_STREAM);
	assert_int_equal(f.rpcbind.count, 3);
	assert_int_equal(f.called, 1);
}

static void
a_silent_rpcbind_has_a_limit(void **state)
{
	(void)state;
	f.rpcbind.answer = fake_hangs;
	fake_start(&f.rpcbind, &f.loop, SOCK_STREAM, "127.0.0.1");
	start(&f.rpcbind.at, BRIEF_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	assert_int_equal(f.answer.outcome, RPCBIND_FAILED);
	assert_int_equal(f.answer.error.re_status, RPC_TIMEDOUT);
	assert_int_equal(f.rpcbind.accepted, 1);
}

static void
it_may_be_freed_at_any_time(void **state)
{
	(void)state;
	f.frees_when_called = true;
	f.rpcbind.versions = 1 << 4;
	fake_start(&f.rpcbind, &f.loop, SOCK_STREAM, "127.0.0.1");
	start(&f.rpcbind.at, PATIENCE_MS);
	rpcbind_query_free(f.query);
	start(&f.rpcbind.at, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.called, 1);
	assert_int_equal(f.answers, 0);
	f.frees_when_called = false;
	f.frees_when_done = true;
	start(&f.rpcbind.at, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	assert_null(f.query);
	rpcbind_query_free(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(version_4_comes_first),
		TEST(then_version_3_on_the_same_channel),
		TEST(then_the_portmapper_names_a_port_of_its_host),
		TEST(over_udp_it_is_the_same),
		TEST(over_ipv6_there_is_no_portmapper),
		TEST(at_a_unix_socket_a_path_is_named),
		TEST(it_asks_for_the_netid_of_the_question),
		TEST(what_is_not_registered_is_told),
		TEST(what_is_no_address_is_told),
		TEST(garbage_is_followed_by_the_next_version),
		TEST(another_program_at_its_port_is_told),
		TEST(what_breaks_the_channel_is_told_once),
		TEST(where_nobody_listens_nobody_answers),
		TEST(a_version_that_keeps_silent_does_not_hold_up_the_others),
		TEST(a_silent_rpcbind_has_a_limit),
		TEST(it_may_be_freed_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
