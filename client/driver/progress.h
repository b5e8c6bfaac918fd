/*
 * progress: how far a command has come with its files, for a user at a
 * terminal, five times a second.
 *
 * Nothing is shown, and nothing costs more than two stores, where nobody would
 * see it, or would see it among the output (client/terminal/say.h), where the
 * input is typed, or with --no-progress.
 */
#ifndef CLIENT_DRIVER_PROGRESS_H
#define CLIENT_DRIVER_PROGRESS_H

#include "base/base.h"
#include "client/driver/files.h"
#include "client/session/session.h"

/* Of the bytes of files that are none, or not known. */
#define PROGRESS_UNKNOWN UINT64_MAX

/* How far it had come at a time of base/clock. */
struct progress_mark {
	uint64_t ms;
	uint64_t sent;     /* bytes that the server has taken */
	uint64_t received; /* bytes of the files that are answered */
};

/* The rate is that of the last so many marks. */
enum { PROGRESS_MARKS = 25 };

struct progress {
	struct progress_mark now;
	uint64_t total; /* bytes of the files, or PROGRESS_UNKNOWN */
	bool echoes;    /* as much comes back as goes */
	struct progress_mark marks[PROGRESS_MARKS];
	uint64_t marked; /* how often; the next is marks[marked % MARKS] */
	struct loop_item item;
};

/* The files are those that will be read, none of them yet.  Returns 0 or
 * -ENOMEM; progress_deinit() either way. */
int progress_init(struct progress *progress, struct session *session,
    const struct files *files, bool echoes);

/* Nothing is shown any more. */
void progress_deinit(struct progress *progress);

/* So many bytes, of all files.  What is sent once more is no progress. */
static inline void
progress_moved(struct progress *progress, uint64_t sent, uint64_t received)
{
	struct progress_mark *now = &progress->now;

	now->sent = MAX_OF(now->sent, sent);
	now->received = MAX_OF(now->received, received);
}

/* Marks how far it is at now.ms, and writes that: as much of it as a line of so
 * many columns takes.  Returns out. */
const char *progress_text(struct progress *progress, unsigned int columns,
    char out[SAY_PROGRESS_MAX]);

#endif
