/* A call message and its reply: rpcloop/wire/caller. */
#include "rpcloop/wire/caller.h"

#include "base/base.h"
#include "rpcloop/wire/word.h"
#include "rpcloop/wire/xdr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 64 };

/* A message of words. */
struct words {
	uint8_t bytes[WORDS_MAX * WORD_SIZE];
	size_t len;
};

static void
put(struct words *w, uint32_t word)
{
	word_put(w->bytes + w->len, word);
	w->len += WORD_SIZE;
}

#define WORDS(...)                                  \
	words_of((const uint32_t[]){ __VA_ARGS__ }, \
	    ARRAY_LEN(((const uint32_t[]){ __VA_ARGS__ })))

static struct words
words_of(const uint32_t *words, size_t count)
{
	struct words w = { .len = 0 };

	for (size_t i = 0; i < count; i++)
		put(&w, words[i]);
	return w;
}

static bool_t
text_codec(XDR *xdrs, ...)
{
	va_list args;
	char **text;

	va_start(args, xdrs);
	text = va_arg(args, char **);
	va_end(args);
	return xdr_string(xdrs, text, 100);
}

static void
a_call_is_as_rfc_5531_has_it(void **state)
{
	const uint32_t expected[] = { 0xfffffffe, CALL, 2, 0x20726576, 1, 4,
		AUTH_NONE, 0, AUTH_NONE, 0, 3, 0x61626300 };
	char *text = (char[]){ "abc" };
	struct caller_call call = {
		.xid = 0xfffffffe,
		.program = 0x20726576,
		.version = 1,
		.procedure = 4,
		.auth = authnone_create(),
		.args = text_codec,
		.value = &text,
	};
	struct buffer out;
	XDR xdrs;

	(void)state;
	buffer_init(&out, 1000);
	xdrbuf_create(&xdrs, &out);
	assert_true(caller_put_call(&xdrs, &call));
	assert_int_equal(buffer_len(&out), sizeof(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_int_equal(
		    word_get(buffer_head(&out) + i * WORD_SIZE), expected[i]);
	buffer_truncate(&out, 0);
	call.args = NULL;
	assert_true(caller_put_call(&xdrs, &call));
	assert_int_equal(buffer_len(&out), 10 * WORD_SIZE);
	buffer_deinit(&out);
}

static void
a_call_carries_its_credential(void **state)
{
	AUTH *auth = authunix_create((char[]){ "host" }, 5, 6, 0, NULL);
	struct caller_call call = { .auth = auth };
	struct buffer out;
	XDR xdrs;

	(void)state;
	buffer_init(&out, 1000);
	xdrbuf_create(&xdrs, &out);
	assert_true(caller_put_call(&xdrs, &call));
	assert_int_equal(word_get(buffer_head(&out) + 6 * WORD_SIZE), AUTH_SYS);
	assert_int_equal(word_get(buffer_head(&out) + 11 * WORD_SIZE), 5);
	auth_destroy(auth);
	buffer_deinit(&out);
}

static void
a_call_that_does_not_fit_fails(void **state)
{
	struct caller_call call = { .auth = authnone_create() };
	struct buffer out;
	XDR xdrs;

	(void)state;
	for (size_t max = 0; max < 10 * (size_t)WORD_SIZE; max += WORD_SIZE) {
		buffer_init(&out, max);
		xdrbuf_create(&xdrs, &out);
		assert_false(caller_put_call(&xdrs, &call));
		buffer_deinit(&out);
	}
}

static void
only_a_reply_is_one(void **state)
{
	struct words reply = WORDS(7, REPLY), call = WORDS(7, CALL),
		     other = WORDS(7, 2), cut = WORDS(7);
	uint32_t xid = 0;

	(void)state;
	assert_true(caller_is_reply(reply.bytes, reply.len, &xid));
	assert_int_equal(xid, 7);
	assert_false(caller_is_reply(call.bytes, call.len, &xid));
	assert_false(caller_is_reply(other.bytes, other.len, &xid));
	assert_false(caller_is_reply(cut.bytes, cut.len, &xid));
	assert_false(caller_is_reply(cut.bytes, 0, &xid));
	assert_false(caller_is_reply(reply.bytes, reply.len - 1, &xid));
}

/* What a reply comes to. */
static struct rpc_err
take(const struct words *w, char **text)
{
	const struct caller_result result = {
		.auth = authnone_create(),
		.codec = text_codec,
		.value = text,
	};
	struct rpc_err error;

	*text = NULL;
	caller_take_reply(w->bytes, w->len, &result, &error);
	if (error.re_status != RPC_SUCCESS)
		assert_null(*text);
	return error;
}

static void
a_result_is_the_callers_to_free(void **state)
{
	struct words w =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, SUCCESS, 3, 0x61626300);
	char *text;

	(void)state;
	assert_int_equal(take(&w, &text).re_status, RPC_SUCCESS);
	assert_string_equal(text, "abc");
	xdr_free((xdrproc_t)text_codec, (char *)&text);
}

static void
there_may_be_no_result(void **state)
{
	struct words w = WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, SUCCESS);
	const struct caller_result result = { .auth = authnone_create() };
	struct rpc_err error;

	(void)state;
	caller_take_reply(w.bytes, w.len, &result, &error);
	assert_int_equal(error.re_status, RPC_SUCCESS);
}

static void
a_verifier_may_have_400_bytes(void **state)
{
	struct words w = WORDS(7, REPLY, MSG_ACCEPTED, AUTH_SYS, 40, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, SUCCESS, 0);
	struct words cut = WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 404);
	char *text;

	(void)state;
	assert_int_equal(take(&w, &text).re_status, RPC_SUCCESS);
	xdr_free((xdrproc_t)text_codec, (char *)&text);
	assert_int_equal(take(&cut, &text).re_status, RPC_CANTDECODERES);
}

static void
a_message_cut_anywhere_is_refused(void **state)
{
	struct words w =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, SUCCESS, 3, 0x61626300);
	char *text;

	(void)state;
	for (w.len -= 1; w.len > 0; w.len--)
		assert_int_equal(take(&w, &text).re_status, RPC_CANTDECODERES);
}

/* What each status of RFC 5531 is for clnt_geterr(3). */
static void
refusals_are_told_apart(void **state)
{
	struct words unavailable =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, PROG_UNAVAIL);
	struct words mismatch =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, PROG_MISMATCH, 2, 5);
	struct words procedure =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, PROC_UNAVAIL);
	struct words garbage =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, GARBAGE_ARGS);
	struct words broken =
	    WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, SYSTEM_ERR);
	struct words version = WORDS(7, REPLY, MSG_DENIED, RPC_MISMATCH, 3, 4);
	struct words denied =
	    WORDS(7, REPLY, MSG_DENIED, AUTH_ERROR, AUTH_BADCRED);
	struct words unknown = WORDS(7, REPLY, MSG_ACCEPTED, AUTH_NONE, 0, 77);
	struct rpc_err error;
	char *text;

	(void)state;
	assert_int_equal(take(&unavailable, &text).re_status, RPC_PROGUNAVAIL);
	error = take(&mismatch, &text);
	assert_int_equal(error.re_status, RPC_PROGVERSMISMATCH);
	assert_int_equal(error.re_vers.low, 2);
	assert_int_equal(error.re_vers.high, 5);
	assert_int_equal(take(&procedure, &text).re_status, RPC_PROCUNAVAIL);
	assert_int_equal(take(&garbage, &text).re_status, RPC_CANTDECODEARGS);
	assert_int_equal(take(&broken, &text).re_status, RPC_SYSTEMERROR);
	error = take(&version, &text);
	assert_int_equal(error.re_status, RPC_VERSMISMATCH);
	assert_int_equal(error.re_vers.low, 3);
	error = take(&denied, &text);
	assert_int_equal(error.re_status, RPC_AUTHERROR);
	assert_int_equal(error.re_why, AUTH_BADCRED);
	assert_int_not_equal(take(&unknown, &text).re_status, RPC_SUCCESS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_as_rfc_5531_has_it),
		cmocka_unit_test(a_call_carries_its_credential),
		cmocka_unit_test(a_call_that_does_not_fit_fails),
		cmocka_unit_test(only_a_reply_is_one),
		cmocka_unit_test(a_result_is_the_callers_to_free),
		cmocka_unit_test(there_may_be_no_result),
		cmocka_unit_test(a_verifier_may_have_400_bytes),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(refusals_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
