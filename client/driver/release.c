#include "client/driver/release.h"

#include "base/base.h"
#include "client/session/explain.h"

/* What is waited for: the reader's leaving, and room for what there is. */
static void
want(struct release *release)
{
	unsigned int wanted = LOOP_BROKEN;

	if (!release->watched)
		return;
	if (output_failed(release->output))
		wanted = 0;
	else if (output_pending(release->output))
		wanted |= LOOP_WRITABLE;
	loop_want(&release->item, wanted);
}

static void
on_run(struct loop_item *item, unsigned int reasons)
{
	struct release *release = container_of(item, struct release, item);

	if (reasons & LOOP_BROKEN)
		output_mark_gone(release->output);
	else
		output_write(release->output);
	want(release);
	release->moved(release->context);
}

void
release_init(struct release *release, struct session *session,
    void (*moved)(void *context), void *context)
{
	*release = (struct release){
		.output = session->output,
		.moved = moved,
		.context = context,
	};
	loop_item_init(&release->item, &session->loop,
	    output_descriptor(session->output), on_run, NULL);
	release->watched = release->item.fd >= 0 &&
	    loop_watch(&release->item, LOOP_BROKEN) == 0;
}

void
release_deinit(struct release *release)
{
	loop_forget(&release->item);
}

void
release_write(struct release *release)
{
	output_write(release->output);
	want(release);
}

/* Waits for one output to be written. */
struct all {
	struct session *session;
	bool done;
};

static void
on_moved(void *context)
{
	struct all *all = context;

	all->done = !output_pending(all->session->output);
	if (all->done)
		session_wake(all->session);
}

int
release_all(struct session *session)
{
	struct all all = { .session = session };
	struct release release;
	enum session_wait r;

	release_init(&release, session, on_moved, &all);
	release_write(&release);
	on_moved(&all);
	r = session_run(session, SESSION_FOREVER, &all.done);
	release_deinit(&release);
	return explain_wait(session, r);
}

/* A wait for input, which ends when the reader of the output leaves. */
struct waiting {
	struct session *session;
	struct loop_item input;
	bool done;
};

static void
end_wait(struct waiting *waiting)
{
	waiting->done = true;
	session_wake(waiting->session);
}

static void
on_input(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	end_wait(container_of(item, struct waiting, input));
}

static void
on_left(void *context)
{
	struct waiting *waiting = context;

	if (output_failed(waiting->session->output))
		end_wait(waiting);
}

enum session_wait
release_wait(struct session *session, int fd, uint64_t until_ms)
{
	struct waiting waiting = { .session = session };
	struct release release;
	enum session_wait r;

	release_init(&release, session, on_left, &waiting);
	loop_item_init(&waiting.input, &session->loop, fd, on_input, NULL);
	/* What cannot be watched need not be waited for. */
	waiting.done = fd >= 0 && loop_watch(&waiting.input, LOOP_READABLE) < 0;
	r = session_run(session, until_ms, &waiting.done);
	loop_forget(&waiting.input);
	release_deinit(&release);
	return r;
}
