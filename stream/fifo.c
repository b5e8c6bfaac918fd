#include "stream/fifo.h"

#include "base/base.h"
#include "base/block.h"

#include <errno.h>

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

int
fifo_grow(struct fifo *fifo, size_t more)
{
	size_t need, size;
	unsigned char *buffer;
	/* For two bytes that are moved one was dropped: it stays rare. */
	bool roomy = fifo->head >= fifo->used / 2 || fifo->size == fifo->limit;

	if (fifo->used > fifo->limit || more > fifo->limit - fifo->used)
		return -ENOMEM;
	need = fifo->used + more;
	if (fifo->head > 0) {
		memmove(fifo->buffer, fifo->buffer + fifo->head, fifo->used);
		fifo->head = 0;
	}
	if (need <= fifo->size && roomy)
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

void
fifo_drop_below(struct fifo *fifo, uint64_t number)
{
	size_t end = fifo->head, cost;

	assert(number <= fifo->next);
	if (number == fifo->next)
		end += fifo->used;
	else
		for (uint64_t n = fifo->first; n < number; n++)
			end += message_cost(fifo_length_at(fifo, end));
	fifo->first = MAX_OF(fifo->first, number);
	cost = end - fifo->head;
	fifo->head = end;
	fifo->used -= cost;
	fifo->dropped += cost;
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
