/*
 * The procedures of reverse.x: what the service does with a call.
 *
 * The functions themselves are declared by rpcgen (reverse.h).  They find the
 * service through the call's transport (xprt_context).
 */
#ifndef SERVER_SERVICE_SERVICE_H
#define SERVER_SERVICE_SERVICE_H

#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/engine.h"
#include "rpcloop/serve/xprt.h"
#include "server/service/serving.h"
#include "server/settings.h"

#include <stdbool.h>
#include <stdint.h>

enum { SERVICE_BOOT_SIZE = 16 };

struct service {
	const struct engine *engine;         /* borrowed, for its counters */
	const struct dispatcher *dispatcher; /* borrowed, for its counters */
	struct streams_limits limits;        /* in force, for the greeting */
	uint8_t boot[SERVICE_BOOT_SIZE];     /* random, another each start */
	uint64_t started_ms;
	uint64_t failures; /* answered with a failure */
	struct streaming streaming;
	bool draining;
	struct log_limit log_limit;
};

/* The program and version of reverse.x, for dispatcher_init(). */
extern const struct xprt_program service_programs[];
extern const size_t service_program_count;

/*
 * Streams keep the limits of the settings, which are borrowed.  Returns 0 or a
 * negative errno.
 */
int service_init(struct service *s, struct engine *engine,
    const struct dispatcher *dispatcher, const struct settings *settings);

/* To be called before the engine's end.  May be called twice. */
void service_deinit(struct service *s);

#endif
