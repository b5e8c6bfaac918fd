#include "test/fuzz/served.h"

#include "server/service/program.h"
#include "stream/server/turns.h"
#include "test/fuzz/fuzz.h"

#include <poll.h>

static struct engine_limits
small_limits(void)
{
	struct engine_limits limits = engine_default_limits;

	limits.net.record.bytes = 3000;
	limits.net.record.fragments = 16;
	limits.net.record.empty_fragments = 2;
	limits.net.calls_in_flight = 8;
	limits.net.output_bytes = 8192;
	limits.memory_bytes = 1024 * 1024;
	limits.net.turn_calls = 4;
	limits.net.turn_bytes = 1024;
	/* What an input does is the same each time. */
	limits.turn_ns = LOOP_ANY_TIME;
	return limits;
}

void
served_start(struct served *s)
{
	static char name[] = "reversed", spool[] = "--spool=/";
	static char datagram[] = "--datagram=512";
	static char *line[] = { name, spool, datagram, NULL };
	const struct engine_limits limits = small_limits();
	struct option_error error;

	if (s->started)
		return;
	log_set_level(LOG_LEVEL_ERROR);
	MUST(settings_read(&s->settings, 3, line, &error) == 0);
	dispatcher_init(&s->dispatcher, service_programs, service_program_count,
	    &s->service);
	MUST(engine_init(
		 &s->engine, &limits, dispatcher_record, &s->dispatcher) == 0);
	MUST(service_init(
		 &s->service, &s->engine, &s->dispatcher, &s->settings) == 0);
	MUST(serving_init(&s->serving, &s->service, &s->engine, &s->settings) ==
	    0);
	s->started = true;
}

void
served_run(struct served *s)
{
	struct pollfd ready = { .fd = loop_fd(&s->engine.loop),
		.events = POLLIN };

	do
		MUST(loop_turn(&s->engine.loop) == 0);
	while (poll(&ready, 1, 0) == 1);
}

/* In as many turns as it takes. */
static void
end_streams(struct served *s)
{
	serving_end(&s->serving);
	while (s->serving.ending)
		MUST(loop_turn(&s->engine.loop) == 0);
}

void
served_forget(struct served *s)
{
	struct streams *streams = s->serving.streams;
	const struct account *all = &s->engine.net.peers.all;
	struct stream *stream;

	end_streams(s);
	while ((stream = TAILQ_FIRST(&streams->finished)) != NULL)
		streams_forget(streams, stream);
	end_streams(s);
	MUST(streams_count(streams) == 0);
	MUST(streams_owing(streams) == 0);
	MUST(streams->by_name.count == 0 && streams->by_nonce.count == 0);
	MUST(all->held[CHARGE_BYTES] == all->held[CHARGE_SOCKETS]);
	for (int kind = CHARGE_STREAMS; kind < CHARGE_KINDS; kind++)
		MUST(all->held[kind] == 0);
}
