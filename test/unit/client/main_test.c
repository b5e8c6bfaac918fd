/*
 * How reverse ends.  When it is interrupted whoever started it sees by which
 * signal, and so a shell ends a loop; no other signal ends it.
 */
#include "base/clock.h"
#include "client/exit_code.h"
#include "test/lib/hand.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* A time in which what is waited for comes. */
enum { NOTICED_MS = 10000, LATE_TRIES = 20 };

static struct fixture {
	char program[PATH_MAX];
	struct hand hand;
	struct script script;
	int input[2];
	int output;
	const char *deadline;
	rlim_t longest; /* file that it may write; 0: any */
	int errors;
} f;

/* build/reverse, from build/test/unit/client/main_test. */
static void
find_program(const char *self)
{
	char *end;

	assert_non_null(realpath(self, f.program));
	for (int i = 0; i < 4; i++) {
		end = strrchr(f.program, '/');
		assert_non_null(end);
		*end = '\0';
	}
	assert_true(strlen(f.program) + sizeof("/reverse") < PATH_MAX);
	strcat(f.program, "/reverse");
}

static int
setup(void **state)
{
	(void)state;
	memset(&f.hand, 0, sizeof(f.hand));
	memset(&f.script, 0, sizeof(f.script));
	f.script.play = play_hand;
	f.script.context = &f.hand;
	script_start(&f.script);
	assert_int_equal(pipe2(f.input, O_CLOEXEC), 0);
	f.output = open("/dev/null", O_WRONLY | O_CLOEXEC);
	f.deadline = "5";
	f.longest = 0;
	f.errors = memfd_create("errors", MFD_CLOEXEC);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	script_stop(&f.script);
	hand_clear(&f.hand);
	close(f.input[0]);
	close(f.input[1]);
	close(f.output);
	close(f.errors);
	return 0;
}

/* How it is started by a shell, but for its limits. */
static void
prepare(void (*handler)(int))
{
	struct rlimit longest = { f.longest, f.longest };

	if (f.longest > 0)
		setrlimit(RLIMIT_FSIZE, &longest);
	signal(SIGINT, handler);
	signal(SIGPIPE, SIG_DFL);
	dup2(f.input[0], STDIN_FILENO);
	dup2(f.output, STDOUT_FILENO);
	dup2(f.errors, STDERR_FILENO);
}

/* Runs it with a command of one word, and that done with SIGINT. */
static pid_t
run(const char *command, void (*handler)(int))
{
	char server[32];
	pid_t pid;

	snprintf(server, sizeof(server), "127.0.0.1:%u",
	    endpoint_port(&f.script.at));
	pid = fork();
	if (pid != 0)
		return pid;
	prepare(handler);
	/* It calls no server. */
	if (strcmp(command, "help") == 0)
		execl(f.program, "reverse", command, NULL);
	execl(f.program, "reverse", "-s", server, "-t", f.deadline, command,
	    NULL);
	_exit(99);
}

static void
wait_for_call(uint32_t procedure)
{
	uint64_t until = clock_now_ms() + NOTICED_MS;

	while (atomic_load(&f.hand.counts[procedure]) == 0 &&
	    clock_now_ms() < until)
		poll(NULL, 0, 5);
	assert_true(atomic_load(&f.hand.counts[procedure]) > 0);
}

static int
status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
assert_died_by(pid_t pid, int number)
{
	int status = status_of(pid);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), number);
	assert_int_equal(lseek(f.errors, 0, SEEK_END), 0);
}

static void
assert_exits(pid_t pid, int code)
{
	int status = status_of(pid);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), code);
}

static void
a_call_that_is_interrupted_dies_by_the_signal(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	f.hand.ignores_pings = true;
	for (int i = 0; i < 3; i++) {
		pid_t pid = run("ping", SIG_DFL);

		wait_for_call(REVERSE_PING);
		kill(pid, numbers[i]);
		assert_died_by(pid, numbers[i]);
		atomic_store(&f.hand.counts[REVERSE_PING], 0);
	}
}

static void
a_stream_that_is_interrupted_is_cancelled_before(void **state)
{
	pid_t pid = run("each", SIG_DFL);

	(void)state;
	wait_for_call(REVERSE_OPEN);
	kill(pid, SIGTERM);
	assert_died_by(pid, SIGTERM);
	assert_int_equal(atomic_load(&f.hand.counts[REVERSE_CANCEL]), 1);
}

/* Interrupts it when the server was told that it is over, for which it waits a
 * twentieth of a second. */
static int
status_of_late_interrupt(void)
{
	pid_t pid = run("each", SIG_DFL);

	wait_for_call(REVERSE_CANCEL);
	kill(pid, SIGINT);
	atomic_store(&f.hand.counts[REVERSE_CANCEL], 0);
	return status_of(pid);
}

/* On a busy machine the interrupt itself may be too late. */
static void
so_is_one_that_is_interrupted_when_it_has_ended(void **state)
{
	int status, tries = 0;

	(void)state;
	f.hand.ignores_cancels = true;
	f.deadline = "0.2";
	do {
		status = status_of_late_interrupt();
		assert_true(WIFSIGNALED(status) ||
		    WEXITSTATUS(status) == EXIT_DEADLINE);
	} while (!WIFSIGNALED(status) && ++tries < LATE_TRIES);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGINT);
}

static void
what_is_ignored_does_nothing(void **state)
{
	pid_t pid = run("each", SIG_IGN);

	(void)state;
	wait_for_call(REVERSE_OPEN);
	kill(pid, SIGINT);
	assert_int_equal(write(f.input[1], "abc\n", 4), 4);
	close(f.input[1]);
	assert_exits(pid, EXIT_DONE);
	assert_int_equal(atomic_load(&f.hand.messages), 1);
}

static void
a_file_that_may_not_grow_is_a_failure(void **state)
{
	static const char expect[] =
	    "reverse: cannot write standard output: File too large\n";
	char said[256];
	ssize_t n;

	(void)state;
	close(f.output);
	f.output = memfd_create("output", MFD_CLOEXEC);
	f.longest = 100;
	assert_exits(run("help", SIG_DFL), EXIT_FAILED);
	assert_int_equal(lseek(f.output, 0, SEEK_END), f.longest);
	n = pread(f.errors, said, sizeof(said), 0);
	assert_int_equal(n, sizeof(expect) - 1);
	assert_memory_equal(said, expect, n);
}

static void
a_reader_that_leaves_is_no_failure(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	close(ends[0]);
	close(f.output);
	f.output = ends[1];
	assert_exits(run("help", SIG_DFL), EXIT_DONE);
	assert_int_equal(lseek(f.errors, 0, SEEK_END), 0);
}

/* Whether it starts at all: under an emulator there may be no way. */
static bool
is_of_this_machine(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
		execl(f.program, "reverse", "--version", NULL);
		_exit(99);
	}
	return status_of(pid) == 0;
}

int
main(int argc, char **argv)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_call_that_is_interrupted_dies_by_the_signal),
		CASE(a_stream_that_is_interrupted_is_cancelled_before),
		CASE(so_is_one_that_is_interrupted_when_it_has_ended),
		CASE(what_is_ignored_does_nothing),
		CASE(a_file_that_may_not_grow_is_a_failure),
		CASE(a_reader_that_leaves_is_no_failure),
	};

	(void)argc;
	find_program(argv[0]);
	if (!is_of_this_machine()) {
		printf("1..0 # SKIP the program is of another machine\n");
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("client_main", tests, NULL, NULL);
}
