/* Entries of rpcbind's table, which anybody on this host may have made. */
#include "rpcloop/bind/rpcbind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* Needs the headers above. */
#include <cmocka.h>

enum { PROGRAM = 300000, VERSION = 1 };

/* What rpcbind_find() makes of such an entry. */
static struct rpcbind_entry
found(char *address, char *owner)
{
	char local[] = "local";
	rpcblist list = {
		.rpcb_map = {
			.r_prog = PROGRAM,
			.r_vers = VERSION,
			.r_netid = local,
			.r_addr = address,
			.r_owner = owner,
		},
	};
	struct rpcbind rb = { .fd = -1, .table = &list };
	struct rpcbind_entry entry;

	memset(&entry, 'x', sizeof(entry));
	assert_true(rpcbind_find(&rb, PROGRAM, VERSION, "local", &entry));
	return entry;
}

static void
an_entry_is_found_by_program_version_and_netid(void **state)
{
	char netid[] = "tcp", address[] = "127.0.0.1.1.2", owner[] = "0";
	rpcblist list = {
		.rpcb_map = { PROGRAM, VERSION, netid, address, owner },
	};
	struct rpcbind rb = { .fd = -1, .table = &list };
	struct rpcbind_entry entry;

	(void)state;
	assert_true(rpcbind_find(&rb, PROGRAM, VERSION, "tcp", &entry));
	assert_string_equal(entry.at.netid, "tcp");
	assert_string_equal(entry.at.address, "127.0.0.1.1.2");
	assert_string_equal(entry.text, "127.0.0.1.1.2");
	assert_string_equal(entry.owner, "0");
	assert_false(rpcbind_find(&rb, PROGRAM, VERSION, "udp", &entry));
	assert_false(rpcbind_find(&rb, PROGRAM, VERSION + 1, "tcp", &entry));
	assert_false(rpcbind_find(&rb, PROGRAM + 1, VERSION, "tcp", &entry));
}

static void
an_address_for_the_log_is_one_word(void **state)
{
	char address[] = "/a b\nc", owner[] = "no\none";
	struct rpcbind_entry entry = found(address, owner);

	(void)state;
	assert_string_equal(entry.at.address, address);
	assert_string_equal(entry.text, "/a\\x20b\\x0ac");
	assert_string_equal(entry.owner, "no\\x0aone");
}

/* The beginning of it may be the address of another server. */
static void
an_address_that_is_too_long_is_none(void **state)
{
	char address[UNIVERSAL_ADDRESS_SIZE + 1], owner[] = "0";
	struct rpcbind_entry entry;
	struct endpoint there;

	(void)state;
	memset(address, '/', sizeof(address));
	address[UNIVERSAL_ADDRESS_SIZE] = '\0';
	entry = found(address, owner);
	assert_string_equal(entry.at.address, "");
	assert_true(universal_resolve(&there, &entry.at) < 0);
	assert_memory_equal(entry.text, address, UNIVERSAL_ADDRESS_SIZE);
	address[UNIVERSAL_ADDRESS_SIZE - 1] = '\0';
	entry = found(address, owner);
	assert_string_equal(entry.at.address, address);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_entry_is_found_by_program_version_and_netid),
		cmocka_unit_test(an_address_for_the_log_is_one_word),
		cmocka_unit_test(an_address_that_is_too_long_is_none),
	};

	return cmocka_run_group_tests_name("rpcbind", tests, NULL, NULL);
}
