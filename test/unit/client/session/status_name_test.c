/* The status by which a failure without one of the server's is named. */
#include "client/session/status_name.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
failures_of_this_host_have_a_status(void **state)
{
	(void)state;
	assert_string_equal(status_of_errno(ENOENT), "NOT_FOUND");
	assert_string_equal(status_of_errno(EACCES), "PERMISSION_DENIED");
	assert_string_equal(status_of_errno(EPERM), "PERMISSION_DENIED");
	assert_string_equal(status_of_errno(ENOMEM), "RESOURCE_EXHAUSTED");
	assert_string_equal(status_of_errno(EMFILE), "RESOURCE_EXHAUSTED");
	assert_string_equal(status_of_errno(ENOSPC), "RESOURCE_EXHAUSTED");
	assert_string_equal(status_of_errno(EISDIR), "FAILED_PRECONDITION");
	assert_string_equal(status_of_errno(EIO), "UNKNOWN");
}

static const char *
of_call(enum clnt_stat stat)
{
	const struct rpc_err error = { .re_status = stat };

	return status_of_call(&error);
}

static void
calls_that_were_not_done_have_a_status(void **state)
{
	(void)state;
	assert_string_equal(of_call(RPC_PROGUNAVAIL), "UNIMPLEMENTED");
	assert_string_equal(of_call(RPC_PROGVERSMISMATCH), "UNIMPLEMENTED");
	assert_string_equal(of_call(RPC_PROCUNAVAIL), "UNIMPLEMENTED");
	assert_string_equal(of_call(RPC_CANTDECODEARGS), "INVALID_ARGUMENT");
	assert_string_equal(of_call(RPC_CANTDECODERES), "INTERNAL");
	assert_string_equal(of_call(RPC_SYSTEMERROR), "INTERNAL");
	assert_string_equal(of_call(RPC_FAILED), "UNKNOWN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_of_this_host_have_a_status),
		cmocka_unit_test(calls_that_were_not_done_have_a_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
