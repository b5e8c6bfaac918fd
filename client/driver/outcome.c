#include "client/driver/outcome.h"

#include "client/driver/driver.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"

#include <string.h>

int
outcome_without_random(const struct driver *driver)
{
	say_failure(status_of_errno(driver->random_error),
	    "cannot get random bytes: %s", strerror(driver->random_error));
	return EXIT_FAILED;
}

/* Whether a message is at fault, and no call that was refused. */
static bool
faults_a_message(const struct driver *driver)
{
	const struct client_stream *stream = &driver->stream;

	return stream->why.code == STATUS_INVALID_ARGUMENT &&
	    stream->heard.end != HEARD_NO_END && driver->ops->place != NULL;
}

int
outcome_of_stream(const struct driver *driver)
{
	const failure *why = &driver->stream.why;
	char place[DRIVER_PLACE_MAX] = "";

	if (why->code == STATUS_OK)
		return EXIT_DONE;
	if (why->code == STATUS_UNAVAILABLE && driver->gone != 0)
		return explain_lost(
		    driver->session, driver->carrier.overdue, driver->gone);
	if (faults_a_message(driver))
		driver->ops->place(driver->context, why, place, sizeof(place));
	return explain_end(driver->session, why, place);
}
