/* The client's end of a stream against a server that the test plays. */
#include "base/base.h"
#include "stream/client/calls.h"
#include "stream/fifo.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define WINDOW       100
#define DATAGRAM_MAX 12

struct player {
	struct client_stream stream;
	uint64_t now;
	const char *const *texts; /* the input */
	bool open_ended;          /* more may come after them */
	bool gone;                /* what was taken cannot be had again */
	uint64_t taken;
	uint64_t done;
	char heard[256]; /* the answers, joined by commas */
	uint64_t randoms;
	struct client_call call;
};

#define TEXTS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static int
message_of(void *context, uint64_t number, message *out)
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
hear(void *context, uint64_t number, const message *text)
{
	struct player *p = context;

	(void)number;
	if (p->heard[0] != '\0')
		strcat(p->heard, ",");
	strncat(p->heard, text->message_val, text->message_len);
}

static void
fill_random(void *context, void *bytes, size_t len)
{
	struct player *p = context;

	memset(bytes, (int)++p->randoms, len);
}

static const struct client_stream_ops ops = {
	.message = message_of,
	.progress = progress,
	.answer = hear,
	.random = fill_random,
};

static struct client_call *
next(struct player *p)
{
	assert_int_equal(
	    client_stream_next(&p->stream, p->now, &p->call), CLIENT_CALL);
	return &p->call;
}

static void
greet(struct player *p, const char *release)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;

	assert_int_equal(next(p)->kind, CLIENT_GREET);
	hello->window = WINDOW;
	hello->datagram_max = DATAGRAM_MAX;
	hello->lease_ms = 60000;
	hello->release.release_val = (char *)release;
	hello->release.release_len = (u_int)strlen(release);
	client_stream_greeted(&p->stream, p->now, &p->call, &result);
}

/* An answer: messages from first on, and what the server expects next. */
static answer
say(const char *const *texts, uint64_t first, uint64_t next_number)
{
	static message messages[10];
	answer a = { .piece = { .first = first,
			 .next = next_number,
			 .window = WINDOW } };
	u_int count = 0;

	for (; texts[count] != NULL; count++)
		messages[count] = (message){ (u_int)strlen(texts[count]),
			(char *)texts[count] };
	a.piece.messages.messages_len = count;
	a.piece.messages.messages_val = messages;
	return a;
}

static void
answer_exchange(struct player *p, const struct client_call *call, answer a)
{
	exchange_result result = { .code = STATUS_OK };

	result.exchange_result_u.answered = a;
	client_stream_exchanged(&p->stream, p->now, call, &result);
}

static void
refuse_exchange(
    struct player *p, const struct client_call *call, status_code code)
{
	exchange_result result = { .code = code };

	result.exchange_result_u.why.code = code;
	if (code == STATUS_RESOURCE_EXHAUSTED)
		result.exchange_result_u.why.retry_after_ms = 10;
	client_stream_exchanged(&p->stream, p->now, call, &result);
}

static void
answer_open(struct player *p, answer a)
{
	open_result result = { .code = STATUS_OK };

	assert_int_equal(next(p)->kind, CLIENT_OPEN);
	result.open_result_u.started.lease_ms = 60000;
	result.open_result_u.started.first_answer = a;
	client_stream_opened(&p->stream, p->now, &p->call, &result);
}

static void
begin_on(struct player *p, bool datagram, stream_method method,
    unsigned int flights, const char *const *texts)
{
	struct client_stream_terms terms = {
		.method = method,
		.credit = 1000,
		.wait_ms = 500,
		.datagram = datagram,
		.flights = flights,
		.attempts = 3,
	};

	memset(p, 0, sizeof(*p));
	p->texts = texts;
	assert_int_equal(
	    client_stream_init(&p->stream, &terms, &ops, p, p->now), 0);
	greet(p, "1.0");
}

static void
begin(struct player *p, stream_method method, unsigned int flights,
    const char *const *texts)
{
	begin_on(p, false, method, flights, texts);
}

static void
begin_udp(struct player *p, stream_method method, const char *const *texts)
{
	begin_on(p, true, method, 1, texts);
}

static void
finish(struct player *p)
{
	client_stream_deinit(&p->stream);
}

static void
first_call_on_a_connection_takes_over(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 4, TEXTS("ab", "cd", "ef"));
	answer_open(&p, say(TEXTS("ba"), 0, 1));
	assert_true(next(&p)->args.exchange.ahead);
	client_stream_lost(&p.stream, p.now, "the connection is gone");
	assert_false(next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.window, 1000);
	assert_true(next(&p)->args.exchange.ahead);
	finish(&p);
}

static void
answers_are_progress(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_SPELL, 1, TEXTS("abcdefgh"));
	answer_open(&p, say(TEXTS("h"), 0, 1));
	for (uint64_t n = 1; n < 7; n++) {
		client_stream_lost(&p.stream, p.now, "the connection is gone");
		next(&p);
		answer_exchange(&p, &p.call, say(TEXTS("g"), n, 1));
	}
	finish(&p);
}

static void
lost_messages_are_sent_again_at_once(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd", "ef"));
	answer_open(&p, say(TEXTS("ba"), 0, 1));
	assert_int_equal(next(&p)->args.exchange.piece.first, 1);
	client_stream_lost(&p.stream, p.now, "the connection is gone");
	assert_int_equal(next(&p)->args.exchange.piece.first, 1);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 2);
	finish(&p);
}

static void
repeated_answers_are_heard_once(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS("ba"), 0, 2));
	next(&p);
	answer_exchange(&p, &p.call, say(TEXTS("ba", "dc"), 0, 2));
	assert_string_equal(p.heard, "ba,dc");
	assert_int_equal(p.done, 2);
	finish(&p);
}

static void
gap_makes_it_take_over_from_there(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 2, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS(NULL), 0, 2));
	next(&p);
	answer_exchange(&p, &p.call, say(TEXTS("dc"), 1, 2));
	assert_string_equal(p.heard, "");
	assert_false(next(&p)->args.exchange.ahead);
	assert_int_equal(p.call.args.exchange.piece.next, 0);
	finish(&p);
}

static void
window_is_not_exceeded(void **state)
{
	struct player p;

	(void)state;
	/* 8 bytes a message: twelve fit into 100. */
	begin(&p, METHOD_EACH, 3,
	    TEXTS("aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa", "aa",
		"aa", "aa", "aa", "aa"));
	assert_int_equal(next(&p)->args.open.piece.messages.messages_len, 12);
	assert_false(p.call.args.open.piece.last);
	finish(&p);
}

static void
window_of_0_is_pulled_open(void **state)
{
	struct player p;
	answer a = say(TEXTS(NULL), 0, 1);

	(void)state;
	begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	a.piece.window = 0;
	answer_open(&p, a);
	assert_int_equal(
	    next(&p)->args.exchange.piece.messages.messages_len, 0);
	assert_int_equal(p.call.args.exchange.wait_ms, 500);
	answer_exchange(&p, &p.call, say(TEXTS(NULL), 0, 1));
	assert_int_equal(
	    next(&p)->args.exchange.piece.messages.messages_len, 1);
	assert_true(p.call.args.exchange.piece.last);
	finish(&p);
}

static void
what_was_not_taken_is_sent_again(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_COLLECT, 1, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS(NULL), 0, 1));
	assert_int_equal(next(&p)->args.exchange.piece.first, 1);
	assert_int_equal(p.call.args.exchange.piece.messages.messages_len, 1);
	assert_true(p.call.args.exchange.piece.last);
	finish(&p);
}

static void
lost_stream_is_replaced_and_replayed(void **state)
{
	char nonce[16];
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd", "ef"));
	memcpy(nonce, p.stream.nonce, sizeof(nonce));
	answer_open(&p, say(TEXTS("ba"), 0, 3));
	next(&p);
	refuse_exchange(&p, &p.call, STATUS_NOT_FOUND);
	greet(&p, "1.0");
	assert_int_equal(next(&p)->kind, CLIENT_OPEN);
	assert_int_equal(p.call.args.open.piece.first, 1);
	assert_int_equal(p.call.args.open.piece.next, 1);
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 2);
	assert_memory_not_equal(p.call.args.open.nonce, nonce, 16);
	finish(&p);
}

static void
whole_is_replayed_from_its_start(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS("d"), 0, 2));
	next(&p);
	refuse_exchange(&p, &p.call, STATUS_NOT_FOUND);
	greet(&p, "1.0");
	assert_int_equal(next(&p)->args.open.piece.first, 0);
	assert_int_equal(p.call.args.open.piece.next, 1);
	assert_int_equal(p.call.args.open.piece.messages.messages_len, 2);
	finish(&p);
}

static void
input_that_is_gone_ends_it(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_WHOLE, 1, TEXTS("ab", "cd"));
	p.gone = true;
	answer_open(&p, say(TEXTS(NULL), 0, 2));
	next(&p);
	refuse_exchange(&p, &p.call, STATUS_NOT_FOUND);
	greet(&p, "1.0");
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_UNAVAILABLE);
	finish(&p);
}

static void
another_release_does_not_go_on(void **state)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS("ba"), 0, 2));
	next(&p);
	refuse_exchange(&p, &p.call, STATUS_NOT_FOUND);
	next(&p);
	hello->release.release_val = (char *)"1.1";
	hello->release.release_len = 3;
	client_stream_greeted(&p.stream, p.now, &p.call, &result);
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_DATA_LOSS);
	finish(&p);
}

static void
lease_is_kept_while_the_input_is_silent(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	p.open_ended = true;
	answer_open(&p, say(TEXTS("ba"), 0, 1));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 30000);
	p.now += 30000;
	assert_int_equal(next(&p)->args.exchange.wait_ms, 0);
	finish(&p);
}

static void
overtaken_call_makes_it_take_over(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 3, TEXTS("ab", "cd"));
	answer_open(&p, say(TEXTS("ba"), 0, 2));
	next(&p);
	refuse_exchange(&p, &p.call, STATUS_ABORTED);
	assert_false(next(&p)->args.exchange.ahead);
	finish(&p);
}

static void
end_comes_out_with_its_counts(void **state)
{
	stream_end end = { .messages_in = 1, .bytes_in = 2, .bytes_out = 2 };
	answer a = say(TEXTS("ba"), 0, 1);
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	a.piece.last = TRUE;
	a.end = &end;
	answer_open(&p, a);
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_OK);
	assert_int_equal(p.stream.bytes_out, 2);
	finish(&p);
}

static void
server_that_contradicts_itself_is_refused(void **state)
{
	struct player p;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	answer_open(&p, say(TEXTS("ba"), 0, 7));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_INTERNAL);
	finish(&p);
}

static void
server_that_never_helps_is_given_up(void **state)
{
	struct player p;
	int refusals = 0;

	(void)state;
	begin(&p, METHOD_EACH, 1, TEXTS("ab"));
	answer_open(&p, say(TEXTS(NULL), 0, 0));
	for (; refusals < 3; refusals++) {
		next(&p);
		refuse_exchange(&p, &p.call, STATUS_RESOURCE_EXHAUSTED);
		p.now += 9;
		if (refusals < 2)
			assert_int_equal(
			    client_stream_next(&p.stream, p.now, &p.call),
			    CLIENT_IDLE);
		p.now++;
	}
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_RESOURCE_EXHAUSTED);
	finish(&p);
}

static void
datagram_has_the_cost_of_the_longest_message(void **state)
{
	struct player p;

	(void)state;
	/* 16 bytes: two messages of 4, then one of 12, then the rest. */
	begin_udp(&p, METHOD_EACH, TEXTS("abcd", "abcd", "abcdefghijkl", "a"));
	assert_int_equal(next(&p)->args.open.piece.messages.messages_len, 2);
	assert_int_equal(p.call.args.open.piece.window, 16);
	client_stream_lost(&p.stream, p.now, "no answer");
	answer_open(&p, say(TEXTS("dcba", "dcba"), 0, 2));
	assert_int_equal(
	    next(&p)->args.exchange.piece.messages.messages_len, 1);
	assert_false(p.call.args.exchange.piece.last);
	answer_exchange(&p, &p.call, say(TEXTS("lkjihgfedcba"), 2, 3));
	assert_true(next(&p)->args.exchange.piece.last);
	assert_false(p.call.args.exchange.ahead);
	finish(&p);
}

static void
message_too_long_for_a_datagram_ends_it(void **state)
{
	struct player p;

	(void)state;
	begin_udp(&p, METHOD_EACH, TEXTS("ab", "cd", "abcdefghijklm", "ef"));
	answer_open(&p, say(TEXTS("ba"), 0, 2));
	/* What came before it is answered first. */
	assert_int_equal(
	    next(&p)->args.exchange.piece.messages.messages_len, 0);
	assert_int_equal(p.call.args.exchange.wait_ms, 500);
	answer_exchange(&p, &p.call, say(TEXTS("dc"), 1, 2));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_string_equal(p.heard, "ba,dc");
	assert_int_equal(p.stream.why.code, STATUS_OUT_OF_RANGE);
	assert_int_equal(p.stream.why.at_message, 2);
	finish(&p);
}

static void
message_too_long_opens_no_stream(void **state)
{
	struct player p;

	(void)state;
	begin_udp(&p, METHOD_SPELL, TEXTS("abcdefghijklm"));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_OVER);
	assert_int_equal(p.stream.why.code, STATUS_OUT_OF_RANGE);
	finish(&p);
}

static void
lease_over_udp_grows_once_it_is_continued(void **state)
{
	struct player p;

	(void)state;
	begin_udp(&p, METHOD_EACH, TEXTS("ab"));
	p.open_ended = true;
	answer_open(&p, say(TEXTS("ba"), 0, 1));
	p.stream.lease_ms = 5000;
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 2500);
	p.now += 2500;
	next(&p);
	answer_exchange(&p, &p.call, say(TEXTS(NULL), 1, 1));
	assert_int_equal(
	    client_stream_next(&p.stream, p.now, &p.call), CLIENT_IDLE);
	assert_int_equal(p.stream.due, p.now + 30000);
	finish(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_call_on_a_connection_takes_over),
		cmocka_unit_test(answers_are_progress),
		cmocka_unit_test(lost_messages_are_sent_again_at_once),
		cmocka_unit_test(repeated_answers_are_heard_once),
		cmocka_unit_test(gap_makes_it_take_over_from_there),
		cmocka_unit_test(window_is_not_exceeded),
		cmocka_unit_test(window_of_0_is_pulled_open),
		cmocka_unit_test(what_was_not_taken_is_sent_again),
		cmocka_unit_test(lost_stream_is_replaced_and_replayed),
		cmocka_unit_test(whole_is_replayed_from_its_start),
		cmocka_unit_test(input_that_is_gone_ends_it),
		cmocka_unit_test(another_release_does_not_go_on),
		cmocka_unit_test(lease_is_kept_while_the_input_is_silent),
		cmocka_unit_test(overtaken_call_makes_it_take_over),
		cmocka_unit_test(end_comes_out_with_its_counts),
		cmocka_unit_test(server_that_contradicts_itself_is_refused),
		cmocka_unit_test(server_that_never_helps_is_given_up),
		cmocka_unit_test(datagram_has_the_cost_of_the_longest_message),
		cmocka_unit_test(message_too_long_for_a_datagram_ends_it),
		cmocka_unit_test(message_too_long_opens_no_stream),
		cmocka_unit_test(lease_over_udp_grows_once_it_is_continued),
	};

	return cmocka_run_group_tests_name("client", tests, NULL, NULL);
}
