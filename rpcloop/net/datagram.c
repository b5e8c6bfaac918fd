#include "rpcloop/net/datagram.h"

#include "base/base.h"
#include "rpcloop/net/datagram_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of reading before the end: the kernel's queue is full long before. */
enum { LAST_ROUNDS = 64 };

/* Counts the memory it has now instead of what it had. */
static void
account(struct datagram *d)
{
	size_t now =
	    buffer_memory(&d->out) + (size_t)d->owed_count * ENGINE_OWED_BYTES;

	d->engine->counters.memory += now - d->memory;
	d->memory = now;
}

static struct datagram_owed_list *
bucket_of(struct datagram *d, const struct datagram_origin *origin)
{
	return &d->owed[origin->hash % DATAGRAM_BUCKETS];
}

static bool
same_peer(const struct address *a, const struct address *b)
{
	return a->len == b->len && memcmp(&a->u, &b->u, a->len) == 0;
}

/* Whether it is the call that somebody owes a reply for. */
static bool
is_owed(struct datagram *d, const struct datagram_origin *origin)
{
	struct datagram_owed *owed;

	TAILQ_FOREACH (owed, bucket_of(d, origin), entry) {
		if (owed->origin.hash == origin->hash &&
		    owed->origin.len == origin->len &&
		    same_peer(&owed->origin.peer, &origin->peer))
			break;
	}
	return owed != NULL;
}

void
datagram_owe(struct datagram *d, struct datagram_owed *owed)
{
	TAILQ_INSERT_TAIL(bucket_of(d, &owed->origin), owed, entry);
	d->owed_count++;
	account(d);
}

/* Sees to it that datagram_settle_all() runs when the turn ends. */
static void
touch(struct datagram *d)
{
	event_active(&d->engine->turn_end, EV_TIMEOUT, 0);
}

void
datagram_settle_owed(struct datagram *d, struct datagram_owed *owed)
{
	TAILQ_REMOVE(bucket_of(d, &owed->origin), owed, entry);
	d->owed_count--;
	touch(d);
}

static void
hand_over(struct datagram *d, struct datagram_input *input)
{
	struct engine *e = d->engine;

	e->counters.bytes_in += input->len;
	input->origin.len = input->len;
	input->origin.hash = hash_bytes(&d->key, input->bytes, input->len) ^
	    address_host_hash(&input->origin.peer, &d->key);
	if (!is_owed(d, &input->origin))
		d->received(
		    e->owner, d, &input->origin, input->bytes, input->len);
}

/* One round; what is left is ready in the next turn again.  Returns whether
 * there may be more. */
static bool
work(struct datagram *d)
{
	const struct engine_limits *limits = &d->engine->limits;
	size_t budget = limits->turn_bytes;
	unsigned int calls = 0;
	int count;

	do {
		count = datagram_io_receive(d->fd, d->engine->batch);
		for (int i = 0; i < count; i++) {
			struct datagram_input *input =
			    datagram_io_input(d->engine->batch, i);

			budget -= MIN_OF(budget, input->len);
			calls++;
			if (input->for_us)
				hand_over(d, input);
		}
	} while (count == DATAGRAM_IO_BATCH && budget > 0 &&
	    calls < limits->turn_calls);
	return count == DATAGRAM_IO_BATCH;
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct datagram *d = arg;

	(void)fd;
	(void)what;
	engine_tick(d->engine);
	if (!work(d))
		d->rounds_left = 0;
	else if (d->rounds_left > 0 && --d->rounds_left > 0)
		event_active(&d->readable, EV_READ, 0);
	if (d->finishing && d->rounds_left == 0)
		touch(d);
}

static void
on_writable(evutil_socket_t fd, short what, void *arg)
{
	struct datagram *d = arg;

	(void)fd;
	(void)what;
	engine_tick(d->engine);
	touch(d);
}

/* Sends what waits, as far as the kernel takes it. */
static void
flush(struct datagram *d)
{
	struct datagram_reply *r = d->replies;
	unsigned int done;

	if (d->reply_count == 0)
		return;
	done = datagram_io_send(d->fd, r, d->reply_count, buffer_head(&d->out));
	for (unsigned int i = 0; i < done; i++)
		d->engine->counters.bytes_out += r[i].len;
	d->reply_count -= done;
	memmove(r, r + done, d->reply_count * sizeof(*r));
	if (d->reply_count > 0) {
		event_add(&d->writable, NULL);
		return;
	}
	buffer_truncate(&d->out, 0);
	event_del(&d->writable);
}

struct buffer *
datagram_output(struct datagram *d)
{
	if (d->reply_count == DATAGRAM_REPLIES)
		flush(d);
	return &d->out;
}

void
datagram_replied(
    struct datagram *d, const struct datagram_origin *to, size_t before)
{
	struct datagram_reply *reply;

	/* The kernel has no room: this one is lost. */
	if (d->reply_count == DATAGRAM_REPLIES) {
		buffer_truncate(&d->out, before);
		return;
	}
	reply = &d->replies[d->reply_count++];
	reply->to = *to;
	reply->at = before;
	reply->len = buffer_len(&d->out) - before;
	touch(d);
}

static void
close_one(struct datagram *d)
{
	struct datagram_owed *owed;

	for (size_t i = 0; i < DATAGRAM_BUCKETS; i++) {
		while ((owed = TAILQ_FIRST(&d->owed[i])) != NULL) {
			datagram_settle_owed(d, owed);
			owed->lost(owed);
		}
	}
	TAILQ_REMOVE(&d->engine->datagrams, d, entry);
	buffer_deinit(&d->out);
	account(d);
	event_del(&d->readable);
	event_del(&d->writable);
	close(d->fd);
	free(d);
}

/* True when it has read all that had come, and answered it. */
static bool
has_finished(struct datagram *d)
{
	if (!d->finishing || d->rounds_left > 0)
		return false;
	event_del(&d->readable);
	return d->owed_count == 0 && d->reply_count == 0;
}

void
datagram_settle_all(struct engine *e)
{
	struct datagram *d = TAILQ_FIRST(&e->datagrams), *next;

	for (; d != NULL; d = next) {
		next = TAILQ_NEXT(d, entry);
		flush(d);
		buffer_trim(&d->out);
		account(d);
		if (has_finished(d))
			close_one(d);
	}
}

void
datagram_finish_all(struct engine *e)
{
	struct datagram *d;

	TAILQ_FOREACH (d, &e->datagrams, entry) {
		d->finishing = true;
		d->rounds_left = LAST_ROUNDS;
		event_active(&d->readable, EV_READ, 0);
	}
}

void
datagram_close_all(struct engine *e)
{
	struct datagram *d;

	while ((d = TAILQ_FIRST(&e->datagrams)) != NULL)
		close_one(d);
}

/* Binds, and waits for datagrams. */
static int
start(struct datagram *d, const struct address *address)
{
	struct engine *e = d->engine;
	int r;

	if (e->batch == NULL)
		e->batch = datagram_io_batch_new();
	if (e->batch == NULL)
		return -ENOMEM;
	d->fd = datagram_io_bind(address);
	if (d->fd < 0)
		return d->fd;
	r = address_of_socket(&d->address, d->fd);
	if (r < 0)
		return r;
	hash_key_init(&d->key);
	event_assign(
	    &d->readable, e->base, d->fd, EV_READ | EV_PERSIST, on_readable, d);
	event_assign(&d->writable, e->base, d->fd, EV_WRITE | EV_PERSIST,
	    on_writable, d);
	return event_add(&d->readable, NULL) < 0 ? -ENOMEM : 0;
}

int
datagram_open(struct datagram **out, struct engine *e,
    const struct address *address, datagram_fn *received)
{
	struct datagram *d = calloc(1, sizeof(*d));
	int r;

	if (d == NULL)
		return -ENOMEM;
	d->engine = e;
	d->received = received;
	d->fd = -1;
	buffer_init(&d->out, (size_t)DATAGRAM_REPLIES * DATAGRAM_SIZE_MAX);
	for (size_t i = 0; i < DATAGRAM_BUCKETS; i++)
		TAILQ_INIT(&d->owed[i]);
	r = start(d, address);
	if (r < 0) {
		if (d->fd >= 0)
			close(d->fd);
		free(d);
		return r;
	}
	TAILQ_INSERT_TAIL(&e->datagrams, d, entry);
	if (out != NULL)
		*out = d;
	return 0;
}
