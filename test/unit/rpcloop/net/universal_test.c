/* Netids and universal addresses: rpcloop/net/universal. */
#include "rpcloop/net/universal.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
resolve(struct endpoint *out, const char *netid, const char *address)
{
	struct universal u;

	strcpy(u.netid, netid);
	strcpy(u.address, address);
	return universal_resolve(out, &u);
}

static void
an_address_goes_there_and_back(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "2001:db8::7" };
	struct endpoint there;
	struct universal u;
	struct address a;

	(void)state;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(address_parse(&a, hosts[i % 2], 20726), 0);
		universal_of_address(&u, &a, i >= 2);
		assert_int_equal(universal_resolve(&there, &u), 0);
		assert_int_equal(there.type, i >= 2 ? SOCK_DGRAM : SOCK_STREAM);
		assert_int_equal(there.len, a.len);
		assert_memory_equal(&there.at, &a.u, a.len);
	}
}

static void
a_path_is_a_stream_socket(void **state)
{
	struct endpoint there;
	struct universal u;

	(void)state;
	universal_of_path(&u, "/run/reversed/20726.sock");
	assert_string_equal(u.netid, "local");
	assert_int_equal(universal_resolve(&there, &u), 0);
	assert_int_equal(there.type, SOCK_STREAM);
	assert_int_equal(there.at.any.sa_family, AF_UNIX);
	assert_string_equal(there.at.un.sun_path, "/run/reversed/20726.sock");
}

static void
what_does_not_fit_is_refused(void **state)
{
	struct endpoint there, like = { .at.any.sa_family = AF_UNIX };
	char path[UNIVERSAL_ADDRESS_SIZE];
	char longer[UNIVERSAL_ADDRESS_SIZE + 1];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(resolve(&there, "local", path), -EINVAL);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(
	    universal_resolve_like(&there, longer, &like), -EINVAL);
	path[sizeof(there.at.un.sun_path)] = '\0';
	assert_int_equal(resolve(&there, "local", path), -EINVAL);
	path[sizeof(there.at.un.sun_path) - 1] = '\0';
	assert_int_equal(resolve(&there, "local", path), 0);
	assert_string_equal(there.at.un.sun_path, path);
	assert_int_equal(resolve(&there, "tcp6", "127.0.0.1.1.2"), -EINVAL);
	assert_int_equal(resolve(&there, "udp", "::1.1.2"), -EINVAL);
	assert_int_equal(resolve(&there, "sctp", "127.0.0.1.1.2"), -EINVAL);
	assert_int_equal(resolve(&there, "tcp", "/run/socket"), -EINVAL);
	assert_int_equal(resolve(&there, "tcp", ""), -EINVAL);
	assert_int_equal(resolve(&there, "local", ""), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_goes_there_and_back),
		cmocka_unit_test(a_path_is_a_stream_socket),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
