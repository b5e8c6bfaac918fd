/* The status by which a failure without one of the server's is named. */
#include "client/session/status_name.h"

#include "base/base.h"

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

	return status_name(status_of_call(&error));
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

static void
each_error_has_its_status(void **state)
{
	static const struct {
		struct rpc_err error;
		status_code status;
	} rows[] = {
		{ { .re_status = RPC_SUCCESS }, STATUS_OK },
		{ { .re_status = RPC_TIMEDOUT }, STATUS_DEADLINE_EXCEEDED },
		{ { .re_status = RPC_CANTSEND, .re_errno = ECONNREFUSED },
		    STATUS_UNAVAILABLE },
		{ { .re_status = RPC_CANTRECV, .re_errno = ECONNRESET },
		    STATUS_UNAVAILABLE },
		{ { .re_status = RPC_CANTRECV, .re_errno = EBADMSG },
		    STATUS_INTERNAL },
		{ { .re_status = RPC_CANTSEND, .re_errno = EMSGSIZE },
		    STATUS_OUT_OF_RANGE },
		{ { .re_status = RPC_AUTHERROR }, STATUS_UNAUTHENTICATED },
		{ { .re_status = RPC_PROGUNAVAIL }, STATUS_UNIMPLEMENTED },
		{ { .re_status = RPC_PROGVERSMISMATCH }, STATUS_UNIMPLEMENTED },
		{ { .re_status = RPC_PROCUNAVAIL }, STATUS_UNIMPLEMENTED },
		{ { .re_status = RPC_VERSMISMATCH }, STATUS_UNIMPLEMENTED },
		{ { .re_status = RPC_CANTDECODEARGS },
		    STATUS_INVALID_ARGUMENT },
		{ { .re_status = RPC_CANTDECODERES }, STATUS_INTERNAL },
		{ { .re_status = RPC_SYSTEMERROR }, STATUS_INTERNAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
		    status_of_call(&rows[i].error), rows[i].status);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(failures_of_this_host_have_a_status),
		cmocka_unit_test(calls_that_were_not_done_have_a_status),
		cmocka_unit_test(each_error_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
