/*
 * steps: one after another of stream/client/stream, whenever something has
 * happened: an answer came, there is more input, the reader of the output took
 * some, a time has come.  Calls follow each answer at once; anything else is
 * done when a turn of the loop is settled, for all that came in it.
 */
#include "client/driver/driver.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/driver/outcome.h"
#include "client/driver/running.h"
#include "client/session/explain.h"
#include "stream/client/calls.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

enum {
	/* Bytes of answers that are held for a reader, before no more are
	 * asked for. */
	HELD_BYTES = 1024 * 1024,
	/* Before an input that cannot be watched is looked at again. */
	LOOK_MS = 100,
};

static int
messages_of(void *context, uint64_t number, message *out, u_int *count)
{
	struct driver *driver = context;
	int r = driver->ops->messages(driver->context, number, out, count);

	if (r == CLIENT_SOURCE_WAIT)
		driver->silent = true;
	return r;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct driver *driver = context;

	if (driver->ops->progress != NULL)
		driver->ops->progress(driver->context, taken, done);
}

static void
answers_are(void *context, uint64_t number, const message *texts, u_int count)
{
	struct driver *driver = context;

	driver->ops->answers(driver->context, number, texts, count);
}

/*
 * So few bytes come at once and whole; see getrandom(2).  It fails where a
 * filter of system calls denies it, and then no call is made any more.
 */
static void
fill_random(void *context, void *bytes, size_t len)
{
	struct driver *driver = context;
	ssize_t n;

	do
		n = getrandom(bytes, len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		driver->random_error = errno;
}

const struct client_stream_ops steps_stream = {
	.messages = messages_of,
	.progress = progress,
	.answers = answers_are,
	.random = fill_random,
};

void
steps_wake(void *context)
{
	struct driver *driver = context;

	loop_settle(&driver->work);
}

static void
finish(struct driver *driver, int code)
{
	if (driver->over)
		return;
	driver->code = code;
	driver->over = true;
	session_wake(driver->session);
}

/* Where no server was ever met it is not looked for for long. */
static void
on_lost(void *context, int why)
{
	struct driver *driver = context;

	driver->gone = why;
	session_expects(driver->session, true);
	driver->pending = false;
	if (session_is_in_vain(driver->session, why)) {
		finish(driver,
		    explain_failed(driver->session, &procedure_greet, why));
		return;
	}
	say_step("the connection is lost, and will be made again");
	client_stream_lost(
	    &driver->stream, clock_now_ms(), "the server is gone");
	steps_wake(driver);
}

static void
on_failed(void *context, const struct procedure *procedure)
{
	struct driver *driver = context;

	driver->heard = true;
	finish(driver,
	    explain_failed(driver->session, procedure, SESSION_UNANSWERED));
}

static void
on_again(void *context)
{
	struct driver *driver = context;

	driver->pending = false;
	client_stream_recall(&driver->stream);
	steps_wake(driver);
}

/* Whether a stream of shorter messages begins in the place of this one. */
static bool
begins_anew(struct driver *driver, uint32_t bytes)
{
	const struct driver_ops *ops = driver->ops;

	if (ops->shorten == NULL || driver->stream.next > 0 ||
	    !ops->shorten(driver->context, sending_longest(bytes)))
		return false;
	finish(driver, DRIVER_AGAIN);
	return true;
}

/* Their path does not take calls of this length, or their answers. */
static bool
on_too_long(void *context, uint32_t bytes)
{
	struct driver *driver = context;

	if (begins_anew(driver, bytes))
		return true;
	if (!client_stream_shrink(&driver->stream, bytes))
		return false;
	say_step("datagrams of more than %u bytes get lost", bytes);
	steps_wake(driver);
	return true;
}

static bool
holds_much(const struct driver *driver)
{
	return output_len(driver->session->output) > HELD_BYTES;
}

/* The reader is slow, and answers are not asked for.  False: nor is there
 * anything else to do. */
static bool
keep_lease(struct driver *driver)
{
	struct client_stream *stream = &driver->stream;
	uint64_t now = clock_now_ms();

	stream->due = driver->session->until;
	/* A call that is parked keeps the lease. */
	if (driver->carrier.flying > 0)
		return false;
	stream->due =
	    MIN_OF(stream->due, stream->last_call + stream->lease_ms / 2);
	if (now < stream->due)
		return false;
	driver->pending = client_stream_renew(stream, now, &driver->call);
	return driver->pending;
}

/* What the server of this connection said before the stream began is as good as
 * an answer.  False: it has to be asked. */
static bool
knows_hello(struct driver *driver)
{
	struct session *session = driver->session;

	if (driver->call.kind != CLIENT_GREET || !session->greeted ||
	    !session_is_connected(session))
		return false;
	client_stream_greeted(
	    &driver->stream, clock_now_ms(), &driver->call, &session->hello);
	session_forget_hello(session);
	return true;
}

/* The next call of the stream, made as soon as there is a connection.  False
 * when there is none for now. */
static bool
next_call(struct driver *driver)
{
	const struct driver_ops *ops = driver->ops;

	if (ops->refill != NULL && ops->refill(driver->context) < 0) {
		finish(driver, EXIT_FAILED);
		return false;
	}
	driver->silent = false;
	switch (client_stream_next(
	    &driver->stream, clock_now_ms(), &driver->call)) {
	case CLIENT_CALL:
		driver->heard = false;
		driver->pending = !knows_hello(driver);
		if (driver->random_error == 0)
			return true;
		finish(driver, outcome_without_random(driver));
		return false;
	case CLIENT_OVER:
		finish(driver, outcome_of_stream(driver));
		return false;
	default:
		return false;
	}
}

/* Does one thing; false when there is nothing to do for now. */
static bool
do_something(struct driver *driver)
{
	struct output *output = driver->session->output;

	if (output_failed(output)) {
		finish(driver, OUTPUT_GONE);
		return false;
	}
	if (session_left_until(driver->session->until) == 0) {
		driver->pending = false;
		return next_call(driver);
	}
	if (driver->pending) {
		/* No server takes its time to greet. */
		if (driver->stream.phase == CLIENT_GREETING)
			session_expects(driver->session, true);
		driver->pending =
		    !carrier_send(&driver->carrier, &driver->call);
		return !driver->pending;
	}
	if (holds_much(driver) && driver->stream.phase != CLIENT_ENDED)
		return keep_lease(driver);
	return next_call(driver);
}

/* What the answer allows is asked for before the next one is taken: the server
 * works meanwhile. */
static void
on_answered(void *context, const struct client_call *call,
    const union carrier_result *result)
{
	struct driver *driver = context;
	uint64_t now = driver->session->loop.now_ms;

	driver->gone = 0;
	driver->heard = true;
	session_expects(driver->session, false);
	if (call->kind == CLIENT_GREET)
		client_stream_greeted(
		    &driver->stream, now, call, &result->greeted);
	else if (call->kind == CLIENT_OPEN)
		client_stream_opened(
		    &driver->stream, now, call, &result->opened);
	else
		client_stream_exchanged(
		    &driver->stream, now, call, &result->exchanged);
	if (client_stream_moves_on(&driver->stream))
		carrier_leave(&driver->carrier);
	while (!driver->over && do_something(driver))
		continue;
	steps_wake(driver);
}

const struct carrier_ops steps_carrier = {
	.answered = on_answered,
	.lost = on_lost,
	.failed = on_failed,
	.again = on_again,
	.ready = steps_wake,
	.too_long = on_too_long,
};

/* A silent input is told by its descriptor when it has something; one that
 * cannot be watched is looked at again.  Returns when; TIMER_NEVER. */
static uint64_t
watch_input(struct driver *driver)
{
	struct loop_item *input = &driver->input;

	if (!driver->silent || driver->over)
		return TIMER_NEVER;
	input->fd = driver->ops->descriptor(driver->context);
	if (input->fd < 0 || loop_watch(input, LOOP_READABLE) == 0)
		return TIMER_NEVER;
	return clock_now_ms() + LOOK_MS;
}

/* A descriptor may be closed by whoever reads it. */
static void
leave_input(struct driver *driver)
{
	struct loop_item *input = &driver->input;

	loop_want(input, 0);
	if (input->known != 0)
		loop_forget(input);
}

/* Until there is nothing to do for now, though all that can be is written. */
static void
do_all(struct driver *driver)
{
	bool held;

	do {
		while (!driver->over && do_something(driver))
			continue;
		held = holds_much(driver);
		release_write(&driver->release);
	} while (!driver->over && held && !holds_much(driver));
}

bool
steps_settle(struct loop_item *item)
{
	struct driver *driver = container_of(item, struct driver, work);
	uint64_t look, due;

	leave_input(driver);
	do_all(driver);
	look = watch_input(driver);
	due = MIN_OF(driver->stream.due, driver->session->until);
	loop_due(&driver->work, MIN_OF(look, due));
	return true;
}

void
steps_on_work(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_settle(item);
}

void
steps_on_input(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_settle(&container_of(item, struct driver, input)->work);
}
