/* What rpcloop/loop tells of descriptors that break. */
#include "test/lib/actors.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static struct actor watcher; /* beside those of the stage */
static unsigned int seen;    /* why it was run the last time */

static void
see(struct actor *actor, unsigned int reasons)
{
	(void)actor;
	seen = reasons;
}

/* Takes over both descriptors. */
static void
begin(int fd, int other, unsigned int wanted)
{
	watcher = (struct actor){ .letter = 'w', .other = other, .act = see };
	loop_item_init(&watcher.item, &stage.loop, fd, actor_runs, NULL);
	assert_int_equal(loop_watch(&watcher.item, wanted), 0);
	seen = 0;
}

static void
begin_pipe(unsigned int wanted)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	begin(fds[1], fds[0], wanted);
}

/* A connection over TCP, where a peer can reset. */
static void
begin_socket(unsigned int wanted)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(
	    getsockname(listener, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, len), 0);
	begin(fd, accept4(listener, NULL, NULL, SOCK_CLOEXEC), wanted);
	close(listener);
}

static void
other_goes(void)
{
	close(watcher.other);
	watcher.other = -1;
}

static void
other_resets(void)
{
	const struct linger at_once = { .l_onoff = 1 };

	assert_int_equal(setsockopt(watcher.other, SOL_SOCKET, SO_LINGER,
			     &at_once, sizeof(at_once)),
	    0);
	other_goes();
}

static int
end(void **state)
{
	loop_forget(&watcher.item);
	close(watcher.item.fd);
	if (watcher.other >= 0)
		close(watcher.other);
	return actors_teardown(state);
}

static void
a_pipe_whose_reader_leaves_is_broken(void **state)
{
	(void)state;
	begin_pipe(LOOP_BROKEN);
	other_goes();
	assert_true(actors_ready());
	actors_turn();
	assert_int_equal(seen, LOOP_BROKEN);
}

static void
a_socket_whose_peer_resets_is_broken(void **state)
{
	(void)state;
	begin_socket(LOOP_BROKEN);
	other_resets();
	actors_turn();
	assert_int_equal(seen, LOOP_BROKEN);
}

/* There is room, there are bytes, and the peer has sent its last. */
static void
who_wants_to_know_that_alone_is_not_run_while_it_is_whole(void **state)
{
	(void)state;
	begin_socket(LOOP_BROKEN);
	actors_turn();
	assert_false(actors_ready());
	assert_int_equal(write(watcher.other, "x", 1), 1);
	assert_int_equal(shutdown(watcher.other, SHUT_WR), 0);
	assert_false(actors_ready());
	actors_turn();
	assert_string_equal(stage.trace, "");
}

static void
it_is_told_with_the_other_reasons(void **state)
{
	(void)state;
	begin_pipe(LOOP_WRITABLE | LOOP_BROKEN);
	actors_turn();
	assert_int_equal(seen, LOOP_WRITABLE);
	other_goes();
	actors_turn();
	assert_int_equal(seen, LOOP_WRITABLE | LOOP_BROKEN);
}

static void
who_does_not_want_to_know_it_is_not_told(void **state)
{
	(void)state;
	begin_pipe(LOOP_WRITABLE);
	other_goes();
	actors_turn();
	assert_int_equal(seen, LOOP_WRITABLE);
}

static void
it_can_be_all_that_is_wanted_for_a_time(void **state)
{
	(void)state;
	begin_pipe(LOOP_WRITABLE);
	loop_want(&watcher.item, LOOP_BROKEN);
	actors_turn();
	seen = 0;
	actors_turn();
	assert_int_equal(seen, 0);
	assert_false(actors_ready());
	loop_want(&watcher.item, LOOP_WRITABLE | LOOP_BROKEN);
	actors_turn();
	actors_turn();
	assert_int_equal(seen, LOOP_WRITABLE);
	loop_want(&watcher.item, LOOP_BROKEN);
	actors_turn();
	other_goes();
	actors_turn();
	assert_int_equal(seen, LOOP_BROKEN);
	loop_want(&watcher.item, 0);
	actors_turn();
	assert_false(actors_ready());
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, actors_setup, end)
	const struct CMUnitTest tests[] = {
		TEST(a_pipe_whose_reader_leaves_is_broken),
		TEST(a_socket_whose_peer_resets_is_broken),
		TEST(who_wants_to_know_that_alone_is_not_run_while_it_is_whole),
		TEST(it_is_told_with_the_other_reasons),
		TEST(who_does_not_want_to_know_it_is_not_told),
		TEST(it_can_be_all_that_is_wanted_for_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
