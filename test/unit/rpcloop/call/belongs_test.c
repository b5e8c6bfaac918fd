/* Whether an address is of the host that named it: rpcloop/call/belongs. */
#include "rpcloop/call/belongs.h"

#include "base/base.h"
#include "rpcloop/net/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* An interface that the test has made up, and what its addresses are. */
static struct {
	struct ifaddrs link;
	struct sockaddr_in6 address;
} made_up;

int
getifaddrs(struct ifaddrs **list)
{
	static struct ifaddrs without_address, v4;
	static struct sockaddr_in in = { .sin_family = AF_INET };

	inet_pton(AF_INET, "198.51.100.7", &in.sin_addr);
	v4.ifa_addr = (struct sockaddr *)&in;
	v4.ifa_next = &without_address;
	without_address.ifa_next = &made_up.link;
	made_up.address.sin6_family = AF_INET6;
	made_up.address.sin6_scope_id = 7;
	inet_pton(AF_INET6, "fe80::7", &made_up.address.sin6_addr);
	made_up.link.ifa_addr = (struct sockaddr *)&made_up.address;
	*list = &v4;
	return 0;
}

void
freeifaddrs(struct ifaddrs *list)
{
	(void)list;
}

static struct endpoint
endpoint(const char *text, uint16_t port)
{
	struct endpoint out;
	struct address a;

	assert_int_equal(address_parse(&a, text, port), 0);
	assert_true(endpoint_from_address(&out, SOCK_STREAM, &a.u.any, a.len));
	return out;
}

/* Of a host that has the address that is asked, and another. */
static bool
belongs(const char *named, const char *asked, const char *other)
{
	struct endpoint addresses[] = { endpoint(other, 0),
		endpoint(asked, 0) };
	struct endpoint it = endpoint(named, 20726);
	struct endpoint rpcbind = endpoint(asked, 111);

	return belongs_to_host(&it, &rpcbind, addresses, ARRAY_LEN(addresses));
}

static void
the_addresses_of_the_name_are_the_hosts(void **state)
{
	(void)state;
	assert_true(belongs("192.0.2.1", "192.0.2.1", "192.0.2.2"));
	assert_true(belongs("192.0.2.2", "192.0.2.1", "192.0.2.2"));
	assert_true(belongs("2001:db8::1", "2001:db8::2", "2001:db8::1"));
	assert_false(belongs("192.0.2.3", "192.0.2.1", "192.0.2.2"));
	assert_false(belongs("2001:db8::3", "2001:db8::2", "2001:db8::1"));
}

static void
of_this_machine_all_addresses_are(void **state)
{
	(void)state;
	assert_true(belongs("127.0.0.1", "198.51.100.7", "198.51.100.7"));
	assert_true(belongs("198.51.100.7", "127.0.0.1", "127.0.0.1"));
	assert_true(belongs("127.1.2.3", "0.0.0.0", "0.0.0.0"));
	assert_true(belongs("::1", "fe80::7", "fe80::7"));
	assert_false(belongs("198.51.100.8", "127.0.0.1", "127.0.0.1"));
}

static void
a_foreign_host_has_no_address_of_this_machine(void **state)
{
	(void)state;
	assert_false(belongs("127.0.0.1", "192.0.2.1", "192.0.2.2"));
	assert_false(belongs("198.51.100.7", "192.0.2.1", "192.0.2.2"));
	assert_false(belongs("::1", "2001:db8::1", "2001:db8::2"));
	assert_false(belongs("::ffff:127.0.0.1", "2001:db8::1", "2001:db8::2"));
	assert_false(
	    belongs("::ffff:198.51.100.7", "2001:db8::1", "2001:db8::2"));
}

static void
nobody_has_the_unspecified_address(void **state)
{
	(void)state;
	assert_false(belongs("0.0.0.0", "192.0.2.1", "192.0.2.2"));
	assert_false(belongs("0.0.0.0", "127.0.0.1", "0.0.0.0"));
	assert_false(belongs("::", "::1", "::"));
	assert_false(belongs("::ffff:0.0.0.0", "::1", "::1"));
}

static void
the_scope_is_that_of_this_host(void **state)
{
	struct endpoint asked = endpoint("fe80::1", 111);
	struct endpoint named = endpoint("fe80::1", 20726);
	struct endpoint own = endpoint("::1", 111);

	(void)state;
	asked.at.in6.sin6_scope_id = 3;
	named.at.in6.sin6_scope_id = 9;
	assert_true(belongs_to_host(&named, &asked, &asked, 1));
	assert_int_equal(named.at.in6.sin6_scope_id, 3);
	assert_int_equal(endpoint_port(&named), 20726);
	named = endpoint("fe80::7", 20726);
	assert_true(belongs_to_host(&named, &own, &own, 1));
	assert_int_equal(named.at.in6.sin6_scope_id, 7);
}

static void
unix_sockets_are_of_this_machine(void **state)
{
	struct endpoint asked, named, other = endpoint("127.0.0.1", 1);

	(void)state;
	assert_true(endpoint_from_path(&asked, "/run/rpcbind.sock"));
	assert_true(endpoint_from_path(&named, "/run/reversed/1"));
	assert_true(belongs_to_host(&named, &asked, NULL, 0));
	assert_false(belongs_to_host(&other, &asked, NULL, 0));
	assert_false(belongs_to_host(&named, &other, &other, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_addresses_of_the_name_are_the_hosts),
		cmocka_unit_test(of_this_machine_all_addresses_are),
		cmocka_unit_test(a_foreign_host_has_no_address_of_this_machine),
		cmocka_unit_test(nobody_has_the_unspecified_address),
		cmocka_unit_test(the_scope_is_that_of_this_host),
		cmocka_unit_test(unix_sockets_are_of_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
