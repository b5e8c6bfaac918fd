#include "client/driver/farewell.h"

#include "base/base.h"
#include "base/clock.h"

#include <string.h>

enum {
	/* For all of it, */
	FAREWELL_MS = 1000,
	/* but no longer than that beyond the deadline of the command. */
	LATE_MS = 50,
};

/* Returns whether the name is known now. */
static bool
learn_name(struct session *session, const open_args *opened, token name,
    uint64_t until_ms)
{
	open_args args = *opened;
	open_result result;
	bool known;

	args.wait_ms = 0;
	if (session_try(session, &procedure_open, &args, &result, until_ms) !=
	    0)
		return false;
	known = result.code == STATUS_OK;
	if (known)
		memcpy(
		    name, result.open_result_u.started.stream, sizeof(token));
	procedure_free(&procedure_open, &result);
	return known;
}

static uint64_t
end_of(const struct session *session)
{
	uint64_t end = clock_now_ms() + FAREWELL_MS;

	return session->until == SESSION_FOREVER
	    ? end
	    : MIN_OF(end, session->until + LATE_MS);
}

void
farewell(struct session *session, const token name, const open_args *opened)
{
	uint64_t until_ms = end_of(session);
	cancel_result cancelled;
	cancel_args args;

	session_forgive(session);
	if (name != NULL)
		memcpy(args.stream, name, sizeof(token));
	else if (opened == NULL ||
	    !learn_name(session, opened, args.stream, until_ms))
		return;
	if (session_try(
		session, &procedure_cancel, &args, &cancelled, until_ms) == 0)
		procedure_free(&procedure_cancel, &cancelled);
}
