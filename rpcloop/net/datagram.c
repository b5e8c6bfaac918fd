#include "rpcloop/net/datagram.h"

#include "base/base.h"
#include "rpcloop/net/datagram_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of reading before the end: the kernel's queue is full long before. */
enum { LAST_ROUNDS = 64 };

static void
touch(struct datagram *d)
{
	loop_settle(&d->item);
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
	struct map_node *node = map_first(&d->owed_by_call, origin->hash);
	const struct datagram_origin *other;

	for (; node != NULL; node = map_next(node)) {
		other = &container_of(node, struct datagram_owed, node)->origin;
		if (other->len == origin->len &&
		    same_peer(&other->peer, &origin->peer))
			break;
	}
	return node != NULL;
}

void
datagram_owe(
    struct datagram *d, struct datagram_owed *owed, struct account *sender)
{
	map_add(&d->owed_by_call, &owed->node, owed->origin.hash);
	TAILQ_INSERT_TAIL(&d->owed, owed, entry);
	charge_take(&owed->call, sender, CHARGE_CALLS, 1);
	charge_take(&owed->memory, sender, CHARGE_BYTES, NET_OWED_BYTES);
	charge_take(&owed->socket, sender, CHARGE_SOCKETS, NET_OWED_BYTES);
}

void
datagram_settle_owed(struct datagram *d, struct datagram_owed *owed)
{
	map_remove(&d->owed_by_call, &owed->node);
	TAILQ_REMOVE(&d->owed, owed, entry);
	charge_release(&owed->call);
	charge_release(&owed->memory);
	charge_release(&owed->socket);
	touch(d);
}

/* Hands it over, if it is for us, and charges the turn with the call and its
 * reply. */
static void
hand_over(struct datagram *d, struct datagram_input *input)
{
	size_t before = buffer_len(&d->out), after;

	loop_spend(d->net->loop, input->len + NET_CALL_BYTES);
	if (!input->for_us)
		return;
	counter_add(&d->net->counters.bytes_in, input->len);
	input->origin.len = input->len;
	input->origin.hash = hash_bytes(&d->key, input->bytes, input->len) ^
	    address_host_hash(&input->origin.peer, &d->key);
	if (!is_owed(d, &input->origin))
		d->received(d, &input->origin, input->bytes, input->len);
	after = buffer_len(&d->out);
	if (after > before)
		loop_spend(d->net->loop, after - before);
}

/* One round.  Returns whether there may be more. */
static bool
work(struct datagram *d)
{
	const struct loop *loop = d->net->loop;
	/* A part is no more than all that is left. */
	size_t until = loop->left - net_part(d->net);
	unsigned int calls = 0;
	int count;

	do {
		count = datagram_io_receive(d->item.fd, d->net->batch);
		for (int i = 0; i < count; i++)
			hand_over(d, datagram_io_input(d->net->batch, i));
		calls += count > 0 ? (unsigned int)count : 0;
	} while (count == DATAGRAM_IO_BATCH && loop->left > until &&
	    calls < d->net->limits.turn_calls);
	return count == DATAGRAM_IO_BATCH;
}

/* Of the last rounds, one was made. */
static void
count_round(struct datagram *d, bool more)
{
	if (!more)
		d->rounds_left = 0;
	else if (d->rounds_left > 0)
		d->rounds_left--;
}

/* Those that had come before the end: in turn with the others that have much.
 */
static void
read_last(struct datagram *d)
{
	count_round(d, work(d));
	if (d->rounds_left > 0)
		loop_put_off(&d->item);
}

/* Sends what waits, as far as the kernel takes it. */
static void
flush(struct datagram *d)
{
	struct datagram_reply *r = d->replies;
	unsigned int done;

	if (d->reply_count == 0)
		return;
	done = datagram_io_send(
	    d->item.fd, r, d->reply_count, buffer_head(&d->out));
	for (unsigned int i = 0; i < done; i++)
		counter_add(&d->net->counters.bytes_out, r[i].len);
	d->reply_count -= done;
	memmove(r, r + done, d->reply_count * sizeof(*r));
	if (d->reply_count == 0)
		buffer_truncate(&d->out, 0);
}

/* What is left, which may be lost, gets memory of its own. */
static void
give_back(struct datagram *d)
{
	if (d->borrows && lender_take_back(&d->net->lender, &d->out) < 0)
		d->reply_count = 0;
	d->borrows = false;
}

struct buffer *
datagram_output(struct datagram *d)
{
	if (d->reply_count == DATAGRAM_REPLIES)
		flush(d);
	if (d->out.size == 0) {
		d->borrows = lender_lend(&d->net->lender, &d->out);
		if (d->borrows)
			touch(d);
	}
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

void
datagram_close(struct datagram *d)
{
	struct net *net = d->net;
	struct datagram_owed *owed;

	while ((owed = TAILQ_FIRST(&d->owed)) != NULL) {
		datagram_settle_owed(d, owed);
		owed->lost(owed);
	}
	flush(d);
	TAILQ_REMOVE(&net->datagrams, d, entry);
	loop_forget(&d->item);
	close(d->item.fd);
	buffer_deinit(&d->out);
	give_back(d);
	map_deinit(&d->owed_by_call);
	charge_release(&d->memory);
	charge_release(&d->socket);
	free(d);
	net->ops->gone(net);
}

/* True when it has read all that had come, and answered it. */
static bool
has_finished(const struct datagram *d)
{
	return d->finishing && d->rounds_left == 0 &&
	    d->owed_by_call.count == 0 && d->reply_count == 0;
}

/* What it waits for in the next turn. */
static void
want(struct datagram *d)
{
	unsigned int wanted = 0;

	if (!d->finishing)
		wanted |= LOOP_READABLE;
	if (d->reply_count > 0)
		wanted |= LOOP_WRITABLE;
	loop_want(&d->item, wanted);
}

static bool
on_settle(struct loop_item *item)
{
	struct datagram *d = container_of(item, struct datagram, item);

	flush(d);
	give_back(d);
	buffer_trim(&d->out);
	charge_set(&d->memory, buffer_memory(&d->out));
	charge_set(&d->socket, buffer_memory(&d->out));
	if (has_finished(d)) {
		datagram_close(d);
		return false;
	}
	want(d);
	return true;
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct datagram *d = container_of(item, struct datagram, item);

	/* Asked again at once, the kernel says the same: the sweep asks. */
	if (reasons == LOOP_LOST)
		return;
	if (d->finishing && (reasons & (LOOP_READABLE | LOOP_RESUMED)))
		read_last(d);
	else if (reasons & LOOP_READABLE)
		work(d);
	touch(d);
}

void
datagram_finish(struct datagram *d)
{
	d->finishing = true;
	d->rounds_left = LAST_ROUNDS;
	loop_queue(&d->item, LOOP_READABLE);
}

/* With a bound socket, or a negative errno: waits for datagrams. */
static int
start(struct datagram *d, int fd)
{
	struct net *net = d->net;
	int r;

	if (fd < 0)
		return fd;
	d->item.fd = fd;
	if (net->batch == NULL)
		net->batch = datagram_io_batch_new();
	if (net->batch == NULL || map_init(&d->owed_by_call) < 0)
		return -ENOMEM;
	r = address_of_socket(&d->address, d->item.fd);
	return r < 0 ? r : loop_watch(&d->item, LOOP_READABLE);
}

static struct datagram *
make(struct net *net, datagram_fn *received)
{
	struct datagram *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->net = net;
	d->received = received;
	TAILQ_INIT(&d->owed);
	hash_key_init(&d->key);
	loop_item_init(&d->item, net->loop, -1, on_run, on_settle);
	buffer_init(&d->out, (size_t)DATAGRAM_REPLIES * DATAGRAM_SIZE_MAX);
	return d;
}

static int
finish(struct datagram **out, struct datagram *d, int started)
{
	struct net *net = d->net;

	if (started < 0) {
		if (d->item.fd >= 0)
			close(d->item.fd);
		map_deinit(&d->owed_by_call);
		free(d);
		return started;
	}
	charge_take(&d->memory, &net->peers.loopback.account, CHARGE_BYTES, 0);
	charge_take(
	    &d->socket, &net->peers.loopback.account, CHARGE_SOCKETS, 0);
	TAILQ_INSERT_TAIL(&net->datagrams, d, entry);
	if (out != NULL)
		*out = d;
	return 0;
}

int
datagram_open(struct datagram **out, struct net *net,
    const struct address *address, datagram_fn *received)
{
	struct datagram *d = make(net, received);

	if (d == NULL)
		return -ENOMEM;
	return finish(out, d, start(d, datagram_io_bind(address)));
}

int
datagram_open_beside(
    struct datagram **out, struct net *net, const struct datagram *first)
{
	struct datagram *d;
	int r = datagram_io_share(first->item.fd);

	if (r < 0)
		return r;
	d = make(net, first->received);
	if (d == NULL)
		return -ENOMEM;
	return finish(
	    out, d, start(d, datagram_io_bind_beside(&first->address)));
}
