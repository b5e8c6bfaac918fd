#include "test/lib/invariants.h"

#include "stream/server/table.h"

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

const char *
invariants_broken(const struct streams *streams)
{
	const struct stream_list *const lists[] = { &streams->open,
		&streams->finished };
	const struct streams_limits *limits = &streams->world.limits;
	const char *broken;
	unsigned int count[2] = { 0 };
	const struct stream *s;
	size_t memory = 0;

	for (int i = 0; i < 2; i++) {
		TAILQ_FOREACH(s, lists[i], life) {
			broken = broken_in(s, limits);
			if (broken != NULL)
				return broken;
			memory += s->memory;
			count[i]++;
		}
	}
	if (memory != streams_memory(streams))
		return "the account of memory is wrong";
	if (count[0] != streams_count(streams) || count[0] > limits->open)
		return "the count of open streams is wrong, or too high";
	if (count[1] != streams->finished_count || count[1] > limits->finished)
		return "the count of finished streams is wrong, or too high";
	return NULL;
}
