#include "server/service/service.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/wire/checked.h"
#include "rpcloop/wire/quick.h"
#include "schema/texts.h"
#include "server/service/result.h"
#include "stream/metadata.h"
#include "text/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { NOT_CLAIMED = 0xffffffffu }; /* the uid of a caller that told none */

static struct streams_limits
limits_of_streams(const struct settings *settings)
{
	struct streams_limits limits = streams_default_limits;

	limits.unproven_lease_ms = settings->datagram_lease_ms;
	limits.parked = settings->waiting;
	/* Messages count in steps of 4 bytes. */
	limits.window = (uint32_t)settings->window_bytes & ~3u;
	limits.wait_max_ms = settings->wait_ms;
	limits.lease_ms = settings->lease_ms;
	limits.spool_stream = settings->spool_stream_bytes;
	return limits;
}

int
service_init(struct service *s, const struct engine *engine,
    const struct dispatcher *dispatcher, const struct settings *settings)
{
	*s = (struct service){
		.engine = engine,
		.dispatcher = dispatcher,
		.started_ms = clock_now_ms(),
		.limits = limits_of_streams(settings),
		.datagram_max = settings->datagram_max,
	};
	return getrandom(s->boot, sizeof(s->boot), 0) == sizeof(s->boot) ? 0
									 : -EIO;
}

void
service_deinit(struct service *s)
{
	log_limit_tell(&s->log_limit);
}

bool_t
service_out_of_memory(const struct svc_req *request)
{
	svcerr_systemerr(request->rq_xprt);
	return FALSE;
}

bool_t
service_failed(const struct svc_req *request)
{
	counter_add(&service_of(request)->failures, 1);
	return TRUE;
}

void
service_log_trace(const struct svc_req *request, const call_context *context,
    const char *procedure)
{
	static const char key[] = "traceparent";
	struct service *s = service_of(request);
	char value[128];

	for (u_int i = 0; i < context->metadata.metadata_len; i++) {
		const metadatum *m = &context->metadata.metadata_val[i];

		if (m->key.key_len != sizeof(key) - 1 ||
		    memcmp(m->key.key_val, key, sizeof(key) - 1) != 0)
			continue;
		log_info_limited(&s->log_limit, clock_now_ms(),
		    "call procedure=%s traceparent=%s", procedure,
		    log_escape(value, sizeof(value), m->value.value_val,
			m->value.value_len));
	}
}

bool
service_refuses(const struct svc_req *request, const message *messages,
    u_int count, failure *why)
{
	size_t most = service_of(request)->datagram_max;
	size_t longest = 0;

	if (!xprt_is_datagram(request->rq_xprt))
		return false;
	for (u_int i = 0; i < count; i++)
		longest = MAX_OF(longest, messages[i].message_len);
	if (longest <= most)
		return false;
	result_fail(why, STATUS_OUT_OF_RANGE,
	    "over UDP a message has %zu bytes at most: use TCP", most);
	return true;
}

bool_t
reverse_ping_1_svc(void *args, void *result, struct svc_req *request)
{
	(void)args;
	(void)result;
	(void)request;
	return TRUE;
}

static bool
greet(const struct service *s, greeting *hello)
{
	memcpy(hello->boot, s->boot, sizeof(hello->boot));
	hello->message_max = MESSAGE_MAX;
	hello->window = s->limits.window;
	hello->datagram_max = (u_int)s->datagram_max;
	hello->wait_max_ms = s->limits.wait_max_ms;
	hello->lease_ms = s->limits.lease_ms;
	return result_text(&hello->text.text_len, &hello->text.text_val,
		   "Send me a message, and I will send it back reversed.") &&
	    result_text(&hello->server.server_len, &hello->server.server_val,
		"reversed") &&
	    result_text(&hello->release.release_len,
		&hello->release.release_val, REVERSE_VERSION) &&
	    result_text(&hello->unicode.unicode_len,
		&hello->unicode.unicode_val, text_unicode_version());
}

bool_t
reverse_greet_1_svc(
    call_context *context, greet_result *result, struct svc_req *request)
{
	*result = (greet_result){ .code = STATUS_OK };
	service_log_trace(request, context, "GREET");
	return greet(service_of(request), &result->greet_result_u.hello)
	    ? TRUE
	    : service_out_of_memory(request);
}

bool_t
reverse_describe_1_svc(
    void *args, describe_result *result, struct svc_req *request)
{
	(void)args;
	*result = (describe_result){ .code = STATUS_OK };
	if (xprt_is_datagram(request->rq_xprt)) {
		result->code = STATUS_OUT_OF_RANGE;
		result_fail(&result->describe_result_u.why, result->code,
		    "the interface does not fit a datagram: use TCP");
		return service_failed(request);
	}
	return metadata_copy(&result->describe_result_u.schema.schema_len,
		   &result->describe_result_u.schema.schema_val, schema_text,
		   schema_size)
	    ? TRUE
	    : service_out_of_memory(request);
}

bool_t
reverse_whoami_1_svc(void *args, whoami_result *result, struct svc_req *request)
{
	caller *you = &result->whoami_result_u.you;
	const struct address *peer = xprt_peer(request->rq_xprt);
	const struct authunix_parms *sys;
	char address[ADDRESS_TEXT_SIZE], principal[ADDRESS_TEXT_SIZE] = "";

	(void)args;
	*result = (whoami_result){ .code = STATUS_OK };
	you->flavor = (u_int)request->rq_cred.oa_flavor;
	you->uid = NOT_CLAIMED;
	if (peer->u.any.sa_family == AF_UNIX) {
		you->uid = peer->u.user.uid;
		address_text(peer, principal);
	} else if (request->rq_cred.oa_flavor == AUTH_SYS) {
		sys = request->rq_clntcred;
		you->uid = sys->aup_uid;
	}
	address_universal(peer, address);
	return result_text(&you->address.address_len, &you->address.address_val,
		   address) &&
		result_text(&you->principal.principal_len,
		    &you->principal.principal_val, principal)
	    ? TRUE
	    : service_out_of_memory(request);
}
