/* Text in pieces: the same answers as for the whole, wherever it is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "test/lib/samples.h"
#include "text/pieces.h"
#include "text/text.h"

static int
check(const uint8_t *in, const size_t *cuts, uint64_t *bad_at)
{
	struct text_check state;
	size_t at = 0;
	int r;

	text_check_init(&state);
	for (; *cuts != SIZE_MAX; cuts++) {
		r = text_check_piece(&state, in + at, *cuts - at, bad_at);
		if (r != 0)
			return r;
		at = *cuts;
	}
	return text_check_end(&state, bad_at);
}

static void
compare(const uint8_t *in, size_t len, const size_t *cuts)
{
	uint64_t bad_at = 0;
	size_t want_at = 0;
	int want = text_validate(in, len, &want_at);

	assert_int_equal(check(in, cuts, &bad_at), want);
	assert_int_equal(bad_at, want_at);
}

/* Cuts at each offset, and between all bytes. */
static void
cut_everywhere(const uint8_t *in, size_t len)
{
	size_t cuts[1025], two[] = { 0, len, SIZE_MAX };

	for (size_t i = 0; i < len; i++)
		cuts[i] = i + 1;
	cuts[len] = SIZE_MAX;
	compare(in, len, cuts);
	for (two[0] = 0; two[0] <= len; two[0]++)
		compare(in, len, two);
}

static void
every_cut_gives_the_same(void **state)
{
	struct samples samples;
	uint8_t in[200];
	size_t len;

	(void)state;
	samples_init(&samples, 2);
	for (int i = 0; i < 300; i++) {
		len = samples_text(&samples, in, sizeof(in));
		cut_everywhere(in, len);
	}
}

static void
every_cut_gives_the_offset_of_what_is_ill_formed(void **state)
{
	struct samples samples;
	uint8_t in[100];
	size_t len;

	(void)state;
	samples_init(&samples, 3);
	for (int i = 0; i < 1000; i++) {
		len = samples_text(&samples, in, sizeof(in));
		if (len == 0)
			continue;
		in[samples_below(&samples, (uint32_t)len)] =
		    (uint8_t)samples_below(&samples, 256);
		cut_everywhere(in, len);
	}
}

/* Also in the middle of a character. */
static void
every_end_gives_the_same(void **state)
{
	struct samples samples;
	uint8_t in[40];
	size_t len;

	(void)state;
	samples_init(&samples, 4);
	for (int i = 0; i < 100; i++) {
		len = samples_text(&samples, in, sizeof(in));
		for (; len > 0; len--)
			cut_everywhere(in, len);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_gives_the_same),
		cmocka_unit_test(every_end_gives_the_same),
		cmocka_unit_test(
		    every_cut_gives_the_offset_of_what_is_ill_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
