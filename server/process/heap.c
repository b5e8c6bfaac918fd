#include "server/process/heap.h"

#include <malloc.h>

enum {
	LOOK_SECONDS = 1,
	KEEP_BYTES = 64 * 1024 * 1024, /* at the top of the heap */
	MAP_BYTES = 4 * 1024 * 1024,   /* from here on, pages of their own */
};

static void
on_look(evutil_socket_t fd, short what, void *arg)
{
	struct memory *m = arg;
	bool quiet = *m->calls == m->calls_before;

	(void)fd;
	(void)what;
	m->calls_before = *m->calls;
	if (quiet && !m->returned)
		malloc_trim(0);
	m->returned = quiet;
}

void
memory_init(struct memory *m, struct event_base *base, const uint64_t *calls)
{
	static const struct timeval interval = { LOOK_SECONDS, 0 };

	*m = (struct memory){ .calls = calls };
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_MMAP_THRESHOLD, MAP_BYTES);
	event_assign(&m->timer, base, -1, EV_PERSIST, on_look, m);
	event_add(&m->timer, &interval);
}

void
memory_deinit(struct memory *m)
{
	event_del(&m->timer);
}
