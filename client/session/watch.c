/*
 * watch: a thread that sleeps in poll(2) until SIGINT, the deadline or an
 * order.
 *
 * Whatever happens is made known in two ways: wake becomes readable, for the
 * waits of this process, and the guarded socket is shut down, for those of
 * libtirpc.  The lock makes sure that the socket is not another one by then.
 */
#include "client/session/watch.h"

#include "base/base.h"
#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

/* Milliseconds as poll(2) takes them; the caller asks again after them. */
static int
poll_time(uint64_t milliseconds)
{
	if (milliseconds == WATCH_FOREVER)
		return -1;
	return (int)MIN_OF(milliseconds, (uint64_t)INT_MAX);
}

uint64_t
watch_left_until(uint64_t time_ms)
{
	uint64_t now = clock_now_ms();

	if (time_ms == WATCH_FOREVER)
		return WATCH_FOREVER;
	return time_ms > now ? time_ms - now : 0;
}

static void
post(int eventfd_)
{
	uint64_t one = 1;

	/* It fails only when the counter is full, and so readable anyway. */
	if (write(eventfd_, &one, sizeof(one)) < 0)
		return;
}

static void
drain(int eventfd_)
{
	uint64_t count;

	/* It fails only when there is nothing to drain. */
	if (read(eventfd_, &count, sizeof(count)) < 0)
		return;
}

/* Called with the lock held. */
static void
happen(struct watch *watch, enum watch_event event)
{
	watch->happened = event;
	watch->deadline_ms = WATCH_FOREVER;
	post(watch->wake);
	if (watch->guarded != -1)
		shutdown(watch->guarded, SHUT_RDWR);
}

/* One turn of the thread; false when it is to end. */
static int
turn(struct watch *watch)
{
	struct pollfd fds[] = {
		{ .fd = watch->signals, .events = POLLIN },
		{ .fd = watch->orders, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t left;
	int go_on;

	pthread_mutex_lock(&watch->lock);
	left = watch_left_until(watch->deadline_ms);
	pthread_mutex_unlock(&watch->lock);
	if (poll(fds, ARRAY_LEN(fds), poll_time(left)) < 0)
		return errno == EINTR;
	pthread_mutex_lock(&watch->lock);
	if (fds[1].revents != 0)
		drain(watch->orders);
	if (fds[0].revents != 0 &&
	    read(watch->signals, &info, sizeof(info)) == sizeof(info))
		happen(watch, WATCH_INTERRUPTED);
	else if (watch_left_until(watch->deadline_ms) == 0)
		happen(watch, WATCH_EXPIRED);
	go_on = !watch->stop;
	pthread_mutex_unlock(&watch->lock);
	return go_on;
}

static void *
run(void *arg)
{
	while (turn(arg))
		continue;
	return NULL;
}

/* The signals of the watch: SIGINT, but not where it is ignored. */
static void
watched_signals(sigset_t *set)
{
	struct sigaction action;

	sigemptyset(set);
	if (sigaction(SIGINT, NULL, &action) != 0 ||
	    action.sa_handler != SIG_IGN)
		sigaddset(set, SIGINT);
}

static void
close_all(struct watch *watch)
{
	int fds[] = { watch->signals, watch->orders, watch->wake };

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		if (fds[i] != -1)
			close(fds[i]);
}

int
watch_start(struct watch *watch)
{
	sigset_t set;
	int r;

	memset(watch, 0, sizeof(*watch));
	watch->guarded = -1;
	watch->deadline_ms = WATCH_FOREVER;
	watched_signals(&set);
	watch->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	watch->orders = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	watch->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->signals == -1 || watch->orders == -1 || watch->wake == -1) {
		r = -errno;
		close_all(watch);
		return r;
	}
	/* Threads inherit the mask: the signal is left to the signalfd. */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	pthread_mutex_init(&watch->lock, NULL);
	r = -pthread_create(&watch->thread, NULL, run, watch);
	if (r != 0)
		close_all(watch);
	return r;
}

void
watch_stop(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->stop = 1;
	pthread_mutex_unlock(&watch->lock);
	post(watch->orders);
	pthread_join(watch->thread, NULL);
	pthread_mutex_destroy(&watch->lock);
	close_all(watch);
}

/* Called with the lock held. */
static void
begin(struct watch *watch, uint64_t milliseconds)
{
	watch->happened = WATCH_NOTHING;
	drain(watch->wake);
	watch->deadline_ms = milliseconds == WATCH_FOREVER
	    ? WATCH_FOREVER
	    : clock_now_ms() + milliseconds;
}

void
watch_arm(struct watch *watch, uint64_t milliseconds)
{
	pthread_mutex_lock(&watch->lock);
	if (watch->happened != WATCH_INTERRUPTED)
		begin(watch, milliseconds);
	pthread_mutex_unlock(&watch->lock);
	post(watch->orders);
}

void
watch_forgive(struct watch *watch, uint64_t milliseconds)
{
	pthread_mutex_lock(&watch->lock);
	begin(watch, milliseconds);
	pthread_mutex_unlock(&watch->lock);
	post(watch->orders);
}

uint64_t
watch_left(struct watch *watch)
{
	uint64_t left = 0;

	pthread_mutex_lock(&watch->lock);
	if (watch->happened == WATCH_NOTHING)
		left = watch_left_until(watch->deadline_ms);
	pthread_mutex_unlock(&watch->lock);
	return left;
}

enum watch_event
watch_happened(struct watch *watch)
{
	enum watch_event happened;

	pthread_mutex_lock(&watch->lock);
	happened = watch->happened;
	pthread_mutex_unlock(&watch->lock);
	return happened;
}

void
watch_guard(struct watch *watch, int fd)
{
	pthread_mutex_lock(&watch->lock);
	watch->guarded = fd;
	if (watch->happened != WATCH_NOTHING)
		shutdown(fd, SHUT_RDWR);
	pthread_mutex_unlock(&watch->lock);
}

void
watch_release(struct watch *watch)
{
	pthread_mutex_lock(&watch->lock);
	watch->guarded = -1;
	pthread_mutex_unlock(&watch->lock);
}

int
watch_wait(struct watch *watch, int fd, short events, uint64_t milliseconds)
{
	struct pollfd fds[] = {
		{ .fd = watch->wake, .events = POLLIN },
		{ .fd = fd, .events = events },
	};
	uint64_t now = clock_now_ms();
	uint64_t end = milliseconds > WATCH_FOREVER - now ? WATCH_FOREVER
							  : now + milliseconds;
	int n;

	do
		n = poll(fds, ARRAY_LEN(fds), poll_time(watch_left_until(end)));
	while (
	    (n < 0 && errno == EINTR) || (n == 0 && watch_left_until(end) > 0));
	if (n < 0)
		return -errno;
	if (fds[0].revents != 0)
		return watch_happened(watch) == WATCH_INTERRUPTED ? -EINTR
								  : -ETIMEDOUT;
	return n == 0 ? -ETIMEDOUT : 0;
}
