/* Messages as people read them. */
#include "schema/show.h"
#include "test/lib/described.h"

#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { TEXT_MAX = 1024 * 1024 };

static struct {
	struct schema *rpc, *reverse, *other;
	struct message_words words;
	struct buffer out;
	char text[TEXT_MAX];
} all;

/* A program of types that reverse.x has not. */
#define OTHER "program O { version V { void A(t) = 1; } = 1; } = 7; "

static int
setup(void **state)
{
	(void)state;
	all.rpc = described_rpc();
	all.reverse = described_reverse();
	all.words.rpc = all.rpc;
	all.words.of[0] = all.reverse;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	schema_free(all.rpc);
	schema_free(all.reverse);
	return 0;
}

static void
show(const void *bytes, size_t len, size_t marks,
    const struct message_target *of, bool colours)
{
	const struct show_message message = { bytes, len, marks };

	buffer_init(&all.out, TEXT_MAX - 1);
	assert_int_equal(
	    show_message(&all.out, &all.words, &message, of, colours), 0);
	memcpy(all.text, buffer_head(&all.out), buffer_len(&all.out));
	all.text[buffer_len(&all.out)] = '\0';
	buffer_deinit(&all.out);
}

/* The lines from the one that has those words on. */
static void
assert_shown(const char *from, const char *expect)
{
	const char *at = strstr(all.text, from);

	if (at == NULL)
		fail_msg("no \"%s\" in:\n%s", from, all.text);
	while (at > all.text && at[-1] != '\n')
		at--;
	assert_string_equal(at, expect);
}

/* Arguments of a type of its own. */
static void
show_other(const char *types, const void *bytes, size_t len)
{
	static const char head[] =
	    "\0\0\0\5\0\0\0\0\0\0\0\2\0\0\0\7\0\0\0\1\0\0\0\1"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	char file[500];
	char *message = malloc(sizeof(head) - 1 + len);

	assert_non_null(message);
	memcpy(message, head, sizeof(head) - 1);
	memcpy(message + sizeof(head) - 1, bytes, len);
	snprintf(file, sizeof(file), OTHER "%s", types);
	all.other = described_text(file);
	all.words.of[0] = all.other;
	show(message, sizeof(head) - 1 + len, 0, NULL, false);
	all.words.of[0] = all.reverse;
	schema_free(all.other);
	free(message);
}

#define SHOW_OTHER(types, bytes) show_other(types, bytes, sizeof(bytes) - 1)

static const char text_call[] =
    "\x6a\x09\xe6\x67\0\0\0\0\0\0\0\2\x20\x72\x65\x76\0\0\0\1\0\0\0\2"
    "\0\0\0\1\0\0\0\x1c\0\0\0\7\0\0\0\3pc1\0\0\0\3\xe8\0\0\3\xe8\0\0\0\1"
    "\0\0\0\x1b\0\0\0\0\0\0\0\0"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\6h\xc3\xa9llo\0\0";

static void
a_call_is_shown_byte_by_byte(void **state)
{
	static const char expect[] =
	    "     0  80 00 00 5c              record mark: last fragment, 92 "
	    "bytes\n"
	    "                                 call: call_header\n"
	    "     4  6a 09 e6 67                xid 1779033703\n"
	    "     8  00 00 00 00                message_type CALL (0)\n"
	    "    12  00 00 00 02                rpc_version 2\n"
	    "    16  20 72 65 76                program_number REVERSE_PROG "
	    "(544367990)\n"
	    "    20  00 00 00 01                version_number REVERSE_V1 "
	    "(1)\n"
	    "    24  00 00 00 02                procedure_number REVERSE_TEXT "
	    "(2)\n"
	    "                                   credential: opaque_auth\n"
	    "    28  00 00 00 01                  flavor AUTH_SYS (1)\n"
	    "    32  00 00 00 1c                  body: 28 bytes\n"
	    "                                     body: authsys_parms\n"
	    "    36  00 00 00 07                    stamp 7\n"
	    "    40  00 00 00 03                    machinename: 3 bytes\n"
	    "    44  70 63 31                       machinename \"pc1\"\n"
	    "    47  00                             padding\n"
	    "    48  00 00 03 e8                    uid 1000\n"
	    "    52  00 00 03 e8                    gid 1000\n"
	    "    56  00 00 00 01                    gids: 1 element\n"
	    "    60  00 00 00 1b                      gids[0] 27\n"
	    "                                   verifier: opaque_auth\n"
	    "    64  00 00 00 00                  flavor AUTH_NONE (0)\n"
	    "    68  00 00 00 00                  body: 0 bytes\n"
	    "                                 arguments: reverse_args\n"
	    "                                   context: call_context\n"
	    "    72  00 00 00 00                  deadline_ms 0\n"
	    "    76  00 00 00 00                  metadata: 0 elements\n"
	    "    80  00 00 00 00                unit UNIT_GRAPHEME (0)\n"
	    "    84  00 00 00 06                text: 6 bytes\n"
	    "    88  68 c3 a9 6c 6c 6f          text \"h\xc3\xa9llo\"\n"
	    "    94  00 00                      padding\n";

	(void)state;
	show(text_call, sizeof(text_call) - 1, 4, NULL, false);
	assert_string_equal(all.text, expect);
}

static void
a_datagram_has_no_mark_and_fragments_have_several(void **state)
{
	(void)state;
	show(text_call, sizeof(text_call) - 1, 0, NULL, false);
	assert_non_null(strstr(all.text, "     0  6a 09 e6 67 "));
	show(text_call, sizeof(text_call) - 1, 12, NULL, false);
	assert_int_equal(
	    strncmp(all.text,
		"     0  12 bytes                 record marks: 3 fragments, "
		"joined\n",
		60),
	    0);
}

static void
a_refusal_is_shown(void **state)
{
	static const struct message_target of = { 0x20726576, 1, 2 };
	static const char reply[] =
	    "\0\0\0\5\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\3\0\0\0\3\0\0\0\4busy\0\0\0\0\0\0\0\5"
	    "\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0";

	(void)state;
	show(reply, sizeof(reply) - 1, 4, &of, false);
	assert_shown("result: ",
	    "                                 result: reverse_result\n"
	    "    28  00 00 00 03                code STATUS_INVALID_ARGUMENT "
	    "(3)\n"
	    "                                   why: failure\n"
	    "    32  00 00 00 03                  code "
	    "STATUS_INVALID_ARGUMENT (3)\n"
	    "    36  00 00 00 04                  detail: 4 bytes\n"
	    "    40  62 75 73 79                  detail \"busy\"\n"
	    "    44  00 00 00 00 00 00 00 05      at_message 5\n"
	    "    52  ff ff ff ff ff ff ff ff      at_byte "
	    "18446744073709551615\n"
	    "    60  00 00 00 00                  retry_after_ms 0\n");
}

static void
what_is_wrong_is_shown_with_its_bytes(void **state)
{
	(void)state;
	show(text_call, sizeof(text_call) - 5, 4, NULL, false);
	assert_shown("text: 6",
	    "    84  00 00 00 06                text: 6 bytes\n"
	    "    88  68 c3 a9 6c              text: the bytes end here\n");
	SHOW_OTHER("typedef unsigned t;", "\0\0\0\1\0\0\0\2");
	assert_shown("arguments",
	    "    40  00 00 00 01              arguments 1\n"
	    "    44  00 00 00 02              no field has them\n");
	SHOW_OTHER("typedef unsigned t;", "");
	assert_shown("arguments",
	    "                                 arguments: the bytes end "
	    "here\n");
}

static void
values_are_shown_by_their_types(void **state)
{
	(void)state;
	SHOW_OTHER("enum e { E = 4 }; struct t { int a; hyper b; float c; "
		   "double d; bool e; bool f; e g; e h; quadruple i; int *j; "
		   "int *k; };",
	    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe\x3f\xc0\0\0"
	    "\x40\x04\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\4\0\0\0\5"
	    "\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\0\0\0\0\0\0\0\1"
	    "\0\0\0\6");
	assert_shown("  a -1",
	    "    40  ff ff ff ff                a -1\n"
	    "    44  ff ff ff ff ff ff ff fe    b -2\n"
	    "    52  3f c0 00 00                c 1.5\n"
	    "    56  40 04 00 00 00 00 00 00    d 2.5\n"
	    "    64  00 00 00 00                e FALSE (0)\n"
	    "    68  00 00 00 02                f 2, which is no bool\n"
	    "    72  00 00 00 04                g E (4)\n"
	    "    76  00 00 00 05                h 5, which is no e\n"
	    "    80  00 01 02 03 04 05 06 07    i\n"
	    "    88  08 09 0a 0b 0c 0d 0e 0f\n"
	    "    96  00 00 00 00                j: absent\n"
	    "   100  00 00 00 01                k: present\n"
	    "   104  00 00 00 06                k 6\n");
}

static void
long_bytes_lose_their_middle(void **state)
{
	(void)state;
	SHOW_OTHER("typedef opaque t[32];", "abcdefghijklmnopqrstuvwxyz012345");
	assert_shown("arguments",
	    "    40  61 62 63 64 65 66 67 68  arguments "
	    "\"abcdefghijklmnopqrstuvwxyz012345\"\n"
	    "    48  69 6a 6b 6c 6d 6e 6f 70\n"
	    "    56  71 72 73 74 75 76 77 78\n"
	    "    64  79 7a 30 31 32 33 34 35\n");
	SHOW_OTHER(
	    "typedef opaque t[33];", "abcdefghijklmnopqrstuvwxyz0123456\0\0\0");
	assert_shown("arguments",
	    "    40  61 62 63 64 65 66 67 68  arguments "
	    "\"abcdefghijklmnopqrstuvwxyz0123456\"\n"
	    "    48  69 6a 6b 6c 6d 6e 6f 70\n"
	    "        ... 9 bytes ...\n"
	    "    65  7a 30 31 32 33 34 35 36\n"
	    "    73  00 00 00                 padding\n");
}

static void
long_arrays_lose_their_middle(void **state)
{
	(void)state;
	SHOW_OTHER("typedef int t<>;",
	    "\0\0\0\5\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4");
	assert_shown("[0]",
	    "    44  00 00 00 00                arguments[0] 0\n"
	    "    48  00 00 00 01                arguments[1] 1\n"
	    "    52  00 00 00 02                arguments[2] 2\n"
	    "    56  00 00 00 03                arguments[3] 3\n"
	    "    60  00 00 00 04                arguments[4] 4\n");
	SHOW_OTHER("typedef opaque b<>; typedef struct { b c; b d; } e; "
		   "typedef e t[6];",
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1x\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	assert_shown("[2]",
	    "                                   arguments[2]: e\n"
	    "    56  00 00 00 00                  c: 0 bytes\n"
	    "    60  00 00 00 00                  d: 0 bytes\n"
	    "        ... 2 elements, 20 bytes ...\n"
	    "                                   arguments[5]: e\n"
	    "    84  00 00 00 00                  c: 0 bytes\n"
	    "    88  00 00 00 00                  d: 0 bytes\n");
}

/* What is left out belongs to what is shown, too, when the bytes end in it. */
static void
an_array_may_be_cut_off(void **state)
{
	char bytes[404] = { 0 };

	(void)state;
	bytes[3] = 100;
	show_other(
	    "union e switch (bool b) { case FALSE: void; }; typedef e t<>;",
	    bytes, sizeof(bytes));
	assert_shown("... 96 elements, 384 bytes ...\n",
	    "        ... 96 elements, 384 bytes ...\n"
	    "                                   arguments[99]: e\n"
	    "   440  00 00 00 00                  b FALSE (0)\n");
	bytes[4 + 4 * 50 + 3] = 1;
	show_other(
	    "union e switch (bool b) { case FALSE: void; }; typedef e t<>;",
	    bytes, sizeof(bytes));
	assert_non_null(
	    strstr(all.text, "        ... 48 elements, 192 bytes ...\n"));
	assert_non_null(strstr(all.text, "the union has no such case\n"));
}

static void
what_is_no_text_is_bytes_alone(void **state)
{
	(void)state;
	SHOW_OTHER("typedef opaque t[4];", "\0\0\0\0");
	assert_shown("arguments",
	    "    40  00 00 00 00              "
	    "arguments\n");
	SHOW_OTHER("typedef opaque t[4];", "ab\xff\xc3");
	assert_shown("arguments",
	    "    40  61 62 ff c3              "
	    "arguments\n");
	SHOW_OTHER("typedef opaque t[8];", "a\x1b[31m\n\x7f");
	assert_shown("arguments",
	    "    40  61 1b 5b 33 31 6d 0a 7f  arguments "
	    "\"a\\x1b[31m\\x0a\\x7f\"\n");
}

/* In columns: a character that is no ASCII may take two. */
static void
assert_narrow(void)
{
	size_t columns = 0;

	for (const char *at = all.text; *at != '\0'; at++) {
		if (*at == '\n') {
			assert_true(columns <= SHOW_COLUMNS);
			columns = 0;
			continue;
		}
		assert_true((unsigned char)*at >= 0x20 && *at != 0x7f);
		if ((unsigned char)*at < 0x80)
			columns++;
		else if ((unsigned char)*at >= 0xc0)
			columns += 2;
	}
	assert_int_equal(columns, 0);
}

static void
lines_have_eighty_columns(void **state)
{
	static const char wide[64] =
	    "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5"
	    "\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97";
	char types[400];

	(void)state;
	SHOW_OTHER("typedef opaque t[35];",
	    "abcdefghijklmnopqrstuvwxyz012345678"
	    "\0");
	assert_narrow();
	assert_non_null(strstr(all.text, "678\"\n"));
	SHOW_OTHER(
	    "typedef opaque t[36];", "abcdefghijklmnopqrstuvwxyz0123456789");
	assert_narrow();
	assert_non_null(strstr(all.text, "456...\n"));
	snprintf(types, sizeof(types),
	    "struct t { opaque a[30]; opaque %0200d[30]; };", 0);
	memset(strstr(types, "0000"), 'n', 200);
	show_other(types, wide, sizeof(wide));
	assert_narrow();
	assert_non_null(strstr(all.text, "...\n"));
	show_other("struct t { int *a; t *b; };",
	    "\0\0\0\0\0\0\0\1"
	    "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1"
	    "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1"
	    "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0",
	    13 * 8);
	assert_narrow();
}

static void
an_offset_may_have_more_digits(void **state)
{
	static char bytes[1100000];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "\0\x10\xc8\xb4", 4);
	memcpy(bytes + sizeof(bytes) - 40, "\0\0\0\x24", 4);
	show_other("typedef opaque o<>; struct t { o a; o bbbbbbbbbb; };",
	    bytes, sizeof(bytes));
	assert_narrow();
	assert_non_null(strstr(all.text, "\n1100004  78 78"));
}

/* Without their colours the lines are the same. */
static void
colours_change_nothing_else(void **state)
{
	static char coloured[TEXT_MAX];
	char *to = coloured;

	(void)state;
	show(text_call, sizeof(text_call) - 3, 4, NULL, true);
	for (const char *at = all.text; *at != '\0'; at++) {
		if (*at == '\x1b')
			at = strchr(at, 'm');
		else
			*to++ = *at;
	}
	*to = '\0';
	assert_int_not_equal(strlen(coloured), strlen(all.text));
	show(text_call, sizeof(text_call) - 3, 4, NULL, false);
	assert_string_equal(coloured, all.text);
}

static void
what_is_full_is_told(void **state)
{
	const struct show_message message = { (const uint8_t *)text_call,
		sizeof(text_call) - 1, 4 };
	struct buffer out;

	(void)state;
	buffer_init(&out, 1000);
	assert_int_equal(
	    show_message(&out, &all.words, &message, NULL, false), BUFFER_FULL);
	buffer_deinit(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_shown_byte_by_byte),
		cmocka_unit_test(
		    a_datagram_has_no_mark_and_fragments_have_several),
		cmocka_unit_test(a_refusal_is_shown),
		cmocka_unit_test(what_is_wrong_is_shown_with_its_bytes),
		cmocka_unit_test(values_are_shown_by_their_types),
		cmocka_unit_test(long_bytes_lose_their_middle),
		cmocka_unit_test(long_arrays_lose_their_middle),
		cmocka_unit_test(an_array_may_be_cut_off),
		cmocka_unit_test(what_is_no_text_is_bytes_alone),
		cmocka_unit_test(lines_have_eighty_columns),
		cmocka_unit_test(an_offset_may_have_more_digits),
		cmocka_unit_test(colours_change_nothing_else),
		cmocka_unit_test(what_is_full_is_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
