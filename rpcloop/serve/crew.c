#include "rpcloop/serve/crew.h"

#include "rpcloop/net/listener.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/* A connection on its way to a member. */
struct arrival {
	struct inbox_message message;
	struct crew_member *member;
	struct address from;
	int fd;
};

int
crew_init(struct crew *crew, unsigned int count)
{
	int r;

	*crew = (struct crew){ .members = NULL };
	r = shared_peers_init(&crew->peers, count);
	crew->members = calloc(count, sizeof(*crew->members));
	if (r < 0 || crew->members == NULL)
		return -ENOMEM;
	crew->count = count;
	for (unsigned int i = 0; i < count; i++) {
		crew->members[i].crew = crew;
		crew->members[i].inbox.item.fd = -1;
	}
	return 0;
}

bool
crew_run(struct crew *crew)
{
	bool any = false;

	for (unsigned int i = 0; i < crew->count; i++)
		any |= inbox_run_all(&crew->members[i].inbox);
	return any;
}

void
crew_leave(struct crew *crew)
{
	for (unsigned int i = 0; i < crew->count; i++)
		inbox_deinit(&crew->members[i].inbox);
}

void
crew_deinit(struct crew *crew)
{
	free(crew->members);
	crew->members = NULL;
	shared_peers_deinit(&crew->peers);
}

static unsigned int
connections(const struct crew_member *member)
{
	return atomic_load_explicit(&member->connections, memory_order_relaxed);
}

unsigned int
crew_connections(const struct crew *crew)
{
	unsigned int sum = 0;

	for (unsigned int i = 0; i < crew->count; i++)
		sum += connections(&crew->members[i]);
	return sum;
}

/* It was counted when it was placed. */
static void
admit(struct crew_member *member, int *fd, const struct address *from)
{
	struct engine *e = member->engine;
	unsigned int before = engine_connections(e);

	listener_admit(&e->net, fd, from);
	if (engine_connections(e) > before)
		member->open++;
	else
		atomic_fetch_sub(&member->connections, 1);
}

static void
on_arrival(struct inbox_message *message)
{
	struct arrival *a = container_of(message, struct arrival, message);

	admit(a->member, &a->fd, &a->from);
	free(a);
}

/* A connection that stays. */
static void
keep(struct crew_member *member, int *fd, const struct address *from)
{
	atomic_fetch_add(&member->connections, 1);
	admit(member, fd, from);
}

/* The member itself, if nobody has fewer. */
static struct crew_member *
least_busy(struct crew_member *member)
{
	struct crew *crew = member->crew;
	struct crew_member *least = member;

	for (unsigned int i = 0; i < crew->count; i++)
		if (connections(&crew->members[i]) < connections(least))
			least = &crew->members[i];
	return least;
}

/* One that goes to whoever has the fewest. */
static void
place(struct crew_member *member, int *fd, const struct address *from)
{
	struct crew_member *least = least_busy(member);
	struct arrival *a = NULL;

	if (least != member)
		a = malloc(sizeof(*a));
	if (a == NULL) {
		keep(member, fd, from);
		return;
	}
	*a = (struct arrival){
		.message.run = on_arrival,
		.member = least,
		.from = *from,
		.fd = *fd,
	};
	*fd = -1;
	atomic_fetch_add(&least->connections, 1);
	inbox_post(&least->inbox, &a->message);
}

static void
on_accepted(struct engine *e, int *fd, const struct address *from)
{
	if (e->draining)
		keep(e->member, fd, from);
	else
		place(e->member, fd, from);
}

static void
on_gone(struct engine *e)
{
	struct crew_member *member = e->member;
	unsigned int now = engine_connections(e);

	if (now < member->open)
		atomic_fetch_sub(&member->connections, member->open - now);
	member->open = MIN_OF(now, member->open);
}

static void
on_make_room(struct inbox_message *message)
{
	struct crew_member *member =
	    container_of(message, struct crew_member, make_room);

	admission_evict(&member->engine->admission);
}

static void
on_scarce(struct engine *e)
{
	struct crew *crew = e->member->crew;
	struct crew_member *other;

	for (unsigned int i = 0; i < crew->count; i++) {
		other = &crew->members[i];
		if (other != e->member)
			inbox_post(&other->inbox, &other->make_room);
	}
}

static const struct engine_crew ops = {
	.accepted = on_accepted,
	.gone = on_gone,
	.scarce = on_scarce,
};

int
crew_join(struct crew *crew, unsigned int number, struct engine *engine)
{
	struct crew_member *member = &crew->members[number];

	member->engine = engine;
	member->make_room.run = on_make_room;
	engine->member = member;
	engine->crew = &ops;
	/* So that no two of the crew number a connection alike. */
	engine->net.connection_id_step = crew->count;
	engine->net.last_connection_id = (uint64_t)number + 1 - crew->count;
	peers_share(&engine->net.peers, &crew->peers, number);
	return inbox_init(&member->inbox, &engine->loop);
}
