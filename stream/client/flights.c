#include "stream/client/flights.h"

void
flights_begin(struct flights *f, struct client_call *call)
{
	call->connection = f->connection;
	f->flying++;
	f->pushing += call->pushes;
	f->seizing += call->takes_over;
	f->reign += call->takes_over;
	call->reign = f->reign;
	f->fresh = false;
}

bool
flights_end(struct flights *f, const struct client_call *call)
{
	if (call->renews || call->connection != f->connection)
		return false;
	f->flying--;
	f->pushing -= call->pushes;
	f->seizing -= call->takes_over;
	return true;
}

bool
flights_overtook(const struct flights *f, const struct client_call *call)
{
	return call->reign < f->reign;
}

void
flights_forget(struct flights *f)
{
	*f = (struct flights){
		.connection = f->connection + 1,
		.fresh = true,
	};
}
