#include "base/buffer.h"

#include "base/block.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
	/* The first memory a buffer takes: small, for there may be many. */
	FIRST_SIZE = 512,
	/* The largest kept block that it takes for less. */
	ROOMY_SIZE = 2 * 1024 * 1024,
};

void
buffer_init(struct buffer *b, size_t max)
{
	*b = (struct buffer){ .max = max };
}

void
buffer_deinit(struct buffer *b)
{
	if (b->size > 0 && !b->lent)
		block_free(b->data, b->size);
	buffer_init(b, b->max);
}

/* Moves what is held to new memory of the buffer's own. */
static int
move_to(struct buffer *b, size_t size)
{
	size_t held = buffer_len(b);
	uint8_t *data;

	if (!b->lent && b->start == 0) {
		/* It may be possible to grow it where it is. */
		data = block_resize(b->data, b->size, &size, ROOMY_SIZE);
		if (data == NULL)
			return -ENOMEM;
	} else {
		data = block_new(&size, ROOMY_SIZE);
		if (data == NULL)
			return -ENOMEM;
		memcpy(data, buffer_head(b), held);
		if (!b->lent)
			block_free(b->data, b->size);
	}
	b->data = data;
	b->start = 0;
	b->end = held;
	b->size = size;
	b->lent = false;
	return 0;
}

int
buffer_grow(struct buffer *b, size_t n)
{
	size_t held = buffer_len(b);
	size_t size;

	if (held > b->max || n > b->max - held)
		return BUFFER_FULL;
	/* Moving down costs no more than consuming what was before did. */
	if (n <= b->size - held && b->start >= held) {
		memmove(b->data, buffer_head(b), held);
		b->start = 0;
		b->end = held;
		return 0;
	}
	size = b->size < FIRST_SIZE ? FIRST_SIZE : b->size;
	/* With little to spare the next few bytes would move it all again. */
	while (size - held < n || (size / 2 < held && size < b->max))
		size = size > b->max / 2 ? b->max : size * 2;
	return move_to(b, size);
}

void
buffer_consume(struct buffer *b, size_t n)
{
	assert(n <= buffer_len(b));
	b->start += n;
	if (b->start == b->end)
		b->start = b->end = 0;
}

void
buffer_truncate(struct buffer *b, size_t len)
{
	assert(len <= buffer_len(b));
	b->end = b->start + len;
}

void
buffer_trim(struct buffer *b)
{
	if (buffer_len(b) == 0)
		buffer_deinit(b);
}

void
buffer_lend(struct buffer *b, uint8_t *scratch, size_t size)
{
	if (buffer_len(b) != 0)
		return;
	buffer_deinit(b);
	b->data = scratch;
	b->size = size;
	b->lent = true;
}

int
buffer_settle(struct buffer *b)
{
	int r;

	if (!b->lent)
		return 0;
	if (buffer_len(b) == 0) {
		buffer_deinit(b);
		return 0;
	}
	r = move_to(b, buffer_len(b) > FIRST_SIZE ? buffer_len(b) : FIRST_SIZE);
	if (r < 0)
		buffer_deinit(b);
	return r;
}
