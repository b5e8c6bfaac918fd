/* What client/settings says of the options that all commands have. */
#include "client/settings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void
a_server_that_was_lost_is_looked_for_half_a_minute(void **state)
{
	(void)state;
	assert_int_equal(settings_default.retry_ms, 30000);
}

static void
both_kinds_of_udp_carry_datagrams(void **state)
{
	static const bool datagram[] = {
		[TRANSPORT_ANY] = false,
		[TRANSPORT_TCP] = false,
		[TRANSPORT_TCP6] = false,
		[TRANSPORT_UDP] = true,
		[TRANSPORT_UDP6] = true,
		[TRANSPORT_LOCAL] = false,
	};
	struct settings settings = settings_default;

	(void)state;
	for (int i = TRANSPORT_ANY; i <= TRANSPORT_LOCAL; i++) {
		settings.transport = (enum transport)i;
		assert_int_equal(settings_is_datagram(&settings), datagram[i]);
	}
}

static void
servers_are_told_as_they_are_given(void **state)
{
	struct settings settings = settings_default;
	char out[SETTINGS_PLACE_SIZE];

	(void)state;
	assert_string_equal(settings_place(&settings, out), "localhost");
	settings.servers = (struct places){
		.at = { { "a.example", 0 }, { "::1", 0 }, { "::1", 20726 },
		    { "192.0.2.1", 5 } },
		.count = 4,
	};
	assert_string_equal(settings_place(&settings, out),
	    "a.example,::1,[::1]:20726,192.0.2.1:5");
	settings.path = "/run/x";
	assert_string_equal(settings_place(&settings, out), "/run/x");
}

/* However many there are. */
static void
what_has_no_room_is_cut(void **state)
{
	struct settings settings = settings_default;
	struct {
		char out[SETTINGS_PLACE_SIZE];
		char after[SETTINGS_PLACE_SIZE];
	} memory;
	char host[200];

	(void)state;
	memset(host, 'x', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	for (size_t i = 0; i < PLACES_MAX; i++)
		settings.servers.at[i] = (struct place){ host, 0 };
	settings.servers.count = PLACES_MAX;
	memset(&memory, '!', sizeof(memory));
	settings_place(&settings, memory.out);
	assert_int_equal(strlen(memory.out), SETTINGS_PLACE_SIZE - 1);
	for (size_t i = 0; i < sizeof(memory.after); i++)
		assert_int_equal(memory.after[i], '!');
}

static void
what_contradicts_itself_is_refused(void **state)
{
	struct settings settings = settings_default;
	struct option_error error;

	(void)state;
	settings.path = "/run/x";
	assert_int_equal(settings_check(&settings, &error), 0);
	settings.transport = TRANSPORT_LOCAL;
	assert_int_equal(settings_check(&settings, &error), 0);
	settings.transport = TRANSPORT_TCP;
	assert_int_equal(settings_check(&settings, &error), OPTION_WRONG);
	settings.transport = TRANSPORT_LOCAL;
	settings.path = NULL;
	settings.port = 1;
	assert_int_equal(settings_check(&settings, &error), OPTION_WRONG);
	settings.port = 0;
	settings.servers.at[0] = (struct place){ "a.example", 0 };
	settings.servers.count = 1;
	assert_int_equal(settings_check(&settings, &error), OPTION_WRONG);
}

/* A port counts for a server that has none. */
static void
a_port_is_for_servers_without_one(void **state)
{
	struct settings settings = settings_default;
	struct option_error error;

	(void)state;
	settings.port = 1;
	assert_int_equal(settings_check(&settings, &error), 0);
	settings.servers.at[0] = (struct place){ "a.example", 5 };
	settings.servers.at[1] = (struct place){ "b.example", 0 };
	settings.servers.count = 2;
	assert_int_equal(settings_check(&settings, &error), 0);
	settings.servers.at[1].port = 6;
	assert_int_equal(settings_check(&settings, &error), OPTION_WRONG);
	settings.port = 0;
	assert_int_equal(settings_check(&settings, &error), 0);
}

/* What getaddrinfo(3) would say otherwise, of one server of several. */
static void
an_address_is_of_the_version_of_the_transport(void **state)
{
	static const struct {
		enum transport transport;
		int v4, v6;
	} cases[] = {
		{ TRANSPORT_ANY, 0, 0 },
		{ TRANSPORT_TCP, 0, OPTION_WRONG },
		{ TRANSPORT_UDP, 0, OPTION_WRONG },
		{ TRANSPORT_TCP6, OPTION_WRONG, 0 },
		{ TRANSPORT_UDP6, OPTION_WRONG, 0 },
	};
	struct settings settings = settings_default;
	struct option_error error;

	(void)state;
	settings.servers.at[0] = (struct place){ "a.example", 0 };
	settings.servers.count = 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		settings.transport = cases[i].transport;
		settings.servers.at[1].host = "192.0.2.1";
		assert_int_equal(
		    settings_check(&settings, &error), cases[i].v4);
		settings.servers.at[1].host = "fe80::1%lo";
		assert_int_equal(
		    settings_check(&settings, &error), cases[i].v6);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_server_that_was_lost_is_looked_for_half_a_minute),
		cmocka_unit_test(both_kinds_of_udp_carry_datagrams),
		cmocka_unit_test(servers_are_told_as_they_are_given),
		cmocka_unit_test(what_has_no_room_is_cut),
		cmocka_unit_test(what_contradicts_itself_is_refused),
		cmocka_unit_test(a_port_is_for_servers_without_one),
		cmocka_unit_test(an_address_is_of_the_version_of_the_transport),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
