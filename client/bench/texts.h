/*
 * texts: what is sent, and what has to come back.
 *
 * All is made before anything is measured: the answers, too, by the same
 * functions as the server's, so comparing one costs no more than reading it.
 */
#ifndef CLIENT_BENCH_TEXTS_H
#define CLIENT_BENCH_TEXTS_H

#include "base/buffer.h"
#include "client/session/session.h"

/* Bytes of the messages of a file. */
enum { TEXTS_MAX = 16 * 1024 * 1024 };

/* One of them; borrowed. */
struct text {
	char *sent;
	const char *wanted; /* as long */
	size_t len;
};

struct texts {
	struct buffer sent, wanted;
	size_t *ends; /* of each, in both */
	size_t count;
	size_t room;
	size_t next;
};

/* texts_deinit() follows. */
void texts_init(struct texts *texts);
void texts_deinit(struct texts *texts);

/* One text of so many bytes, letters and blanks.  Returns an exit code, having
 * said what is not EXIT_DONE, as the next function does. */
int texts_make(struct texts *texts, size_t len, text_unit unit);

/* The lines of a file, without their ends, none longer than max bytes. */
int texts_read(
    struct texts *texts, struct session *session, char *name, size_t max);

/* One after the other, over and over. */
struct text texts_next(struct texts *texts);

#endif
