/*
 * carrier: carries the calls of a stream to the server, several at a time, over
 * the connection of the session.
 *
 * Where there is no connection it looks for a server.  One that hangs while it
 * owes answers, or is late (client/session/pulse), is left for another, if
 * there is one.  A call may take as long as its line moves.
 */
#ifndef CLIENT_DRIVER_CARRIER_H
#define CLIENT_DRIVER_CARRIER_H

#include "client/session/session.h"
#include "stream/client/flights.h"

/* Calls in flight. */
enum { CARRIER_CALLS = 16 };

union carrier_result {
	greet_result greeted;
	open_result opened;
	exchange_result exchanged;
};

/* What its user is told, in turns of the loop. */
struct carrier_ops {
	/* A call was answered; the result is borrowed. */
	void (*answered)(void *context, const struct client_call *call,
	    const union carrier_result *result);
	/* The connection is gone, and with it all calls; or no server was
	 * found.  why is a session_result. */
	void (*lost)(void *context, int why);
	/* A call failed, and will again: session->last says why. */
	void (*failed)(void *context, const struct procedure *procedure);
	/* The server takes calls in another way only, in which they are made
	 * from now on: those in flight are forgotten. */
	void (*again)(void *context);
	/* There is a connection now. */
	void (*ready)(void *context);
	/* Datagrams are lost on their way, and those of so many bytes of
	 * messages need not be cut.  Returns whether calls are any shorter from
	 * now on: then this one is forgotten. */
	bool (*too_long)(void *context, uint32_t bytes);
};

struct carrier;

struct carrier_slot {
	struct channel_call call;
	struct carrier *carrier;
	const struct procedure *procedure; /* NULL: the slot is free */
	struct client_call what;
	union carrier_result result;
};

struct carrier {
	struct session *session; /* borrowed */
	const struct carrier_ops *ops;
	void *context;
	struct carrier_slot slots[CARRIER_CALLS];
	unsigned int flying;
	/* Why the connection was left last: this was not answered, though PING
	 * was; or NULL. */
	const struct procedure *overdue;
	bool finding;
};

/* ops and context are borrowed. */
void carrier_init(struct carrier *carrier, struct session *session,
    const struct carrier_ops *ops, void *context);

/* Calls in flight are forgotten.  May be called twice. */
void carrier_deinit(struct carrier *carrier);

/* So they are when the server gives up: the next ones go to another, if there
 * is one. */
void carrier_leave(struct carrier *carrier);

/*
 * Makes a call, whose arguments are borrowed until this returns.  False: there
 * is no connection, and ready() or lost() will be told.  One of the slots has
 * to be free.
 */
bool carrier_send(struct carrier *carrier, const struct client_call *call);

#endif
