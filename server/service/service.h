/*
 * The procedures of reverse.x: what the service does with a call.
 *
 * The functions themselves are declared by rpcgen (reverse.h).  They find the
 * service through the call's transport.  Those of streams, OPEN, EXCHANGE and
 * CANCEL, are in server/service/program.c, STATUS in server/service/team.c;
 * both stand on this.
 */
#ifndef SERVER_SERVICE_SERVICE_H
#define SERVER_SERVICE_SERVICE_H

#include "base/counter.h"
#include "rpcloop/serve/dispatcher.h"
#include "rpcloop/serve/engine.h"
#include "rpcloop/serve/xprt.h"
#include "server/settings.h"
#include "stream/server/terms.h"

#include <stdbool.h>
#include <stdint.h>

enum { SERVICE_BOOT_SIZE = 16 };

struct serving;
struct team;

struct service {
	const struct engine *engine;         /* borrowed, for its counters */
	const struct dispatcher *dispatcher; /* borrowed, for its counters */
	struct serving *serving;             /* of streams; sets itself */
	struct team *team;                   /* NULL: this is the only one */
	unsigned int number;                 /* in the team */
	struct streams_limits limits;        /* of streams, in force */
	size_t datagram_max;                 /* bytes of messages in one */
	uint8_t boot[SERVICE_BOOT_SIZE];     /* random, another each start */
	uint64_t started_ms;
	counter failures; /* answered with a failure */
	counter streams;  /* that are open */
	bool draining;
	struct log_limit log_limit;
};

/* With the limits of the settings.  Returns 0 or a negative errno. */
int service_init(struct service *s, const struct engine *engine,
    const struct dispatcher *dispatcher, const struct settings *settings);

/* No call comes any more. */
void service_deinit(struct service *s);

/* The rest is for procedures.  First, the service that a call is for. */
static inline struct service *
service_of(const struct svc_req *request)
{
	return xprt_context(request->rq_xprt);
}

/*
 * What a procedure returns whose result could not be built, for want of memory:
 * the one error of RFC 5531 for it is sent.
 */
bool_t service_out_of_memory(const struct svc_req *request);

/* What one returns that has filled in a failure, which is counted. */
bool_t service_failed(const struct svc_req *request);

/*
 * Whether one of the messages is longer than may come in the datagram in which
 * the call came; then why says so.
 */
bool service_refuses(const struct svc_req *request, const message *messages,
    u_int count, failure *why);

/* Logs the trace that the caller put into the metadata. */
void service_log_trace(const struct svc_req *request,
    const call_context *context, const char *procedure);

#endif
