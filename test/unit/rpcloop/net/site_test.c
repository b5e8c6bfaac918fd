/* How many connections a site holds: rpcloop/net/site. */
#include "rpcloop/net/site.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sites sites;

static int
setup(void **state)
{
	(void)state;
	sites_init(&sites);
	return 0;
}

static struct address
address(const char *text)
{
	struct address a;

	assert_int_equal(address_parse(&a, text, 1), 0);
	return a;
}

static struct site *
hold(const char *text)
{
	struct address a = address(text);
	struct site *site = site_hold(&sites, &a);

	assert_non_null(site);
	return site;
}

static unsigned int
held(const char *text)
{
	struct address a = address(text);

	return sites_held(&sites, &a);
}

static void
a_host_or_a_64_is_one_site(void **state)
{
	struct site *four = hold("192.0.2.1");
	struct site *six = hold("2001:db8:1:2::3");

	(void)state;
	assert_ptr_equal(hold("192.0.2.1"), four);
	assert_ptr_equal(hold("2001:db8:1:2:ffff::4"), six);
	assert_int_equal(held("192.0.2.1"), 2);
	assert_int_equal(held("2001:db8:1:2::99"), 2);
	assert_int_equal(held("192.0.2.2"), 0);
	assert_int_equal(held("2001:db8:1:3::3"), 0);
	site_release(&sites, four);
	assert_int_equal(held("192.0.2.1"), 1);
	site_release(&sites, four);
	assert_int_equal(held("192.0.2.1"), 0);
	site_release(&sites, six);
	site_release(&sites, six);
	assert_int_equal(held("2001:db8:1:2::3"), 0);
}

static void
more_sites_than_buckets_are_told_apart(void **state)
{
	enum { SITES = 4 * SITE_BUCKETS };
	static struct site *all[SITES];
	char text[32];

	(void)state;
	for (unsigned int i = 0; i < SITES; i++) {
		snprintf(text, sizeof(text), "10.0.%u.%u", i / 256, i % 256);
		all[i] = hold(text);
		assert_int_equal(held(text), 1);
	}
	for (unsigned int i = 0; i < SITES; i++)
		site_release(&sites, all[i]);
	assert_int_equal(held("10.0.0.0"), 0);
	for (unsigned int i = 0; i < SITE_BUCKETS; i++)
		assert_true(TAILQ_EMPTY(&sites.buckets[i]));
}

static void
every_bucket_has_its_share(void **state)
{
	unsigned int used = 0;
	static bool seen[SITE_BUCKETS];
	char text[48];
	struct address a;

	(void)state;
	for (unsigned int i = 0; i < 4 * SITE_BUCKETS; i++) {
		snprintf(text, sizeof(text), "2001:db8:0:%x::1", i);
		a = address(text);
		seen[address_site_hash(&a, &sites.key) % SITE_BUCKETS] = true;
	}
	for (unsigned int i = 0; i < SITE_BUCKETS; i++)
		used += seen[i];
	assert_true(used > SITE_BUCKETS * 9 / 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_host_or_a_64_is_one_site, setup),
		cmocka_unit_test_setup(
		    more_sites_than_buckets_are_told_apart, setup),
		cmocka_unit_test_setup(every_bucket_has_its_share, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
