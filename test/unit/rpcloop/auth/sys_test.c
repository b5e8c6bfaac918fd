/* As whom AUTH_SYS counts: rpcloop/auth/sys. */
#include "rpcloop/auth/sys.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Stamp, a machine of no name, user 7, group 8 and the groups 9 and 10. */
static const uint32_t claim[] = { 1, 0, 7, 8, 2, 9, 10 };

static struct sys_credential c;

static enum auth_stat
authenticate(const struct address *from)
{
	uint32_t words[sizeof(claim) / sizeof(claim[0])];
	struct header_auth auth = {
		.flavor = AUTH_SYS,
		.len = sizeof(words),
		.body = (const uint8_t *)words,
	};

	for (size_t i = 0; i < sizeof(claim) / sizeof(claim[0]); i++)
		words[i] = htonl(claim[i]);
	memset(&c, 0xff, sizeof(c));
	return sys_authenticate(&c, &auth, from);
}

static void
over_a_network_it_is_what_the_call_claims(void **state)
{
	struct address a;

	(void)state;
	assert_int_equal(address_parse(&a, "192.0.2.1", 1), 0);
	assert_int_equal(authenticate(&a), AUTH_OK);
	assert_int_equal(c.parms.aup_uid, 7);
	assert_int_equal(c.parms.aup_gid, 8);
	assert_int_equal(c.parms.aup_len, 2);
	assert_int_equal(c.parms.aup_gids[1], 10);
	assert_string_equal(c.parms.aup_machname, "");
}

/* Of whose groups it tells the first. */
static void
at_a_unix_socket_it_is_what_the_kernel_says(void **state)
{
	struct address a = { .len = sizeof(a.u.user) };

	(void)state;
	a.u.user.family = AF_UNIX;
	a.u.user.uid = 1000;
	a.u.user.gid = 1001;
	assert_int_equal(authenticate(&a), AUTH_OK);
	assert_int_equal(c.parms.aup_uid, 1000);
	assert_int_equal(c.parms.aup_gid, 1001);
	assert_int_equal(c.parms.aup_len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(over_a_network_it_is_what_the_call_claims),
		cmocka_unit_test(at_a_unix_socket_it_is_what_the_kernel_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
