/*
 * What a release line answers, to the byte: release-LINE.txt, which says how
 * it is written.  A stream goes on at another server of the line, so none may
 * answer anything else.
 */
#include "base/base.h"
#include "stream/client/greeted.h"
#include "test/lib/bench.h"
#include "text/text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

#define LINE    "0.1"
#define UNICODE "17.0.0"
#define VECTORS "test/unit/stream/method/release-" LINE ".txt"

#define PROMISE                                                                \
	"Servers of one release line go on with each other's streams.  What "  \
	"changes an answer needs another line in VERSION, and vectors of its " \
	"own beside " VECTORS "."

/* Room for every answer at once. */
#define AMPLE 100000

#define MESSAGES 20
#define BYTES    1000

struct vector {
	char title[80];
	stream_method method;
	text_unit unit;
	uint32_t largest;
	char bytes[BYTES]; /* of the messages in */
	size_t used;
	message in[MESSAGES];
	u_int count;
	char out[BYTES]; /* joined by commas */
	size_t out_len;
	unsigned int answers;
	int end;
	uint64_t at_message;
	uint64_t at_byte;
};

static const char *const methods[] = { "", "collect", "spell", "each",
	"whole" };
static const char *const units[] = { "grapheme", "codepoint", "byte", "word",
	"line" };

static int
index_of(const char *word, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(word, words[i]) == 0)
			return (int)i;
	fail_msg("%s: what is %s?", VECTORS, word);
	return -1;
}

static void
begin(struct vector *v, const char *line)
{
	char method[10], unit[10];

	memset(v, 0, sizeof(*v));
	snprintf(
	    v->title, sizeof(v->title), "%.*s", (int)strcspn(line, "\n"), line);
	assert_int_equal(
	    sscanf(line, "%9s %9s %" SCNu32, method, unit, &v->largest), 3);
	v->method =
	    (stream_method)index_of(method, methods, ARRAY_LEN(methods));
	v->unit = (text_unit)index_of(unit, units, ARRAY_LEN(units));
}

/* Returns how many bytes there are. */
static size_t
read_hex(char *to, size_t room, const char *text)
{
	unsigned int byte;
	size_t len = 0;

	while (sscanf(text, "%2x", &byte) == 1) {
		assert_true(len < room);
		to[len++] = (char)byte;
		text += 2;
	}
	return len;
}

static void
add_in(struct vector *v, const char *text)
{
	char *to = v->bytes + v->used;
	size_t len = read_hex(to, BYTES - v->used, text);

	assert_true(v->count < MESSAGES);
	v->in[v->count++] = (message){ (u_int)len, to };
	v->used += len;
}

static void
add_out(struct vector *v, const char *text)
{
	if (v->answers++ > 0)
		v->out[v->out_len++] = ',';
	v->out_len +=
	    read_hex(v->out + v->out_len, BYTES - 1 - v->out_len, text);
}

/* Adds what was heard to what was heard before it. */
static void
hear(struct vector *v, const struct said *said)
{
	assert_true(v->out_len + said->heard_len + 1 < BYTES);
	if (v->answers > 0 && said->count > 0)
		v->out[v->out_len++] = ',';
	memcpy(v->out + v->out_len, said->heard, said->heard_len);
	v->out_len += said->heard_len;
	v->answers += said->count;
}

/* Has a stream of ours answer it; got is what it answered. */
static void
answer_as_now(struct bench *b, const struct vector *v, struct vector *got)
{
	static struct said said;
	token stream;

	memset(got, 0, sizeof(*got));
	bench_open(b, &said,
	    (struct saying){ .method = v->method,
		.unit = v->unit,
		.largest = v->largest,
		.messages = v->in,
		.count = v->count,
		.last = true,
		.wait_ms = 1000,
		.credit = AMPLE });
	bench_wait(b, &said);
	assert_int_equal(said.code, STATUS_OK);
	memcpy(stream, said.stream, sizeof(stream));
	hear(got, &said);
	while (!said.last) {
		bench_exchange(b, &said, stream,
		    (struct saying){ .first = said.next,
			.last = said.next == v->count,
			.next = got->answers,
			.wait_ms = 1000,
			.credit = AMPLE });
		bench_wait(b, &said);
		hear(got, &said);
	}
	got->end = (int)said.end;
	got->at_message = said.at_message;
	got->at_byte = said.at_byte;
	bench_cancel(b, stream);
}

static void
print_hex(const char *what, const struct vector *v)
{
	print_error("  %s:", what);
	for (size_t i = 0; i < v->out_len; i++)
		print_error(" %02x", (unsigned char)v->out[i]);
	print_error("; %u answers, end %d at message %" PRIu64 ", byte %" PRIu64
		    "\n",
	    v->answers, v->end, v->at_message, v->at_byte);
}

/* Returns whether the answers are those that were promised. */
static bool
is_kept(struct bench *b, const struct vector *v)
{
	struct vector got;

	answer_as_now(b, v, &got);
	if (got.answers == v->answers && got.out_len == v->out_len &&
	    memcmp(got.out, v->out, v->out_len) == 0 && got.end == v->end &&
	    got.at_message == v->at_message && got.at_byte == v->at_byte)
		return true;
	print_error("%s\n", v->title);
	print_hex("promised", v);
	print_hex("answered", &got);
	return false;
}

static void
every_answer_is_the_one_that_was_promised(void **state)
{
	FILE *file = fopen(VECTORS, "re");
	unsigned int broken = 0, streams = 0;
	struct vector v;
	char line[2 * BYTES];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (line[0] == '<') {
			add_in(&v, line + 1 + strspn(line + 1, " "));
		} else if (line[0] == '>') {
			add_out(&v, line + 1 + strspn(line + 1, " "));
		} else if (line[0] == '=') {
			assert_int_equal(
			    sscanf(line, "= %d %" SCNu64 " %" SCNu64, &v.end,
				&v.at_message, &v.at_byte),
			    3);
			broken += !is_kept(*state, &v);
			streams++;
		} else if (line[0] != '#' && line[0] != '\n') {
			begin(&v, line);
		}
	}
	fclose(file);
	assert_int_equal(streams, 73);
	if (broken > 0)
		fail_msg("%u of %u answers are not those of release line %s. "
			 " " PROMISE,
		    broken, streams, LINE);
}

static void
these_are_the_answers_of_this_release(void **state)
{
	greeting promised = { 0 }, ours = { 0 };
	struct greeted g;

	(void)state;
	promised.release.release_val = (char *)LINE;
	promised.release.release_len = sizeof(LINE) - 1;
	promised.unicode.unicode_val = (char *)UNICODE;
	promised.unicode.unicode_len = sizeof(UNICODE) - 1;
	ours.release.release_val = (char *)REVERSE_VERSION;
	ours.release.release_len = sizeof(REVERSE_VERSION) - 1;
	ours.unicode.unicode_val = (char *)(uintptr_t)text_unicode_version();
	ours.unicode.unicode_len = (u_int)strlen(text_unicode_version());
	greeted_keep(&g, &promised);
	if (!greeted_agrees(&g, &ours))
		fail_msg("release %s with Unicode %s is not of the line of "
			 "these vectors.  " PROMISE,
		    REVERSE_VERSION, text_unicode_version());
}

#define FACT(name) \
	cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(every_answer_is_the_one_that_was_promised),
		cmocka_unit_test(these_are_the_answers_of_this_release),
	};

	return cmocka_run_group_tests_name("release", tests, NULL, NULL);
}
