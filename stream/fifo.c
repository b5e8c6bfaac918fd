#include "stream/fifo.h"

#include "base/base.h"
#include "base/block.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A buffer up to this size is kept when the fifo runs empty. */
#define FIFO_KEEP 4096

void
fifo_init(struct fifo *fifo, uint64_t first, size_t limit)
{
	memset(fifo, 0, sizeof(*fifo));
	fifo->limit = limit;
	fifo->first = first;
	fifo->next = first;
}

void
fifo_clear(struct fifo *fifo)
{
	block_free(fifo->buffer, fifo->size);
	fifo->buffer = NULL;
	fifo->size = 0;
	fifo->dropped += fifo->used;
	fifo->head = 0;
	fifo->used = 0;
	fifo->open = false;
	fifo->first = fifo->next;
}

/* Makes room for more bytes after those used: first moves, then grows. */
static int
make_room(struct fifo *fifo, size_t more)
{
	size_t need, size;
	unsigned char *buffer;

	if (fifo->used > fifo->limit || more > fifo->limit - fifo->used)
		return -ENOMEM;
	need = fifo->used + more;
	if (fifo->head > 0) {
		memmove(fifo->buffer, fifo->buffer + fifo->head, fifo->used);
		fifo->head = 0;
	}
	/* A buffer less than half used is worth keeping: moving stays rare. */
	if (need <= fifo->size)
		return 0;
	size = fifo->size * 2 > need ? fifo->size * 2 : need;
	if (size > fifo->limit)
		size = fifo->limit;
	buffer = block_resize(fifo->buffer, fifo->size, &size, fifo->limit);
	if (buffer == NULL)
		return -ENOMEM;
	fifo->buffer = buffer;
	fifo->size = MIN_OF(size, fifo->limit);
	return 0;
}

void *
fifo_reserve(struct fifo *fifo, size_t len)
{
	size_t cost;

	assert(!fifo->open);
	if (len > fifo->limit)
		return NULL;
	cost = message_cost(len);
	if (fifo->size - fifo->head - fifo->used < cost)
		if (make_room(fifo, cost) != 0)
			return NULL;
	fifo->open = true;
	return fifo->buffer + fifo->head + fifo->used + 4;
}

void
fifo_commit(struct fifo *fifo, size_t len)
{
	unsigned char *at = fifo->buffer + fifo->head + fifo->used;
	uint32_t word = (uint32_t)len;

	assert(fifo->open);
	fifo->open = false;
	memcpy(at, &word, sizeof(word));
	fifo->used += message_cost(len);
	fifo->next++;
}

/* What is empty is as good as new; memory of some size is given back. */
static void
rest(struct fifo *fifo)
{
	if (fifo->used > 0 || fifo->open)
		return;
	fifo->head = 0;
	if (fifo->size > FIFO_KEEP) {
		block_free(fifo->buffer, fifo->size);
		fifo->buffer = NULL;
		fifo->size = 0;
	}
}

void
fifo_cancel(struct fifo *fifo)
{
	fifo->open = false;
	rest(fifo);
}

int
fifo_put(struct fifo *fifo, const void *bytes, size_t len)
{
	void *room = fifo_reserve(fifo, len);

	if (room == NULL)
		return -ENOMEM;
	if (len > 0)
		memcpy(room, bytes, len);
	fifo_commit(fifo, len);
	return 0;
}

static size_t
length_at(const struct fifo *fifo, size_t offset)
{
	uint32_t word;

	memcpy(&word, fifo->buffer + offset, sizeof(word));
	return word;
}

void
fifo_drop_below(struct fifo *fifo, uint64_t number)
{
	size_t cost;

	assert(number <= fifo->next);
	while (fifo->first < number) {
		cost = message_cost(length_at(fifo, fifo->head));
		fifo->head += cost;
		fifo->used -= cost;
		fifo->dropped += cost;
		fifo->first++;
	}
	rest(fifo);
}

void
fifo_truncate(struct fifo *fifo, const struct fifo_mark *mark)
{
	fifo->used = (size_t)(mark->at - fifo->dropped);
	fifo->next = mark->number;
	rest(fifo);
}

struct fifo_mark
fifo_begin(const struct fifo *fifo)
{
	return (struct fifo_mark){ fifo->first, fifo->dropped };
}

struct fifo_mark
fifo_find(const struct fifo *fifo, uint64_t number)
{
	struct fifo_mark mark = fifo_begin(fifo);

	assert(number >= fifo->first && number <= fifo->next);
	while (mark.number < number) {
		mark.at += fifo_peek_cost(fifo, &mark);
		mark.number++;
	}
	return mark;
}

static size_t
offset_of(const struct fifo *fifo, const struct fifo_mark *mark)
{
	assert(mark->number >= fifo->first && mark->number < fifo->next);
	return fifo->head + (size_t)(mark->at - fifo->dropped);
}

const void *
fifo_get(const struct fifo *fifo, struct fifo_mark *mark, size_t *len)
{
	size_t offset = offset_of(fifo, mark);

	*len = length_at(fifo, offset);
	mark->at += message_cost(*len);
	mark->number++;
	return fifo->buffer + offset + 4;
}

size_t
fifo_peek_cost(const struct fifo *fifo, const struct fifo_mark *mark)
{
	return message_cost(length_at(fifo, offset_of(fifo, mark)));
}
