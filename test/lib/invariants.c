#include "test/lib/invariants.h"

/* SPELL's cursor and the smallest buffers are not text. */
#define NO_TEXT 256

static const char *
broken_in(const struct stream *s, const struct streams_limits *limits)
{
	size_t most = (size_t)limits->window + limits->message_max;

	if (stream_memory_in(s) > most + NO_TEXT)
		return "more memory for input than rule 3 allows";
	if (stream_memory_out(s) > most)
		return "more memory for answers than rule 3 allows";
	if (s->parked_count > limits->parked)
		return "more calls are parked than may be";
	if (s->ended && s->parked_count > 0)
		return "calls wait on a stream that has ended";
	if (s->ended && (s->state != NULL || s->in.size > 0))
		return "a stream that has ended keeps its work";
	if (s->parked_count > 0 && s->timer.due == TIMER_NEVER)
		return "a call waits without a timer";
	return NULL;
}

/* What the streams of a list hold, and how many there are. */
struct sum {
	uint64_t streams;
	uint64_t unproven;
	uint64_t memory;
};

static const char *
add_up(struct sum *sum, const struct stream_list *list,
    const struct streams_limits *limits)
{
	const char *broken;
	const struct stream *s;

	TAILQ_FOREACH(s, list, life) {
		broken = broken_in(s, limits);
		if (broken != NULL)
			return broken;
		sum->streams++;
		sum->unproven += s->unproven;
		sum->memory += s->bytes.amount;
	}
	return NULL;
}

/* Whether just that much is held, and no more than may be. */
static bool
is_right(const struct account *all, enum charge_kind kind, uint64_t sum)
{
	return all->held[kind] == sum && sum <= all->most[kind];
}

const char *
invariants_broken(const struct streams *streams, const struct account *all,
    uint64_t elsewhere, bool busy)
{
	const struct streams_limits *limits = &streams->world.limits;
	struct sum open = { 0 }, finished = { 0 };
	const char *broken = add_up(&open, &streams->open, limits);
	uint64_t memory;

	if (broken == NULL)
		broken = add_up(&finished, &streams->finished, limits);
	if (broken != NULL)
		return broken;
	memory = open.memory + finished.memory + elsewhere;
	if (busy ? memory > all->held[CHARGE_BYTES]
		 : memory != all->held[CHARGE_BYTES])
		return "the account of memory is wrong";
	if (!busy && open.streams == 0 && all->held[CHARGE_SPOOL] != 0)
		return "nobody has what is on the disk";
	if (open.streams != streams_count(streams) ||
	    !is_right(all, CHARGE_STREAMS, open.streams))
		return "the count of open streams is wrong, or too high";
	if (!is_right(all, CHARGE_UNPROVEN, open.unproven))
		return "the count of unproven streams is wrong, or too high";
	if (!is_right(all, CHARGE_KEPT, finished.streams))
		return "the count of finished streams is wrong, or too high";
	if (streams->by_name.count != open.streams + finished.streams)
		return "a stream is not found, or one that is gone is";
	return NULL;
}
