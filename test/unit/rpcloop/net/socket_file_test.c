/* The file of a Unix socket: rpcloop/net/socket_file. */
#include "rpcloop/net/socket_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { BACKLOG = 1 };

static struct {
	char folder[64];
	char path[96];
	int fd;
} f;

static const struct socket_file_access anybody = {
	.mode = 0666,
	.uid = (uid_t)-1,
	.gid = (gid_t)-1,
};

static int
setup(void **state)
{
	(void)state;
	strcpy(f.folder, "/tmp/reverse-socket.XXXXXX");
	if (mkdtemp(f.folder) == NULL)
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/socket", f.folder);
	f.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return f.fd < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(f.fd);
	unlink(f.path);
	return rmdir(f.folder);
}

static int
listen_here(struct socket_file *file, const struct socket_file_access *access)
{
	return socket_file_listen(file, f.fd, f.path, access, BACKLOG);
}

/* A server that listens at the path, killed when the result is closed. */
static int
other_server(void)
{
	struct socket_file file;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(
	    socket_file_listen(&file, fd, f.path, &anybody, BACKLOG), 0);
	return fd;
}

static bool
is_there(void)
{
	struct stat st;

	return lstat(f.path, &st) == 0;
}

static void
the_file_has_the_mode_whatever_the_umask(void **state)
{
	static const mode_t modes[] = { 0600, 0660, 0666, 0777 };
	struct socket_file file;
	struct stat st;
	mode_t before = umask(077);

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		struct socket_file_access access = anybody;
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		access.mode = modes[i];
		assert_int_equal(
		    socket_file_listen(&file, fd, f.path, &access, BACKLOG), 0);
		assert_int_equal(lstat(f.path, &st), 0);
		assert_true(S_ISSOCK(st.st_mode));
		assert_int_equal(st.st_mode & 07777, modes[i]);
		socket_file_remove(&file);
		assert_false(is_there());
		close(fd);
	}
	assert_int_equal(umask(before), 077);
}

/* Only root can give a file away, and only to users that there are. */
static void
the_owner_is_as_configured_or_there_is_no_file(void **state)
{
	struct socket_file_access access = anybody;
	struct socket_file file;
	struct stat st;
	int r;

	(void)state;
	access.uid = 12345;
	access.gid = 54321;
	r = listen_here(&file, &access);
	if (r != 0) {
		assert_true(geteuid() == 0 ? r == -EINVAL : r == -EPERM);
		assert_false(is_there());
		return;
	}
	assert_int_equal(lstat(f.path, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(st.st_gid, 54321);
}

/* What is given away by its path must be what was made there. */
static void
nothing_is_given_away_where_others_can_replace_it(void **state)
{
	struct socket_file_access access = anybody;
	struct socket_file file;

	(void)state;
	access.uid = geteuid();
	assert_int_equal(chmod(f.folder, 0777), 0);
	assert_int_equal(listen_here(&file, &access), -EUCLEAN);
	assert_false(is_there());
	assert_int_equal(chmod(f.folder, 0770), 0);
	assert_int_equal(listen_here(&file, &access), -EUCLEAN);
	access.uid = (uid_t)-1;
	access.gid = getegid();
	assert_int_equal(listen_here(&file, &access), -EUCLEAN);
	assert_int_equal(chmod(f.folder, 01777), 0);
	assert_int_equal(listen_here(&file, &access), 0);
}

static void
a_file_that_is_not_given_away_can_be_anywhere(void **state)
{
	struct socket_file file;

	(void)state;
	assert_int_equal(chmod(f.folder, 0777), 0);
	assert_int_equal(listen_here(&file, &anybody), 0);
}

static void
a_server_that_listens_is_left_alone(void **state)
{
	struct socket_file file;
	int other = other_server();

	(void)state;
	assert_int_equal(listen_here(&file, &anybody), -EADDRINUSE);
	assert_true(is_there());
	socket_file_remove(&file);
	assert_true(is_there());
	close(other);
}

/* Its queue is full: connecting says EAGAIN. */
static void
a_server_that_is_busy_is_left_alone(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct socket_file file;
	int other = other_server();
	int waiting[8];

	(void)state;
	strcpy(address.sun_path, f.path);
	for (int i = 0; i < 8; i++) {
		waiting[i] = socket(
		    AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		(void)connect(
		    waiting[i], (struct sockaddr *)&address, sizeof(address));
	}
	assert_int_equal(listen_here(&file, &anybody), -EADDRINUSE);
	for (int i = 0; i < 8; i++)
		close(waiting[i]);
	close(other);
}

static void
a_file_left_behind_is_replaced(void **state)
{
	struct socket_file file;

	(void)state;
	close(other_server());
	assert_true(is_there());
	assert_int_equal(listen_here(&file, &anybody), 0);
	socket_file_remove(&file);
	assert_false(is_there());
	socket_file_remove(&file);
}

static void
what_is_no_socket_is_never_touched(void **state)
{
	struct socket_file file;
	int fd = open(f.path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	close(fd);
	assert_int_equal(listen_here(&file, &anybody), -EEXIST);
	assert_true(is_there());
	unlink(f.path);
	assert_int_equal(symlink("nowhere", f.path), 0);
	assert_int_equal(listen_here(&file, &anybody), -EEXIST);
	assert_true(is_there());
}

static void
another_servers_file_is_not_removed(void **state)
{
	struct socket_file file;
	int other;

	(void)state;
	assert_int_equal(listen_here(&file, &anybody), 0);
	unlink(f.path);
	other = other_server();
	socket_file_remove(&file);
	assert_true(is_there());
	close(other);
}

static void
a_path_that_is_too_long_is_refused(void **state)
{
	char path[SOCKET_FILE_PATH_SIZE + 1];
	struct socket_file file;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(
	    socket_file_listen(&file, f.fd, path, &anybody, BACKLOG),
	    -ENAMETOOLONG);
	assert_int_equal(socket_file_listen(
			     &file, f.fd, "/nowhere/at/all", &anybody, BACKLOG),
	    -ENOENT);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_file_has_the_mode_whatever_the_umask),
		TEST(the_owner_is_as_configured_or_there_is_no_file),
		TEST(nothing_is_given_away_where_others_can_replace_it),
		TEST(a_file_that_is_not_given_away_can_be_anywhere),
		TEST(a_server_that_listens_is_left_alone),
		TEST(a_server_that_is_busy_is_left_alone),
		TEST(a_file_left_behind_is_replaced),
		TEST(what_is_no_socket_is_never_touched),
		TEST(another_servers_file_is_not_removed),
		TEST(a_path_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
