/*
 * driver: the loop around stream/client/stream.
 *
 * The watch is armed for each call, and for nothing else: between two calls
 * the stream's own deadline ends a wait.
 */
#include "client/driver/driver.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/driver/release.h"
#include "client/session/explain.h"
#include "stream/client/calls.h"
#include "stream/segment.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

/* How long the server may keep a call: the longest that counts there. */
#define WAIT_MS 10000

/* How long a stream is tried again without progress. */
#define RETRY_MS 30000

/* Of what is going on beside an exit code: output is not wanted any more. */
#define OUTPUT_GONE (-1)

struct driver {
	struct session *session;
	const struct driver_ops *ops;
	void *context;
	struct client_stream stream;
	struct client_call call; /* the latest */
	bool met;                /* a call was answered */
	bool silent;             /* the input has nothing for now */
	int random_error;        /* why there are no random bytes, or 0 */
};

union stream_result {
	greet_result greeted;
	open_result opened;
	exchange_result exchanged;
};

static int
message_of(void *context, uint64_t number, message *out)
{
	struct driver *driver = context;
	int r = driver->ops->message(driver->context, number, out);

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
answer_is(void *context, uint64_t number, const message *text)
{
	struct driver *driver = context;

	driver->ops->answer(driver->context, number, text);
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

static const struct client_stream_ops stream_ops = {
	.message = message_of,
	.progress = progress,
	.answer = answer_is,
	.random = fill_random,
};

/* A call within the deadline and the patience; as session_try. */
static int
call_within(struct driver *driver, const struct procedure *procedure,
    void *args, void *result)
{
	uint64_t left = watch_left_until(driver->session->until);

	watch_arm(&driver->session->watch,
	    MIN_OF(left, (uint64_t)SESSION_PATIENCE_MS));
	return session_try(driver->session, procedure, args, result);
}

/*
 * There was no answer.  Where there has been one before, and the call may go
 * right when it is made again, the stream goes on; returns an exit code.
 */
static int
not_answered(
    struct driver *driver, const struct procedure *procedure, int failure)
{
	struct session *session = driver->session;
	bool gone = failure == SESSION_UNREACHABLE;

	switch (session->last.status) {
	case RPC_CANTSEND:
	case RPC_CANTRECV:
	case RPC_TIMEDOUT:
		gone = true;
		break;
	default:
		break;
	}
	if (!gone || !driver->met ||
	    watch_happened(&session->watch) == WATCH_INTERRUPTED)
		return explain_failed(session, procedure, failure);
	say_step("the connection is lost, and will be made again");
	client_stream_lost(
	    &driver->stream, clock_now_ms(), "the server is gone");
	if (driver->stream.phase == CLIENT_ENDED)
		return explain_failed(session, procedure, failure);
	return EXIT_DONE;
}

static const struct procedure *
procedure_of(const struct client_call *call)
{
	static const struct procedure *const procedures[] = {
		[CLIENT_GREET] = &procedure_greet,
		[CLIENT_OPEN] = &procedure_open,
		[CLIENT_EXCHANGE] = &procedure_exchange,
	};

	return procedures[call->kind];
}

/* The names in calls have to be random, which is known before the first. */
static int
no_random(const struct driver *driver)
{
	say_error(
	    "cannot get random bytes: %s", strerror(driver->random_error));
	return EXIT_FAILED;
}

/* Makes driver->call, and tells the stream how it went. */
static int
make_call(struct driver *driver)
{
	struct client_call *call = &driver->call;
	const struct procedure *procedure = procedure_of(call);
	call_context context = { 0 };
	void *args =
	    call->kind == CLIENT_GREET ? (void *)&context : (void *)&call->args;
	union stream_result result;
	uint64_t now;
	int r = call_within(driver, procedure, args, &result);

	if (r != 0) {
		r = not_answered(driver, procedure, r);
		watch_arm(&driver->session->watch, WATCH_FOREVER);
		return r;
	}
	watch_arm(&driver->session->watch, WATCH_FOREVER);
	now = clock_now_ms();
	driver->met = true;
	if (call->kind == CLIENT_GREET)
		client_stream_greeted(
		    &driver->stream, now, call, &result.greeted);
	else if (call->kind == CLIENT_OPEN)
		client_stream_opened(
		    &driver->stream, now, call, &result.opened);
	else
		client_stream_exchanged(
		    &driver->stream, now, call, &result.exchanged);
	procedure_free(procedure, &result);
	return EXIT_DONE;
}

/* When the lease has to be renewed, or the deadline passes. */
static uint64_t
next_duty(const struct driver *driver)
{
	const struct client_stream *stream = &driver->stream;
	uint64_t due = driver->session->until;

	if (stream->phase == CLIENT_TALKING)
		due = MIN_OF(due, stream->last_call + stream->lease_ms / 2);
	return due;
}

/* Whatever comes of it, the next call will find out. */
static void
renew_lease(struct driver *driver)
{
	struct client_call call;
	exchange_result result;

	if (!client_stream_renew(&driver->stream, clock_now_ms(), &call))
		return;
	if (call_within(
		driver, &procedure_exchange, &call.args.exchange, &result) == 0)
		procedure_free(&procedure_exchange, &result);
	watch_arm(&driver->session->watch, WATCH_FOREVER);
}

/*
 * Writes what the stream has answered.  Returns an exit code or OUTPUT_GONE.
 */
static int
write_answers(struct driver *driver)
{
	int r;

	for (;;) {
		r = release_some(
		    driver->session, watch_left_until(next_duty(driver)));
		if (r == -EINTR)
			return EXIT_INTERRUPTED;
		if (r != -ETIMEDOUT)
			break;
		if (watch_left_until(driver->session->until) == 0)
			return EXIT_DONE;
		renew_lease(driver);
	}
	if (r != 0) {
		say_error("cannot write: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return output_failed(driver->session->output) ? OUTPUT_GONE : EXIT_DONE;
}

/* Nothing to do until it is time, or until there is more input. */
static int
idle(struct driver *driver)
{
	int fd = driver->silent ? driver->ops->descriptor(driver->context) : -1;
	int r = watch_wait(&driver->session->watch, fd, POLLIN,
	    watch_left_until(driver->stream.due));

	if (r == 0 || r == -ETIMEDOUT)
		return EXIT_DONE;
	if (r == -EINTR)
		return EXIT_INTERRUPTED;
	say_error("cannot wait: %s", strerror(-r));
	return EXIT_FAILED;
}

static int
explain_stream(struct driver *driver)
{
	const failure *why = &driver->stream.why;
	char place[DRIVER_PLACE_MAX] = "";

	if (why->code == STATUS_OK)
		return EXIT_DONE;
	if (why->code == STATUS_INVALID_ARGUMENT && driver->ops->place != NULL)
		driver->ops->place(driver->context, why, place, sizeof(place));
	return explain_end(driver->session, why, place);
}

/*
 * The server need not keep the stream any longer.  Its name is in the answer
 * to OPEN; when that did not come, OPEN is repeated, which makes no other
 * stream.
 */
static bool
learn_name(struct driver *driver, token name)
{
	open_args *args = &driver->call.args.open;
	open_result opened;
	bool known;

	if (driver->stream.named) {
		memcpy(name, driver->stream.name, sizeof(token));
		return true;
	}
	if (!driver->met || driver->call.kind != CLIENT_OPEN)
		return false;
	args->wait_ms = 0;
	if (session_farewell(driver->session, &procedure_open, args, &opened) !=
	    0)
		return false;
	known = opened.code == STATUS_OK;
	if (known)
		memcpy(
		    name, opened.open_result_u.started.stream, sizeof(token));
	procedure_free(&procedure_open, &opened);
	return known;
}

static void
farewell(struct driver *driver)
{
	cancel_result cancelled;
	cancel_args args;

	if (learn_name(driver, args.stream) &&
	    session_farewell(
		driver->session, &procedure_cancel, &args, &cancelled) == 0)
		procedure_free(&procedure_cancel, &cancelled);
	watch_arm(&driver->session->watch, WATCH_FOREVER);
}

static int
refill(struct driver *driver)
{
	const struct driver_ops *ops = driver->ops;

	return ops->refill != NULL ? ops->refill(driver->context) : 0;
}

/* Until it ends, one way or the other. */
static int
run(struct driver *driver)
{
	int r;

	for (;;) {
		r = write_answers(driver);
		if (r != EXIT_DONE)
			return r;
		if (refill(driver) < 0)
			return EXIT_FAILED;
		driver->silent = false;
		switch (client_stream_next(
		    &driver->stream, clock_now_ms(), &driver->call)) {
		case CLIENT_CALL:
			r = driver->random_error != 0 ? no_random(driver)
						      : make_call(driver);
			break;
		case CLIENT_IDLE:
			r = idle(driver);
			break;
		case CLIENT_OVER:
			return explain_stream(driver);
		}
		if (r != EXIT_DONE)
			return r;
	}
}

int
driver_run(struct session *session, const struct client_stream_terms *terms,
    const struct driver_ops *ops, void *context, stream_end *how)
{
	struct driver driver = {
		.session = session,
		.ops = ops,
		.context = context,
	};
	struct client_stream_terms all = *terms;
	int r;

	all.unit = session->settings->unit;
	all.credit = (uint32_t)message_cost(MESSAGE_MAX);
	all.wait_ms = WAIT_MS;
	all.datagram = settings_is_datagram(session->settings);
	all.flights = 1;
	all.retry_ms = RETRY_MS;
	if (session->until != UINT64_MAX)
		all.deadline_ms = (uint32_t)MAX_OF(
		    watch_left_until(session->until), (uint64_t)1);
	if (client_stream_init(&driver.stream, &all, &stream_ops, &driver,
		clock_now_ms()) != 0)
		return say_no_memory();
	r = run(&driver);
	if (watch_happened(&session->watch) == WATCH_INTERRUPTED)
		r = EXIT_INTERRUPTED;
	/* A server that is gone has nothing to be told. */
	if (r != EXIT_UNREACHABLE)
		farewell(&driver);
	if (how != NULL) {
		how->messages_in = driver.stream.messages_in;
		how->bytes_in = driver.stream.bytes_in;
		how->bytes_out = driver.stream.bytes_out;
	}
	client_stream_deinit(&driver.stream);
	return r == OUTPUT_GONE ? EXIT_DONE : r;
}
