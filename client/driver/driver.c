/*
 * streaming: the loop around stream/client/stream.
 *
 * The watch is armed for each call, and for nothing else: between two calls
 * the stream's own deadline ends a wait.
 */
#include "client/driver/driver.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/explain.h"
#include "stream/fifo.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

/* How long the server may keep a call: the longest that counts there. */
#define WAIT_MS 10000

/* Attempts in a row, and milliseconds before the second: half a minute. */
#define ATTEMPTS 15
#define PAUSE_MS 50

/* Of what is going on beside an exit code: output is not wanted any more. */
#define OUTPUT_GONE (-1)

struct streaming {
	struct session *session;
	const struct streaming_ops *ops;
	void *context;
	struct client_stream stream;
	struct client_call call; /* the latest */
	bool met;                /* a call was answered */
	bool silent;             /* the input has nothing for now */
};

union stream_result {
	greet_result greeted;
	open_result opened;
	exchange_result exchanged;
};

static int
message_of(void *context, uint64_t number, message *out)
{
	struct streaming *run = context;
	int r = run->ops->message(run->context, number, out);

	if (r == CLIENT_SOURCE_WAIT)
		run->silent = true;
	return r;
}

static void
progress(void *context, uint64_t taken, uint64_t done)
{
	struct streaming *run = context;

	if (run->ops->progress != NULL)
		run->ops->progress(run->context, taken, done);
}

static void
answer_is(void *context, uint64_t number, const message *text)
{
	struct streaming *run = context;

	run->ops->answer(run->context, number, text);
}

/* /dev/urandom's source; for so few bytes it cannot fail once it is ready. */
static void
fill_random(void *context, void *bytes, size_t len)
{
	(void)context;
	while (getrandom(bytes, len, 0) != (ssize_t)len)
		continue;
}

static const struct client_stream_ops stream_ops = {
	.message = message_of,
	.progress = progress,
	.answer = answer_is,
	.random = fill_random,
};

/* Milliseconds until a time, which may be UINT64_MAX for never. */
static uint64_t
left_until(uint64_t time)
{
	uint64_t now = clock_now_ms();

	if (time == UINT64_MAX)
		return WATCH_FOREVER;
	return time > now ? time - now : 0;
}

/* A call within the deadline and the patience; as session_try. */
static int
call_within(struct streaming *run, const struct procedure *procedure,
    void *args, void *result)
{
	uint64_t left = left_until(run->session->until);

	watch_arm(
	    &run->session->watch, MIN_OF(left, (uint64_t)SESSION_PATIENCE_MS));
	return session_try(run->session, procedure, args, result);
}

/*
 * There was no answer.  Where there has been one before, and the call may go
 * right when it is made again, the stream goes on; returns an exit code.
 */
static int
not_answered(
    struct streaming *run, const struct procedure *procedure, int failure)
{
	struct session *session = run->session;
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
	if (!gone || !run->met ||
	    watch_happened(&session->watch) == WATCH_INTERRUPTED)
		return explain_failed(session, procedure, failure);
	say_step("the connection is lost, and will be made again");
	client_stream_lost(&run->stream, clock_now_ms(), "the server is gone");
	if (run->stream.phase == CLIENT_ENDED)
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

/* Makes run->call, and tells the stream how it went. */
static int
make_call(struct streaming *run)
{
	struct client_call *call = &run->call;
	const struct procedure *procedure = procedure_of(call);
	call_context context = { 0 };
	void *args =
	    call->kind == CLIENT_GREET ? (void *)&context : (void *)&call->args;
	union stream_result result;
	uint64_t now;
	int r = call_within(run, procedure, args, &result);

	if (r != 0) {
		r = not_answered(run, procedure, r);
		watch_arm(&run->session->watch, WATCH_FOREVER);
		return r;
	}
	watch_arm(&run->session->watch, WATCH_FOREVER);
	now = clock_now_ms();
	run->met = true;
	if (call->kind == CLIENT_GREET)
		client_stream_greeted(&run->stream, now, call, &result.greeted);
	else if (call->kind == CLIENT_OPEN)
		client_stream_opened(&run->stream, now, call, &result.opened);
	else
		client_stream_exchanged(
		    &run->stream, now, call, &result.exchanged);
	procedure_free(procedure, &result);
	return EXIT_DONE;
}

/* When the lease has to be renewed, or the deadline passes. */
static uint64_t
next_duty(const struct streaming *run)
{
	const struct client_stream *stream = &run->stream;
	uint64_t due = run->session->until;

	if (stream->phase == CLIENT_TALKING)
		due = MIN_OF(due, stream->last_call + stream->lease_ms / 2);
	return due;
}

/* Whatever comes of it, the next call will find out. */
static void
renew_lease(struct streaming *run)
{
	struct client_call call;
	exchange_result result;

	if (!client_stream_renew(&run->stream, clock_now_ms(), &call))
		return;
	if (call_within(
		run, &procedure_exchange, &call.args.exchange, &result) == 0)
		procedure_free(&procedure_exchange, &result);
	watch_arm(&run->session->watch, WATCH_FOREVER);
}

/* Writes what is held, as slowly as it is read; as watch_wait. */
static int
release_output(struct session *session, uint64_t milliseconds)
{
	struct output *output = session->output;
	int r;

	while (output_pending(output)) {
		r = watch_wait(&session->watch, output_descriptor(output),
		    POLLOUT, milliseconds);
		if (r != 0)
			return r;
		output_write(output);
	}
	return 0;
}

/*
 * Writes what the stream has answered.  Returns an exit code or OUTPUT_GONE.
 */
static int
write_answers(struct streaming *run)
{
	int r;

	for (;;) {
		r = release_output(run->session, left_until(next_duty(run)));
		if (r == -EINTR)
			return EXIT_INTERRUPTED;
		if (r != -ETIMEDOUT)
			break;
		if (left_until(run->session->until) == 0)
			return EXIT_DONE;
		renew_lease(run);
	}
	if (r != 0) {
		say_error("cannot write: %s", strerror(-r));
		return EXIT_FAILED;
	}
	return output_failed(run->session->output) ? OUTPUT_GONE : EXIT_DONE;
}

/* Nothing to do until it is time, or until there is more input. */
static int
idle(struct streaming *run)
{
	int fd = run->silent ? run->ops->descriptor(run->context) : -1;
	int r = watch_wait(
	    &run->session->watch, fd, POLLIN, left_until(run->stream.due));

	if (r == 0 || r == -ETIMEDOUT)
		return EXIT_DONE;
	if (r == -EINTR)
		return EXIT_INTERRUPTED;
	say_error("cannot wait: %s", strerror(-r));
	return EXIT_FAILED;
}

static int
explain(struct streaming *run)
{
	const failure *why = &run->stream.why;
	char place[STREAMING_PLACE_MAX] = "";

	if (why->code == STATUS_OK)
		return EXIT_DONE;
	if (why->code == STATUS_INVALID_ARGUMENT && run->ops->place != NULL)
		run->ops->place(run->context, why, place, sizeof(place));
	return explain_end(run->session, why, place);
}

/*
 * The server need not keep the stream any longer.  Its name is in the answer
 * to OPEN; when that did not come, OPEN is repeated, which makes no other
 * stream.
 */
static bool
learn_name(struct streaming *run, token name)
{
	open_args *args = &run->call.args.open;
	open_result opened;
	bool known;

	if (run->stream.named) {
		memcpy(name, run->stream.name, sizeof(token));
		return true;
	}
	if (!run->met || run->call.kind != CLIENT_OPEN)
		return false;
	args->wait_ms = 0;
	if (session_farewell(run->session, &procedure_open, args, &opened) != 0)
		return false;
	known = opened.code == STATUS_OK;
	if (known)
		memcpy(
		    name, opened.open_result_u.started.stream, sizeof(token));
	procedure_free(&procedure_open, &opened);
	return known;
}

static void
farewell(struct streaming *run)
{
	cancel_result cancelled;
	cancel_args args;

	if (learn_name(run, args.stream) &&
	    session_farewell(
		run->session, &procedure_cancel, &args, &cancelled) == 0)
		procedure_free(&procedure_cancel, &cancelled);
	watch_arm(&run->session->watch, WATCH_FOREVER);
}

/* Until it ends, one way or the other. */
static int
run_stream(struct streaming *run)
{
	int r;

	for (;;) {
		r = write_answers(run);
		if (r != EXIT_DONE)
			return r;
		if (run->ops->refill(run->context) < 0)
			return EXIT_FAILED;
		run->silent = false;
		switch (client_stream_next(
		    &run->stream, clock_now_ms(), &run->call)) {
		case CLIENT_CALL:
			r = make_call(run);
			break;
		case CLIENT_IDLE:
			r = idle(run);
			break;
		case CLIENT_OVER:
			return explain(run);
		}
		if (r != EXIT_DONE)
			return r;
	}
}

int
streaming_finish(struct session *session)
{
	switch (release_output(session, WATCH_FOREVER)) {
	case 0:
		return EXIT_DONE;
	case -EINTR:
		return EXIT_INTERRUPTED;
	default:
		return EXIT_FAILED;
	}
}

int
streaming_run(struct session *session, const struct client_stream_terms *terms,
    const struct streaming_ops *ops, void *context, stream_end *how)
{
	struct streaming run = {
		.session = session,
		.ops = ops,
		.context = context,
	};
	struct client_stream_terms all = *terms;
	int r;

	all.unit = session->settings->unit;
	all.credit = (uint32_t)fifo_cost(MESSAGE_MAX);
	all.wait_ms = WAIT_MS;
	all.datagram = settings_is_datagram(session->settings);
	all.flights = 1;
	all.attempts = ATTEMPTS;
	all.pause_ms = PAUSE_MS;
	if (session->until != UINT64_MAX)
		all.deadline_ms =
		    (uint32_t)MAX_OF(left_until(session->until), (uint64_t)1);
	if (output_hold(session->output) != 0 ||
	    client_stream_init(
		&run.stream, &all, &stream_ops, &run, clock_now_ms()) != 0)
		return say_no_memory();
	r = run_stream(&run);
	if (watch_happened(&session->watch) == WATCH_INTERRUPTED)
		r = EXIT_INTERRUPTED;
	/* A server that is gone has nothing to be told. */
	if (r != EXIT_UNREACHABLE)
		farewell(&run);
	if (how != NULL) {
		how->messages_in = run.stream.messages_in;
		how->bytes_in = run.stream.bytes_in;
		how->bytes_out = run.stream.bytes_out;
	}
	client_stream_deinit(&run.stream);
	return r == OUTPUT_GONE ? EXIT_DONE : r;
}
