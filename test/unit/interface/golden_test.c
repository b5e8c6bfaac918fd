/*
 * The types of reverse.x to the byte (RFC 4506): what the generated code
 * writes is what is written down here, and reading it gives the same again;
 * and by the description of schema/ each byte belongs to one field.
 * test/wire has the calls and replies; here are the types of all of them.
 */

#include "reverse.h"
#include "rpcloop/wire/xdr.h"
#include "test/lib/described.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ENCODED_MAX = 1024 };

/* Points a field of variable length at a text, less the NUL at its end. */
#define FILL(field, name, text)                        \
	do {                                           \
		(field).name##_val = (char *)(text);   \
		(field).name##_len = sizeof(text) - 1; \
	} while (0)

/* Words of eight hexadecimal digits, a space between two. */
static void
to_text(char *out, const char *bytes, u_int len)
{
	for (u_int i = 0; i < len; i++)
		out += sprintf(out, i % 4 == 0 && i > 0 ? " %02x" : "%02x",
		    (unsigned char)bytes[i]);
}

/* Encodes the value and compares it with the words, in text. */
static u_int
check_encoding(
    xdrproc_t type, void *value, const char *words, char encoded[ENCODED_MAX])
{
	char text[3 * ENCODED_MAX] = "";
	XDR xdr;
	u_int len;

	xdrmem_create(&xdr, encoded, ENCODED_MAX, XDR_ENCODE);
	assert_true(type(&xdr, value));
	len = xdr_getpos(&xdr);
	to_text(text, encoded, len);
	assert_string_equal(text, words);
	return len;
}

/* All of what xdr has is the value that these words are. */
static void
check_decoding(XDR *xdr, xdrproc_t type, size_t size, const char *words)
{
	char again[ENCODED_MAX];
	void *decoded = calloc(1, size);

	assert_non_null(decoded);
	assert_true(type(xdr, decoded));
	assert_int_equal(
	    xdr_getpos(xdr), check_encoding(type, decoded, words, again));
	xdr_free(type, decoded);
	free(decoded);
}

/* All of it belongs to fields of the type of that name. */
static void
check_parts(const char *name, const char *encoded, size_t len)
{
	struct schema *schema = described_reverse();
	struct schema_field field = described_field(schema, name);
	size_t at;

	assert_int_equal(
	    described_parts(&field, (const uint8_t *)encoded, len, &at),
	    PARTS_OVER);
	assert_int_equal(at, len);
	schema_free(schema);
}

/* There and back: size is that of the value. */
static void
check(xdrproc_t type, const char *name, void *value, size_t size,
    const char *words)
{
	char encoded[ENCODED_MAX];
	u_int len = check_encoding(type, value, words, encoded);
	XDR xdr;

	check_parts(name, encoded, len);
	xdrmem_create(&xdr, encoded, len, XDR_DECODE);
	check_decoding(&xdr, type, size, words);
	xdrspan_create(&xdr, (const uint8_t *)encoded, len);
	check_decoding(&xdr, type, size, words);
}

#define CHECK(type, value, words) \
	check((xdrproc_t)xdr_##type, #type, &(value), sizeof(value), (words))

static const token some_token = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16 };

#define TOKEN_WORDS "01020304 05060708 090a0b0c 0d0e0f10"

/* Two messages from number 3 on, and half-closed. */
static segment
some_segment(message messages[2])
{
	segment piece = { .first = 3, .last = TRUE, .window = 270336 };

	piece.next = 0x100000002;
	FILL(messages[0], message, "ab\0");
	FILL(messages[1], message, "");
	piece.messages.messages_val = messages;
	piece.messages.messages_len = 2;
	return piece;
}

#define SEGMENT_WORDS                                            \
	"00000000 00000003 00000002 00000003 61620000 00000000 " \
	"00000001 00000001 00000002 00042000"

static failure
some_failure(void)
{
	failure why = { .code = STATUS_RESOURCE_EXHAUSTED };

	FILL(why.detail, detail, "busy");
	why.at_message = 5;
	why.at_byte = 0x200000001;
	why.retry_after_ms = 250;
	return why;
}

#define FAILURE_WORDS                                            \
	"00000008 00000004 62757379 00000000 00000005 00000002 " \
	"00000001 000000fa"

static void
text_arguments(void **state)
{
	metadatum pair = { 0 };
	reverse_args args = { .unit = UNIT_LINE };

	(void)state;
	FILL(pair.key, key, "k");
	FILL(pair.value, value, "value");
	args.context.deadline_ms = 1500;
	args.context.metadata.metadata_val = &pair;
	args.context.metadata.metadata_len = 1;
	FILL(args.text, message, "abc\n");
	CHECK(reverse_args, args,
	    "000005dc 00000001 00000001 6b000000 00000005 76616c75 65000000 "
	    "00000004 00000004 6162630a");
}

static void
text_result(void **state)
{
	reverse_result result = { .code = STATUS_OK };

	(void)state;
	FILL(result.reverse_result_u.outcome.text, message, "cba");
	CHECK(reverse_result, result, "00000000 00000003 63626100 00000000");
}

static void
text_failure(void **state)
{
	reverse_result result = { .code = STATUS_RESOURCE_EXHAUSTED };

	(void)state;
	result.reverse_result_u.why = some_failure();
	CHECK(reverse_result, result, "00000008 " FAILURE_WORDS);
}

static void
open_arguments(void **state)
{
	message messages[2];
	open_args args = { .method = METHOD_SPELL, .unit = UNIT_WORD };

	(void)state;
	memcpy(args.nonce, some_token, sizeof(args.nonce));
	args.pace_ms = 100;
	args.largest = 65536;
	args.piece = some_segment(messages);
	args.wait_ms = 9000;
	CHECK(open_args, args,
	    "00000000 00000000 " TOKEN_WORDS " 00000002 00000003 00000064 "
	    "00010000 " SEGMENT_WORDS " 00002328");
}

/* A stream that goes on: its answer has no end. */
static void
open_result_without_end(void **state)
{
	open_result result = { .code = STATUS_OK };
	opened *started = &result.open_result_u.started;

	(void)state;
	memcpy(started->stream, some_token, sizeof(started->stream));
	started->lease_ms = 60000;
	started->first_answer.piece.window = 1;
	CHECK(open_result, result,
	    "00000000 " TOKEN_WORDS " 0000ea60 00000000 00000000 00000000 "
	    "00000000 00000000 00000000 00000001 00000000");
}

static void
exchange_arguments(void **state)
{
	message messages[2];
	exchange_args args = { .wait_ms = 10, .ahead = TRUE };

	(void)state;
	memcpy(args.stream, some_token, sizeof(args.stream));
	args.piece = some_segment(messages);
	CHECK(exchange_args, args,
	    TOKEN_WORDS " " SEGMENT_WORDS " 0000000a 00000001");
}

/* The last answer: the optional end is there. */
static void
exchange_result_with_end(void **state)
{
	message messages[2];
	stream_end end = { .messages_in = 1, .bytes_in = 2, .bytes_out = 3 };
	exchange_result result = { .code = STATUS_OK };
	answer *answered = &result.exchange_result_u.answered;

	(void)state;
	end.why = some_failure();
	answered->piece = some_segment(messages);
	answered->end = &end;
	CHECK(exchange_result, result,
	    "00000000 " SEGMENT_WORDS " 00000001 " FAILURE_WORDS
	    " 00000000 00000001 00000000 00000002 00000000 00000003 00000000");
}

static void
cancel(void **state)
{
	cancel_args args;
	cancel_result result = { .code = STATUS_OK };

	(void)state;
	memcpy(args.stream, some_token, sizeof(args.stream));
	CHECK(cancel_args, args, TOKEN_WORDS);
	CHECK(cancel_result, result, "00000000");
}

static void
greet_result_of_a_server(void **state)
{
	greet_result result = { .code = STATUS_OK };
	greeting *hello = &result.greet_result_u.hello;

	(void)state;
	FILL(hello->text, text, "hi");
	FILL(hello->server, server, "s");
	FILL(hello->release, release, "1.2");
	FILL(hello->unicode, unicode, "15");
	memcpy(hello->boot, some_token, sizeof(hello->boot));
	hello->message_max = MESSAGE_MAX;
	hello->window = 270336;
	hello->datagram_max = 8192;
	hello->wait_max_ms = 10000;
	hello->lease_ms = 60000;
	CHECK(greet_result, result,
	    "00000000 00000002 68690000 00000001 73000000 00000003 312e3200 "
	    "00000002 31350000 " TOKEN_WORDS " 00100000 00042000 00002000 "
	    "00002710 0000ea60");
}

static void
status_result_of_a_server(void **state)
{
	status_result result = { .code = STATUS_OK };

	(void)state;
	result.status_result_u.counters = (report){
		.state = HEALTH_DRAINING,
		.uptime_ms = 0x100000000,
		.calls = 1,
		.failures = 2,
		.bytes_in = 3,
		.bytes_out = 4,
		.streams = 5,
		.connections = 6,
	};
	CHECK(status_result, result,
	    "00000000 00000002 00000001 00000000 00000000 00000001 00000000 "
	    "00000002 00000000 00000003 00000000 00000004 00000005 00000006");
}

static void
describe_result_of_a_server(void **state)
{
	describe_result result = { .code = STATUS_OK };

	(void)state;
	FILL(result.describe_result_u.schema, schema, "/**/\n");
	CHECK(describe_result, result, "00000000 00000005 2f2a2a2f 0a000000");
}

static void
whoami_result_of_a_server(void **state)
{
	whoami_result result = { .code = STATUS_OK };
	caller *you = &result.whoami_result_u.you;

	(void)state;
	you->flavor = 1;
	you->uid = 1000;
	FILL(you->principal, principal, "p");
	FILL(you->certificate, certificate, "");
	FILL(you->address, address, "::1.0.1");
	CHECK(whoami_result, result,
	    "00000000 00000001 000003e8 00000001 70000000 00000000 00000007 "
	    "3a3a312e 302e3100");
}

/* What is longer than reverse.x allows is refused both ways. */
static void
bounds_are_kept(void **state)
{
	static char encoded[2 * MESSAGE_MAX];
	static char longest[MESSAGE_MAX + 1];
	message text = { MESSAGE_MAX, longest };
	XDR xdr;

	(void)state;
	xdrmem_create(&xdr, encoded, sizeof(encoded), XDR_ENCODE);
	assert_true(xdr_message(&xdr, &text));
	text.message_len++;
	xdrmem_create(&xdr, encoded, sizeof(encoded), XDR_ENCODE);
	assert_false(xdr_message(&xdr, &text));

	/* The length alone is what tells. */
	memcpy(encoded, "\x00\x10\x00\x01", 4);
	text = (message){ 0 };
	xdrmem_create(&xdr, encoded, sizeof(encoded), XDR_DECODE);
	assert_false(xdr_message(&xdr, &text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_arguments),
		cmocka_unit_test(text_result),
		cmocka_unit_test(text_failure),
		cmocka_unit_test(open_arguments),
		cmocka_unit_test(open_result_without_end),
		cmocka_unit_test(exchange_arguments),
		cmocka_unit_test(exchange_result_with_end),
		cmocka_unit_test(cancel),
		cmocka_unit_test(greet_result_of_a_server),
		cmocka_unit_test(status_result_of_a_server),
		cmocka_unit_test(describe_result_of_a_server),
		cmocka_unit_test(whoami_result_of_a_server),
		cmocka_unit_test(bounds_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
