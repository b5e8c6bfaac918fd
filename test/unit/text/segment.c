/*
 * Reads strings as hexadecimal code points, one a line, and writes each with
 * the boundaries of its grapheme clusters, as vectors.txt has them: a filter
 * for comparison with other implementations.
 */
#include <stdio.h>
#include <stdlib.h>

#include "text/cluster.h"

#define POINTS 512

/* Writes a string; its first point at least is there. */
static void
segment(const uint32_t *points, size_t count)
{
	unsigned int state = STATE_START;

	for (size_t i = 0; i < count; i++) {
		state = cluster_step(state & TEXT_STATE_MASK, points[i]);
		printf("%s %04X ",
		    i == 0 || (state & TEXT_BOUNDARY) != 0 ? "\xc3\xb7"
							   : "\xc3\x97",
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
