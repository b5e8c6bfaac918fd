/* The inner loops in plain C, right on every machine: see text/kernel.h. */
#include <string.h>

#include "text/cluster.h"
#include "text/kernel.h"
#include "text/utf8.h"

static uint64_t
load_turned(const uint8_t *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof(eight));
	return __builtin_bswap64(eight);
}

static void
bytes(uint8_t *out, const uint8_t *in, size_t len)
{
	uint64_t eight;

	for (; len >= sizeof(eight); len -= sizeof(eight)) {
		eight = load_turned(in + len - sizeof(eight));
		memcpy(out, &eight, sizeof(eight));
		out += sizeof(eight);
	}
	while (len > 0)
		*out++ = in[--len];
}

/* Length of the character that begins with the byte. */
static inline size_t
length_by_lead(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xe0)
		return 2;
	return lead < 0xf0 ? 3 : 4;
}

static size_t
codepoints(const struct text_piece *piece)
{
	const uint64_t high = 0x8080808080808080u;
	const uint8_t *in = piece->in;
	uint8_t *end = piece->end;
	size_t at = 0, len = piece->len, start;
	uint64_t eight;
	uint32_t four;

	while (at < len) {
		if (in[at] < 0x80 && len - at >= sizeof(eight)) {
			eight = load_turned(in + at);
			if ((eight & high) == 0) {
				at += sizeof(eight);
				memcpy(end - at, &eight, sizeof(eight));
				continue;
			}
		}
		start = at;
		at += length_by_lead(in[start]);
		/* What is below the character is written next. */
		if (at >= sizeof(four) && len - start >= sizeof(four)) {
			memcpy(&four, in + at - sizeof(four), sizeof(four));
			memcpy(end - start - sizeof(four), &four, sizeof(four));
		} else {
			memcpy(end - at, in + start, at - start);
		}
	}
	return len;
}

static size_t
graphemes(const struct text_piece *piece)
{
	return cluster_reverse(piece, 0, piece->len);
}

const struct text_kernel text_kernel_portable = {
	.name = "portable",
	.bytes = bytes,
	.valid = utf8_valid,
	.codepoints = codepoints,
	.graphemes = graphemes,
};
