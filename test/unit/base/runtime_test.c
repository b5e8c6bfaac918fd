/* The runtime directory: base/runtime. */
#include "base/runtime.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* Needs the headers above. */
#include <cmocka.h>

static struct {
	char folder[64];
	char path[96];
} f;

static int
setup(void **state)
{
	(void)state;
	strcpy(f.folder, "/tmp/reverse-runtime.XXXXXX");
	if (mkdtemp(f.folder) == NULL)
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/reversed", f.folder);
	return setenv("RUNTIME_DIRECTORY", f.path, 1);
}

static int
teardown(void **state)
{
	(void)state;
	rmdir(f.path);
	return rmdir(f.folder);
}

static mode_t
mode_made(void)
{
	struct stat st;

	assert_int_equal(runtime_make(), 0);
	assert_int_equal(stat(f.path, &st), 0);
	return st.st_mode & 07777;
}

static void
its_mode_is_the_same_whatever_the_umask(void **state)
{
	mode_t before = umask(077);

	(void)state;
	assert_int_equal(mode_made(), geteuid() == 0 ? 0755 : 0700);
	assert_int_equal(umask(before), 077);
}

static void
one_that_is_there_stays_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(mkdir(f.path, 0700), 0);
	assert_int_equal(chmod(f.path, 0711), 0);
	assert_int_equal(mode_made(), 0711);
}

static void
one_that_others_can_change_is_not_used(void **state)
{
	(void)state;
	assert_int_equal(mkdir(f.path, 0700), 0);
	assert_int_equal(chmod(f.path, 0777), 0);
	assert_int_equal(runtime_make(), -EUCLEAN);
	assert_int_equal(chmod(f.path, 0770), 0);
	assert_int_equal(runtime_make(), -EUCLEAN);
	assert_int_equal(chmod(f.path, 0702), 0);
	assert_int_equal(runtime_make(), -EUCLEAN);
}

/* As systemd has it: a name for each folder that a unit asks for. */
static void
of_several_names_the_first_counts(void **state)
{
	char directory[RUNTIME_PATH_SIZE], list[256];

	(void)state;
	snprintf(list, sizeof(list), "%s:/run/other:/run/more", f.path);
	assert_int_equal(setenv("RUNTIME_DIRECTORY", list, 1), 0);
	assert_true(runtime_directory(RUNTIME_SYSTEM, directory));
	assert_string_equal(directory, f.path);
	memset(list, 'x', RUNTIME_PATH_SIZE);
	list[0] = '/';
	list[RUNTIME_PATH_SIZE] = '\0';
	assert_int_equal(setenv("RUNTIME_DIRECTORY", list, 1), 0);
	assert_false(runtime_directory(RUNTIME_SYSTEM, directory));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(its_mode_is_the_same_whatever_the_umask),
		TEST(one_that_is_there_stays_as_it_is),
		TEST(one_that_others_can_change_is_not_used),
		TEST(of_several_names_the_first_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
