/* What rpcloop/wire/header and rpcloop/auth/sys make of a call's header. */
#include "rpcloop/auth/sys.h"
#include "rpcloop/wire/header.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 256 };

/* A header under construction, in words. */
struct words {
	uint32_t word[WORDS_MAX];
	size_t count;
};

static void
add(struct words *w, uint32_t value)
{
	w->word[w->count++] = htonl(value);
}

/* Adds opaque bytes with their length, padded. */
static void
add_opaque(struct words *w, const char *bytes, size_t len)
{
	add(w, (uint32_t)len);
	memcpy(&w->word[w->count], bytes, len);
	w->count += (len + 3) / 4;
}

/* xid, CALL, RPC version, program, version, procedure */
static struct words
start(void)
{
	static const uint32_t values[] = { 7, 0, 2, 100, 1, 5 };
	struct words w = { .count = 0 };

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		add(&w, values[i]);
	return w;
}

static enum header_result
parse(struct call_header *h, const struct words *w, size_t len)
{
	return header_parse(h, (const uint8_t *)w->word, len);
}

static struct words
whole(void)
{
	struct words w = start();

	add(&w, AUTH_SYS);
	add_opaque(&w, "credential", 10);
	add(&w, AUTH_NONE);
	add_opaque(&w, "", 0);
	return w;
}

static void
a_header_is_read_whole(void **state)
{
	struct words w = whole();
	struct call_header h;

	(void)state;
	add(&w, 99);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_OK);
	assert_int_equal(h.xid, 7);
	assert_int_equal(h.program, 100);
	assert_int_equal(h.version, 1);
	assert_int_equal(h.procedure, 5);
	assert_int_equal(h.credential.flavor, AUTH_SYS);
	assert_int_equal(h.credential.len, 10);
	assert_memory_equal(h.credential.body, "credential", 10);
	assert_int_equal(h.verifier.len, 0);
	assert_int_equal(h.size, (w.count - 1) * 4);
}

/* Cut at every byte: each place has its own fault. */
static void
every_cut_is_named(void **state)
{
	struct words w = whole();
	struct call_header h;

	(void)state;
	for (size_t len = 0; len < w.count * 4; len++) {
		enum header_result expected = len < 8 ? HEADER_NOT_A_CALL
		    : len < 24                        ? HEADER_CUT
		    : len < 44                        ? HEADER_BAD_CREDENTIAL
						      : HEADER_BAD_VERIFIER;
		uint8_t *exact = malloc(len > 0 ? len : 1);

		/* In memory of just this size, so that a sanitizer sees a
		 * step beyond. */
		memcpy(exact, w.word, len);
		assert_int_equal(header_parse(&h, exact, len), expected);
		free(exact);
	}
}

static void
replies_and_other_versions_are_told_apart(void **state)
{
	struct words w = whole();
	struct call_header h;

	(void)state;
	w.word[1] = htonl(1);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_NOT_A_CALL);
	w = whole();
	w.word[2] = htonl(3);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_OTHER_VERSION);
	assert_int_equal(h.xid, 7);
}

static void
four_hundred_bytes_of_authentication_are_the_most(void **state)
{
	static const char bytes[401];
	struct call_header h;
	struct words w;

	(void)state;
	w = start();
	add(&w, AUTH_NONE);
	add_opaque(&w, bytes, 400);
	add(&w, AUTH_NONE);
	add_opaque(&w, bytes, 400);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_OK);
	w = start();
	add(&w, AUTH_NONE);
	add_opaque(&w, bytes, 401);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_BAD_CREDENTIAL);
	w = start();
	add(&w, AUTH_NONE);
	add_opaque(&w, bytes, 0);
	add(&w, AUTH_NONE);
	add_opaque(&w, bytes, 401);
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_BAD_VERIFIER);
	w = start();
	add(&w, AUTH_NONE);
	add(&w, 0xffffffff);
	w.count += 50;
	assert_int_equal(parse(&h, &w, w.count * 4), HEADER_BAD_CREDENTIAL);
}

/* stamp, machine, uid 10, gid 20 and as many further groups */
static struct words
sys(const char *machine, size_t machine_len, uint32_t groups)
{
	struct words w = { .count = 0 };

	add(&w, 1);
	add_opaque(&w, machine, machine_len);
	add(&w, 10);
	add(&w, 20);
	add(&w, groups);
	for (uint32_t i = 0; i < groups && i < 32; i++)
		add(&w, 30 + i);
	return w;
}

static bool
decode(struct sys_credential *out, const struct words *w, size_t len)
{
	struct header_auth auth = {
		.flavor = AUTH_SYS,
		.len = (uint32_t)len,
		.body = (const uint8_t *)w->word,
	};

	return sys_decode(out, &auth);
}

static void
a_credential_is_read_whole(void **state)
{
	struct words w = sys("host", 4, 16);
	struct sys_credential out;

	(void)state;
	assert_true(decode(&out, &w, w.count * 4));
	assert_string_equal(out.parms.aup_machname, "host");
	assert_int_equal(out.parms.aup_uid, 10);
	assert_int_equal(out.parms.aup_gid, 20);
	assert_int_equal(out.parms.aup_len, 16);
	assert_int_equal(out.parms.aup_gids[15], 45);
}

static void
malformed_credentials_are_refused(void **state)
{
	static const char name[256];
	struct sys_credential out;
	struct words w;

	(void)state;
	w = sys(name, 255, 0);
	assert_true(decode(&out, &w, w.count * 4));
	w = sys(name, 256, 0);
	assert_false(decode(&out, &w, w.count * 4));
	w = sys("host", 4, 17);
	assert_false(decode(&out, &w, w.count * 4));
	w = sys("host", 4, 0xffffffff);
	assert_false(decode(&out, &w, w.count * 4));
	w = sys("host", 4, 2);
	for (size_t len = 0; len < w.count * 4; len++)
		assert_false(decode(&out, &w, len));
	add(&w, 0);
	assert_false(decode(&out, &w, w.count * 4));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_read_whole),
		cmocka_unit_test(every_cut_is_named),
		cmocka_unit_test(replies_and_other_versions_are_told_apart),
		cmocka_unit_test(
		    four_hundred_bytes_of_authentication_are_the_most),
		cmocka_unit_test(a_credential_is_read_whole),
		cmocka_unit_test(malformed_credentials_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
