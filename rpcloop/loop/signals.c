#include "rpcloop/loop/signals.h"

#include "base/base.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void
on_readable(struct loop_item *item, unsigned int reasons)
{
	struct signals *signals = container_of(item, struct signals, item);
	struct signalfd_siginfo info;

	(void)reasons;
	while (read(item->fd, &info, sizeof(info)) == sizeof(info))
		signals->caught(signals, (int)info.ssi_signo);
}

int
signals_init(struct signals *signals, struct loop *l, const sigset_t *set,
    void (*caught)(struct signals *signals, int number))
{
	int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	int r = fd < 0 ? -errno : 0;

	signals->caught = caught;
	loop_item_init(&signals->item, l, fd, on_readable, NULL);
	if (r == 0)
		r = -pthread_sigmask(SIG_BLOCK, set, NULL);
	return r == 0 ? loop_watch(&signals->item, LOOP_READABLE) : r;
}

void
signals_deinit(struct signals *signals)
{
	if (signals->item.fd < 0)
		return;
	loop_forget(&signals->item);
	close(signals->item.fd);
	signals->item.fd = -1;
}
