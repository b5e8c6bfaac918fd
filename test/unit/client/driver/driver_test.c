/*
 * What client/driver/driver promises: a stream runs to its end whatever its
 * input and the reader of its output do.
 */
#include "test/lib/each.h"

#include "base/base.h"
#include "base/clock.h"
#include "client/session/call.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

static void
a_stream_runs_to_its_end(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_int_equal(f->how.messages_in, 1000);
	assert_string_equal(f->user->text, "");
	assert_int_equal(each_count(f, REVERSE_OPEN), 1);
	/* The server need not keep it. */
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
	assert_int_equal(atomic_load(&f->user->script.accepted), 1);
}

/* The server answers none of them before four wait. */
static void
several_calls_are_in_flight(void **state)
{
	struct each *f = *state;

	user_play(f->user, play_hand);
	f->hand.hold = 4;
	f->count = 1000;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 1000);
	assert_true(atomic_load(&f->hand.in_flight) >= 3);
}

/* Waits until so many are counted, and writes a byte, and the end. */
struct later {
	const atomic_uint *count;
	unsigned int least;
	int *fd;
};

static void
wait_for_count(const struct later *later)
{
	uint64_t until = clock_now_ms() + USER_PATIENCE_MS;

	while (
	    atomic_load(later->count) < later->least && clock_now_ms() < until)
		poll(NULL, 0, 10);
}

static void *
write_later(void *arg)
{
	struct later *later = arg;

	wait_for_count(later);
	if (write(*later->fd, "x", 1) == 1)
		each_closes(later->fd);
	return NULL;
}

/* The lease is renewed at half of it. */
static void
a_silent_input_is_waited_for_and_the_lease_renewed(void **state)
{
	struct each *f = *state;
	struct later later = { &f->hand.counts[REVERSE_EXCHANGE], 4,
		&f->input[1] };
	uint64_t began;

	each_is_piped(f);
	user_play(f->user, play_hand);
	f->hand.lease_ms = 400;
	assert_int_equal(
	    pthread_create(&f->thread, NULL, write_later, &later), 0);
	began = clock_now_ms();
	assert_int_equal(each_runs(f), EXIT_DONE);
	pthread_join(f->thread, NULL);
	assert_int_equal(f->answers, 1);
	assert_true(clock_now_ms() - began >= 600);
}

static void
an_input_that_cannot_be_watched_is_looked_at_again(void **state)
{
	struct each *f = *state;
	uint64_t began = clock_now_ms();

	each_is_piped(f);
	f->unwatched = open("/dev/null", O_RDONLY | O_CLOEXEC);
	f->looks = 12;
	user_play(f->user, play_hand);
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_true(clock_now_ms() - began >= 100);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_true(f->refills > 12);
}

/* Reads all that comes, once it may. */
static void *
read_later(void *arg)
{
	struct later *later = arg;
	static char bytes[64 * 1024];

	wait_for_count(later);
	while (read(*later->fd, bytes, sizeof(bytes)) > 0)
		continue;
	return NULL;
}

static void
while_nobody_reads_only_the_lease_is_renewed(void **state)
{
	struct each *f = *state;
	struct later later = { &f->hand.renewals, 2, &f->output[0] };

	user_play(f->user, play_hand);
	f->hand.lease_ms = 400;
	f->hand.wait_ms = 50;
	f->count = 80;
	f->len = TEXT_MAX;
	assert_int_equal(
	    pthread_create(&f->thread, NULL, read_later, &later), 0);
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 80);
	assert_true(atomic_load(&f->hand.renewals) >= 2);
	assert_int_equal(output_finish(&f->user->output, true), EXIT_DONE);
	each_closes(&f->output[1]);
	pthread_join(f->thread, NULL);
	assert_int_equal(output_init(&f->user->output, STDOUT_FILENO), 0);
}

/* Each answer brings more than is held for a reader. */
static void
much_that_is_written_at_once_holds_nothing_up(void **state)
{
	struct each *f = *state;
	uint64_t began = clock_now_ms();

	output_finish(&f->user->output, true);
	each_closes(&f->output[1]);
	f->output[1] = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_int_equal(output_init(&f->user->output, f->output[1]), 0);
	user_play(f->user, play_hand);
	f->count = 20;
	f->len = TEXT_MAX;
	f->copies = 20;
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 20);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
}

/* What is held is little more than what calls in flight bring; and the deadline
 * ends it without the processor being asked all the time. */
static void
what_is_held_is_bounded(void **state)
{
	struct each *f = *state;
	uint64_t began = clock_now_ms();
	clock_t worked = clock();

	user_play(f->user, play_hand);
	f->hand.lease_ms = 60000;
	f->user->settings.deadline_ms = 500;
	user_restart(f->user);
	f->count = 200;
	f->len = TEXT_MAX;
	assert_int_equal(each_runs(f), EXIT_DEADLINE);
	assert_in_range(f->answers, 16, 60);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_true(clock() - worked < CLOCKS_PER_SEC / 4);
	each_closes(&f->output[0]);
}

/* Leaves. */
static void *
close_later(void *arg)
{
	struct later *later = arg;

	wait_for_count(later);
	each_closes(later->fd);
	return NULL;
}

static void
a_reader_that_leaves_ends_it_though_the_input_is_silent(void **state)
{
	struct each *f = *state;
	struct later later = { &f->hand.counts[REVERSE_OPEN], 1,
		&f->output[0] };
	uint64_t began = clock_now_ms();

	each_is_piped(f);
	user_play(f->user, play_hand);
	assert_int_equal(
	    pthread_create(&f->thread, NULL, close_later, &later), 0);
	assert_int_equal(each_runs(f), EXIT_DONE);
	pthread_join(f->thread, NULL);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
	assert_string_equal(f->user->text, "");
}

static void
an_input_that_fails_cancels_the_stream(void **state)
{
	struct each *f = *state;

	each_is_piped(f);
	f->unwatched = open("/dev/null", O_RDONLY | O_CLOEXEC);
	f->looks = 1000;
	f->refill_fails = 6;
	user_play(f->user, play_hand);
	assert_int_equal(each_runs(f), EXIT_FAILED);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
}

static void
a_deadline_ends_it_and_cancels_the_stream(void **state)
{
	struct each *f = *state;
	uint64_t began;

	f->user->settings.deadline_ms = USER_BRIEF_MS;
	user_restart(f->user);
	user_play(f->user, play_hand);
	f->hand.hold = 1000;
	began = clock_now_ms();
	assert_int_equal(each_runs(f), EXIT_DEADLINE);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_string_equal(f->user->text,
	    "reverse: not done within the deadline of 0.200 s\n");
	user_stop_playing(f->user);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
}

/* Who has greeted is not asked again, on the same connection. */
static void
a_greeting_counts_for_one_stream(void **state)
{
	struct each *f = *state;
	uint32_t max;

	user_play(f->user, play_hand);
	assert_int_equal(call_message_max(&f->user->session, &max), EXIT_DONE);
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(f->answers, 100);
	assert_int_equal(each_count(f, REVERSE_GREET), 1);
	assert_false(f->user->session.greeted);
}

/* Its server may be gone, and another in its place. */
static void
a_greeting_goes_with_its_connection(void **state)
{
	struct each *f = *state;
	uint32_t max;

	user_play(f->user, play_hand);
	assert_int_equal(call_message_max(&f->user->session, &max), EXIT_DONE);
	shutdown(f->user->session.channel->flow.item.fd, SHUT_RDWR);
	user_runs(f->user, 10);
	assert_int_equal(each_runs(f), EXIT_DONE);
	assert_int_equal(each_count(f, REVERSE_GREET), 2);
}

/* A server that hangs is not waited for when the time is over. */
static void
assert_deadline_is_kept(struct each *f)
{
	uint64_t began;

	f->user->settings.deadline_ms = USER_BRIEF_MS;
	user_restart(f->user);
	user_play(f->user, play_hand);
	began = clock_now_ms();
	assert_int_equal(each_runs(f), EXIT_DEADLINE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_true(clock_now_ms() - began < USER_BRIEF_MS + 1000);
}

static void
a_deadline_is_kept_with_the_farewell(void **state)
{
	struct each *f = *state;

	f->hand.silent_from = 2;
	assert_deadline_is_kept(f);
	user_stop_playing(f->user);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 1);
}

static void
a_deadline_is_kept_where_the_stream_has_no_name(void **state)
{
	struct each *f = *state;

	f->hand.mute_opens = 1000;
	assert_deadline_is_kept(f);
	user_stop_playing(f->user);
	assert_int_equal(each_count(f, REVERSE_OPEN), 2);
	assert_int_equal(each_count(f, REVERSE_CANCEL), 0);
}

static void
a_deadline_ends_the_search_for_a_server(void **state)
{
	struct each *f = *state;
	uint64_t began = clock_now_ms();

	f->user->settings.deadline_ms = USER_BRIEF_MS;
	user_restart(f->user);
	/* PINGs are not answered either. */
	user_play(f->user, play_silence);
	user_knows(f->user, &f->user->script.at);
	user_knows(f->user, &(struct endpoint){ 0 });
	assert_int_equal(each_runs(f), EXIT_DEADLINE);
	assert_true(clock_now_ms() - began >= USER_BRIEF_MS);
	assert_true(clock_now_ms() - began < USER_NOTICED_MS);
	assert_null(f->user->session.find.locate);
}

int
main(void)
{
#define CASE(name) \
	cmocka_unit_test_setup_teardown(name, each_setup, each_teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_stream_runs_to_its_end),
		CASE(several_calls_are_in_flight),
		CASE(a_silent_input_is_waited_for_and_the_lease_renewed),
		CASE(an_input_that_cannot_be_watched_is_looked_at_again),
		CASE(while_nobody_reads_only_the_lease_is_renewed),
		CASE(much_that_is_written_at_once_holds_nothing_up),
		CASE(what_is_held_is_bounded),
		CASE(a_reader_that_leaves_ends_it_though_the_input_is_silent),
		CASE(an_input_that_fails_cancels_the_stream),
		CASE(a_deadline_ends_it_and_cancels_the_stream),
		CASE(a_greeting_counts_for_one_stream),
		CASE(a_greeting_goes_with_its_connection),
		CASE(a_deadline_is_kept_with_the_farewell),
		CASE(a_deadline_is_kept_where_the_stream_has_no_name),
		CASE(a_deadline_ends_the_search_for_a_server),
	};

	user_main();
	return cmocka_run_group_tests_name("client_driver", tests, NULL, NULL);
}
