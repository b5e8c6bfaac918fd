#include "test/lib/ends.h"

#include "client/terminal/say.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct output output;
int ends[2];

int
ends_setup(void **state)
{
	(void)state;
	ends[0] = ends[1] = -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	say_at(SAY_NOTHING);
	alarm(ENDS_TOO_LONG);
	return 0;
}

int
ends_teardown(void **state)
{
	(void)state;
	alarm(0);
	say_at(SAY_ERRORS);
	for (int i = 0; i < 2; i++)
		if (ends[i] >= 0)
			close(ends[i]);
	return 0;
}

void
ends_pipe(int flags)
{
	assert_int_equal(pipe2(ends, O_CLOEXEC | flags), 0);
	assert_int_equal(output_init(&output, ends[1]), 0);
}

void
ends_sockets(int type)
{
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends), 0);
	assert_int_equal(output_init(&output, ends[1]), 0);
}

/* No descriptor may be opened: the next number is too high. */
void
ends_asked_pipe(void)
{
	struct rlimit old, now;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	now = old;
	now.rlim_cur = (rlim_t)ends[1] + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	assert_int_equal(output_init(&output, ends[1]), 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(output.way, OUTPUT_ASKED);
}

void
ends_file(int flags)
{
	char name[] = "/tmp/output-test.XXXXXX";

	ends[0] = mkostemp(name, O_CLOEXEC);
	assert_true(ends[0] >= 0);
	ends[1] = open(name, O_WRONLY | O_CLOEXEC | flags);
	assert_true(ends[1] >= 0);
	unlink(name);
	assert_int_equal(output_init(&output, ends[1]), 0);
}

void
ends_leave(int end)
{
	close(ends[end]);
	ends[end] = -1;
}

static char
byte_at(size_t i)
{
	return (char)(i % 251 + i / 65536);
}

void
ends_feed(size_t total)
{
	char line[128];
	size_t len;

	for (size_t i = 0; i < total; i += len) {
		len = MIN_OF(i % 90 + 2, total - i);
		for (size_t j = 0; j < len; j++)
			line[j] = byte_at(i + j);
		output_bytes(&output, line, len - 1);
		output_bytes(&output, line + len - 1, 1);
	}
	assert_int_equal(output_len(&output), total);
}

size_t
ends_check(size_t from)
{
	struct pollfd poll_fd = { .fd = ends[0], .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	while (poll(&poll_fd, 1, 0) == 1 && poll_fd.revents & POLLIN) {
		n = read(ends[0], bytes, sizeof(bytes));
		assert_true(n >= 0);
		if (n == 0)
			break;
		for (ssize_t i = 0; i < n; i++, from++)
			if (bytes[i] != byte_at(from))
				fail_msg("byte %zu is another", from);
	}
	return from;
}
