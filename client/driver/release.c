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
