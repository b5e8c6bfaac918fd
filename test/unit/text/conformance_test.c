/*
 * Published strings and their boundaries: our own of Unicode 17.0, made by
 * vectors.mjs, and where it is installed the test file of Unicode 15.0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/lib/samples.h"
#include "text/choice.h"
#include "text/cluster.h"
#include "text/text.h"
#include "text/utf8.h"
#include "text/whole.h"

#define OWN_VECTORS      "test/unit/text/vectors.txt"
#define UNICODE_15_TESTS "/usr/share/unicode/auxiliary/GraphemeBreakTest.txt"

/*
 * Two blades of scissors joined by ZWJ, one cluster by GB11 while U+2701 was
 * Extended_Pictographic, which it is no longer in Unicode 17.0.
 */
#define SUPERSEDED "\xe2\x9c\x81\xe2\x80\x8d\xe2\x9c\x81"

struct vector {
	uint8_t text[128];
	size_t length;
	size_t starts[64]; /* of clusters, and the length at last */
	size_t clusters;
};

/* Reads a line of hexadecimal code points between the signs for a boundary
 * and for none.  Returns false if it holds nothing but a comment. */
static bool
parse(struct vector *vector, const char *line)
{
	bool is_boundary = false;
	char *end;

	vector->length = 0;
	vector->clusters = 0;
	while (*line != '\0' && *line != '#' && *line != '\n') {
		if (strncmp(line, "\xc3\xb7", 2) == 0) {
			is_boundary = true;
			line += 2;
		} else if (strncmp(line, "\xc3\x97", 2) == 0) {
			is_boundary = false;
			line += 2;
		} else if (*line == ' ' || *line == '\t') {
			line++;
		} else {
			if (is_boundary)
				vector->starts[vector->clusters++] =
				    vector->length;
			vector->length +=
			    samples_encode((uint32_t)strtoul(line, &end, 16),
				vector->text + vector->length);
			assert_ptr_not_equal(line, end);
			line = end;
		}
	}
	vector->starts[vector->clusters] = vector->length;
	return vector->clusters > 0;
}

static bool
automaton_agrees(const struct vector *vector)
{
	unsigned int state = STATE_START;
	uint32_t point;
	size_t n = 0;

	for (size_t at = 0; at < vector->length;) {
		unsigned int length = utf8_decode(vector->text + at, &point);

		state = cluster_step(state & TEXT_STATE_MASK, point);
		if (at == 0 || (state & TEXT_BOUNDARY) != 0) {
			if (n >= vector->clusters || vector->starts[n++] != at)
				return false;
		}
		at += length;
	}
	return n == vector->clusters;
}

static bool
cursor_agrees(const struct vector *vector)
{
	size_t n = vector->clusters;
	struct text_cursor cursor;
	const uint8_t *unit;

	text_cursor_init(
	    &cursor, vector->text, vector->length, TEXT_BY_GRAPHEME, NULL);
	while (text_cursor_next(&cursor, &unit) > 0) {
		if (n == 0 || unit != vector->text + vector->starts[--n])
			return false;
	}
	return n == 0;
}

static bool
reversal_agrees(const struct vector *vector)
{
	static const char *const names[] = { "portable", "avx2", "avx512" };
	uint8_t want[128], out[128];
	size_t length, at = 0;

	for (size_t i = vector->clusters; i-- > 0;) {
		length = vector->starts[i + 1] - vector->starts[i];
		memcpy(want + at, vector->text + vector->starts[i], length);
		at += length;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (text_kernel_use(names[i]) != 0)
			continue;
		if (text_reverse(out, vector->text, vector->length,
			TEXT_BY_GRAPHEME, NULL) != 0 ||
		    memcmp(out, want, vector->length) != 0)
			return false;
	}
	return true;
}

/* Counts the vectors in a file, and those that are not the superseded one
 * and fail. */
static void
run(FILE *file, size_t *count, size_t *superseded, size_t *failures)
{
	struct vector vector;
	char line[1024];

	*count = *superseded = *failures = 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (!parse(&vector, line))
			continue;
		++*count;
		if (automaton_agrees(&vector) && cursor_agrees(&vector) &&
		    reversal_agrees(&vector))
			continue;
		if (vector.length == sizeof(SUPERSEDED) - 1 &&
		    memcmp(vector.text, SUPERSEDED, vector.length) == 0) {
			++*superseded;
			continue;
		}
		++*failures;
		print_error("%s", line);
	}
}

static void
clusters_are_those_of_unicode_17(void **state)
{
	size_t count, superseded, failures;
	FILE *file = fopen(OWN_VECTORS, "re");

	(void)state;
	assert_non_null(file);
	run(file, &count, &superseded, &failures);
	fclose(file);
	assert_int_equal(count, 3052);
	assert_int_equal(superseded, 0);
	assert_int_equal(failures, 0);
}

static void
clusters_are_those_of_unicode_15_but_for_one_case(void **state)
{
	size_t count, superseded, failures;
	FILE *file = fopen(UNICODE_15_TESTS, "re");

	(void)state;
	if (file == NULL)
		skip();
	run(file, &count, &superseded, &failures);
	fclose(file);
	assert_int_equal(count, 602);
	assert_int_equal(superseded, 1);
	assert_int_equal(failures, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clusters_are_those_of_unicode_17),
		cmocka_unit_test(
		    clusters_are_those_of_unicode_15_but_for_one_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
