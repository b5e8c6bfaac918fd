/* Which server may go on with a stream of another: stream/client/greeted. */
#include "stream/client/greeted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

static greeting
hello_of(const char *server, const char *release, const char *unicode)
{
	greeting g;

	memset(&g, 0, sizeof(g));
	g.server.server_val = (char *)(uintptr_t)server;
	g.server.server_len = (u_int)strlen(server);
	g.release.release_val = (char *)(uintptr_t)release;
	g.release.release_len = (u_int)strlen(release);
	g.unicode.unicode_val = (char *)(uintptr_t)unicode;
	g.unicode.unicode_len = (u_int)strlen(unicode);
	return g;
}

static bool
agree(const char *release, const char *unicode)
{
	const greeting first = hello_of("reversed", "1.0", "15.1.0");
	const greeting second = hello_of("reversed", release, unicode);
	struct greeted g;

	greeted_keep(&g, &first);
	return greeted_agrees(&g, &second);
}

static void
one_of_the_same_release_and_unicode_goes_on(void **state)
{
	(void)state;
	assert_true(agree("1.0", "15.1.0"));
	assert_false(agree("1.1", "15.1.0"));
	assert_false(agree("1.0", "16.0.0"));
	assert_false(agree("1.0", "15.1"));
	assert_false(agree("", ""));
}

/* Whether servers of these two releases go on for each other. */
static bool
lines_agree(const char *one, const char *other)
{
	const greeting a = hello_of("reversed", one, "15.1.0");
	const greeting b = hello_of("reversed", other, "15.1.0");
	struct greeted g;
	bool agrees;

	greeted_keep(&g, &a);
	agrees = greeted_agrees(&g, &b);
	greeted_keep(&g, &b);
	assert_int_equal(greeted_agrees(&g, &a), agrees);
	return agrees;
}

static void
releases_of_one_line_go_on_for_each_other(void **state)
{
	(void)state;
	assert_true(lines_agree("0.1.3", "0.1.9"));
	assert_true(lines_agree("0.1", "0.1.0"));
	assert_true(lines_agree("0.1.", "0.1.0"));
	assert_true(lines_agree("1.2.0-rc1", "1.2.0"));
	assert_true(lines_agree("1.2.0.7", "1.2.1"));
	assert_true(lines_agree("nightly", "nightly"));
	assert_true(lines_agree("", ""));
}

static void
those_of_two_lines_do_not(void **state)
{
	(void)state;
	assert_false(lines_agree("0.1.0", "0.2.0"));
	assert_false(lines_agree("0.1.0", "1.1.0"));
	assert_false(lines_agree("0.1", "0.10"));
	assert_false(lines_agree("0.1.0", "0.10.0"));
	assert_false(lines_agree("1", "1.0"));
	assert_false(lines_agree("1.2-rc1", "1.2.0"));
	assert_false(lines_agree("1.2-rc1", "1.2-rc2"));
	assert_false(lines_agree("", "0.1"));
}

static void
a_server_of_another_name_does_not_go_on(void **state)
{
	const greeting first = hello_of("reversed", "1.0", "15.1.0");
	const greeting other = hello_of("reversee", "1.0", "15.1.0");
	const greeting longer = hello_of("reversed2", "1.0", "15.1.0");
	struct greeted g;

	(void)state;
	greeted_keep(&g, &first);
	assert_false(greeted_agrees(&g, &other));
	assert_false(greeted_agrees(&g, &longer));
}

/* The longest that a greeting can say, which is kept whole. */
static void
long_words_are_told_apart_at_their_end(void **state)
{
	char one[65], other[65];

	(void)state;
	memset(one, 'a', 64);
	one[64] = '\0';
	strcpy(other, one);
	assert_true(lines_agree(one, other));
	other[63] = 'b';
	assert_false(lines_agree(one, other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_the_same_release_and_unicode_goes_on),
		cmocka_unit_test(releases_of_one_line_go_on_for_each_other),
		cmocka_unit_test(those_of_two_lines_do_not),
		cmocka_unit_test(a_server_of_another_name_does_not_go_on),
		cmocka_unit_test(long_words_are_told_apart_at_their_end),
	};

	return cmocka_run_group_tests_name("greeted", tests, NULL, NULL);
}
