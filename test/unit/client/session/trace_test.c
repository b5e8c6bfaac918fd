/* What --trace shows of a call: a line, and each of its bytes. */
#include "client/session/trace.h"
#include "rpcloop/wire/word.h"
#include "test/lib/errors.h"
#include "test/lib/user.h"

#include "base/base.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define PROGRAM 0x20726576

/* A call of PING, TEXT or of an unknown procedure, without a credential, and
 * the start of a reply that says success. */
#define CALL_OF(procedure) 5, CALL, 2, PROGRAM, 1, (procedure), 0, 0, 0, 0
#define SUCCEEDED          5, REPLY, MSG_ACCEPTED, 0, 0, SUCCESS

static char text[64 * 1024];
static unsigned int sends = 1;

static size_t
put(uint8_t *to, const uint32_t *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		word_put(to + i * WORD_SIZE, words[i]);
	return count * WORD_SIZE;
}

/* Shows a call with these words, and a reply if there are words of it. */
static void
trace(struct tracer *tracer, int type, const uint32_t *call, size_t call_words,
    const uint32_t *reply, size_t reply_words, const struct rpc_err *error)
{
	uint8_t sent[200], came[200];
	struct endpoint at = { .type = type,
		.len = sizeof(struct sockaddr_in) };
	struct channel_call how = {
		.xid = 5, .sends = sends, .took_ns = 1234567
	};
	struct errors errors;

	at.at.in.sin_family = AF_INET;
	how.call_bytes = put(sent, call, call_words);
	how.reply_bytes = put(came, reply, reply_words);
	how.call_message = call_words > 0 ? sent : NULL;
	how.reply_message = reply_words > 0 ? came : NULL;
	how.reply_marks = type == SOCK_STREAM ? 4 : 0;
	errors_begin(&errors);
	trace_call(tracer, "NAME", &at, &how, error);
	errors_read(&errors, text, sizeof(text));
	errors_end(&errors);
	assert_true(*text != '\0');
}

static const struct rpc_err success = { .re_status = RPC_SUCCESS };

#define WORDS(...)                         \
	(const uint32_t[]){ __VA_ARGS__ }, \
	    sizeof((const uint32_t[]){ __VA_ARGS__ }) / WORD_SIZE
#define NONE NULL, 0

static void
assert_has(const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("no \"%s\" in:\n%s", words, text);
}

static void
each_byte_is_below_the_line(void **state)
{
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(0)), WORDS(SUCCEEDED),
	    &success);
	assert_string_equal(text,
	    "trace: NAME 0.0.0.0:0 xid=0x00000005 call 40 bytes, reply 24 "
	    "bytes, 1.234 ms, Success\n"
	    "     0  80 00 00 28              record mark: last fragment, 40 "
	    "bytes\n"
	    "                                 call: call_header\n"
	    "     4  00 00 00 05                xid 5\n"
	    "     8  00 00 00 00                message_type CALL (0)\n"
	    "    12  00 00 00 02                rpc_version 2\n"
	    "    16  20 72 65 76                program_number REVERSE_PROG "
	    "(544367990)\n"
	    "    20  00 00 00 01                version_number REVERSE_V1 (1)\n"
	    "    24  00 00 00 00                procedure_number REVERSE_PING "
	    "(0)\n"
	    "                                   credential: opaque_auth\n"
	    "    28  00 00 00 00                  flavor AUTH_NONE (0)\n"
	    "    32  00 00 00 00                  body: 0 bytes\n"
	    "                                   verifier: opaque_auth\n"
	    "    36  00 00 00 00                  flavor AUTH_NONE (0)\n"
	    "    40  00 00 00 00                  body: 0 bytes\n"
	    "     0  80 00 00 18              record mark: last fragment, 24 "
	    "bytes\n"
	    "                                 reply: reply_header\n"
	    "     4  00 00 00 05                xid 5\n"
	    "     8  00 00 00 01                message_type REPLY (1)\n"
	    "                                   reply: reply_body\n"
	    "    12  00 00 00 00                  reply_status MSG_ACCEPTED "
	    "(0)\n"
	    "                                     accepted: accepted_reply\n"
	    "                                       verifier: opaque_auth\n"
	    "    16  00 00 00 00                      flavor AUTH_NONE (0)\n"
	    "    20  00 00 00 00                      body: 0 bytes\n"
	    "                                       outcome: "
	    "accepted_outcome\n"
	    "    24  00 00 00 00                      accept_status SUCCESS "
	    "(0)\n");
	tracer_deinit(&tracer);
	tracer_deinit(&tracer);
}

static void
a_datagram_has_no_record_mark(void **state)
{
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(
	    &tracer, SOCK_DGRAM, WORDS(CALL_OF(0)), WORDS(SUCCEEDED), &success);
	assert_has("\n     0  00 00 00 05                xid 5\n");
	assert_null(strstr(text, "record mark"));
	tracer_deinit(&tracer);
}

/* The application's where there is one, else what became of the call. */
static void
the_line_ends_with_a_status(void **state)
{
	static const struct rpc_err late = { .re_status = RPC_TIMEDOUT },
				    refused = { .re_status = RPC_AUTHERROR },
				    garbage = { .re_status =
						    RPC_CANTDECODERES };
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(2), 0, 0, 0, 0),
	    WORDS(SUCCEEDED, 8, 8, 0, 0, 0, 0, 0, 0), &success);
	assert_has(" ms, STATUS_RESOURCE_EXHAUSTED\n");
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(2), 0, 0, 0, 0),
	    WORDS(SUCCEEDED, 8, 8, 0), &garbage);
	assert_has("no result, 1.234 ms, Can't decode result\n");
	assert_has("at_message: the bytes end here\n");
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(2), 0, 0, 0, 0), NONE, &late);
	assert_has("no result, 1.234 ms, no answer\n");
	assert_has("    56  00 00 00 00                text: 0 bytes\n");
	assert_null(strstr(text, "reply"));
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(2), 0, 0, 0, 0),
	    WORDS(5, REPLY, MSG_DENIED, AUTH_ERROR, AUTH_TOOWEAK), &refused);
	assert_has("no result, 1.234 ms, Authentication error\n");
	assert_has("auth_status AUTH_TOOWEAK (5)\n");
	tracer_deinit(&tracer);
}

static void
without_bytes_there_is_the_line(void **state)
{
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(&tracer, SOCK_STREAM, NONE, NONE, &success);
	assert_string_equal(text,
	    "trace: NAME 0.0.0.0:0 xid=0x00000005 call 0 bytes, reply 0 "
	    "bytes, 1.234 ms, Success\n");
	trace(NULL, SOCK_STREAM, WORDS(CALL_OF(0)), WORDS(SUCCEEDED), &success);
	assert_string_equal(text,
	    "trace: NAME 0.0.0.0:0 xid=0x00000005 call 40 bytes, reply 24 "
	    "bytes, 1.234 ms, Success\n");
	tracer_deinit(&tracer);
}

static void
what_never_left_has_no_bytes(void **state)
{
	static const struct rpc_err refused = {
		.re_status = RPC_CANTSEND,
		.re_errno = ECONNREFUSED,
	};
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(&tracer, SOCK_STREAM, WORDS(CALL_OF(0)), NONE, &refused);
	assert_string_equal(text,
	    "trace: NAME 0.0.0.0:0 xid=0x00000005 call 40 bytes, no result, "
	    "1.234 ms, Connection refused\n");
	tracer_deinit(&tracer);
}

static void
a_question_to_rpcbind_is_shown_as_well(void **state)
{
	struct tracer tracer = { .tried = false };

	(void)state;
	trace(&tracer, SOCK_STREAM,
	    WORDS(5, CALL, 2, 100000, 2, 3, 0, 0, 0, 0, PROGRAM, 1, 6, 0),
	    WORDS(SUCCEEDED, 20726), &success);
	assert_has("procedure_number PMAPPROC_GETPORT (3)\n");
	assert_has("protocol 6\n");
	assert_has("result 20726\n");
	assert_has(" ms, Success\n");
	tracer_deinit(&tracer);
}

/* A datagram, as often as it took. */
static void
what_was_sent_again_is_told(void **state)
{
	struct tracer tracer = { .tried = false };

	(void)state;
	sends = 3;
	trace(
	    &tracer, SOCK_DGRAM, WORDS(CALL_OF(0)), WORDS(SUCCEEDED), &success);
	sends = 1;
	assert_has(" ms, Success, sent 3 times\n");
	tracer_deinit(&tracer);
}

/* What is in the file of a page, in text. */
static void
read_page(struct tracer *tracer, const char *path)
{
	FILE *file;
	size_t len;

	assert_int_equal(page_end(tracer->page, 7), 0);
	tracer->page = NULL;
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_int_equal(unlink(path), 0);
}

static void
a_page_has_the_calls(void **state)
{
	static const struct rpc_err refused = {
		.re_status = RPC_CANTSEND,
		.re_errno = ECONNREFUSED,
	};
	char path[] = "/tmp/reverse-page.XXXXXX";
	struct tracer tracer = { .tried = false };
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(page_new(&tracer.page, path), 0);
	sends = 3;
	trace(&tracer, SOCK_DGRAM, WORDS(CALL_OF(2), 0, 0, 0, 0),
	    WORDS(SUCCEEDED, 8, 8, 0, 0, 0, 0, 0, 0), &success);
	sends = 1;
	trace(&tracer, SOCK_STREAM,
	    WORDS(5, CALL, 2, 100000, 2, 3, 0, 0, 0, 0, PROGRAM, 1, 6, 0), NONE,
	    &refused);
	read_page(&tracer, path);
	assert_has("\"exit\":7,");
	assert_has("{\"number\":1,\"to\":\"server\",\"xid\":\"0x00000005\","
		   "\"failed\":false,\"name\":\"NAME\","
		   "\"peer\":\"0.0.0.0:0\","
		   "\"status\":\"STATUS_RESOURCE_EXHAUSTED\",\"began_us\":0,"
		   "\"took_us\":1234,\"sends\":3,\"sent_us\":[0,0,0],"
		   "\"call\":{\"size\":56,");
	assert_has("\"reply\":{\"size\":56,");
	assert_has("{\"number\":2,\"to\":\"rpcbind\",\"xid\":\"0x00000005\","
		   "\"failed\":true,");
	assert_has("\"sends\":0,\"sent_us\":[],\"call\":null,"
		   "\"reply\":null}],\"left_out\":0}</script>");
	tracer_deinit(&tracer);
}

/* All calls of a session: of the search, by a stub, without an answer. */
static void
a_session_keeps_what_is_shown(void **state)
{
	static const uint32_t words[] = { REPLY, MSG_ACCEPTED, 0, 0, SUCCESS };
	struct user *u = *state;

	u->settings.trace = true;
	user_restart(u);
	u->script.words = words;
	u->script.count = ARRAY_LEN(words);
	user_play(u, play_reply);
	user_calls(u, &procedure_ping, NULL, NULL);
	assert_says(u, "procedure_number REVERSE_PING (0)\n");
	assert_says(u, "accept_status SUCCESS (0)\n");
	user_stop_playing(u);
	user_play(u, play_hang_up);
	user_calls(u, &procedure_ping, NULL, NULL);
	assert_says(u, "no result, ");
	assert_says(u, "procedure_number REVERSE_PING (0)\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_byte_is_below_the_line),
		cmocka_unit_test(a_datagram_has_no_record_mark),
		cmocka_unit_test(the_line_ends_with_a_status),
		cmocka_unit_test(without_bytes_there_is_the_line),
		cmocka_unit_test(what_was_sent_again_is_told),
		cmocka_unit_test(what_never_left_has_no_bytes),
		cmocka_unit_test(a_question_to_rpcbind_is_shown_as_well),
		cmocka_unit_test(a_page_has_the_calls),
		cmocka_unit_test_setup_teardown(
		    a_session_keeps_what_is_shown, user_setup, user_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
