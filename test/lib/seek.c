#include "test/lib/seek.h"

#include "base/base.h"
#include "base/clock.h"
#include "rpcloop/net/address.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

enum {
	PATIENCE_MS = 600000,
	GUARD_MS = 20000,
	REPLY_MAX = 1 << 20,
	TURNS = 50,
};

struct seek_fixture seek;

static sem_t looked_up; /* host.example, once */

static void
write_endpoint(const struct endpoint *e, char out[SEEK_TEXT])
{
	struct address a = { .len = e->len };

	if (e->at.any.sa_family == AF_UNIX) {
		snprintf(out, SEEK_TEXT, "%s", e->at.un.sun_path);
		return;
	}
	memcpy(&a.u, &e->at, e->len);
	address_text(&a, out);
}

static int
really_connect(int fd, const struct endpoint *to)
{
	return (int)syscall(SYS_connect, fd, &to->at, to->len);
}

/* Where that address leads.  NULL: nowhere. */
static const struct seek_route *
route_of(const char *from)
{
	for (size_t i = 0; i < ARRAY_LEN(seek.routes); i++)
		if (seek.routes[i].from != NULL &&
		    strcmp(seek.routes[i].from, from) == 0)
			return &seek.routes[i];
	return NULL;
}

static int
connect_to_hole(int fd)
{
	struct endpoint to = { .len = sizeof(to.at) };

	assert_int_equal(getsockname(seek.hole, &to.at.any, &to.len), 0);
	return really_connect(fd, &to);
}

int
seek_connect(int fd, const struct sockaddr *address, socklen_t len)
{
	struct endpoint to = { .len = len };
	char *text = seek.connects[seek.connect_count];
	const struct seek_route *route;

	memcpy(&to.at, address, MIN_OF(len, sizeof(to.at)));
	if (seek.search == NULL)
		return really_connect(fd, &to);
	assert_true(seek.connect_count < SEEK_MAX);
	write_endpoint(&to, text);
	seek.connect_count++;
	if (strncmp(text, "192.0.2.", 8) != 0)
		return really_connect(fd, &to);
	route = route_of(text);
	if (route != NULL && route->to == NULL)
		return connect_to_hole(fd);
	if (route != NULL)
		return really_connect(fd, &route->to->at);
	errno = ECONNREFUSED;
	return -1;
}

typedef int getaddrinfo_fn(
    const char *, const char *, const struct addrinfo *, struct addrinfo **);

/* The addresses of host.example, in that order. */
static int
list_addresses(
    getaddrinfo_fn *real, struct addrinfo *hints, struct addrinfo **list)
{
	char *copy = strdup(seek.addresses), *rest = copy, *text;
	int r = 0;

	hints->ai_flags = AI_NUMERICHOST;
	*list = NULL;
	while (r == 0 && (text = strsep(&rest, " ")) != NULL) {
		r = real(text, NULL, hints, list);
		while (*list != NULL)
			list = &(*list)->ai_next;
	}
	free(copy);
	return r;
}

int
seek_getaddrinfo(const char *host, const char *port,
    const struct addrinfo *hints, struct addrinfo **list)
{
	struct addrinfo numeric = *hints;
	getaddrinfo_fn *real;
	int r;

	*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (hints->ai_flags & AI_NUMERICHOST)
		return real(host, port, hints, list);
	if (strcmp(host, "host.example") != 0 || seek.addresses == NULL)
		return EAI_NONAME;
	r = list_addresses(real, &numeric, list);
	sem_post(&looked_up);
	return r;
}

void
seek_await_lookup(void)
{
	while (sem_wait(&looked_up) != 0)
		continue;
}

static void
free_search(void)
{
	locate_free(seek.search);
	seek.search = NULL;
	loop_stop(&seek.loop);
}

static void
on_found(
    void *context, const struct locate_place *place, struct channel *channel)
{
	assert_ptr_equal(context, &seek);
	seek.ends++;
	seek.place = place;
	seek.found = channel;
	if (seek.frees_end)
		free_search();
	loop_stop(&seek.loop);
}

static void
on_nobody(void *context)
{
	assert_ptr_equal(context, &seek);
	seek.ends++;
	if (seek.frees_end)
		free_search();
	loop_stop(&seek.loop);
}

static void
on_tried(void *context, const struct locate_try *what)
{
	assert_ptr_equal(context, &seek);
	assert_true(seek.tries < SEEK_MAX);
	if (what->named_by != NULL)
		write_endpoint(what->named_by, seek.named_by[seek.tries]);
	if (what->text != NULL)
		snprintf(seek.text, sizeof(seek.text), "%s", what->text);
	seek.tried[seek.tries++] = *what;
	if (seek.frees_tried || seek.frees_after == seek.tries)
		free_search();
}

static void
on_called(void *context, const struct endpoint *at,
    const struct channel_question *what, const struct channel_call *how,
    const struct rpc_err *error)
{
	assert_ptr_equal(context, &seek);
	assert_true(seek.calls < SEEK_MAX && at->len > 0);
	assert_true(how->xid != 0);
	seek.procedures[seek.calls] = what->procedure;
	seek.stats[seek.calls++] = error->re_status;
	if (seek.frees_called)
		free_search();
}

/* The search has come to no end. */
static void
on_guard(struct loop_item *item, unsigned int reasons)
{
	(void)reasons;
	loop_stop(item->loop);
}

/* Its queue has room for one. */
static int
dig_hole(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), i;
	int first[2];

	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) != 0 ||
	    listen(fd, 0) != 0)
		return -1;
	seek.hole = fd;
	for (i = 0; i < 2; i++) {
		first[i] = socket(
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect_to_hole(first[i]);
	}
	for (i = 0; i < 2; i++)
		close(first[i]);
	return 0;
}

int
seek_setup(void **state)
{
	static const struct locate_hooks hooks = {
		.found = on_found,
		.nobody = on_nobody,
		.tried = on_tried,
		.called = on_called,
	};

	(void)state;
	memset(&seek, 0, sizeof(seek));
	sem_init(&looked_up, 0, 0);
	seek.terms = (struct locate_terms){
		.places = seek.places,
		.type = SOCK_STREAM,
		.program = FAKE_PROGRAM,
		.version = 1,
		.default_port = SEEK_DEFAULT_PORT,
		.rpcbind_port = SEEK_RPCBIND_PORT,
		.pace = { PATIENCE_MS, PATIENCE_MS, PATIENCE_MS },
		.channel = { .reply_max = REPLY_MAX, .context = &seek },
		.hooks = &hooks,
		.context = &seek,
	};
	assert_int_equal(loop_init(&seek.loop, 1 << 20), 0);
	loop_item_init(&seek.guard, &seek.loop, -1, on_guard, NULL);
	assert_int_equal(loop_timed(&seek.guard), 0);
	return dig_hole();
}

int
seek_teardown(void **state)
{
	(void)state;
	locate_free(seek.search);
	channel_close(seek.found);
	for (size_t i = 0; i < SEEK_FAKES; i++)
		fake_stop(&seek.fakes[i]);
	close(seek.hole);
	loop_forget(&seek.guard);
	loop_deinit(&seek.loop);
	return 0;
}

static struct locate_place *
new_place(enum locate_kind kind, const char *name)
{
	struct locate_place *place = &seek.places[seek.terms.place_count++];

	assert_true(seek.terms.place_count <= ARRAY_LEN(seek.places));
	place->kind = kind;
	place->name = name;
	return place;
}

void
seek_host(const char *name, uint16_t port)
{
	new_place(LOCATE_HOST, name)->port = port;
}

void
seek_path(const char *path)
{
	new_place(LOCATE_PATH, path);
}

void
seek_local(const char *rpcbind, const char *const *paths)
{
	new_place(LOCATE_LOCAL, rpcbind)->paths = paths;
}

void
seek_route(const char *from, struct fake *to)
{
	size_t i = 0;

	while (seek.routes[i].from != NULL)
		assert_true(++i < ARRAY_LEN(seek.routes));
	seek.routes[i] = (struct seek_route){ from, to };
}

struct fake *
seek_fake(int type,
    int (*answer)(
	struct fake *fake, const struct call_header *call, uint32_t *words))
{
	struct fake *fake = seek.fakes;

	while (fake->at.len != 0)
		fake++;
	assert_true(fake < seek.fakes + SEEK_FAKES);
	fake->answer = answer;
	fake->versions = 1 << 4;
	fake_start(fake, &seek.loop, type, "127.0.0.1");
	return fake;
}

void
seek_staggered(void)
{
	seek.terms.pace.stagger = 1;
}

void
seek_start(void)
{
	assert_int_equal(
	    locate_start(&seek.search, &seek.loop, &seek.terms), 0);
	assert_int_equal(seek.ends, 0);
	assert_int_equal(seek.tries, 0);
}

void
seek_turns(void)
{
	if (seek.search == NULL)
		seek_start();
	for (int i = 0; i < TURNS; i++)
		assert_int_equal(loop_turn(&seek.loop), 0);
}

void
seek_run(void)
{
	if (seek.search == NULL)
		seek_start();
	loop_due(&seek.guard, clock_now_ms() + GUARD_MS);
	assert_int_equal(loop_run(&seek.loop), 0);
	assert_true(seek.ends == 1 || seek.search == NULL);
	/* Nothing comes after the end. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(loop_turn(&seek.loop), 0);
	assert_true(seek.ends <= 1);
}

void
seek_assert_silent(void)
{
	size_t tries = seek.tries, calls = seek.calls;

	for (int i = 0; i < TURNS; i++)
		assert_int_equal(loop_turn(&seek.loop), 0);
	assert_int_equal(seek.ends, 0);
	assert_int_equal(seek.tries, tries);
	assert_int_equal(seek.calls, calls);
}

void
seek_assert_connects(const char *expected)
{
	char all[SEEK_MAX * SEEK_TEXT] = "";

	for (size_t i = 0; i < seek.connect_count; i++) {
		strcat(all, seek.connects[i]);
		strcat(all, " ");
	}
	assert_string_equal(all, expected);
}

void
seek_assert_try(size_t i, enum locate_step step, enum locate_outcome outcome)
{
	assert_true(i < seek.tries);
	assert_int_equal(seek.tried[i].step, step);
	assert_int_equal(seek.tried[i].outcome, outcome);
}

void
seek_assert_found(const char *at)
{
	char text[SEEK_TEXT];

	assert_non_null(seek.found);
	write_endpoint(&seek.found->to, text);
	assert_string_equal(text, at);
	assert_int_equal(seek.found->state, CHANNEL_OPEN);
	assert_int_equal(seek.found->terms.reply_max, REPLY_MAX);
	assert_ptr_equal(seek.found->terms.context, &seek);
}

void
seek_assert_nobody(void)
{
	assert_int_equal(seek.ends, 1);
	assert_null(seek.found);
}
