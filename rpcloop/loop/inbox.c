#include "rpcloop/loop/inbox.h"

#include "base/base.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

void
inbox_post(struct inbox *inbox, struct inbox_message *message)
{
	const uint64_t one = 1;
	bool first;

	pthread_mutex_lock(&inbox->lock);
	first = STAILQ_EMPTY(&inbox->messages);
	if (!message->posted)
		STAILQ_INSERT_TAIL(&inbox->messages, message, entry);
	message->posted = true;
	pthread_mutex_unlock(&inbox->lock);
	/* Whoever posts to an inbox that is not empty finds the loop woken. */
	while (first && write(inbox->item.fd, &one, sizeof(one)) < 0 &&
	    errno == EINTR)
		;
}

/* The next of those that were taken, which may be posted again from now on. */
static struct inbox_message *
next(struct inbox *inbox)
{
	struct inbox_message *message;

	pthread_mutex_lock(&inbox->lock);
	message = STAILQ_FIRST(&inbox->taken);
	if (message != NULL) {
		STAILQ_REMOVE_HEAD(&inbox->taken, entry);
		message->posted = false;
	}
	pthread_mutex_unlock(&inbox->lock);
	return message;
}

static void
take_all(struct inbox *inbox)
{
	pthread_mutex_lock(&inbox->lock);
	STAILQ_CONCAT(&inbox->taken, &inbox->messages);
	pthread_mutex_unlock(&inbox->lock);
}

/* Runs those that are there, one at least; those that come meanwhile wake the
 * loop again. */
static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct inbox *inbox = container_of(item, struct inbox, item);
	struct inbox_message *message;
	uint64_t count;

	if ((reasons & LOOP_READABLE) &&
	    read(item->fd, &count, sizeof(count)) > 0)
		take_all(inbox);
	while ((message = next(inbox)) != NULL) {
		message->run(message);
		if (!loop_is_spent(item->loop))
			continue;
		if (!STAILQ_EMPTY(&inbox->taken))
			loop_put_off(item);
		return;
	}
}

bool
inbox_run_all(struct inbox *inbox)
{
	struct inbox_message *message;
	bool any = false;

	while (take_all(inbox), (message = next(inbox)) != NULL) {
		message->run(message);
		any = true;
	}
	return any;
}

int
inbox_init(struct inbox *inbox, struct loop *l)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = fd < 0 ? -errno : 0;

	*inbox = (struct inbox){ .lock = PTHREAD_MUTEX_INITIALIZER };
	STAILQ_INIT(&inbox->messages);
	STAILQ_INIT(&inbox->taken);
	loop_item_init(&inbox->item, l, fd, on_run, NULL);
	return r == 0 ? loop_watch(&inbox->item, LOOP_READABLE) : r;
}

void
inbox_deinit(struct inbox *inbox)
{
	if (inbox->item.fd < 0)
		return;
	loop_forget(&inbox->item);
	close(inbox->item.fd);
	inbox->item.fd = -1;
}
