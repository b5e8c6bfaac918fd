#include "client/driver/farewell.h"

#include "base/clock.h"

#include <string.h>

/* Milliseconds for all of it. */
#define FAREWELL_MS 1000

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

void
farewell(struct session *session, const token name, const open_args *opened)
{
	uint64_t until_ms = clock_now_ms() + FAREWELL_MS;
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
