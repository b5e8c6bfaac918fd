/* The system calls that a process in the sandbox can make, and others. */
#include "base/base.h"
#include "base/log.h"
#include "test/lib/sandboxed.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

#ifdef SYS_mmap2
#define MMAP_NUMBER SYS_mmap2
#else
#define MMAP_NUMBER SYS_mmap
#endif

static void *
idle(void *arg)
{
	return arg;
}

static int
start_thread(void)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, idle, NULL);

	return r != 0 ? r : pthread_join(thread, NULL);
}

static int
make_sockets(void)
{
	static const int families[] = { AF_UNIX, AF_INET, AF_INET6 };
	int fd;

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		fd = socket(families[i], SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd < 0 && errno != EAFNOSUPPORT)
			return errno;
		close(fd);
	}
	return 0;
}

static int
read_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_NOFILE, &limit) < 0 ? errno : 0;
}

/* As standard output does when it is first written to. */
static int
ask_for_terminal(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return isatty(fd) == 0 && errno == ENOTTY ? 0 : EINVAL;
}

static int
signal_itself(void)
{
	signal(SIGUSR1, SIG_IGN);
	return raise(SIGUSR1);
}

static int
give_up(void)
{
	abort();
}

static int
find_interface(void)
{
	return if_nametoindex("lo") == 0 ? errno : 0;
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 64);
}

/* So much is not sorted on the stack. */
static int
sort(void)
{
	static char items[1000][64];

	qsort(items, ARRAY_LEN(items), sizeof(items[0]), compare_bytes);
	return 0;
}

static int
use_memory(void)
{
	/* Large enough for pages of its own. */
	char *bytes = malloc(8 << 20);
	char *more = bytes != NULL ? realloc(bytes, 64 << 20) : NULL;

	if (more == NULL)
		return ENOMEM;
	free(more);
	return 0;
}

static void
what_it_needs_works(void **state)
{
	(void)state;
	sandboxed_assert_works(start_thread);
	sandboxed_assert_works(make_sockets);
	sandboxed_assert_works(read_limit);
	sandboxed_assert_works(ask_for_terminal);
	sandboxed_assert_works(signal_itself);
	sandboxed_assert_works(find_interface);
	sandboxed_assert_works(sort);
	sandboxed_assert_works(use_memory);
	assert_int_equal(sandboxed_try(give_up).code, -SIGABRT);
}

static int
run_program(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int
fork_process(void)
{
	return fork() < 0 ? errno : 0;
}

static int
trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 ? errno : 0;
}

static void
no_process_can_be_made_or_traced(void **state)
{
	(void)state;
	sandboxed_assert_denied(run_program, SYS_execve);
	sandboxed_assert_denied(fork_process, SYS_clone);
	sandboxed_assert_denied(trace, SYS_ptrace);
}

/* Signal 0 only looks whether it might. */
static int
signal_first_process(void)
{
	return kill(1, 0) < 0 ? errno : 0;
}

static int
signal_first_thread(void)
{
	return syscall(SYS_tgkill, 1, 1, 0) < 0 ? errno : 0;
}

static void
no_other_process_can_be_signalled(void **state)
{
	(void)state;
	sandboxed_assert_denied(signal_first_process, SYS_kill);
	sandboxed_assert_denied(signal_first_thread, SYS_tgkill);
}

static int
map_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? errno : 0;
}

static int
make_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) < 0 ? errno : 0;
}

static void
no_memory_becomes_code(void **state)
{
	(void)state;
	sandboxed_assert_denied(map_code, MMAP_NUMBER);
	sandboxed_assert_denied(make_code, SYS_mprotect);
}

/* Not by socket(3), which may put the family where it cannot be seen. */
static int
make_packet_socket(void)
{
	return (int)syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0);
}

static int
make_netlink_socket(void)
{
	return (int)syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
}

static void
no_other_socket_can_be_made(void **state)
{
	(void)state;
	sandboxed_assert_denied(make_packet_socket, SYS_socket);
	sandboxed_assert_denied(make_netlink_socket, SYS_socket);
}

static int
type_into_terminal(void)
{
	char byte = 'x';

	return ioctl(STDERR_FILENO, TIOCSTI, &byte) < 0 ? errno : 0;
}

static int
become_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? errno : 0;
}

static int
set_limit(void)
{
	struct rlimit none = { 0, 0 };

	return prlimit(0, RLIMIT_CORE, &none, NULL) < 0 ? errno : 0;
}

static void
nothing_about_itself_can_be_changed(void **state)
{
	(void)state;
	sandboxed_assert_denied(type_into_terminal, SYS_ioctl);
	sandboxed_assert_denied(become_dumpable, SYS_prctl);
	sandboxed_assert_denied(set_limit, SYS_prlimit64);
}

/* The C library looks for the time zone before it tells the first date. */
static int
log_first_line(void)
{
	log_warn("first");
	return 0;
}

static void
the_log_can_begin_in_the_sandbox(void **state)
{
	struct sandboxed o = sandboxed_try(log_first_line);
	size_t len = strlen("2026-01-01T00:00:00.000Z");

	(void)state;
	assert_int_equal(o.code, 0);
	assert_true(strlen(o.log) > len);
	assert_string_equal(o.log + len, " warn first\n");
}

#define FACT(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, sandboxed_set_up, sandboxed_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(what_it_needs_works),
		FACT(no_process_can_be_made_or_traced),
		FACT(no_other_process_can_be_signalled),
		FACT(no_memory_becomes_code),
		FACT(no_other_socket_can_be_made),
		FACT(nothing_about_itself_can_be_changed),
		FACT(the_log_can_begin_in_the_sandbox),
	};
	const char *why = sandboxed_lacking();

	if (why != NULL) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	return cmocka_run_group_tests_name("sandbox_calls", tests, NULL, NULL);
}
