#include "stream/server/table.h"

#include "stream/server/parked.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct streams_limits streams_default_limits = {
	.open = 4096,
	.open_per_client = 256,
	.open_unproven = 256,
	.finished = 16384,
	.parked = 64,
	.message_max = MESSAGE_MAX,
	.window = 264 * 1024,
	.wait_max_ms = 10000,
	.lease_ms = 60000,
	.unproven_lease_ms = 5000,
	.retry_after_ms = 1000,
	.turn_bytes = 256 * 1024,
	.memory = (size_t)512 * 1024 * 1024,
	.spool_memory = MESSAGE_MAX,
	.spool_block = 64 * 1024,
	.spool_stream = (uint64_t)8 << 30,
};

int
streams_new(struct streams **out, const struct streams_limits *limits,
    const struct streams_ops *ops, struct disk *disk, void *context)
{
	struct streams *t = calloc(1, sizeof(*t));
	struct hash_key key;

	if (t == NULL)
		return -ENOMEM;
	t->world.limits = *limits;
	t->world.ops = *ops;
	t->world.disk = disk;
	t->world.context = context;
	timers_init(&t->world.timers);
	TAILQ_INIT(&t->world.ready);
	TAILQ_INIT(&t->open);
	TAILQ_INIT(&t->finished);
	ops->random(context, &key, sizeof(key));
	t->world.scratch = calloc(SEGMENT_MAX, sizeof(message));
	if (t->world.scratch == NULL ||
	    directory_init(&t->directory,
		(size_t)limits->open + limits->finished, &key) != 0) {
		streams_free(t);
		return -ENOMEM;
	}
	*out = t;
	return 0;
}

void
table_forget(struct streams *t, struct stream *s)
{
	struct stream_client *client = s->client;

	stream_told(s);
	directory_remove(&t->directory, s);
	if (s->retired) {
		TAILQ_REMOVE(&t->finished, s, life);
		TAILQ_REMOVE(&client->finished, s, of_client);
		t->finished_count--;
	} else {
		TAILQ_REMOVE(&t->open, s, life);
		t->open_count--;
		t->unproven_count -= s->unproven;
		client->open--;
	}
	stream_free(s);
	directory_release(&t->directory, client);
}

struct streams *
streams_free(struct streams *streams)
{
	struct stream *s;

	if (streams == NULL)
		return NULL;
	while ((s = TAILQ_FIRST(&streams->open)) != NULL)
		table_forget(streams, s);
	while ((s = TAILQ_FIRST(&streams->finished)) != NULL)
		table_forget(streams, s);
	directory_deinit(&streams->directory);
	timers_deinit(&streams->world.timers);
	free(streams->world.scratch);
	free(streams);
	return NULL;
}

/* The stream has ended: it does not count as open any more. */
static void
retire(struct streams *t, struct stream *s)
{
	s->retired = true;
	TAILQ_REMOVE(&t->open, s, life);
	t->open_count--;
	t->unproven_count -= s->unproven;
	s->client->open--;
	TAILQ_INSERT_TAIL(&t->finished, s, life);
	TAILQ_INSERT_TAIL(&s->client->finished, s, of_client);
	t->finished_count++;
	if (t->finished_count > t->world.limits.finished)
		table_forget(t, TAILQ_FIRST(&t->finished));
}

void
table_go_on(struct streams *t, struct stream *s)
{
	stream_work(s);
	parked_deliver(s);
	stream_settle(s);
	if (s->ended && !s->retired)
		retire(t, s);
}

size_t
table_memory(const struct streams *t)
{
	size_t elsewhere = 0;

	if (t->world.ops.memory_elsewhere != NULL)
		elsewhere = t->world.ops.memory_elsewhere(t->world.context);
	return t->world.memory + t->world.disk->abandoned + elsewhere;
}

static void
make_name(struct streams *t, char *name)
{
	uint16_t worker = t->world.limits.worker;

	do {
		t->world.ops.random(t->world.context, name, sizeof(token));
		name[0] = (char)(worker >> 8);
		name[1] = (char)worker;
	} while (directory_by_name(&t->directory, name) != NULL);
}

const char *
table_is_short(struct streams *t, const struct stream_client *client,
    size_t held, size_t most)
{
	size_t share = client->identity != STREAMS_ANYBODY
	    ? t->world.limits.memory / 8
	    : SIZE_MAX;

	while (table_memory(t) >= most && !TAILQ_EMPTY(&t->finished))
		table_forget(t, TAILQ_FIRST(&t->finished));
	while (
	    client->memory + held >= share && !TAILQ_EMPTY(&client->finished))
		table_forget(t, TAILQ_FIRST(&client->finished));
	if (table_memory(t) >= most)
		return "the server is short of memory";
	if (client->memory + held >= share)
		return "this client uses as much memory as it may";
	return NULL;
}

const char *
table_is_full(struct streams *t, const struct stream_client *client,
    const struct stream_call *call)
{
	const struct streams_limits *limits = &t->world.limits;

	if (t->open_count >= limits->open)
		return "as many streams are open as may be";
	if (call->client != STREAMS_ANYBODY &&
	    client->open >= limits->open_per_client)
		return "this client has as many streams open as it may";
	if (call->datagram && t->unproven_count >= limits->open_unproven)
		return "too many new streams over UDP";
	return table_is_short(t, client, call->held, limits->memory / 4 * 3);
}

void
table_admit(struct streams *t, struct stream *s)
{
	make_name(t, s->name);
	directory_add(&t->directory, s);
	TAILQ_INSERT_TAIL(&t->open, s, life);
	t->open_count++;
	t->world.owing++;
	t->unproven_count += s->unproven;
	s->client->open++;
	stream_renew(s);
}
