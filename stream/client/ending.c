#include "stream/client/ending.h"

#include "base/base.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

failure
ending_failure(status_code code, const char *detail)
{
	failure why = { .code = code };

	why.detail.detail_val = (char *)detail;
	why.detail.detail_len = (u_int)strlen(detail);
	return why;
}

void
ending_set(struct client_stream *c, const failure *why)
{
	size_t len = MIN_OF(why->detail.detail_len, sizeof(c->detail));

	c->why = *why;
	if (len > 0)
		memcpy(c->detail, why->detail.detail_val, len);
	c->why.detail.detail_val = c->detail;
	c->why.detail.detail_len = (u_int)len;
	c->phase = CLIENT_ENDED;
}

void
client_stream_give_up(
    struct client_stream *c, status_code code, const char *detail)
{
	failure why = ending_failure(code, detail);

	if (c->phase != CLIENT_ENDED)
		ending_set(c, &why);
}

/* What a message is longer than. */
static const char *
limit_of(const struct client_stream *c)
{
	if (!c->terms.datagram)
		return "is longer than this server takes";
	if (c->sending.message_max == c->path_max)
		return "does not fit a datagram of this path";
	return "is longer than a datagram takes";
}

void
client_stream_give_up_long(struct client_stream *c, uint64_t number)
{
	char detail[DETAIL_MAX];

	snprintf(detail, sizeof(detail),
	    "message %" PRIu64 " %s, %" PRIu32 " bytes%s", number, limit_of(c),
	    c->sending.message_max, c->terms.datagram ? ": use TCP" : "");
	client_stream_give_up(c, STATUS_OUT_OF_RANGE, detail);
	c->why.at_message = number;
}

bool
ending_by_lie(struct client_stream *c, const char *what)
{
	char detail[DETAIL_MAX];

	if (what == NULL)
		return false;
	snprintf(detail, sizeof(detail), "the server is wrong: %s", what);
	client_stream_give_up(c, STATUS_INTERNAL, detail);
	return true;
}
