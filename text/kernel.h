/*
 * What the inner loops are, each of them once for each kind of processor.
 * text/choice.h says which are used.  All sets give the same results on every
 * input.
 */
#ifndef TEXT_KERNEL_H
#define TEXT_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The well-formed text in[0..len), to be reversed down from end.  Without last
 * the text goes on behind it.  Nothing is written below out; len bytes at
 * least lie between out and end.
 */
struct text_piece {
	const uint8_t *in;
	size_t len;
	uint8_t *out;
	uint8_t *end;
	bool last;
};

/*
 * Reverses units of a piece from its front.  Returns how many bytes it did,
 * always whole units: all of them with last; else units may be left over, the
 * last one always where it could go on.
 */
typedef size_t text_function(const struct text_piece *piece);

struct text_kernel {
	const char *name;
	/* Reverses len bytes of in to out; they do not overlap. */
	void (*bytes)(uint8_t *out, const uint8_t *in, size_t len);
	/* utf8_valid */
	size_t (*valid)(const uint8_t *in, size_t len);
	text_function *codepoints;
	text_function *graphemes;
};

extern const struct text_kernel text_kernel_portable;

#endif
