#include "test/lib/sandboxed.h"

#include "server/process/landlock.h"
#include "server/process/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

static char folder[64];

static void
touch(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	close(fd);
}

int
sandboxed_set_up(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/sandbox-test.XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(mkdir(SPOOL, 0700), 0);
	assert_int_equal(mkdir(SOCKETS, 0700), 0);
	touch(STALE);
	touch(OTHER);
	return 0;
}

int
sandboxed_tear_down(void **state)
{
	(void)state;
	unlink(STALE);
	unlink(OTHER);
	rmdir(SOCKETS);
	rmdir(SPOOL);
	assert_int_equal(chdir("/"), 0);
	rmdir(folder);
	return 0;
}

/* Does not return. */
static void
be_the_child(const char *spool, sandboxed_fn *attempt)
{
	static const char *const sockets[] = { SOCKETS };
	struct landlock_grants grants = { spool, sockets, 1 };

	/* A signal is what is wanted, and no core of it. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    landlock_enter(&grants) <= 0 || seccomp_enter() != 0)
		_exit(255);
	_exit(attempt());
}

struct sandboxed
sandboxed_try_with(const char *spool, sandboxed_fn *attempt)
{
	struct sandboxed o = { .code = 0 };
	size_t len = 0;
	ssize_t n;
	pid_t child;
	int fds[2];
	int status;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(fds[1], STDERR_FILENO);
		be_the_child(spool, attempt);
	}
	close(fds[1]);
	while ((n = read(fds[0], o.log + len, sizeof(o.log) - 1 - len)) > 0)
		len += (size_t)n;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	o.code = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
	return o;
}

struct sandboxed
sandboxed_try(sandboxed_fn *attempt)
{
	return sandboxed_try_with(SPOOL, attempt);
}

void
sandboxed_assert_works(sandboxed_fn *attempt)
{
	struct sandboxed o = sandboxed_try(attempt);

	assert_int_equal(o.code, 0);
	assert_string_equal(o.log, "");
}

void
sandboxed_assert_denied(sandboxed_fn *attempt, long number)
{
	struct sandboxed o = sandboxed_try(attempt);
	const char *rest = o.log;
	char wanted[64];

	snprintf(wanted, sizeof(wanted),
	    " error denied system call number=%ld\n", number);
	assert_int_equal(o.code, -SIGSYS);
	/* The seconds since 1970. */
	assert_int_equal(*rest++, '@');
	rest += strspn(rest, "0123456789");
	assert_int_equal(*rest++, '.');
	assert_int_equal(strspn(rest, "0123456789"), 3);
	assert_string_equal(rest + 3, wanted);
}

const char *
sandboxed_lacking(void)
{
	const char *wanted = getenv("TEST_SANDBOX");

	if (wanted != NULL && strcmp(wanted, "no") == 0)
		return "TEST_SANDBOX=no";
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 &&
	    errno != EFAULT)
		return "no seccomp filters";
	if (syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
		LANDLOCK_CREATE_RULESET_VERSION) < 0)
		return "no Landlock";
	return NULL;
}
