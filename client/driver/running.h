/*
 * A stream that is being run, for the sources of client/driver/driver.h only:
 * driver.c begins and ends it, steps.c does what is between, outcome.c has the
 * words for how it ended.
 */
#ifndef CLIENT_DRIVER_RUNNING_H
#define CLIENT_DRIVER_RUNNING_H

#include "client/driver/carrier.h"
#include "client/driver/release.h"
#include "stream/client/stream.h"

/* Of what is going on beside an exit code: output is not wanted any more. */
#define OUTPUT_GONE (-1)

struct driver_ops;

struct driver {
	struct session *session;
	const struct driver_ops *ops;
	void *context;
	struct client_stream stream;
	struct carrier carrier;
	struct release release;
	struct client_call call; /* the latest, */
	bool heard;              /* which was answered, or refused */
	bool pending;            /* it waits for a connection */
	bool silent;             /* the input has nothing for now */
	int random_error;        /* why there are no random bytes, or 0 */
	int gone;                /* why the connection was lost last, a
				    session_result; 0: there is one */
	struct loop_item work;   /* the next step */
	struct loop_item input;
	bool over;
	int code; /* then, for the exit; or OUTPUT_GONE */
};

extern const struct client_stream_ops steps_stream;
extern const struct carrier_ops steps_carrier;

/* What the items of its work and its input do. */
void steps_on_work(struct loop_item *item, unsigned int reasons);
void steps_on_input(struct loop_item *item, unsigned int reasons);
bool steps_settle(struct loop_item *item);

/* Has the next step come when this turn is settled. */
void steps_wake(void *driver);

#endif
