#include "test/lib/player.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int
message_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct player *p = context;

	if (p->gone && number < p->taken)
		return CLIENT_SOURCE_GONE;
	for (uint64_t n = 0; n <= number; n++)
		if (p->texts[n] == NULL)
			return p->open_ended ? CLIENT_SOURCE_WAIT
					     : CLIENT_SOURCE_END;
	out->message_val = (char *)p->texts[number];
	out->message_len = (u_int)strlen(p->texts[number]);
	*count = 1;
	return 0;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct player *p = context;

	p->taken = taken;
	p->done = done;
}

static void
hear(void *context, uint64_t number, const message *texts, u_int count)
{
	struct player *p = context;

	(void)number;
	for (u_int i = 0; i < count; i++) {
		if (p->heard[0] != '\0')
			strcat(p->heard, ",");
		strncat(p->heard, texts[i].message_val, texts[i].message_len);
	}
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	struct player *p = context;

	memset(bytes, (int)++p->randoms, len);
}

static const struct client_stream_ops ops = {
	.messages = message_of,
	.progress = progress,
	.answers = hear,
	.random = fill_random,
};

struct client_call *
player_next(struct player *p)
{
	assert_int_equal(
	    client_stream_next(&p->stream, p->now, &p->call), CLIENT_CALL);
	return &p->call;
}

void
player_greet(struct player *p, const char *release)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;

	assert_int_equal(player_next(p)->kind, CLIENT_GREET);
	hello->message_max = p->message_max;
	hello->window = PLAYER_WINDOW;
	hello->datagram_max = PLAYER_DATAGRAM;
	hello->lease_ms = p->lease_ms;
	hello->release.release_val = (char *)release;
	hello->release.release_len = (u_int)strlen(release);
	client_stream_greeted(&p->stream, p->now, &p->call, &result);
}

answer
player_say(const char *const *texts, uint64_t first, uint64_t next_number)
{
	static message messages[10];
	answer a = { .piece = { .first = first,
			 .next = next_number,
			 .window = PLAYER_WINDOW } };
	u_int count = 0;

	for (; texts[count] != NULL; count++)
		messages[count] = (message){ (u_int)strlen(texts[count]),
			(char *)texts[count] };
	a.piece.messages.messages_len = count;
	a.piece.messages.messages_val = messages;
	return a;
}

void
player_answer(struct player *p, const struct client_call *call, answer a)
{
	exchange_result result = { .code = STATUS_OK };

	result.exchange_result_u.answered = a;
	client_stream_exchanged(&p->stream, p->now, call, &result);
}

void
player_refuse(
    struct player *p, const struct client_call *call, status_code code)
{
	exchange_result result = { .code = code };

	result.exchange_result_u.why.code = code;
	if (code == STATUS_RESOURCE_EXHAUSTED)
		result.exchange_result_u.why.retry_after_ms =
		    PLAYER_RETRY_MS / 2;
	client_stream_exchanged(&p->stream, p->now, call, &result);
}

void
player_open(struct player *p, answer a)
{
	open_result result = { .code = STATUS_OK };

	assert_int_equal(player_next(p)->kind, CLIENT_OPEN);
	result.open_result_u.started.lease_ms = p->lease_ms;
	result.open_result_u.started.first_answer = a;
	client_stream_opened(&p->stream, p->now, &p->call, &result);
}

static void
start_on(struct player *p, bool datagram, stream_method method,
    unsigned int flights, const char *const *texts)
{
	struct client_stream_terms terms = {
		.method = method,
		.credit = 1000,
		.wait_ms = 500,
		.datagram = datagram,
		.flights = flights,
		.retry_ms = PLAYER_RETRY_MS,
	};

	memset(p, 0, sizeof(*p));
	p->texts = texts;
	p->message_max = MESSAGE_MAX;
	p->lease_ms = 60000;
	assert_int_equal(
	    client_stream_init(&p->stream, &terms, &ops, p, p->now), 0);
}

void
player_start(struct player *p, stream_method method, unsigned int flights,
    const char *const *texts)
{
	start_on(p, false, method, flights, texts);
}

void
player_begin(struct player *p, stream_method method, unsigned int flights,
    const char *const *texts)
{
	player_start(p, method, flights, texts);
	player_greet(p, "1.0");
}

void
player_start_udp(
    struct player *p, stream_method method, const char *const *texts)
{
	start_on(p, true, method, 1, texts);
}

void
player_begin_udp(
    struct player *p, stream_method method, const char *const *texts)
{
	player_start_udp(p, method, texts);
	player_greet(p, "1.0");
}

void
player_finish(struct player *p)
{
	client_stream_deinit(&p->stream);
}

void
player_lose(struct player *p)
{
	client_stream_lost(&p->stream, p->now, "the connection is gone");
}

void
player_is_idle(struct player *p)
{
	assert_int_equal(
	    client_stream_next(&p->stream, p->now, &p->call), CLIENT_IDLE);
}

void
player_is_over(struct player *p, status_code code)
{
	assert_int_equal(
	    client_stream_next(&p->stream, p->now, &p->call), CLIENT_OVER);
	assert_int_equal(p->stream.why.code, code);
}
