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

/* The next of the messages, which may be posted again from now on. */
static struct inbox_message *
take(struct inbox *inbox, struct inbox_list *messages)
{
	struct inbox_message *message;

	pthread_mutex_lock(&inbox->lock);
	message = STAILQ_FIRST(messages);
	if (message != NULL) {
		STAILQ_REMOVE_HEAD(messages, entry);
		message->posted = false;
	}
	pthread_mutex_unlock(&inbox->lock);
	return message;
}

/* Runs those that are there; those that come meanwhile wake the loop again. */
static void
on_readable(struct loop_item *item, unsigned int reasons)
{
	struct inbox *inbox = container_of(item, struct inbox, item);
	struct inbox_list messages = STAILQ_HEAD_INITIALIZER(messages);
	struct inbox_message *message;
	uint64_t count;

	(void)reasons;
	if (read(item->fd, &count, sizeof(count)) < 0)
		return;
	pthread_mutex_lock(&inbox->lock);
	STAILQ_CONCAT(&messages, &inbox->messages);
	pthread_mutex_unlock(&inbox->lock);
	while ((message = take(inbox, &messages)) != NULL)
		message->run(message);
}

int
inbox_init(struct inbox *inbox, struct loop *l)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int r = fd < 0 ? -errno : 0;

	*inbox = (struct inbox){ .lock = PTHREAD_MUTEX_INITIALIZER };
	STAILQ_INIT(&inbox->messages);
	loop_item_init(&inbox->item, l, fd, on_readable, NULL);
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
