/* What a server says that cannot be: stream/client/lies.c, row by row. */
#include "test/lib/player.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

/* An answer to OPEN, or to the EXCHANGE that follows it. */
struct said {
	const char *const *texts;
	uint64_t first;
	uint64_t next;
	bool last;
	stream_end *end;
};

struct row {
	const char *words; /* what the lie is called; NULL: it is none */
	stream_method method;
	const char *const *input;
	struct said opened;
	struct said exchanged; /* texts NULL: OPEN was the lie */
	uint32_t largest;      /* as in open_args */
	uint32_t credit;       /* 0: what is usual */
};

#define ROW(words_, method_, input_, ...)                      \
	{                                                      \
		.words = (words_), .method = METHOD_##method_, \
		.input = (input_), __VA_ARGS__                 \
	}
#define SAY(texts_, first_, next_)                                    \
	{                                                             \
		.texts = (texts_), .first = (first_), .next = (next_) \
	}
#define SAY_END(texts_, first_, next_, end_)                           \
	{                                                              \
		.texts = (texts_), .first = (first_), .next = (next_), \
		.last = true, .end = (end_)                            \
	}
#define NOTHING TEXTS(NULL)
#define ABC     TEXTS("a", "bb", "ccc")

/* code, then messages in, bytes in, bytes out. */
#define END(code_, messages, in, out)                                          \
	(stream_end[])                                                         \
	{                                                                      \
		{                                                              \
			.why = { .code = (code_) }, .messages_in = (messages), \
			.bytes_in = (in), .bytes_out = (out)                   \
		}                                                              \
	}
#define OK(messages, in, out) END(STATUS_OK, messages, in, out)

static const struct row rows[] = {
	/* Numbers. */
	ROW("numbers end below 2^63", EACH, ABC,
	    .opened = SAY(NOTHING, (uint64_t)1 << 63, 3)),
	ROW("numbers end below 2^63", EACH, ABC,
	    .opened = SAY(TEXTS("a"), ((uint64_t)1 << 63) - 1, 3)),
	ROW("next is beyond what was sent", EACH, ABC,
	    .opened = SAY(NOTHING, 0, 4)),
	ROW("next goes back", EACH, ABC, .opened = SAY(TEXTS("a"), 0, 2),
	    .exchanged = SAY(NOTHING, 1, 1)),
	ROW("an answer does not begin where it was asked to", EACH, ABC,
	    .opened = SAY(TEXTS("bb"), 1, 3)),
	ROW("an answer does not begin where it was asked to", WHOLE, ABC,
	    .opened = SAY(NOTHING, 1, 3)),
	/* The end. */
	ROW("last without an end, or an end without last", EACH, ABC,
	    .opened = SAY(ABC, 0, 3), .opened.last = true),
	ROW("last without an end, or an end without last", EACH, ABC,
	    .opened = SAY(ABC, 0, 3), .opened.end = OK(3, 6, 6)),
	ROW("the answers end before one that has come", EACH, ABC,
	    .opened = SAY(ABC, 0, 3),
	    .exchanged =
		SAY_END(NOTHING, 2, 3, END(STATUS_CANCELLED, 3, 6, 6))),
	ROW("there is no such status", EACH, ABC,
	    .opened = SAY_END(NOTHING, 0, 3, END((status_code)17, 3, 6, 0))),
	/* Credit and length. */
	ROW("an answer is beyond the credit", EACH, ABC,
	    .opened = SAY(ABC, 0, 3), .credit = 23),
	ROW(NULL, EACH, ABC, .opened = SAY(ABC, 0, 3), .credit = 24),
	ROW(NULL, EACH, ABC, .opened = SAY(TEXTS("a"), 0, 3), .credit = 4),
	ROW("a message is longer than was asked for", EACH, ABC,
	    .opened = SAY(ABC, 0, 3), .largest = 2),
	ROW("a message of another length comes back", EACH, ABC,
	    .opened = SAY(TEXTS("a", "b"), 0, 3)),
	ROW("a message of another length comes back", EACH, ABC,
	    .opened = SAY(TEXTS("a"), 0, 3),
	    .exchanged = SAY(TEXTS("bb", "cccc"), 1, 3)),
	/* What was not sent, or not taken. */
	ROW("an answer to what was not taken", EACH, ABC,
	    .opened = SAY(TEXTS("a", "bb"), 0, 1)),
	ROW("an answer to what was not taken", EACH, ABC,
	    .opened = SAY(TEXTS("a", "bb", "ccc", "d"), 0, 3)),
	ROW("an answer to what was not taken", SPELL, TEXTS("abc"),
	    .opened = SAY(TEXTS("c"), 0, 0)),
	ROW("an answer to what was not taken", COLLECT, ABC,
	    .opened = SAY(TEXTS("cccbba"), 0, 2)),
	ROW("an answer to what was not taken", WHOLE, ABC,
	    .opened = SAY(TEXTS("ccc"), 0, 2)),
	ROW("more answers than there can be", COLLECT, ABC,
	    .opened = SAY(TEXTS("cccbb", "a"), 0, 3)),
	ROW("more answers than there can be", COLLECT, ABC,
	    .opened = SAY(TEXTS("cccbba"), 0, 3),
	    .exchanged = SAY(TEXTS(""), 1, 3)),
	ROW("more answers than there can be", WHOLE, TEXTS("a"),
	    .opened = SAY(TEXTS("a", "", ""), 0, 1)),
	ROW(NULL, WHOLE, TEXTS(""), .opened = SAY(TEXTS(""), 0, 1)),
	ROW("more bytes come back than were sent", WHOLE, ABC,
	    .opened = SAY(TEXTS("ccc"), 0, 3),
	    .exchanged = SAY(TEXTS("bbaa"), 1, 3)),
	ROW("more bytes come back than were sent", COLLECT, ABC,
	    .opened = SAY(TEXTS("cccbbaa"), 0, 3)),
	ROW("more bytes come back than were sent", SPELL, TEXTS("abc"),
	    .opened = SAY(TEXTS("c", "bbb"), 0, 1)),
	ROW("a unit without bytes", SPELL, TEXTS("abc"),
	    .opened = SAY(TEXTS("c", ""), 0, 1)),
	/* Done. */
	ROW("it is done before all was taken", WHOLE, ABC,
	    .opened = SAY_END(NOTHING, 0, 2, OK(2, 3, 0))),
	ROW("it is done before all was taken", SPELL, TEXTS("abc"),
	    .opened = SAY_END(NOTHING, 0, 0, OK(0, 0, 0))),
	ROW("it is done before all was answered", EACH, ABC,
	    .opened = SAY_END(TEXTS("a", "bb"), 0, 3, OK(3, 6, 3))),
	ROW("it is done before all was answered", COLLECT, TEXTS(""),
	    .opened = SAY_END(NOTHING, 0, 1, OK(1, 0, 0))),
	ROW("fewer bytes come back than were sent", WHOLE, ABC,
	    .opened = SAY(TEXTS("ccc"), 0, 3),
	    .exchanged = SAY_END(TEXTS("bb"), 1, 3, OK(3, 6, 6))),
	ROW("fewer bytes come back than were sent", COLLECT, ABC,
	    .opened = SAY_END(TEXTS("cccbb"), 0, 3, OK(3, 6, 5))),
	ROW("fewer bytes come back than were sent", SPELL, TEXTS("abc"),
	    .opened = SAY_END(TEXTS("c", "b"), 0, 1, OK(1, 3, 2))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(ABC, 0, 3, OK(2, 6, 6))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(ABC, 0, 3, OK(3, 5, 5))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(ABC, 0, 3, OK(3, 6, 5))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(ABC, 0, 3, OK(3, 6, 7))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(NOTHING, 0, 0, END(STATUS_CANCELLED, 4, 0, 0))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(NOTHING, 0, 0, END(STATUS_CANCELLED, 3, 7, 0))),
	ROW("it counts what was not", EACH, ABC,
	    .opened = SAY_END(NOTHING, 0, 0, END(STATUS_CANCELLED, 3, 3, 4))),
};

static answer
answer_of(const struct said *said)
{
	answer a = player_say(said->texts, said->first, said->next);

	a.piece.last = said->last;
	a.end = said->end;
	return a;
}

/* Up to OPEN, which is made and not answered. */
static void
begin(struct player *p, const struct row *row)
{
	player_begin(p, row->method, 1, row->input);
	p->stream.largest = row->largest;
	if (row->credit > 0)
		p->stream.terms.credit = row->credit;
}

/* It ended because the server is wrong, and how. */
static void
assert_lie(struct player *p, const char *words)
{
	static const char prefix[] = "the server is wrong: ";
	char detail[DETAIL_MAX + 1] = "";

	player_is_over(p, STATUS_INTERNAL);
	memcpy(detail, p->stream.why.detail.detail_val,
	    p->stream.why.detail.detail_len);
	assert_memory_equal(detail, prefix, strlen(prefix));
	assert_string_equal(detail + strlen(prefix), words);
}

static void
tell(const struct row *row)
{
	struct player p;
	char heard[256];

	begin(&p, row);
	player_open(&p, answer_of(&row->opened));
	strcpy(heard, row->exchanged.texts != NULL ? p.heard : "");
	if (row->exchanged.texts != NULL) {
		player_next(&p);
		player_answer(&p, &p.call, answer_of(&row->exchanged));
	}
	if (row->words == NULL) {
		assert_int_not_equal(p.stream.phase, CLIENT_ENDED);
	} else {
		assert_lie(&p, row->words);
		assert_string_equal(p.heard, heard);
	}
	player_finish(&p);
}

static void
each_lie_ends_the_stream_unheard(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("# row %zu: %s\n", i,
		    rows[i].words != NULL ? rows[i].words : "no lie");
		tell(&rows[i]);
	}
}

/* Two calls are ahead; the first is answered by the end, after a gap. */
static void
hear_of_an_end(struct player *p, struct client_call *second)
{
	static const char *const input[] = { "a", "bb", "ccc", NULL };
	answer a = player_say(TEXTS("ccc"), 2, 3);

	player_begin(p, METHOD_EACH, 4, input);
	player_open(p, player_say(NOTHING, 0, 3));
	player_next(p);
	*second = p->call;
	player_next(p);
	a.piece.last = TRUE;
	a.end = OK(3, 6, 6);
	player_answer(p, second, a);
	*second = p->call;
}

static void
end_that_was_told_stays(void **state)
{
	struct client_call second;
	struct player p;
	answer a;

	(void)state;
	hear_of_an_end(&p, &second);
	a = player_say(ABC, 0, 3);
	a.piece.last = TRUE;
	a.end = OK(3, 6, 6);
	player_answer(&p, &second, a);
	player_is_over(&p, STATUS_OK);
	assert_string_equal(p.heard, "a,bb,ccc");
	player_finish(&p);
}

static void
end_that_is_told_no_more_is_a_lie(void **state)
{
	struct client_call second;
	struct player p;

	(void)state;
	hear_of_an_end(&p, &second);
	player_answer(&p, &second, player_say(ABC, 0, 3));
	assert_lie(&p, "the end of the answers moves");
	assert_string_equal(p.heard, "");
	player_finish(&p);
}

static void
end_that_moves_is_a_lie(void **state)
{
	struct client_call second;
	struct player p;
	answer a;

	(void)state;
	hear_of_an_end(&p, &second);
	a = player_say(TEXTS("a"), 0, 3);
	a.piece.last = TRUE;
	a.end = END(STATUS_CANCELLED, 3, 6, 6);
	player_answer(&p, &second, a);
	assert_lie(&p, "the end of the answers moves");
	player_finish(&p);
}

static void
end_of_another_kind_is_a_lie(void **state)
{
	stream_end *const others[] = { END(STATUS_CANCELLED, 3, 6, 6),
		OK(2, 6, 6), OK(3, 5, 5), OK(3, 6, 5) };
	struct client_call second;
	struct player p;
	answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		hear_of_an_end(&p, &second);
		a = player_say(ABC, 0, 3);
		a.piece.last = TRUE;
		a.end = others[i];
		player_answer(&p, &second, a);
		assert_lie(&p,
		    "the stream ends in "
		    "another way than before");
		player_finish(&p);
	}
}

/* A call without credit is one that pushes alone. */
static void
messages_without_credit_are_a_lie(void **state)
{
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, ABC);
	player_open(&p, player_say(NOTHING, 0, 3));
	player_next(&p);
	p.call.credit = 0;
	player_answer(&p, &p.call, player_say(TEXTS("a"), 0, 3));
	assert_lie(&p, "an answer is beyond the credit");
	player_finish(&p);
}

static void
failure_with_two_codes_is_a_lie(void **state)
{
	exchange_result result = { .code = STATUS_NOT_FOUND };
	open_result opened = { .code = STATUS_UNAVAILABLE };
	greet_result greeted = { .code = STATUS_INTERNAL };
	struct player p;

	(void)state;
	player_begin(&p, METHOD_EACH, 1, ABC);
	player_open(&p, player_say(NOTHING, 0, 3));
	player_next(&p);
	client_stream_exchanged(&p.stream, p.now, &p.call, &result);
	assert_lie(&p, "a failure has two codes");
	player_finish(&p);

	player_begin(&p, METHOD_EACH, 1, ABC);
	player_next(&p);
	client_stream_opened(&p.stream, p.now, &p.call, &opened);
	assert_lie(&p, "a failure has two codes");
	player_finish(&p);

	player_start_udp(&p, METHOD_EACH, ABC);
	player_next(&p);
	client_stream_greeted(&p.stream, p.now, &p.call, &greeted);
	assert_lie(&p, "a failure has two codes");
	player_finish(&p);
}

static void
fault_in_what_was_not_sent_is_a_lie(void **state)
{
	exchange_result result = { .code = STATUS_INVALID_ARGUMENT };
	failure *why = &result.exchange_result_u.why;
	answer a = player_say(NOTHING, 0, 3);
	stream_end end = { .why = { .code = STATUS_INVALID_ARGUMENT,
			       .at_message = 3 } };
	struct player p;

	(void)state;
	why->code = result.code;
	why->at_message = 3;
	player_begin(&p, METHOD_EACH, 1, ABC);
	player_open(&p, player_say(NOTHING, 0, 3));
	player_next(&p);
	client_stream_exchanged(&p.stream, p.now, &p.call, &result);
	assert_lie(&p, "the fault is in a message that was not sent");
	player_finish(&p);

	player_begin(&p, METHOD_COLLECT, 1, ABC);
	a.piece.last = TRUE;
	a.end = &end;
	player_open(&p, a);
	assert_lie(&p, "the fault is in a message that was not sent");
	player_finish(&p);
}

/* What another stream has answered, this one need not have counted. */
static void
counts_of_a_replay_may_leave_out_what_was_heard(void **state)
{
	static const uint64_t bytes_out[] = { 2, 3, 6, 7 };
	static const status_code ends[] = { STATUS_INTERNAL, STATUS_OK,
		STATUS_OK, STATUS_INTERNAL };
	struct player p;
	answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		player_begin(&p, METHOD_WHOLE, 1, ABC);
		player_open(&p, player_say(TEXTS("ccc"), 0, 3));
		player_next(&p);
		player_refuse(&p, &p.call, STATUS_NOT_FOUND);
		player_greet(&p, "1.0");
		a = player_say(TEXTS("bba"), 1, 3);
		a.piece.last = TRUE;
		a.end = OK(3, 6, bytes_out[i]);
		player_open(&p, a);
		player_is_over(&p, ends[i]);
		player_finish(&p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lie_ends_the_stream_unheard),
		cmocka_unit_test(end_that_was_told_stays),
		cmocka_unit_test(end_that_is_told_no_more_is_a_lie),
		cmocka_unit_test(end_that_moves_is_a_lie),
		cmocka_unit_test(end_of_another_kind_is_a_lie),
		cmocka_unit_test(messages_without_credit_are_a_lie),
		cmocka_unit_test(failure_with_two_codes_is_a_lie),
		cmocka_unit_test(fault_in_what_was_not_sent_is_a_lie),
		cmocka_unit_test(
		    counts_of_a_replay_may_leave_out_what_was_heard),
	};

	return cmocka_run_group_tests_name("lies", tests, NULL, NULL);
}
