/* How a channel connects, or does not: rpcloop/call/channel. */
#include "rpcloop/call/channel.h"

#include "test/lib/far_end.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	BRIEF_MS = 60,
	MANY = 40,
};

/* Whether a socket that connects gets the address that it connects to. */
static bool from_there;

/* This takes the place of the C library's. */
int
connect(int fd, const struct sockaddr *to, socklen_t len)
{
	if (from_there)
		assert_int_equal(bind(fd, to, len), 0);
	from_there = false;
	return (int)syscall(SYS_connect, fd, to, len);
}

static void
nobody_listens(void **state)
{
	int r;

	(void)state;
	close(far.listener);
	far.listener = -1;
	r = channel_open(&far.channel, &far.loop, &far.at, &far.terms);
	if (far.at.at.any.sa_family == AF_UNIX) {
		assert_int_equal(r, -ECONNREFUSED);
		return;
	}
	assert_int_equal(r, 0);
	far_call(1, CHANNEL_NO_LIMIT);
	far_run_until_ended(1);
	assert_ended(1, RPC_CANTSEND, ECONNREFUSED);
	assert_int_equal(far.broke, 1);
}

static void
a_full_queue_is_waited_for(void **state)
{
	int others[4], count = 0;

	(void)state;
	for (; count < 4; count++) {
		others[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(others[count], &far.at.at.any, far.at.len) != 0)
			break;
	}
	assert_int_equal(errno, EAGAIN);
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	far_run_for(BRIEF_MS);
	assert_int_equal(far.channel->state, CHANNEL_CONNECTING);
	for (int i = 0; i < count; i++)
		close(accept(far.listener, NULL, NULL));
	while (far.channel->state == CHANNEL_CONNECTING)
		far_run_for(1);
	far.fd = accept(far.listener, NULL, NULL);
	far_reply(far_take_call(1), 101);
	far_run_until_ended(1);
	assert_answered(1);
	for (int i = 0; i <= count && i < 4; i++)
		close(others[i]);
}

static void
time_goes_on_while_it_connects(void **state)
{
	int other;

	(void)state;
	do
		other = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	while (connect(other, &far.at.at.any, far.at.len) == 0);
	far_open();
	far_call(1, BRIEF_MS);
	far_run_until_ended(1);
	assert_ended(1, RPC_TIMEDOUT, ETIMEDOUT);
}

/* A port that nobody listens on, and that the kernel chose for our end. */
static void
a_channel_to_itself_is_none(void **state)
{
	(void)state;
	close(far.listener);
	far.listener = -1;
	from_there = true;
	far_open();
	far_call(1, CHANNEL_NO_LIMIT);
	far_run_until_ended(1);
	assert_ended(1, RPC_CANTSEND, ECONNREFUSED);
}

static void
without_descriptors_none_is_opened(void **state)
{
	struct rlimit limit, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(
	    channel_open(&far.channel, &far.loop, &far.at, &far.terms),
	    -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void
what_was_opened_leaves_nothing(void **state)
{
	size_t owners = far.loop.alarm.owners;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		far_connect();
		far_call(1, 1000);
		channel_close(far.channel);
		far.channel = NULL;
		close(far.fd);
		far.fd = -1;
	}
	far_run();
	assert_int_equal(far.loop.alarm.owners, owners);
	assert_int_equal(far.ended, 0);
}

int
main(void)
{
#define TCP(test) \
	cmocka_unit_test_setup_teardown(test, far_setup_tcp, far_teardown)
#define LOCAL(test) \
	cmocka_unit_test_setup_teardown(test, far_setup_unix, far_teardown)
	const struct CMUnitTest tests[] = {
		TCP(nobody_listens),
		LOCAL(nobody_listens),
		LOCAL(a_full_queue_is_waited_for),
		LOCAL(time_goes_on_while_it_connects),
		TCP(a_channel_to_itself_is_none),
		TCP(without_descriptors_none_is_opened),
		TCP(what_was_opened_leaves_nothing),
		LOCAL(what_was_opened_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
