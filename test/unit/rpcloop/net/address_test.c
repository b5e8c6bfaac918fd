/* Addresses and their forms in text. */
#include "rpcloop/net/address.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct address
parsed(const char *text, uint16_t port)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, port), 0);
	return a;
}

static struct address
user_of(uid_t uid)
{
	struct address a = { .len = sizeof(a.u.user) };

	a.u.user.family = AF_UNIX;
	a.u.user.uid = uid;
	return a;
}

static void
text_forms_are_the_usual_ones(void **state)
{
	struct address v4 = parsed("192.0.2.7", 20726);
	struct address v6 = parsed("2001:db8::1", 80);
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_string_equal(address_text(&v4, text), "192.0.2.7:20726");
	assert_string_equal(address_text(&v6, text), "[2001:db8::1]:80");
}

static void
universal_addresses_end_in_two_octets(void **state)
{
	struct address v4 = parsed("127.0.0.1", 20726);
	struct address v6 = parsed("::1", 20726);
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_string_equal(address_universal(&v4, text), "127.0.0.1.80.246");
	assert_string_equal(address_universal(&v6, text), "::1.80.246");
}

static void
netids_name_the_transport(void **state)
{
	struct address v4 = parsed("127.0.0.1", 20726);
	struct address v6 = parsed("::1", 20726);
	struct address user = user_of(1000);

	(void)state;
	assert_string_equal(address_netid(&v4, false), "tcp");
	assert_string_equal(address_netid(&v6, false), "tcp6");
	assert_string_equal(address_netid(&v4, true), "udp");
	assert_string_equal(address_netid(&v6, true), "udp6");
	assert_string_equal(address_netid(&user, false), "local");
}

static void
a_user_stands_for_an_address(void **state)
{
	struct address a = user_of(1000);
	struct address b = user_of(1001);
	struct address zero = parsed("0.0.3.232", 1);
	const struct hash_key key = { { 7, 8 } };
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_string_equal(address_text(&a, text), "uid:1000");
	assert_string_equal(address_universal(&a, text), "");
	assert_true(address_same_peer(&a, &a));
	assert_false(address_same_peer(&a, &b));
	assert_false(address_same_peer(&a, &zero));
	assert_false(address_is_loopback(&a));
	assert_true(address_peer_hash(&a, &key) != address_peer_hash(&b, &key));
	assert_true(
	    address_peer_hash(&a, &key) != address_peer_hash(&zero, &key));
}

static void
the_kernel_knows_who_connected(void **state)
{
	struct address a;
	int fds[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(address_of_user(&a, fds[0]), 0);
	assert_int_equal(a.u.any.sa_family, AF_UNIX);
	assert_int_equal(a.u.user.uid, geteuid());
	assert_int_equal(a.u.user.gid, getegid());
	close(fds[0]);
	close(fds[1]);
}

static void
universal_addresses_are_read_back(void **state)
{
	static const char *const forms[] = { "127.0.0.1.80.246",
		"0.0.0.0.0.111", "::1.255.255", "2001:db8::7.0.1", "::.0.111" };
	char text[ADDRESS_TEXT_SIZE];
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(address_parse_universal(&a, forms[i]), 0);
		assert_string_equal(address_universal(&a, text), forms[i]);
	}
}

static void
what_is_no_address_is_refused(void **state)
{
	static const char *const universal[] = { "", "1.2", "127.0.0.1",
		"127.0.0.1.80", "127.0.0.1.80.256", "127.0.0.1.80.-1",
		"127.0.0.1.80.", "host.80.246", "127.0.0.1.80.246.1",
		"/run/rpcbind.sock" };
	static const char *const plain[] = { "", "localhost", "1.2.3",
		"1.2.3.4.5", "[::1", "::g", "[]", "fe80::1%nowhere" };
	struct address a;

	(void)state;
	for (size_t i = 0; i < sizeof(universal) / sizeof(universal[0]); i++)
		assert_int_equal(
		    address_parse_universal(&a, universal[i]), -EINVAL);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_int_equal(address_parse(&a, plain[i], 1), -EINVAL);
}

static void
brackets_of_ipv6_may_be_given(void **state)
{
	struct address a = parsed("[::1]", 5);
	char text[ADDRESS_TEXT_SIZE];

	(void)state;
	assert_string_equal(address_text(&a, text), "[::1]:5");
}

static void
a_peer_is_a_host_or_a_prefix(void **state)
{
	struct address a = parsed("192.0.2.7", 1);
	struct address b = parsed("192.0.2.7", 2);
	struct address c = parsed("192.0.2.8", 1);
	struct address x = parsed("2001:db8:0:1::1", 1);
	struct address y = parsed("2001:db8:0:1:ffff::2", 1);
	struct address z = parsed("2001:db8:0:2::1", 1);

	(void)state;
	assert_true(address_same_peer(&a, &b));
	assert_false(address_same_peer(&a, &c));
	assert_true(address_same_peer(&x, &y));
	assert_false(address_same_peer(&x, &z));
	assert_false(address_same_peer(&a, &x));
}

static void
loopback_is_known(void **state)
{
	struct address a = parsed("127.1.2.3", 1);
	struct address b = parsed("::1", 1);
	struct address c = parsed("128.0.0.1", 1);
	struct address d = parsed("::2", 1);

	(void)state;
	assert_true(address_is_loopback(&a));
	assert_true(address_is_loopback(&b));
	assert_false(address_is_loopback(&c));
	assert_false(address_is_loopback(&d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_forms_are_the_usual_ones),
		cmocka_unit_test(universal_addresses_end_in_two_octets),
		cmocka_unit_test(netids_name_the_transport),
		cmocka_unit_test(a_user_stands_for_an_address),
		cmocka_unit_test(the_kernel_knows_who_connected),
		cmocka_unit_test(universal_addresses_are_read_back),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(brackets_of_ipv6_may_be_given),
		cmocka_unit_test(a_peer_is_a_host_or_a_prefix),
		cmocka_unit_test(loopback_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
