/*
 * Reads strings as hexadecimal code points, one a line, and writes each with
 * the boundaries of its grapheme clusters, as vectors.txt has them: a filter
 * for comparison with other implementations.
 */
#include <stdio.h>
#include <stdlib.h>

#include "test/lib/samples.h"
#include "text/pieces.h"

#define POINTS 512

/* Writes a string; its first point at least is there. */
static void
segment(const uint32_t *points, size_t count)
{
	struct text_scan scan;
	uint64_t offset;

	text_scan_init(&scan, TEXT_BY_GRAPHEME);
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[4];
		const uint8_t *in = bytes;
		size_t left = samples_encode(points[i], bytes);
		int r = text_scan_next(&scan, &in, &left, &offset);

		printf("%s %04X ",
		    i == 0 || r == TEXT_FOUND ? "\xc3\xb7" : "\xc3\x97",
		    (unsigned int)points[i]);
	}
	puts("\xc3\xb7");
}

int
main(void)
{
	uint32_t points[POINTS];
	char line[8 * POINTS];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *at = line, *end;
		size_t count = 0;

		while (count < POINTS) {
			points[count] = (uint32_t)strtoul(at, &end, 16);
			if (end == at)
				break;
			count++;
			at = end;
		}
		if (count > 0)
			segment(points, count);
	}
	return 0;
}
