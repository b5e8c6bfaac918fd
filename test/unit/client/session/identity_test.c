/* Whom client/session/identity tells the server of. */
#include "client/session/identity.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* More than AUTH_SYS carries. */
enum { GROUPS = 20, CARRIED = 16 };

static int group_count;

/* In the place of libc's: so many groups, from 1000 on. */
int
getgroups(int size, gid_t list[])
{
	for (int i = 0; i < MIN_OF(size, group_count); i++)
		list[i] = 1000 + (gid_t)i;
	return group_count;
}

/* What an AUTH_SYS credential says (RFC 5531, appendix A). */
struct claim {
	u_int uid, gid, count;
	u_int groups[CARRIED];
};

static struct claim
claim_of(AUTH *auth)
{
	static char bytes[1024];
	struct claim claim = { 0 };
	u_int flavor, len, stamp;
	char *machine = NULL;
	XDR xdrs;

	xdrmem_create(&xdrs, bytes, sizeof(bytes), XDR_ENCODE);
	assert_true(AUTH_MARSHALL(auth, &xdrs));
	xdrmem_create(&xdrs, bytes, sizeof(bytes), XDR_DECODE);
	assert_true(xdr_u_int(&xdrs, &flavor) && xdr_u_int(&xdrs, &len) &&
	    xdr_u_int(&xdrs, &stamp) && xdr_string(&xdrs, &machine, 255) &&
	    xdr_u_int(&xdrs, &claim.uid) && xdr_u_int(&xdrs, &claim.gid) &&
	    xdr_u_int(&xdrs, &claim.count));
	assert_int_equal(flavor, AUTH_SYS);
	assert_in_range(claim.count, 0, CARRIED);
	for (u_int i = 0; i < claim.count; i++)
		assert_true(xdr_u_int(&xdrs, &claim.groups[i]));
	xdr_free((xdrproc_t)xdr_wrapstring, &machine);
	return claim;
}

/* The claim of a user in so many groups. */
static struct claim
claim_with(int groups)
{
	struct claim claim;
	AUTH *auth;

	group_count = groups;
	assert_int_equal(identity_new(&auth), 0);
	claim = claim_of(auth);
	auth_destroy(auth);
	assert_int_equal(claim.uid, geteuid());
	assert_int_equal(claim.gid, getegid());
	for (u_int i = 0; i < claim.count; i++)
		assert_int_equal(claim.groups[i], 1000 + i);
	return claim;
}

static void
all_groups_are_told(void **state)
{
	(void)state;
	assert_int_equal(claim_with(0).count, 0);
	assert_int_equal(claim_with(3).count, 3);
	assert_int_equal(claim_with(CARRIED).count, CARRIED);
}

static void
of_many_groups_the_first_sixteen_are_told(void **state)
{
	(void)state;
	assert_int_equal(claim_with(GROUPS).count, CARRIED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_groups_are_told),
		cmocka_unit_test(of_many_groups_the_first_sixteen_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
