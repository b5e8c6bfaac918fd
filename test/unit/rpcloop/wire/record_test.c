/* What rpcloop/wire/record finds in a stream of bytes. */
#include "rpcloop/wire/record.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct record_limits limits = {
	.bytes = 100,
	.fragments = 5,
	.empty_fragments = 2,
};

/* A stream of bytes under construction. */
struct stream {
	uint8_t bytes[1024];
	size_t len;
};

static void
add_header(struct stream *s, uint32_t word)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		s->bytes[s->len++] = (uint8_t)(word >> shift);
}

static void
add_fragment(struct stream *s, const char *text, bool last)
{
	uint32_t len = (uint32_t)strlen(text);

	add_header(s, len | (last ? RECORD_LAST_FRAGMENT : 0));
	memcpy(s->bytes + s->len, text, len);
	s->len += len;
}

/* Scans the whole stream at once. */
static enum record_result
scan(struct stream *s, struct record_reader *r)
{
	*r = (struct record_reader){ 0 };
	return record_scan(r, &limits, s->bytes, s->len);
}

static void
assert_body(
    const struct stream *s, const struct record_reader *r, const char *text)
{
	assert_int_equal(r->body_len, strlen(text));
	assert_memory_equal(s->bytes + r->body_at, text, r->body_len);
}

static void
one_fragment_is_found_in_place(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_fragment(&s, "call", true);
	add_fragment(&s, "next", true);
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_body(&s, &r, "call");
	assert_int_equal(r.body_at, RECORD_HEADER_SIZE);
	assert_int_equal(r.scanned, 8);
}

static void
fragments_are_joined(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_fragment(&s, "one ", false);
	add_fragment(&s, "two ", false);
	add_fragment(&s, "three", true);
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_body(&s, &r, "one two three");
	assert_int_equal(r.scanned, s.len);
}

static void
empty_fragments_count_as_nothing(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_fragment(&s, "", false);
	add_fragment(&s, "text", false);
	add_fragment(&s, "", true);
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_body(&s, &r, "text");
}

static void
an_empty_record_is_one(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_fragment(&s, "", true);
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_int_equal(r.body_len, 0);
}

/* However the bytes arrive, the records are the same. */
static void
every_cut_gives_the_same(void **state)
{
	struct stream whole = { .len = 0 };
	struct stream cut;
	struct record_reader r;

	(void)state;
	add_fragment(&whole, "abcdefgh", false);
	add_fragment(&whole, "", false);
	add_fragment(&whole, "ijkl", true);
	for (size_t first = 0; first < whole.len; first++) {
		for (size_t second = first; second < whole.len; second++) {
			cut = whole;
			r = (struct record_reader){ 0 };
			assert_int_equal(
			    record_scan(&r, &limits, cut.bytes, first),
			    RECORD_PARTIAL);
			assert_int_equal(
			    record_scan(&r, &limits, cut.bytes, second),
			    RECORD_PARTIAL);
			assert_int_equal(
			    record_scan(&r, &limits, cut.bytes, cut.len),
			    RECORD_COMPLETE);
			assert_body(&cut, &r, "abcdefghijkl");
		}
	}
}

static void
the_largest_record_is_taken(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_header(&s, RECORD_LAST_FRAGMENT | limits.bytes);
	s.len += limits.bytes;
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_int_equal(r.body_len, limits.bytes);
}

static void
a_larger_one_is_refused_by_its_header(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_header(&s, RECORD_LAST_FRAGMENT | (limits.bytes + 1));
	assert_int_equal(scan(&s, &r), RECORD_TOO_LARGE);
	s.len = 0;
	add_header(&s, 0x7fffffff);
	assert_int_equal(scan(&s, &r), RECORD_TOO_LARGE);
}

/* Each fragment fits alone; their sum does not, nor may it wrap round. */
static void
the_sum_of_fragments_is_bounded(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	add_header(&s, limits.bytes);
	s.len += limits.bytes;
	add_header(&s, RECORD_LAST_FRAGMENT | 1);
	assert_int_equal(scan(&s, &r), RECORD_TOO_LARGE);
	s.len -= RECORD_HEADER_SIZE;
	add_header(&s, RECORD_LAST_FRAGMENT | 0x7fffffff);
	assert_int_equal(scan(&s, &r), RECORD_TOO_LARGE);
}

static void
the_number_of_fragments_is_bounded(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	for (unsigned int i = 1; i < limits.fragments; i++)
		add_fragment(&s, "a", false);
	add_fragment(&s, "b", true);
	assert_int_equal(scan(&s, &r), RECORD_COMPLETE);
	assert_body(&s, &r, "aaaab");

	s.len = 0;
	for (unsigned int i = 0; i < limits.fragments; i++)
		add_fragment(&s, "a", false);
	add_fragment(&s, "b", true);
	assert_int_equal(scan(&s, &r), RECORD_TOO_SCATTERED);
}

static void
the_number_of_empty_fragments_is_bounded(void **state)
{
	struct stream s = { .len = 0 };
	struct record_reader r;

	(void)state;
	for (unsigned int i = 0; i < limits.empty_fragments; i++)
		add_fragment(&s, "", false);
	assert_int_equal(scan(&s, &r), RECORD_PARTIAL);
	add_fragment(&s, "", false);
	assert_int_equal(scan(&s, &r), RECORD_TOO_SCATTERED);
}

static void
a_header_is_written_for_the_last_fragment(void **state)
{
	const uint8_t expected[] = { 0x81, 0x02, 0x03, 0x04 };
	uint8_t header[RECORD_HEADER_SIZE];

	(void)state;
	record_put_header(header, 0x01020304);
	assert_memory_equal(header, expected, sizeof(expected));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fragment_is_found_in_place),
		cmocka_unit_test(fragments_are_joined),
		cmocka_unit_test(empty_fragments_count_as_nothing),
		cmocka_unit_test(an_empty_record_is_one),
		cmocka_unit_test(every_cut_gives_the_same),
		cmocka_unit_test(the_largest_record_is_taken),
		cmocka_unit_test(a_larger_one_is_refused_by_its_header),
		cmocka_unit_test(the_sum_of_fragments_is_bounded),
		cmocka_unit_test(the_number_of_fragments_is_bounded),
		cmocka_unit_test(the_number_of_empty_fragments_is_bounded),
		cmocka_unit_test(a_header_is_written_for_the_last_fragment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
