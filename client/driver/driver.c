/*
 * driver: the beginning and the end of a stream; what is between is in steps.c.
 */
#include "client/driver/driver.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/driver/farewell.h"
#include "client/driver/running.h"
#include "client/session/explain.h"
#include "stream/segment.h"

enum {
	/* Calls in flight. */
	FLIGHTS = 8,
};

static void
deinit(struct driver *driver)
{
	release_deinit(&driver->release);
	carrier_deinit(&driver->carrier);
	loop_forget(&driver->input);
	loop_forget(&driver->work);
	client_stream_deinit(&driver->stream);
}

/* Returns 0 or -ENOMEM; deinit() either way. */
static int
init(struct driver *driver, const struct client_stream_terms *terms)
{
	struct session *session = driver->session;
	struct loop *loop = &session->loop;
	int r;

	loop_item_init(&driver->work, loop, -1, steps_on_work, steps_settle);
	loop_item_init(&driver->input, loop, -1, steps_on_input, NULL);
	release_init(&driver->release, session, steps_wake, driver);
	carrier_init(&driver->carrier, session, &steps_carrier, driver);
	r = loop_timed(&driver->work);
	if (r == 0)
		r = client_stream_init(&driver->stream, terms, &steps_stream,
		    driver, clock_now_ms());
	return r;
}

/* What holds for all streams. */
static struct client_stream_terms
complete(const struct session *session, const struct client_stream_terms *terms)
{
	struct client_stream_terms all = *terms;

	all.unit = session->settings->unit;
	all.credit = (uint32_t)message_cost(MESSAGE_MAX);
	all.wait_ms = SESSION_WAIT_MS;
	all.datagram = settings_is_datagram(session->settings);
	all.others = find_has_others(&session->find);
	all.flights = all.datagram ? 1 : FLIGHTS;
	all.retry_ms = session->settings->retry_ms;
	if (session->until != SESSION_FOREVER)
		all.deadline_ms = (uint32_t)MAX_OF(
		    session_left_until(session->until), UINT64_C(1));
	return all;
}

/* Until it ends, one way or the other. */
static int
run(struct driver *driver)
{
	struct session *session = driver->session;
	int r;

	steps_wake(driver);
	r = explain_wait(
	    session, session_run(session, SESSION_FOREVER, &driver->over));
	return r == EXIT_DONE ? driver->code : r;
}

/* A server that is gone has nothing to be told, nor has one that refused to
 * open the stream. */
static void
say_farewell(struct driver *driver)
{
	const struct client_stream *stream = &driver->stream;
	bool opened = driver->call.kind == CLIENT_OPEN && !driver->heard;

	if (driver->code == EXIT_UNREACHABLE || !driver->session->met)
		return;
	if (stream->named)
		farewell(driver->session, stream->name, NULL);
	else if (opened && driver->code != DRIVER_AGAIN)
		farewell(driver->session, NULL, &driver->call.args.open);
}

int
driver_run(struct session *session, const struct client_stream_terms *terms,
    const struct driver_ops *ops, void *context, stream_end *how)
{
	struct client_stream_terms all = complete(session, terms);
	struct driver driver = {
		.session = session,
		.ops = ops,
		.context = context,
	};
	int r;

	if (init(&driver, &all) != 0) {
		deinit(&driver);
		return say_no_memory();
	}
	r = run(&driver);
	carrier_deinit(&driver.carrier);
	session_expects(session, false);
	say_farewell(&driver);
	if (how != NULL) {
		how->why = driver.stream.why;
		how->why.detail.detail_val = NULL;
		how->why.detail.detail_len = 0;
		how->messages_in = driver.stream.messages_in;
		how->bytes_in = driver.stream.bytes_in;
		how->bytes_out = driver.stream.bytes_out;
	}
	deinit(&driver);
	return r == OUTPUT_GONE ? EXIT_DONE : r;
}
