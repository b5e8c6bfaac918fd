/*
 * call: the watch is armed from before the server is looked for until the call
 * is explained, so a deadline covers all of it.
 */
#include "client/session/call.h"

#include "base/base.h"
#include "client/session/explain.h"

int
call_server(struct session *session, const struct procedure *procedure,
    void *args, void *result)
{
	uint64_t patience = session->settings->deadline_ms > 0
	    ? session->settings->deadline_ms
	    : SESSION_PATIENCE_MS;
	int r;

	watch_arm(&session->watch, patience);
	r = session_try(session, procedure, args, result);
	if (r != 0) {
		r = explain_failed(session, procedure, r);
	} else {
		r = explain_answer(session, procedure, result);
		if (r != EXIT_DONE)
			procedure_free(procedure, result);
	}
	watch_arm(&session->watch, WATCH_FOREVER);
	return r;
}

int
call_message_max(struct session *session, uint32_t *max)
{
	call_context args = { 0 };
	greet_result result;
	int r;

	*max = MESSAGE_MAX;
	if (!settings_is_datagram(session->settings))
		return EXIT_DONE;
	r = call_server(session, &procedure_greet, &args, &result);
	if (r != EXIT_DONE)
		return r;
	*max = MIN_OF(*max, result.greet_result_u.hello.datagram_max);
	procedure_free(&procedure_greet, &result);
	if (*max > 0)
		return EXIT_DONE;
	say_error("the server takes no text over UDP: use TCP");
	return EXIT_FAILED;
}
