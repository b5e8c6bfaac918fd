/* The addresses of a host, for a loop: rpcloop/call/resolve. */
#include "rpcloop/call/resolve.h"

#include "base/base.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	PATIENCE_MS = 60000,
	BRIEF_MS = 10,
	ADDRESSES_MAX = 8,
};

static struct {
	struct loop loop;
	struct resolve *resolve;
	unsigned int answers;
	struct resolve_answer answer;
	char addresses[ADDRESSES_MAX][INET6_ADDRSTRLEN];
	size_t count;
	bool frees; /* in done() */
} f;

/* The name service, which only the threads meet. */
static struct {
	sem_t asked, may_answer, answered;
	bool takes_signals;
	unsigned int calls; /* from any thread */
} service;

/* Takes the place of the C library's: names are looked up here. */
int
getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
    struct addrinfo **list)
{
	int (*real)(const char *, const char *, const struct addrinfo *,
	    struct addrinfo **);
	struct addrinfo numeric = *hints;
	sigset_t blocked;
	int r;

	service.calls++;
	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (hints->ai_flags & AI_NUMERICHOST)
		return real(host, port, hints, list);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	service.takes_signals = sigismember(&blocked, SIGINT) == 0 ||
	    sigismember(&blocked, SIGTERM) == 0;
	sem_post(&service.asked);
	while (sem_wait(&service.may_answer) != 0)
		continue;
	numeric.ai_flags = AI_NUMERICHOST;
	if (strcmp(host, "known.example") == 0)
		r = real("192.0.2.7", port, &numeric, list);
	else
		r = EAI_AGAIN;
	sem_post(&service.answered);
	return r;
}

static int
setup(void **state)
{
	(void)state;
	memset(&f, 0, sizeof(f));
	sem_init(&service.asked, 0, 0);
	sem_init(&service.may_answer, 0, 0);
	sem_init(&service.answered, 0, 0);
	service.takes_signals = false;
	service.calls = 0;
	return loop_init(&f.loop, 100000);
}

static int
teardown(void **state)
{
	(void)state;
	resolve_free(f.resolve);
	loop_deinit(&f.loop);
	return 0;
}

static void
on_done(void *context, const struct resolve_answer *answer)
{
	assert_ptr_equal(context, &f);
	f.answers++;
	f.answer = *answer;
	for (struct addrinfo *at = answer->list; at != NULL; at = at->ai_next)
		assert_int_equal(getnameinfo(at->ai_addr, at->ai_addrlen,
				     f.addresses[f.count++], INET6_ADDRSTRLEN,
				     NULL, 0, NI_NUMERICHOST),
		    0);
	if (f.frees) {
		resolve_free(f.resolve);
		f.resolve = NULL;
	}
	loop_stop(&f.loop);
}

static void
start(const char *host, int family, uint64_t ms)
{
	const struct resolve_question question = {
		.host = host,
		.family = family,
		.type = SOCK_STREAM,
		.ms = ms,
		.done = on_done,
		.context = &f,
	};

	resolve_free(f.resolve);
	f.answers = 0;
	f.count = 0;
	assert_int_equal(resolve_start(&f.resolve, &f.loop, &question), 0);
	assert_int_equal(f.answers, 0);
}

/* What needs no thread is answered in the next turn. */
static void
ask_at_once(const char *host, int family)
{
	start(host, family, PATIENCE_MS);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.answers, 1);
}

static void
numeric_addresses_need_no_name_service(void **state)
{
	static const struct {
		const char *host, *address;
	} rows[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "[192.0.2.1]", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "fe80::1%lo", "fe80::1%lo" },
		{ "[fe80::1%lo]", "fe80::1%lo" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ask_at_once(rows[i].host, AF_UNSPEC);
		assert_int_equal(f.answer.error, 0);
		assert_int_equal(f.count, 1);
		assert_string_equal(f.addresses[0], rows[i].address);
	}
}

static void
localhost_is_the_loopback(void **state)
{
	(void)state;
	ask_at_once("localhost", AF_INET);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.addresses[0], "127.0.0.1");
	ask_at_once("LocalHost", AF_INET6);
	assert_int_equal(f.count, 1);
	assert_string_equal(f.addresses[0], "::1");
	ask_at_once("localhost", AF_UNSPEC);
	assert_int_equal(f.count, 2);
	assert_string_equal(f.addresses[0], "::1");
	assert_string_equal(f.addresses[1], "127.0.0.1");
	/* getaddrinfo(3) would take longer than all else of a call. */
	assert_int_equal(service.calls, 0);
}

static void
what_cannot_be_a_name_is_refused_at_once(void **state)
{
	char longest[NI_MAXHOST + 1];

	(void)state;
	ask_at_once("127.0.0.1", AF_INET6);
	assert_int_not_equal(f.answer.error, 0);
	ask_at_once("[known.example]", AF_UNSPEC);
	assert_int_equal(f.answer.error, EAI_NONAME);
	memset(longest, 'x', NI_MAXHOST);
	longest[NI_MAXHOST] = '\0';
	ask_at_once(longest, AF_UNSPEC);
	assert_int_equal(f.answer.error, EAI_NONAME);
}

static void
a_name_is_looked_up_in_a_thread_that_takes_no_signals(void **state)
{
	(void)state;
	start("known.example", AF_UNSPEC, PATIENCE_MS);
	sem_wait(&service.asked);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.answers, 0);
	sem_post(&service.may_answer);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	assert_int_equal(f.answer.error, 0);
	assert_string_equal(f.addresses[0], "192.0.2.7");
	assert_false(service.takes_signals);
}

static void
an_unknown_name_is_the_name_services_error(void **state)
{
	(void)state;
	sem_post(&service.may_answer);
	start("unknown.example", AF_UNSPEC, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answer.error, EAI_AGAIN);
	assert_null(f.answer.list);
}

/* The answer that comes too late is freed by its thread. */
static void
a_silent_name_service_is_left(void **state)
{
	(void)state;
	start("known.example", AF_UNSPEC, BRIEF_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	assert_int_equal(f.answer.error, EAI_SYSTEM);
	assert_int_equal(f.answer.system, ETIMEDOUT);
	sem_post(&service.may_answer);
	sem_wait(&service.answered);
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.answers, 1);
}

static void
a_question_may_be_left_at_any_time(void **state)
{
	(void)state;
	/* Before a turn, while the thread asks, and when it has answered. */
	start("192.0.2.1", AF_UNSPEC, PATIENCE_MS);
	start("known.example", AF_UNSPEC, PATIENCE_MS);
	sem_wait(&service.asked);
	start("known.example", AF_UNSPEC, PATIENCE_MS);
	sem_wait(&service.asked);
	sem_post(&service.may_answer);
	sem_post(&service.may_answer);
	sem_wait(&service.answered);
	sem_wait(&service.answered);
	resolve_free(f.resolve);
	f.resolve = NULL;
	assert_int_equal(loop_turn(&f.loop), 0);
	assert_int_equal(f.answers, 0);
}

static void
whoever_is_told_may_free_the_question(void **state)
{
	(void)state;
	f.frees = true;
	start("192.0.2.1", AF_UNSPEC, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	sem_post(&service.may_answer);
	start("known.example", AF_UNSPEC, PATIENCE_MS);
	assert_int_equal(loop_run(&f.loop), 0);
	assert_int_equal(f.answers, 1);
	assert_null(f.resolve);
	resolve_free(NULL);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(numeric_addresses_need_no_name_service),
		TEST(localhost_is_the_loopback),
		TEST(what_cannot_be_a_name_is_refused_at_once),
		TEST(a_name_is_looked_up_in_a_thread_that_takes_no_signals),
		TEST(an_unknown_name_is_the_name_services_error),
		TEST(a_silent_name_service_is_left),
		TEST(a_question_may_be_left_at_any_time),
		TEST(whoever_is_told_may_free_the_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
