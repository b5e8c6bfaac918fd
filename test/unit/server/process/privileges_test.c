/* Whose a file is to be: server/process/privileges. */
#include "server/process/privileges.h"

#include <errno.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
/* Needs the headers above. */
#include <cmocka.h>

static const uid_t nobody_asked = (uid_t)-1;
static const gid_t no_group_asked = (gid_t)-1;

/* A user of this system, whose group has another number if there is one. */
static struct {
	char name[64];
	uid_t uid;
	gid_t gid;
} user;

static int
find_user(void **state)
{
	const struct passwd *entry;

	(void)state;
	while ((entry = getpwent()) != NULL) {
		snprintf(user.name, sizeof(user.name), "%s", entry->pw_name);
		user.uid = entry->pw_uid;
		user.gid = entry->pw_gid;
		if (user.uid != user.gid)
			break;
	}
	endpwent();
	return user.name[0] == '\0' ? -1 : 0;
}

static void
assert_owner(const char *text, uid_t uid, gid_t gid)
{
	uid_t found_uid;
	gid_t found_gid;

	assert_int_equal(
	    privileges_find_owner(text, &found_uid, &found_gid), 0);
	assert_int_equal(found_uid, uid);
	assert_int_equal(found_gid, gid);
}

static void
without_a_group_it_is_the_users(void **state)
{
	char number[16];

	(void)state;
	snprintf(number, sizeof(number), "%u", (unsigned int)user.uid);
	assert_owner(user.name, user.uid, user.gid);
	assert_owner(number, user.uid, user.gid);
}

static void
the_group_that_is_named_counts(void **state)
{
	char text[96];

	(void)state;
	snprintf(text, sizeof(text), "%s:54321", user.name);
	assert_owner(text, user.uid, 54321);
	snprintf(text, sizeof(text), "%u:54321", (unsigned int)user.uid);
	assert_owner(text, user.uid, 54321);
}

/* As in a container, where files have owners that it does not know. */
static void
a_number_without_a_user_has_no_group(void **state)
{
	uid_t uid = 1000000000;
	char text[16];

	(void)state;
	while (getpwuid(uid) != NULL)
		uid++;
	snprintf(text, sizeof(text), "%u", (unsigned int)uid);
	assert_owner(text, uid, no_group_asked);
}

static void
no_text_is_nobody(void **state)
{
	(void)state;
	assert_owner(NULL, nobody_asked, no_group_asked);
}

static void
an_unknown_name_is_an_error(void **state)
{
	uid_t uid;
	gid_t gid;

	(void)state;
	assert_int_equal(
	    privileges_find_owner("no such user", &uid, &gid), -ENOENT);
	assert_int_equal(
	    privileges_find_owner("0:no such group", &uid, &gid), -ENOENT);
	/* To chown(2) this number means that the owner stays. */
	assert_int_equal(
	    privileges_find_owner("4294967295", &uid, &gid), -ENOENT);
	assert_int_equal(
	    privileges_find_owner("0:4294967295", &uid, &gid), -ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_group_it_is_the_users),
		cmocka_unit_test(the_group_that_is_named_counts),
		cmocka_unit_test(a_number_without_a_user_has_no_group),
		cmocka_unit_test(no_text_is_nobody),
		cmocka_unit_test(an_unknown_name_is_an_error),
	};

	return cmocka_run_group_tests(tests, find_user, NULL);
}
