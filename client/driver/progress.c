#include "client/driver/progress.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	/* Before anything is shown, and then between two lines. */
	FIRST_MS = 500,
	NEXT_MS = 200,
	/* Bytes of a part of a line. */
	PART_SIZE = 64,
};

/* Bytes with one decimal, which is cut. */
static const char *
bytes_text(uint64_t bytes, char out[PART_SIZE])
{
	static const char units[] = "kMGTPE";
	const char *unit = units;
	uint64_t tenths = bytes / 100;

	if (bytes < 1000) {
		snprintf(out, PART_SIZE, "%" PRIu64 " B", bytes);
		return out;
	}
	for (; tenths >= 10000; tenths /= 1000)
		unit++;
	snprintf(out, PART_SIZE, "%" PRIu64 ".%" PRIu64 " %cB", tenths / 10,
	    tenths % 10, *unit);
	return out;
}

/* Seconds as on a clock. */
static const char *
time_text(uint64_t seconds, char out[PART_SIZE])
{
	unsigned int minute = (unsigned int)(seconds / 60 % 60),
		     second = (unsigned int)(seconds % 60);

	if (seconds >= 3600)
		snprintf(out, PART_SIZE, "%" PRIu64 ":%02u:%02u",
		    seconds / 3600, minute, second);
	else
		snprintf(out, PART_SIZE, "%u:%02u", minute, second);
	return out;
}

/* Adds a part of a line, if all of it fits. */
static void
add(char out[SAY_PROGRESS_MAX], unsigned int columns, const char *part)
{
	size_t room = MIN_OF(columns, (unsigned int)SAY_PROGRESS_MAX);

	if (strlen(out) + strlen(part) < room)
		strcat(out, part);
}

/* What is done, and what that is when all is. */
static uint64_t
work_of(const struct progress *progress, const struct progress_mark *at)
{
	return at->sent + (progress->echoes ? at->received : 0);
}

static uint64_t
all_work(const struct progress *progress)
{
	return progress->total * (progress->echoes ? 2 : 1);
}

/* Seconds, as it went since then; false: that is not known. */
static bool
time_left(const struct progress *progress, const struct progress_mark *since,
    uint64_t *seconds)
{
	uint64_t done = work_of(progress, &progress->now), all,
		 in = done - work_of(progress, since);

	if (progress->total == PROGRESS_UNKNOWN || in == 0)
		return false;
	/* A file may grow meanwhile. */
	all = MAX_OF(all_work(progress), done);
	*seconds = (uint64_t)((double)(all - done) / (double)in *
	    (double)(progress->now.ms - since->ms) / 1000);
	return true;
}

/* Of the marks. */
static const struct progress_mark *
oldest(const struct progress *progress)
{
	return progress->marked < PROGRESS_MARKS
	    ? progress->marks
	    : &progress->marks[progress->marked % PROGRESS_MARKS];
}

static void
add_rate(const struct progress *progress, char out[SAY_PROGRESS_MAX],
    unsigned int columns)
{
	const struct progress_mark *since = oldest(progress),
				   *now = &progress->now;
	char part[PART_SIZE + 16], value[PART_SIZE];
	uint64_t moved, seconds;

	if (since->ms >= now->ms)
		return;
	moved =
	    MAX_OF(now->sent - since->sent, now->received - since->received);
	snprintf(part, sizeof(part), ", %s/s",
	    bytes_text(moved * 1000 / (now->ms - since->ms), value));
	add(out, columns, part);
	if (!time_left(progress, since, &seconds))
		return;
	snprintf(part, sizeof(part), ", %s left", time_text(seconds, value));
	add(out, columns, part);
}

const char *
progress_text(
    struct progress *progress, unsigned int columns, char out[SAY_PROGRESS_MAX])
{
	const struct progress_mark *now = &progress->now;
	char part[PART_SIZE + 16], value[PART_SIZE];

	out[0] = '\0';
	snprintf(part, sizeof(part), "sent %s", bytes_text(now->sent, value));
	add(out, columns, part);
	if (progress->total != PROGRESS_UNKNOWN) {
		snprintf(part, sizeof(part), " of %s",
		    bytes_text(progress->total, value));
		add(out, columns, part);
	}
	if (now->received > 0) {
		snprintf(part, sizeof(part), ", received %s",
		    bytes_text(now->received, value));
		add(out, columns, part);
	}
	add_rate(progress, out, columns);
	progress->marks[progress->marked++ % PROGRESS_MARKS] = *now;
	return out;
}

static void
on_time(struct loop_item *item, unsigned int reasons)
{
	struct progress *progress = container_of(item, struct progress, item);
	char text[SAY_PROGRESS_MAX];

	(void)reasons;
	progress->now.ms = clock_now_ms();
	if (say_progress(progress_text(progress, say_columns(), text)))
		loop_due(item, progress->now.ms + NEXT_MS);
}

int
progress_init(struct progress *progress, struct session *session,
    const struct files *files, bool echoes)
{
	*progress = (struct progress){
		.total = PROGRESS_UNKNOWN,
		.echoes = echoes,
	};
	progress->marks[0].ms = clock_now_ms();
	progress->marked = 1;
	loop_item_init(&progress->item, &session->loop, -1, on_time, NULL);
	if (!session->settings->progress || !say_shows_progress() ||
	    files_are_typed(files))
		return 0;
	if (!files_total(files, &progress->total))
		progress->total = PROGRESS_UNKNOWN;
	if (loop_timed(&progress->item) != 0)
		return -ENOMEM;
	loop_due(&progress->item, progress->marks[0].ms + FIRST_MS);
	return 0;
}

void
progress_deinit(struct progress *progress)
{
	loop_forget(&progress->item);
	say_end_progress();
}
