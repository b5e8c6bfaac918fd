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

static void
bytes_inplace(uint8_t *buf, size_t len)
{
	uint8_t *low = buf, *high = buf + len;
	uint64_t first, last;

	while (high - low >= 16) {
		first = load_turned(low);
		last = load_turned(high - 8);
		memcpy(low, &last, sizeof(last));
		memcpy(high - 8, &first, sizeof(first));
		low += 8;
		high -= 8;
	}
	while (high - low >= 2) {
		uint8_t byte = *low;

		*low++ = *--high;
		*high = byte;
	}
}

static size_t
codepoints(uint8_t *out, uint8_t *end, const uint8_t *in, size_t len,
    bool last)
{
	const uint64_t high = 0x8080808080808080u;
	size_t at = 0, n;
	uint64_t eight;
	uint32_t four;

	(void)out;
	(void)last;
	while (at < len) {
		if (in[at] < 0x80 && len - at >= sizeof(eight)) {
			eight = load_turned(in + at);
			if ((eight & high) == 0) {
				at += sizeof(eight);
				memcpy(end - at, &eight, sizeof(eight));
				continue;
			}
		}
		n = in[at] < 0x80 ? 1 : in[at] < 0xe0 ? 2 :
		    in[at] < 0xf0		  ? 3 :
						    4;
		at += n;
		/* Below the character comes what is written next. */
		if (at >= sizeof(four) && at + sizeof(four) <= len + n) {
			memcpy(&four, in + at - sizeof(four), sizeof(four));
			memcpy(end - (at - n) - sizeof(four), &four,
			    sizeof(four));
		} else {
			memcpy(end - at, in + at - n, n);
		}
	}
	return len;
}

static size_t
graphemes(uint8_t *out, uint8_t *end, const uint8_t *in, size_t len, bool last)
{
	return cluster_reverse(out, end, in, len, len, last);
}

const struct text_kernel text_kernel_portable = {
	.name = "portable",
	.bytes = bytes,
	.bytes_inplace = bytes_inplace,
	.valid = utf8_valid,
	.codepoints = codepoints,
	.graphemes = graphemes,
};
