#include "rpcloop/loop/alarm.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

int
alarm_init(struct alarm *alarm)
{
	*alarm = (struct alarm){ .armed_ms = TIMER_NEVER };
	timers_init(&alarm->timers);
	alarm->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return alarm->fd < 0 ? -errno : 0;
}

void
alarm_deinit(struct alarm *alarm)
{
	if (alarm->fd >= 0)
		close(alarm->fd);
	alarm->fd = -1;
	timers_deinit(&alarm->timers);
}

int
alarm_reserve(struct alarm *alarm)
{
	int r = timers_reserve(&alarm->timers, alarm->owners + 1);

	if (r == 0)
		alarm->owners++;
	return r;
}

void
alarm_release(struct alarm *alarm)
{
	alarm->owners--;
}

void
alarm_arm(struct alarm *alarm)
{
	const struct timer *first = timers_first(&alarm->timers);
	/* All zero would disarm it. */
	struct itimerspec at = { .it_value.tv_nsec = 1 };

	if (first == NULL || first->due >= alarm->armed_ms)
		return;
	alarm->armed_ms = first->due;
	if (first->due > 0) {
		at.it_value.tv_sec = (time_t)(first->due / 1000);
		at.it_value.tv_nsec = (long)(first->due % 1000) * 1000000;
	}
	timerfd_settime(alarm->fd, TFD_TIMER_ABSTIME, &at, NULL);
}

void
alarm_fired(struct alarm *alarm)
{
	uint64_t count;

	if (read(alarm->fd, &count, sizeof(count)) > 0)
		alarm->armed_ms = TIMER_NEVER;
}

struct timer *
alarm_take_due(struct alarm *alarm, uint64_t now_ms)
{
	struct timer *first = timers_first(&alarm->timers);

	if (first == NULL || first->due > now_ms)
		return NULL;
	timers_set(&alarm->timers, first, TIMER_NEVER);
	return first;
}
