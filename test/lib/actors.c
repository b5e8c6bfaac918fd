#include "test/lib/actors.h"

#include "base/base.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct stage stage;

void
actors_note(char letter)
{
	size_t len = strlen(stage.trace);

	assert_true(len + 1 < sizeof(stage.trace));
	stage.trace[len] = letter;
}

void
actor_runs(struct loop_item *item, unsigned int reasons)
{
	struct actor *actor = container_of(item, struct actor, item);

	actors_note(actor->letter);
	if (actor->act != NULL)
		actor->act(actor, reasons);
}

bool
actor_is_settled(struct loop_item *item)
{
	struct actor *actor = container_of(item, struct actor, item);

	actors_note((char)(actor->letter - 'a' + 'A'));
	return true;
}

int
actors_setup(void **state)
{
	int fds[2];

	(void)state;
	memset(&stage, 0, sizeof(stage));
	assert_int_equal(loop_init(&stage.loop, ACTORS_BUDGET), 0);
	stage.loop.budget_ns = LOOP_ANY_TIME;
	for (int i = 0; i < ACTORS; i++) {
		assert_int_equal(
		    socketpair(AF_UNIX,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
		    0);
		stage.actors[i].letter = (char)('a' + i);
		stage.actors[i].other = fds[1];
		loop_item_init(&stage.actors[i].item, &stage.loop, fds[0],
		    actor_runs, actor_is_settled);
		assert_int_equal(
		    loop_watch(&stage.actors[i].item, LOOP_READABLE), 0);
		assert_int_equal(loop_timed(&stage.actors[i].item), 0);
	}
	return 0;
}

int
actors_teardown(void **state)
{
	(void)state;
	for (int i = 0; i < ACTORS; i++) {
		loop_forget(&stage.actors[i].item);
		close(stage.actors[i].item.fd);
		close(stage.actors[i].other);
	}
	loop_deinit(&stage.loop);
	return 0;
}

void
actors_poke(int i)
{
	assert_int_equal(write(stage.actors[i].other, "x", 1), 1);
}

void
actors_turn(void)
{
	assert_int_equal(loop_turn(&stage.loop), 0);
}

bool
actors_ready(void)
{
	struct pollfd ready = { .fd = loop_fd(&stage.loop), .events = POLLIN };

	return poll(&ready, 1, 0) == 1;
}

void
actor_reads(struct actor *actor, unsigned int reasons)
{
	char byte;

	if (reasons & LOOP_READABLE)
		while (read(actor->item.fd, &byte, 1) > 0)
			;
}

void
actor_settles(struct actor *actor, unsigned int reasons)
{
	actor_reads(actor, reasons);
	loop_settle(&actor->item);
}
