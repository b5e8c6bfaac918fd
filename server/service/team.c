#include "server/service/team.h"

#include "base/clock.h"
#include "rpcloop/serve/crew.h"
#include "server/service/service.h"
#include "stream/server/streams.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int
team_init(struct team *team, unsigned int count)
{
	int r = nonces_init(&team->nonces);

	team->count = count;
	team->members = calloc(count, sizeof(struct service *));
	return r < 0 || team->members == NULL ? -ENOMEM : 0;
}

void
team_deinit(struct team *team)
{
	free(team->members);
	team->members = NULL;
	nonces_deinit(&team->nonces);
}

void
team_join(struct team *team, unsigned int number, struct service *s)
{
	const struct service *first = number > 0 ? team->members[0] : s;

	s->team = team;
	s->number = number;
	s->limits.worker = (uint16_t)number;
	memcpy(s->boot, first->boot, sizeof(s->boot));
	s->started_ms = first->started_ms;
	team->members[number] = s;
}

static struct serving *
other(const struct service *s, unsigned int number)
{
	if (number == s->number || number >= s->team->count)
		return NULL;
	return s->team->members[number]->serving;
}

struct serving *
team_owner(const struct service *s, const token stream)
{
	if (s->team == NULL)
		return NULL;
	return other(s, streams_token_worker(stream));
}

static bool
is_zero(const char *nonce)
{
	static const char zero[sizeof(((open_args *)0)->nonce)];

	return memcmp(nonce, zero, sizeof(zero)) == 0;
}

struct serving *
team_opener(
    const struct service *s, const struct account *peer, const char *nonce)
{
	if (s->team == NULL || is_zero(nonce))
		return NULL;
	return other(s, nonces_claim(&s->team->nonces, peer, nonce, s->number));
}

void
team_opened(const struct service *s, const struct account *peer,
    const char *nonce, bool is_there)
{
	if (s->team != NULL && !is_there && !is_zero(nonce))
		nonces_release(&s->team->nonces, peer, nonce, s->number);
}

static void
add(report *sum, const struct service *s)
{
	const struct net_counters *counters = &s->engine->net.counters;

	sum->calls += counter_read(&s->dispatcher->calls.received);
	sum->failures += counter_read(&s->failures) +
	    counter_read(&s->dispatcher->calls.rejected);
	sum->bytes_in += counter_read(&counters->bytes_in);
	sum->bytes_out += counter_read(&counters->bytes_out);
	sum->streams += (u_int)counter_read(&s->streams);
}

static void
add_all(report *sum, const struct service *s)
{
	if (s->team == NULL) {
		add(sum, s);
		sum->connections = engine_connections(s->engine);
		return;
	}
	for (unsigned int i = 0; i < s->team->count; i++)
		add(sum, s->team->members[i]);
	sum->connections = crew_connections(s->engine->member->crew);
}

bool_t
reverse_status_1_svc(void *args, status_result *result, struct svc_req *request)
{
	const struct service *s = service_of(request);

	(void)args;
	*result = (status_result){ .code = STATUS_OK };
	result->status_result_u.counters = (report){
		.state = s->draining ? HEALTH_DRAINING : HEALTH_SERVING,
		.uptime_ms = clock_now_ms() - s->started_ms,
	};
	add_all(&result->status_result_u.counters, s);
	return TRUE;
}
