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
hello(const char *release, const char *unicode)
{
	greeting g;

	memset(&g, 0, sizeof(g));
	g.release.release_val = (char *)(uintptr_t)release;
	g.release.release_len = (u_int)strlen(release);
	g.unicode.unicode_val = (char *)(uintptr_t)unicode;
	g.unicode.unicode_len = (u_int)strlen(unicode);
	return g;
}

static bool
agree(const char *release, const char *unicode)
{
	const greeting first = hello("1.0", "15.1.0");
	const greeting second = hello(release, unicode);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_the_same_release_and_unicode_goes_on),
	};

	return cmocka_run_group_tests_name("greeted", tests, NULL, NULL);
}
