/*
 * Messages as parts: those of every procedure, whole and cut off, with every
 * credential and every status, and what is no message.
 */
#include "schema/message.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MESSAGE_MAX_BYTES = 65536, TIMES = 20 };

#define PROGRAM 0x20726576

static struct {
	struct schema *rpc, *rpcbind, *reverse;
	struct message_words words;
	struct message message;
	/* What count() has seen last. */
	struct part rest;
	bool has_rest;
} all;

static int
setup(void **state)
{
	(void)state;
	all.rpc = described_rpc();
	all.rpcbind = described_rpcbind();
	all.reverse = described_reverse();
	all.words = (struct message_words){
		.rpc = all.rpc,
		.of = { all.reverse, all.rpcbind },
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(all.rpc);
	schema_free(all.rpcbind);
	schema_free(all.reverse);
	return 0;
}

/* Asserts that each byte belongs to one part, in their order, and returns how
 * many parts have bytes. */
static size_t
count(const uint8_t *bytes, size_t len, const struct message_target *of)
{
	struct part part;
	size_t at = 0, parts = 0;

	all.has_rest = false;
	message_start(&all.message, &all.words, bytes, len, of);
	while (message_next(&all.message, &part)) {
		/* That of a credential is not the last part. */
		assert_false(all.has_rest && all.rest.from == NULL);
		assert_int_equal(part.at, at);
		at += part.len + part.padding;
		parts += part.len > 0;
		if (part.kind == PART_REST) {
			all.has_rest = true;
			all.rest = part;
			assert_non_null(part.word);
		}
	}
	assert_int_equal(at, len);
	return parts;
}

static void
assert_whole(const uint8_t *bytes, size_t len, const struct message_target *of)
{
	count(bytes, len, of);
	if (all.has_rest)
		fail_msg("%s %s", all.rest.name, all.rest.word);
}

/* The rest of it is told by those words, and begins there. */
static void
assert_rest(const uint8_t *bytes, size_t len, const struct message_target *of,
    size_t at, const char *name, const char *word)
{
	count(bytes, len, of);
	assert_true(all.has_rest);
	assert_string_equal(all.rest.name, name);
	assert_string_equal(all.rest.word, word);
	assert_int_equal(all.rest.at, at);
}

static size_t
put_words(uint8_t *to, const uint32_t *words, size_t many)
{
	for (size_t i = 0; i < 4 * many; i++)
		to[i] = (uint8_t)(words[i / 4] >> (24 - i % 4 * 8));
	return 4 * many;
}

#define PUT(to, ...)                                     \
	put_words(to, (const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

/* A credential of AUTH_SYS of a host with five letters, and two groups. */
#define SYS  1, 36, 7, 5, 0x686f7374, 0x31000000, 1000, 1000, 2, 4, 27
#define NONE 0, 0

static size_t
put_call(uint8_t *to, const struct message_target *target)
{
	return PUT(to, 5, 0, 2, target->program, target->version,
	    target->procedure, SYS, NONE);
}

/* A message of a procedure with random arguments, or a random result. */
static size_t
some_message(struct rng *rng, const struct message_target *target,
    const struct schema_field *field, bool is_reply, uint8_t *bytes)
{
	size_t len =
	    is_reply ? PUT(bytes, 5, 1, 0, NONE, 0) : put_call(bytes, target);
	size_t more = 0;

	if (field == NULL)
		return len;
	more =
	    described_value(rng, field, bytes + len, MESSAGE_MAX_BYTES - len);
	assert_int_not_equal(more, 0);
	return len + more;
}

/* Whole, with a word more, and cut off anywhere. */
static void
check_message(struct rng *rng, const struct message_target *target,
    const struct schema_field *field, bool is_reply)
{
	static uint8_t bytes[MESSAGE_MAX_BYTES + 4];
	size_t len = some_message(rng, target, field, is_reply, bytes);

	assert_whole(bytes, len, target);
	assert_rest(bytes, len + 4, target, len, "", "no field has them");
	for (size_t cut = 0; cut < len; cut++) {
		count(bytes, cut, target);
		assert_true(all.has_rest);
	}
}

static void
every_byte_of_every_procedure_belongs_to_a_part(void **state)
{
	const struct schema_program *program =
	    schema_program_of(all.reverse, PROGRAM);
	const struct schema_version *v = schema_version_of(program, 1);
	struct message_target target = { PROGRAM, 1, 0 };
	const struct schema_procedure *it = v->procedures;
	struct rng rng = { 4 };

	(void)state;
	for (; it != NULL; it = it->next, target.procedure++) {
		assert_int_equal(it->number, target.procedure);
		for (int i = 0; i < TIMES; i++) {
			check_message(&rng, &target, it->arguments, false);
			check_message(&rng, &target, it->result, true);
		}
	}
	assert_int_equal(target.procedure, 9);
}

static void
so_does_every_byte_of_rpcbinds(void **state)
{
	static const struct message_target targets[] = { { 100000, 2, 3 },
		{ 100000, 3, 3 }, { 100000, 4, 3 }, { 100000, 4, 0 } };
	const struct schema_procedure *it;
	const struct schema *from;
	struct rng rng = { 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
		it = message_procedure(&all.words, &targets[i], &from);
		assert_non_null(it);
		assert_ptr_equal(from, all.rpcbind);
		check_message(&rng, &targets[i], it->arguments, false);
		check_message(&rng, &targets[i], it->result, true);
	}
}

/* The part of that name with bytes; its word may be NULL. */
static struct part
find_part(const uint8_t *bytes, size_t len, const struct message_target *of,
    const char *name)
{
	struct part part;

	message_start(&all.message, &all.words, bytes, len, of);
	while (message_next(&all.message, &part))
		if (part.len > 0 && strcmp(part.name, name) == 0)
			return part;
	fail_msg("no %s", name);
	return part;
}

static void
assert_word(const uint8_t *bytes, size_t len, const struct message_target *of,
    const char *name, const char *word)
{
	struct part part = find_part(bytes, len, of, name);

	if (word == NULL)
		assert_null(part.word);
	else
		assert_string_equal(part.word, word);
}

static void
numbers_of_a_call_have_their_names(void **state)
{
	static const struct {
		struct message_target target;
		const char *program, *version, *procedure;
	} cases[] = {
		{ { PROGRAM, 1, 2 }, "REVERSE_PROG", "REVERSE_V1",
		    "REVERSE_TEXT" },
		{ { PROGRAM, 1, 9 }, "REVERSE_PROG", "REVERSE_V1", NULL },
		{ { PROGRAM, 2, 2 }, "REVERSE_PROG", NULL, NULL },
		{ { 5, 1, 2 }, NULL, NULL, NULL },
		{ { 100000, 2, 3 }, "PORTMAP", "PMAPVERS", "PMAPPROC_GETPORT" },
		{ { 100000, 4, 3 }, "PORTMAP", "RPCBVERS4",
		    "RPCBPROC_GETADDR" },
	};
	uint8_t bytes[200];
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		len = put_call(bytes, &cases[i].target);
		assert_word(
		    bytes, len, NULL, "program_number", cases[i].program);
		assert_word(
		    bytes, len, NULL, "version_number", cases[i].version);
		assert_word(
		    bytes, len, NULL, "procedure_number", cases[i].procedure);
		assert_word(bytes, len, NULL, "message_type", "CALL");
	}
}

static void
a_call_of_no_known_procedure_has_a_rest(void **state)
{
	static const struct message_target target = { PROGRAM, 1, 9 };
	uint8_t bytes[200];
	size_t len = put_call(bytes, &target);

	(void)state;
	assert_rest(bytes, len, NULL, len, "", "no schema has the procedure");
	assert_rest(
	    bytes, len + 8, NULL, len, "", "no schema has the procedure");
}

static void
a_credential_is_looked_into(void **state)
{
	static const struct message_target target = { PROGRAM, 1, 0 };
	uint8_t bytes[200];
	size_t len = put_call(bytes, &target);
	struct part part = find_part(bytes, len, NULL, "machinename");

	(void)state;
	assert_int_equal(part.kind, PART_LENGTH);
	assert_int_equal(part.at, 36);
	part = find_part(bytes, len, NULL, "gids");
	assert_int_equal(part.value, 2);
	assert_ptr_equal(part.from, all.rpc);
	/* As deep as the body, of which it is the inside. */
	assert_int_equal(
	    part.depth, find_part(bytes, len, NULL, "body").depth + 1);
}

/* One whose body is not what AUTH_SYS says, or is of a flavor that nobody
 * knows, or empty. */
static void
a_credential_may_be_anything(void **state)
{
	uint8_t b[200];
	size_t len;

	(void)state;
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 1, 8, 7, 5, NONE);
	assert_int_equal(count(b, len, NULL), 12);
	assert_true(all.has_rest);
	assert_string_equal(all.rest.name, "machinename");
	assert_string_equal(all.rest.word, "the bytes end here");
	assert_int_equal(all.rest.at, 40);
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 1, 24, 7, 0, 1, 1, 0, 99, NONE);
	count(b, len, NULL);
	assert_string_equal(all.rest.word, "no field has them");
	assert_int_equal(all.rest.at, 52);
	assert_int_equal(all.rest.len, 4);
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 77, 8, 7, 5, NONE);
	assert_whole(b, len, NULL);
	assert_word(b, len, NULL, "flavor", NULL);
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 1, 0, NONE);
	assert_whole(b, len, NULL);
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 1, 404, NONE);
	assert_rest(b, len, NULL, 28, "body", "longer than the schema allows");
	/* A body may end within a word. */
	len = PUT(b, 5, 0, 2, PROGRAM, 1, 0, 1, 1, 0, NONE);
	count(b, len, NULL);
	assert_true(all.has_rest);
}

static void
every_status_of_a_reply_is_understood(void **state)
{
	static const struct message_target of = { PROGRAM, 1, 2 };
	static const char *const accepted[] = { "SUCCESS", "PROG_UNAVAIL",
		"PROG_MISMATCH", "PROC_UNAVAIL", "GARBAGE_ARGS", "SYSTEM_ERR" };
	uint8_t b[200];
	size_t len;

	(void)state;
	for (uint32_t i = 1; i < ARRAY_LEN(accepted); i++) {
		len = PUT(b, 5, 1, 0, NONE, i);
		if (i == 2)
			len += PUT(b + len, 1, 1);
		assert_whole(b, len, &of);
		assert_word(b, len, &of, "accept_status", accepted[i]);
		assert_null(message_status(&all.words, b, len, &of));
	}
	len = PUT(b, 5, 1, 1, 0, 2, 2);
	assert_whole(b, len, &of);
	assert_word(b, len, &of, "reject_status", "RPC_MISMATCH");
	len = PUT(b, 5, 1, 1, 1, 5);
	assert_whole(b, len, &of);
	assert_word(b, len, &of, "auth_status", "AUTH_TOOWEAK");
	len = PUT(b, 5, 1, 1, 2, 5);
	assert_rest(b, len, &of, 16, "denied", "the union has no such case");
	len = PUT(b, 5, 1, 0, NONE, 0, 7);
	assert_rest(b, len, NULL, 24, "", "no schema has the procedure");
}

static void
the_status_of_a_result_is_its_first_word(void **state)
{
	static const struct message_target text = { PROGRAM, 1, 2 },
					   ping = { PROGRAM, 1, 0 },
					   port = { 100000, 2, 3 };
	uint8_t b[200];
	size_t len = PUT(b, 5, 1, 0, NONE, 0, 8);

	(void)state;
	assert_string_equal(message_status(&all.words, b, len, &text),
	    "STATUS_RESOURCE_EXHAUSTED");
	assert_null(message_status(&all.words, b, len, &port));
	assert_null(message_status(&all.words, b, len - 4, &ping));
	assert_null(message_status(&all.words, b, len - 4, &text));
	assert_null(message_status(&all.words, b, len, NULL));
	len = put_call(b, &text);
	assert_null(message_status(&all.words, b, len, &text));
}

static void
what_a_call_asks_for_is_read_from_it(void **state)
{
	static const struct message_target target = { PROGRAM, 1, 7 };
	struct message_target found;
	uint8_t bytes[200];
	size_t len = put_call(bytes, &target);

	(void)state;
	assert_true(message_target_of(bytes, len, &found));
	assert_memory_equal(&found, &target, sizeof(target));
	assert_true(message_target_of(bytes, 24, &found));
	assert_false(message_target_of(bytes, 23, &found));
	bytes[7] = 1;
	assert_false(message_target_of(bytes, len, &found));
}

static void
anything_is_parts_of_something(void **state)
{
	static uint8_t bytes[300];
	static const struct message_target of = { PROGRAM, 1, 3 };
	struct rng rng = { 6 };
	size_t len;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		len = put_call(bytes, &of);
		if (rng_once_in(&rng, 2))
			len = PUT(bytes, 5, 1, 0, NONE, 0);
		rng_fill(&rng, bytes + len, sizeof(bytes) - len);
		for (int n = 0; n < 3; n++)
			bytes[rng_below(&rng, 100)] =
			    (uint8_t)rng_below(&rng, 4);
		for (size_t at = len; at < sizeof(bytes); at += 4)
			if (!rng_once_in(&rng, 3))
				memset(bytes + at, 0, 3);
		count(bytes, rng_below(&rng, sizeof(bytes)), &of);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_byte_of_every_procedure_belongs_to_a_part),
		cmocka_unit_test(so_does_every_byte_of_rpcbinds),
		cmocka_unit_test(numbers_of_a_call_have_their_names),
		cmocka_unit_test(a_call_of_no_known_procedure_has_a_rest),
		cmocka_unit_test(a_credential_is_looked_into),
		cmocka_unit_test(a_credential_may_be_anything),
		cmocka_unit_test(every_status_of_a_reply_is_understood),
		cmocka_unit_test(the_status_of_a_result_is_its_first_word),
		cmocka_unit_test(what_a_call_asks_for_is_read_from_it),
		cmocka_unit_test(anything_is_parts_of_something),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
