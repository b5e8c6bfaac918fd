/* Which address of an entry is asked, and which is our own: rpcloop/bind/rival.
 */
#include "rpcloop/bind/rival.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PROGRAM = 0x20000001 };

static int listener;
static uint16_t port;

static int
setup(void **state)
{
	struct address a;

	(void)state;
	address_parse(&a, "127.0.0.1", 0);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, &a.u.any, a.len) < 0 || listen(listener, 8) < 0 ||
	    address_of_socket(&a, listener) < 0)
		return -1;
	port = ntohs(a.u.in.sin_port);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(listener);
	return 0;
}

static struct universal
tcp_at(const char *host)
{
	struct universal u = { .netid = "tcp" };

	snprintf(u.address, sizeof(u.address), "%s.%u.%u", host, port >> 8,
	    port & 0xffu);
	return u;
}

/* Whether somebody called where we listen, to see who is there. */
static bool
is_asked(const char *entry_host, const char *own_host)
{
	struct universal entry = tcp_at(entry_host), own = tcp_at(own_host);
	struct pollfd called = { .fd = listener, .events = POLLIN };

	assert_false(rival_answers(&entry, &own, PROGRAM, 1));
	return poll(&called, 1, 0) == 1;
}

/* Two processes cannot have one port at any address and at a single one. */
static void
an_entry_that_only_we_can_serve_is_not_asked(void **state)
{
	(void)state;
	assert_false(is_asked("127.0.0.1", "127.0.0.1"));
	assert_false(is_asked("0.0.0.0", "127.0.0.1"));
	assert_false(is_asked("127.0.0.1", "0.0.0.0"));
}

/* Where nobody listens, it takes no time. */
static void
nobody_answers_where_nobody_listens(void **state)
{
	struct universal entry, own = tcp_at("127.0.0.1");

	(void)state;
	close(listener);
	listener = -1;
	entry = tcp_at("127.0.0.2");
	assert_false(rival_answers(&entry, &own, PROGRAM, 1));
	strcpy(entry.address, "no address");
	assert_false(rival_answers(&entry, &own, PROGRAM, 1));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(an_entry_that_only_we_can_serve_is_not_asked),
		TEST(nobody_answers_where_nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
