/*
 * fifo - messages in order, numbered, laid out as XDR lays out opaque<>
 *
 * One half of a stream's memory: each message is its length (4 bytes) and its
 * bytes, padded with zeros to a multiple of 4 (RFC 4506, section 4.10): what a
 * fifo holds is what the messages are on the wire, however small they are.
 * The messages lie one after the other in one buffer that never grows beyond
 * the limit given at the start.
 *
 * One message at a time may be open: it has its room at the end, and becomes a
 * message when it is committed.
 *
 * A mark is a place between two messages.  It stays valid until the message
 * after it is dropped.
 */
#ifndef STREAM_FIFO_H
#define STREAM_FIFO_H

#include "stream/segment.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct fifo {
	unsigned char *buffer;
	size_t size;      /* bytes allocated */
	size_t head;      /* where the first message starts */
	size_t used;      /* bytes of messages from head on */
	size_t limit;     /* size never exceeds it */
	uint64_t first;   /* the number of the first message held */
	uint64_t next;    /* the number after the last one */
	uint64_t dropped; /* bytes that were ever dropped */
	bool open;        /* a message is being made */
};

struct fifo_mark {
	uint64_t number; /* of the message after the mark */
	uint64_t at;     /* bytes ever put before it */
};

/* An empty fifo whose first message will be number first. */
void fifo_init(struct fifo *fifo, uint64_t first, size_t limit);

/* Gives the memory back and forgets the messages; the numbers stay. */
void fifo_clear(struct fifo *fifo);

/*
 * The slower part of fifo_reserve(): makes room for more bytes after those
 * used.  Returns 0 or -ENOMEM.
 */
int fifo_grow(struct fifo *fifo, size_t more);

/*
 * Opens a message of len bytes and returns its room, which stays where it is
 * until fifo_commit() with the same len, or fifo_cancel().  NULL without
 * memory or when the limit would be exceeded.
 */
static inline void *
fifo_reserve(struct fifo *fifo, size_t len)
{
	const uint32_t zeros = 0;
	unsigned char *at;
	size_t cost;

	assert(!fifo->open);
	if (len > fifo->limit)
		return NULL;
	cost = message_cost(len);
	if (fifo->size - fifo->head - fifo->used < cost &&
	    fifo_grow(fifo, cost) != 0)
		return NULL;
	fifo->open = true;
	at = fifo->buffer + fifo->head + fifo->used;
	/* The padding; or where the length will be. */
	memcpy(at + cost - sizeof(zeros), &zeros, sizeof(zeros));
	return at + 4;
}

static inline void
fifo_commit(struct fifo *fifo, size_t len)
{
	uint32_t word = htonl((uint32_t)len);

	assert(fifo->open);
	fifo->open = false;
	memcpy(fifo->buffer + fifo->head + fifo->used, &word, sizeof(word));
	fifo->used += message_cost(len);
	fifo->next++;
}

void fifo_cancel(struct fifo *fifo);

/* Copies a message to the end.  Returns 0 or -ENOMEM, as fifo_reserve(). */
static inline int
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

/*
 * A row: messages put one after the other into memory that the fifo has, with
 * no look at it in between.  It takes what fits and no more; the fifo is left
 * alone from fifo_row_begin() to fifo_row_end().
 */
struct fifo_row {
	unsigned char *at;
	size_t room; /* bytes from there on */
	size_t used; /* bytes of the messages before, on the wire, */
	size_t text; /* bytes in them, */
	u_int count; /* and how many they are */
};

/* With room for messages until the fifo has most bytes of them. */
static inline struct fifo_row
fifo_row_begin(const struct fifo *fifo, size_t most)
{
	size_t end = fifo->head + fifo->used, room = fifo->size - end;

	assert(!fifo->open);
	most = most > fifo->used ? most - fifo->used : 0;
	return (struct fifo_row){
		.at = room > 0 ? fifo->buffer + end : NULL,
		.room = room < most ? room : most,
	};
}

/* As fifo_reserve() and fifo_commit(): room for one more, NULL if it does not
 * fit; which becomes a message. */
static inline void *
fifo_row_reserve(const struct fifo_row *row, size_t len)
{
	const uint32_t zeros = 0;
	size_t cost;

	if (len >= row->room)
		return NULL;
	cost = message_cost(len);
	if (cost > row->room)
		return NULL;
	memcpy(row->at + cost - sizeof(zeros), &zeros, sizeof(zeros));
	return row->at + 4;
}

static inline void
fifo_row_commit(struct fifo_row *row, size_t len)
{
	uint32_t word = htonl((uint32_t)len);
	size_t cost = message_cost(len);

	memcpy(row->at, &word, sizeof(word));
	row->at += cost;
	row->room -= cost;
	row->used += cost;
	row->text += len;
	row->count++;
}

/* What was put is in the fifo. */
static inline void
fifo_row_end(struct fifo *fifo, const struct fifo_row *row)
{
	fifo->used += row->used;
	fifo->next += row->count;
}

/* Drops the messages below number, which is at most next. */
void fifo_drop_below(struct fifo *fifo, uint64_t number);

/* Drops the messages from mark on; the next one put has mark's number. */
void fifo_truncate(struct fifo *fifo, const struct fifo_mark *mark);

/* The mark before the first message, and the one for a number held. */
static inline struct fifo_mark
fifo_begin(const struct fifo *fifo)
{
	return (struct fifo_mark){ fifo->first, fifo->dropped };
}

struct fifo_mark fifo_find(const struct fifo *fifo, uint64_t number);

/* For the functions below: the length of the message at an address, and at an
 * offset. */
static inline size_t
fifo_length(const unsigned char *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return ntohl(word);
}

static inline size_t
fifo_length_at(const struct fifo *fifo, size_t offset)
{
	return fifo_length(fifo->buffer + offset);
}

static inline size_t
fifo_offset(const struct fifo *fifo, const struct fifo_mark *mark)
{
	assert(mark->number >= fifo->first && mark->number < fifo->next);
	return fifo->head + (size_t)(mark->at - fifo->dropped);
}

/*
 * The message after mark, which must not be the end: borrowed until the fifo
 * changes.  The mark moves on to its end.
 */
static inline const void *
fifo_get(const struct fifo *fifo, struct fifo_mark *mark, size_t *len)
{
	size_t offset = fifo_offset(fifo, mark);

	*len = fifo_length_at(fifo, offset);
	mark->at += message_cost(*len);
	mark->number++;
	return fifo->buffer + offset + 4;
}

/*
 * As fifo_get(), of messages from mark on: at most count, and as many as go
 * into room bytes on the wire, of which the first takes what it needs.  Returns
 * how many; what they cost, the mark has moved on.
 */
static inline u_int
fifo_get_some(const struct fifo *fifo, struct fifo_mark *mark,
    message *messages, u_int count, size_t room)
{
	unsigned char *at;
	size_t used = 0, len;
	u_int n = 0;

	if (mark->number == fifo->next)
		return 0;
	if (count > fifo->next - mark->number)
		count = (u_int)(fifo->next - mark->number);
	at = fifo->buffer + fifo_offset(fifo, mark);
	for (; n < count; n++) {
		len = fifo_length(at);
		if (!segment_fits(message_cost(len), used, room))
			break;
		messages[n].message_len = (u_int)len;
		messages[n].message_val = (char *)at + 4;
		used += message_cost(len);
		at += message_cost(len);
	}
	mark->number += n;
	mark->at += used;
	return n;
}

/* The cost of the message after mark, which must not be the end. */
static inline size_t
fifo_peek_cost(const struct fifo *fifo, const struct fifo_mark *mark)
{
	return message_cost(fifo_length_at(fifo, fifo_offset(fifo, mark)));
}

#endif
