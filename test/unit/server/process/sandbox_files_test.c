/* The files that a process in the sandbox can use, and those it cannot. */
#include "test/lib/sandboxed.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

enum { ORDINARY_USER = 65534 };

static int
open_and_close(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int
write_and_read(int fd)
{
	char byte = 'x';

	if (fd < 0 || pwrite(fd, &byte, 1, 100) != 1 ||
	    pread(fd, &byte, 1, 100) != 1)
		return errno;
	close(fd);
	return 0;
}

/* Where the file system has none, the daemon makes those with a name. */
static int
use_unnamed_file(void)
{
	int fd = open(SPOOL, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EOPNOTSUPP)
		return 0;
	return write_and_read(fd);
}

static int
use_named_file(void)
{
	char name[] = SPOOL "/file.XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	if (fd < 0 || unlink(name) < 0)
		return errno;
	return write_and_read(fd);
}

static void
the_spool_can_be_used(void **state)
{
	(void)state;
	sandboxed_assert_works(use_unnamed_file);
	sandboxed_assert_works(use_named_file);
}

static int
write_elsewhere(void)
{
	return open_and_close(OTHER, O_WRONLY);
}

static int
make_elsewhere(void)
{
	return open_and_close("new", O_CREAT | O_WRONLY);
}

static int
make_unnamed_elsewhere(void)
{
	return open_and_close(".", O_TMPFILE | O_RDWR);
}

static int
remove_elsewhere(void)
{
	return unlink(OTHER) < 0 ? errno : 0;
}

static void
nothing_else_can_be_written(void **state)
{
	(void)state;
	assert_int_equal(sandboxed_try(write_elsewhere).code, EACCES);
	assert_int_equal(sandboxed_try(make_elsewhere).code, EACCES);
	assert_int_equal(sandboxed_try(make_unnamed_elsewhere).code, EACCES);
	assert_int_equal(sandboxed_try(remove_elsewhere).code, EACCES);
}

static int
read_elsewhere(void)
{
	return open_and_close("/etc/passwd", O_RDONLY);
}

static int
read_null(void)
{
	return open_and_close("/dev/null", O_RDONLY);
}

static int
write_null(void)
{
	return open_and_close("/dev/null", O_WRONLY);
}

static void
nothing_else_can_be_read_but_the_empty_device(void **state)
{
	(void)state;
	assert_int_equal(sandboxed_try(read_elsewhere).code, EACCES);
	sandboxed_assert_works(read_null);
	assert_int_equal(sandboxed_try(write_null).code, EACCES);
}

static int
remove_socket(void)
{
	return unlink(STALE) < 0 ? errno : 0;
}

static int
make_socket(void)
{
	struct sockaddr_un address = { AF_UNIX, SOCKETS "/new" };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return errno;
	return 0;
}

static int
make_file_for_socket(void)
{
	return open_and_close(SOCKETS "/new", O_CREAT | O_WRONLY);
}

static int
read_in_sockets(void)
{
	return open_and_close(STALE, O_RDONLY);
}

static void
where_sockets_are_files_can_be_removed_only(void **state)
{
	(void)state;
	assert_int_equal(sandboxed_try(make_socket).code, EACCES);
	assert_int_equal(sandboxed_try(make_file_for_socket).code, EACCES);
	assert_int_equal(sandboxed_try(read_in_sockets).code, EACCES);
	sandboxed_assert_works(remove_socket);
}

#define DEEP      SOCKETS "/deep"
#define DEEP_FILE DEEP "/file"

static int
remove_deep_file(void)
{
	return unlink(DEEP_FILE) < 0 ? errno : 0;
}

/* Of an ordinary user, when the folder of the sockets has this mode. */
static int
try_to_remove_deep_file(mode_t mode)
{
	uid_t before = geteuid();
	struct sandboxed o;

	assert_int_equal(open_and_close(DEEP_FILE, O_CREAT | O_WRONLY), 0);
	assert_int_equal(chmod(SOCKETS, mode), 0);
	if (before == 0 && seteuid(ORDINARY_USER) < 0)
		skip();
	o = sandboxed_try(remove_deep_file);
	assert_int_equal(seteuid(before), 0);
	return o.code;
}

/* Landlock grants what a folder has below it as well. */
static void
where_the_socket_cannot_be_removed_nothing_can(void **state)
{
	(void)state;
	assert_int_equal(chmod(".", 0755), 0);
	assert_int_equal(mkdir(DEEP, 0700), 0);
	assert_int_equal(chmod(DEEP, 0777), 0);
	assert_int_equal(try_to_remove_deep_file(0777), 0);
	assert_int_equal(try_to_remove_deep_file(0555), EACCES);
}

static int
remove_deep(void **state)
{
	chmod(SOCKETS, 0700);
	unlink(DEEP_FILE);
	rmdir(DEEP);
	return sandboxed_tear_down(state);
}

static void
without_a_spool_nothing_can_be_written(void **state)
{
	struct sandboxed o;

	(void)state;
	o = sandboxed_try_with("no-such-folder", make_elsewhere);
	assert_int_equal(o.code, EACCES);
	assert_non_null(strstr(o.log,
	    " warn sandbox leaves no-such-folder "
	    "closed: No such file or directory\n"));
	o = sandboxed_try_with(OTHER, write_elsewhere);
	assert_int_equal(o.code, EACCES);
	assert_non_null(strstr(o.log,
	    " warn sandbox leaves other closed: "
	    "Not a directory\n"));
}

#define FACT(name)                       \
	cmocka_unit_test_setup_teardown( \
	    name, sandboxed_set_up, sandboxed_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		FACT(the_spool_can_be_used),
		FACT(nothing_else_can_be_written),
		FACT(nothing_else_can_be_read_but_the_empty_device),
		FACT(where_sockets_are_files_can_be_removed_only),
		cmocka_unit_test_setup_teardown(
		    where_the_socket_cannot_be_removed_nothing_can,
		    sandboxed_set_up, remove_deep),
		FACT(without_a_spool_nothing_can_be_written),
	};
	const char *why = sandboxed_lacking();

	if (why != NULL) {
		printf("1..0 # SKIP %s\n", why);
		return 0;
	}
	return cmocka_run_group_tests_name("sandbox_files", tests, NULL, NULL);
}
