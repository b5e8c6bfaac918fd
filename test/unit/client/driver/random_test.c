/* What client/driver does where the kernel gives no random bytes. */
#include "client/driver/driver.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include <cmocka.h>

/* Seconds after which a driver that still tries is ended, and the test. */
#define TOO_LONG 100

static unsigned int interrupted; /* calls until the denial */
static unsigned int asked;

/* In the place of libc's: denied, as by a filter of system calls. */
ssize_t
getrandom(void *bytes, size_t len, unsigned int flags)
{
	(void)bytes;
	(void)len;
	(void)flags;
	errno = asked++ < interrupted ? EINTR : ENOSYS;
	return -1;
}

static int
no_messages(void *context, uint64_t number, message *out, u_int *count)
{
	(void)context;
	(void)number;
	(void)out;
	(void)count;
	return CLIENT_SOURCE_END;
}

static void
no_answers(void *context, uint64_t number, const message *texts, u_int count)
{
	(void)context;
	(void)number;
	(void)texts;
	(void)count;
}

static const struct driver_ops ops = {
	.messages = no_messages,
	.answers = no_answers,
};

/* Runs a stream to nowhere, with what it says in text; an exit code. */
static int
run(char *text, size_t size)
{
	const struct client_stream_terms terms = { .method = METHOD_EACH };
	struct settings settings = settings_default;
	struct output output;
	struct session session;
	int errors = memfd_create("errors", MFD_CLOEXEC);
	int kept = dup(STDERR_FILENO);
	ssize_t n;
	int r;

	assert_true(errors >= 0 && kept >= 0);
	settings.path = "/nowhere";
	assert_int_equal(output_init(&output, STDOUT_FILENO), 0);
	assert_int_equal(
	    session_start(&session, &settings, &output), EXIT_DONE);
	dup2(errors, STDERR_FILENO);
	alarm(TOO_LONG);
	r = driver_run(&session, &terms, &ops, NULL, NULL);
	alarm(0);
	dup2(kept, STDERR_FILENO);
	n = pread(errors, text, size - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	session_end(&session);
	assert_int_equal(output_finish(&output, true), EXIT_DONE);
	close(errors);
	close(kept);
	return r;
}

static void
without_random_bytes_no_call_is_made(void **state)
{
	char text[512];

	(void)state;
	interrupted = 0;
	assert_int_equal(run(text, sizeof(text)), EXIT_FAILED);
	assert_string_equal(text,
	    "reverse: cannot get random bytes: Function not implemented\n");
}

static void
an_interruption_is_no_denial(void **state)
{
	char text[512];

	(void)state;
	asked = 0;
	interrupted = 2;
	assert_int_equal(run(text, sizeof(text)), EXIT_FAILED);
	assert_int_equal(asked, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_random_bytes_no_call_is_made),
		cmocka_unit_test(an_interruption_is_no_denial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
