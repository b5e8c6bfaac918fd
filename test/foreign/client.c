/*
 * client PORT.  What it prints is in test/foreign/expected.
 */
#include "test/foreign/client.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PING = 0, TEXT = 2, OPEN = 3, EXCHANGE = 4 };
enum { EACH = 3, BYTE = 2, WINDOW = 65536, WAIT_MS = 5000 };
enum { TEXTS = 3, TOKEN = 16 };

struct text {
	char *bytes;
	uint32_t len;
};

struct text_result {
	uint32_t code, metadata;
	struct text text;
};

struct piece {
	uint64_t first, next;
	uint32_t count, last, window;
	struct text texts[TEXTS];
};

/* Of a stream: what is said, and what was heard. */
struct stream {
	char token[TOKEN];
	uint32_t lease;
	struct piece says, hears;
	uint32_t code, end, end_code;
};

static bool
code_words(void *xdrs, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t word = words[i];

		if (!code_word(xdrs, &word))
			return false;
	}
	return true;
}

#define SAY(xdrs, ...)                                      \
	code_words(xdrs, (const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

static bool
code_hyper(void *xdrs, uint64_t *value)
{
	uint32_t high = (uint32_t)(*value >> 32), low = (uint32_t)*value;

	if (!code_word(xdrs, &high) || !code_word(xdrs, &low))
		return false;
	*value = (uint64_t)high << 32 | low;
	return true;
}

static bool
code_nothing(void *xdrs, void *value)
{
	(void)xdrs;
	(void)value;
	return true;
}

static bool
code_text(void *xdrs, void *value)
{
	struct text *text = value;

	return SAY(xdrs, 0, 0, BYTE) &&
	    code_bytes(xdrs, &text->bytes, &text->len);
}

static bool
code_text_result(void *xdrs, void *value)
{
	struct text_result *result = value;

	return code_word(xdrs, &result->code) &&
	    (result->code != 0 ||
		(code_bytes(xdrs, &result->text.bytes, &result->text.len) &&
		    code_word(xdrs, &result->metadata)));
}

static bool
code_piece(void *xdrs, struct piece *piece)
{
	if (!code_hyper(xdrs, &piece->first) ||
	    !code_word(xdrs, &piece->count) || piece->count > TEXTS)
		return false;
	for (uint32_t i = 0; i < piece->count; i++)
		if (!code_bytes(
			xdrs, &piece->texts[i].bytes, &piece->texts[i].len))
			return false;
	return code_word(xdrs, &piece->last) &&
	    code_hyper(xdrs, &piece->next) && code_word(xdrs, &piece->window);
}

static bool
code_answer(void *xdrs, struct stream *stream)
{
	return code_piece(xdrs, &stream->hears) &&
	    code_word(xdrs, &stream->end) &&
	    (stream->end == 0 || code_word(xdrs, &stream->end_code));
}

static bool
code_open(void *xdrs, void *value)
{
	struct stream *stream = value;
	char nonce[TOKEN] = "";

	return SAY(xdrs, 0, 0) && code_fixed(xdrs, nonce, TOKEN) &&
	    SAY(xdrs, EACH, BYTE, 0, 0) && code_piece(xdrs, &stream->says) &&
	    SAY(xdrs, 0);
}

static bool
code_opened(void *xdrs, void *value)
{
	struct stream *stream = value;

	return code_word(xdrs, &stream->code) &&
	    (stream->code != 0 ||
		(code_fixed(xdrs, stream->token, TOKEN) &&
		    code_word(xdrs, &stream->lease) &&
		    code_answer(xdrs, stream)));
}

static bool
code_exchange(void *xdrs, void *value)
{
	struct stream *stream = value;

	return code_fixed(xdrs, stream->token, TOKEN) &&
	    code_piece(xdrs, &stream->says) && SAY(xdrs, WAIT_MS, 0);
}

static bool
code_exchanged(void *xdrs, void *value)
{
	struct stream *stream = value;

	return code_word(xdrs, &stream->code) &&
	    (stream->code != 0 || code_answer(xdrs, stream));
}

static int
call(uint32_t procedure, codec in, void *arguments, codec out, void *result)
{
	return library_call(procedure, (struct coded){ in, arguments },
	    (struct coded){ out, result });
}

static bool
is_reversed(const struct text *reversed, const struct text *text)
{
	if (reversed->len != text->len)
		return false;
	for (uint32_t i = 0; i < text->len; i++)
		if (reversed->bytes[i] != text->bytes[text->len - 1 - i])
			return false;
	return true;
}

static void
try_text(uint32_t size)
{
	struct text text = { malloc(size + 1), size };
	struct text_result result = { .text.bytes = NULL };
	int status;

	if (text.bytes == NULL)
		err(1, "malloc");
	for (uint32_t i = 0; i < size; i++)
		text.bytes[i] = (char)(i % 251);
	status = call(TEXT, code_text, &text, code_text_result, &result);
	if (status != 0)
		printf("text of %u: accept status %d\n", size, status);
	else if (result.code != 0 || !is_reversed(&result.text, &text))
		printf("text of %u: status %u\n", size, result.code);
	else
		printf("text of %u: reversed\n", size);
	free(result.text.bytes);
	free(text.bytes);
}

/* Prints what came, and sees what is to be said next. */
static void
hear(struct stream *stream, const struct text *texts)
{
	struct piece *says = &stream->says, *hears = &stream->hears;

	if (stream->code != 0 || stream->end_code != 0)
		errx(1, "status %u, %u", stream->code, stream->end_code);
	for (uint32_t i = 0; i < hears->count; i++) {
		printf(
		    " %.*s", (int)hears->texts[i].len, hears->texts[i].bytes);
		free(hears->texts[i].bytes);
	}
	says->first = hears->next;
	says->next = hears->first + hears->count;
	says->last = 1;
	says->count = (uint32_t)(TEXTS - says->first);
	for (uint32_t i = 0; i < says->count; i++)
		says->texts[i] = texts[says->first + i];
	*hears = (struct piece){ .first = 0 };
}

static void
try_each(void)
{
	const struct text texts[TEXTS] = { { "one", 3 }, { "two", 3 },
		{ "three", 5 } };
	struct stream stream = { .says.window = WINDOW };

	printf("each:");
	if (call(OPEN, code_open, &stream, code_opened, &stream) != 0)
		errx(1, "open is refused");
	hear(&stream, texts);
	while (stream.end == 0) {
		if (call(EXCHANGE, code_exchange, &stream, code_exchanged,
			&stream) != 0)
			errx(1, "exchange is refused");
		hear(&stream, texts);
	}
	printf("\n");
}

int
main(int argc, char **argv)
{
	static const uint32_t sizes[] = { 0, 65536, 1048576, 1048577 };

	if (argc != 2)
		errx(2, "usage: client PORT");
	library_connect((uint16_t)atoi(argv[1]));
	if (call(PING, code_nothing, NULL, code_nothing, NULL) == 0)
		printf("ping: answered\n");
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		try_text(sizes[i]);
	try_each();
	return 0;
}
