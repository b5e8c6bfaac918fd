/* What a search makes of what rpcbind says: rpcloop/call/locate. */
#include "test/lib/seek_network.h"

#include "base/base.h"
#include "rpcloop/net/address.h"

#include <errno.h>
#include <rpc/rpcb_prot.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Two addresses of a host, with the ports that are asked and tried. */
#define A_RPCBIND "192.0.2.1:9111"
#define B_RPCBIND "192.0.2.2:9111"
#define A_DEFAULT "192.0.2.1:20726"
#define B_DEFAULT "192.0.2.2:20726"
#define A_NAMED   "192.0.2.1:20999"
#define B_NAMED   "192.0.2.2:20999"

/* An rpcbind at A that names this universal address. */
static struct fake *
rpcbind_names(const char *universal)
{
	struct fake *rpcbind = seek_fake(SOCK_STREAM, fake_is_rpcbind);

	rpcbind->address = universal;
	seek_route(A_RPCBIND, rpcbind);
	return rpcbind;
}

static void
seek_two(void)
{
	seek.addresses = "192.0.2.1 192.0.2.2";
	seek_host("host.example", 0);
}

static void
without_rpcbind_it_is_the_default_port(void **state)
{
	(void)state;
	seek_two();
	seek_route(B_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(B_DEFAULT);
	seek_assert_connects(
	    A_RPCBIND " " B_RPCBIND " " A_DEFAULT " " B_DEFAULT " ");
	assert_int_equal(seek.tries, 3);
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[0].error.re_errno, ECONNREFUSED);
	seek_assert_try(1, LOCATE_RPCBIND, LOCATE_UNANSWERED);
	seek_assert_try(2, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[2].error.re_status, RPC_CANTSEND);
}

static void
without_a_default_port_rpcbind_alone_is_asked(void **state)
{
	(void)state;
	seek_two();
	seek.terms.default_port = 0;
	seek_run();
	seek_assert_nobody();
	seek_assert_connects(A_RPCBIND " " B_RPCBIND " ");
}

static void
a_port_that_is_given_asks_no_rpcbind(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 20999);
	rpcbind_names("192.0.2.1.80.246");
	seek_run();
	seek_assert_nobody();
	seek_assert_connects(A_NAMED " ");
}

static void
its_port_is_111_unless_told_otherwise(void **state)
{
	(void)state;
	seek.terms.rpcbind_port = 0;
	seek_host("192.0.2.1", 0);
	seek_run();
	seek_assert_connects("192.0.2.1:111 " A_DEFAULT " ");
}

/* 82.7 is port 20999. */
static void
what_rpcbind_names_is_tried_next(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("192.0.2.1.82.7");
	seek_route(A_NAMED, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(A_NAMED);
	seek_assert_connects(A_RPCBIND " " A_NAMED " ");
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_NAMED);
	assert_int_equal(endpoint_port(&seek.tried[0].named), 20999);
	assert_int_equal(seek.calls, 2);
	assert_int_equal(seek.procedures[0], RPCBPROC_GETADDR);
	assert_int_equal(seek.procedures[1], NULLPROC);
}

static void
a_portmapper_of_version_2_is_understood(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("")->versions = 1 << 2;
	seek.fakes[0].port = 20999;
	seek_route(A_NAMED, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(A_NAMED);
	seek_assert_connects(A_RPCBIND " " A_NAMED " ");
	assert_int_equal(seek.calls, 4);
}

static void
the_address_that_was_asked_comes_before_the_named(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("192.0.2.2.82.7");
	seek_route(B_NAMED, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(B_NAMED);
	seek_assert_connects(A_RPCBIND " " A_NAMED " " B_NAMED " ");
	seek_assert_try(1, LOCATE_SERVER, LOCATE_UNANSWERED);
	assert_string_equal(seek.named_by[1], A_RPCBIND);
}

static void
assert_refused_to_try(size_t i, const char *named)
{
	char text[ADDRESS_TEXT_SIZE];
	struct address a = { .len = seek.tried[i].at.len };

	seek_assert_try(i, LOCATE_SERVER, LOCATE_NOT_OF_HOST);
	memcpy(&a.u, &seek.tried[i].at.at, a.len);
	assert_string_equal(address_text(&a, text), named);
	assert_string_equal(seek.named_by[i], A_RPCBIND);
}

/* A server of this machine is not one of the host that was asked. */
static void
the_loopback_of_another_host_is_not_this_ones(void **state)
{
	struct fake *own = seek_fake(SOCK_STREAM, fake_serves);
	char universal[SEEK_TEXT], text[SEEK_TEXT];
	uint16_t port = endpoint_port(&own->at);

	(void)state;
	seek_host("192.0.2.1", 0);
	snprintf(universal, sizeof(universal), "127.0.0.1.%u.%u", port >> 8,
	    port & 0xff);
	snprintf(text, sizeof(text), "127.0.0.1:%u", port);
	rpcbind_names(universal);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(own->accepted, 0);
	assert_refused_to_try(1, text);
	snprintf(
	    text, sizeof(text), A_RPCBIND " 192.0.2.1:%u " A_DEFAULT " ", port);
	seek_assert_connects(text);
}

static void
an_address_of_somebody_else_is_not_tried(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("192.0.2.3.82.7");
	seek_route("192.0.2.3:20999", seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_nobody();
	assert_refused_to_try(1, "192.0.2.3:20999");
	assert_int_equal(seek.fakes[1].accepted, 0);
}

static void
the_port_of_the_unspecified_address_is_that_of_the_host(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("0.0.0.0.82.7");
	seek_route(A_NAMED, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(A_NAMED);
	assert_refused_to_try(1, "0.0.0.0:20999");
	seek_assert_connects(A_RPCBIND " " A_NAMED " ");
}

/* Here both are the loopback's. */
static void
on_this_machine_all_its_addresses_are_tried(void **state)
{
	struct fake *rpcbind = seek_fake(SOCK_STREAM, fake_is_rpcbind);
	char expected[3 * SEEK_TEXT];

	(void)state;
	seek.terms.rpcbind_port = endpoint_port(&rpcbind->at);
	rpcbind->address = "127.0.0.2.0.1";
	seek_host("127.0.0.1", 0);
	seek.terms.default_port = 1;
	seek_run();
	seek_assert_nobody();
	snprintf(expected, sizeof(expected),
	    "127.0.0.1:%u 127.0.0.1:1 127.0.0.2:1 ", seek.terms.rpcbind_port);
	seek_assert_connects(expected);
}

/* By rpcbind's name and as the default. */
static void
a_server_is_tried_once_however_it_is_named(void **state)
{
	(void)state;
	seek_two();
	rpcbind_names("192.0.2.1.80.246");
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_is_another));
	seek_run();
	seek_assert_nobody();
	seek_assert_connects(
	    A_RPCBIND " " A_DEFAULT " " B_RPCBIND " " B_DEFAULT " ");
	assert_int_equal(seek.fakes[1].accepted, 1);
}

static void
an_rpcbind_that_hangs_holds_nobody_up(void **state)
{
	(void)state;
	seek_two();
	seek_staggered();
	rpcbind_names("")->answer = fake_hangs;
	seek_route(B_RPCBIND, NULL);
	seek_route(A_DEFAULT, seek_fake(SOCK_STREAM, fake_serves));
	seek_run();
	seek_assert_found(A_DEFAULT);
	seek_assert_connects(A_RPCBIND " " B_RPCBIND " " A_DEFAULT " ");
	assert_int_equal(seek.tries, 0);
	assert_null(seek.fakes[0].peers[0].fake);
}

static void
an_rpcbind_that_was_begun_may_be_told_when_time_is_over(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	seek_host("192.0.2.2", 0);
	seek_route(A_RPCBIND, NULL);
	seek_route(B_RPCBIND, seek_fake(SOCK_STREAM, fake_hangs));
	seek.terms.pace.stagger = 0;
	seek_turns();
	locate_tell_unfinished(seek.search);
	assert_true(seek.tries >= 2);
	seek_assert_try(seek.tries - 2, LOCATE_RPCBIND, LOCATE_UNFINISHED);
	assert_int_equal(seek.tried[seek.tries - 2].error.re_errno, ETIMEDOUT);
	seek_assert_try(seek.tries - 1, LOCATE_RPCBIND, LOCATE_UNFINISHED);
	assert_int_equal(seek.tried[seek.tries - 1].error.re_errno, 0);
}

static void
what_rpcbind_does_not_know_is_told(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	rpcbind_names("");
	seek_run();
	seek_assert_nobody();
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_UNREGISTERED);
	seek_assert_connects(A_RPCBIND " " A_DEFAULT " ");
}

static void
what_is_no_address_is_told(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	rpcbind_names("\x1b[31mred");
	seek_run();
	seek_assert_nobody();
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_NO_ADDRESS);
	assert_string_equal(seek.text, "\x1b[31mred");
	seek_assert_connects(A_RPCBIND " " A_DEFAULT " ");
}

static void
garbage_is_told(void **state)
{
	(void)state;
	seek_host("192.0.2.1", 0);
	rpcbind_names("")->answer = fake_garbles;
	seek_run();
	seek_assert_nobody();
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_UNANSWERED);
	assert_int_equal(seek.tried[0].error.re_status, RPC_CANTDECODERES);
}

static void
over_udp_rpcbind_is_asked_over_udp(void **state)
{
	struct fake *rpcbind = seek_fake(SOCK_DGRAM, fake_is_rpcbind);

	(void)state;
	seek.terms.type = SOCK_DGRAM;
	rpcbind->address = "192.0.2.1.82.7";
	seek_route(A_RPCBIND, rpcbind);
	seek_route(A_NAMED, seek_fake(SOCK_DGRAM, fake_serves));
	seek_host("192.0.2.1", 0);
	seek_run();
	seek_assert_found(A_NAMED);
	assert_int_equal(seek.found->to.type, SOCK_DGRAM);
	assert_string_equal(rpcbind->netid, "udp");
}

/* What the local rpcbind names comes before the paths. */
static void
a_local_service_has_an_rpcbind_and_paths(void **state)
{
	char rpcbind[64], server[64];
	const char *const paths[] = { "/nonexistent/1", server,
		"/nonexistent/2", NULL };

	(void)state;
	snprintf(rpcbind, sizeof(rpcbind), "/tmp/locate.%d.r", (int)getpid());
	snprintf(server, sizeof(server), "/tmp/locate.%d.s", (int)getpid());
	seek.fakes[0].answer = fake_is_rpcbind;
	seek.fakes[0].versions = 1 << 4;
	seek.fakes[0].address = "/nonexistent/0";
	seek.fakes[1].answer = fake_serves;
	fake_start(&seek.fakes[0], &seek.loop, SOCK_STREAM, rpcbind);
	fake_start(&seek.fakes[1], &seek.loop, SOCK_STREAM, server);
	seek_local(rpcbind, paths);
	seek_run();
	seek_assert_found(server);
	assert_string_equal(seek.fakes[0].netid, "local");
	assert_string_equal(seek.connects[0], rpcbind);
	assert_string_equal(seek.connects[1], "/nonexistent/0");
	assert_string_equal(seek.connects[2], "/nonexistent/1");
	assert_string_equal(seek.connects[3], server);
	assert_int_equal(seek.connect_count, 4);
}

static void
the_local_rpcbind_may_be_missing(void **state)
{
	(void)state;
	seek_local("/nonexistent/rpcbind", NULL);
	seek_run();
	seek_assert_nobody();
	assert_int_equal(seek.tries, 1);
	seek_assert_try(0, LOCATE_RPCBIND, LOCATE_UNANSWERED);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, seek_setup, seek_teardown)
	const struct CMUnitTest tests[] = {
		TEST(without_rpcbind_it_is_the_default_port),
		TEST(without_a_default_port_rpcbind_alone_is_asked),
		TEST(a_port_that_is_given_asks_no_rpcbind),
		TEST(its_port_is_111_unless_told_otherwise),
		TEST(what_rpcbind_names_is_tried_next),
		TEST(a_portmapper_of_version_2_is_understood),
		TEST(the_address_that_was_asked_comes_before_the_named),
		TEST(the_loopback_of_another_host_is_not_this_ones),
		TEST(an_address_of_somebody_else_is_not_tried),
		TEST(the_port_of_the_unspecified_address_is_that_of_the_host),
		TEST(on_this_machine_all_its_addresses_are_tried),
		TEST(a_server_is_tried_once_however_it_is_named),
		TEST(an_rpcbind_that_hangs_holds_nobody_up),
		TEST(an_rpcbind_that_was_begun_may_be_told_when_time_is_over),
		TEST(what_rpcbind_does_not_know_is_told),
		TEST(what_is_no_address_is_told),
		TEST(garbage_is_told),
		TEST(over_udp_rpcbind_is_asked_over_udp),
		TEST(a_local_service_has_an_rpcbind_and_paths),
		TEST(the_local_rpcbind_may_be_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
