#include "test/interop/cases.h"
#include "test/interop/stream.h"

#include <stdlib.h>
#include <string.h>

static char initial_key[] = "echo-initial";
static char initial[] = "test_initial_metadata_value";
static char trailing_key[] = "echo-trailing-bin";
static char trailing[] = "\xab\xab\xab";
static char other_key[] = "x-other";

enum { SENT = 3, ECHOED = 2 };

static metadatum
datum(char *key, char *value)
{
	metadatum m;

	m.key.key_val = key;
	m.key.key_len = strlen(key);
	m.value.value_val = value;
	m.value.value_len = strlen(value);
	return m;
}

/* Two that come back, and one that does not. */
static void
attach(call_context *context)
{
	static metadatum metadata[SENT];

	metadata[0] = datum(initial_key, initial);
	metadata[1] = datum(trailing_key, trailing);
	metadata[2] = datum(other_key, initial);
	context->metadata.metadata_val = metadata;
	context->metadata.metadata_len = SENT;
}

static bool
is_datum(const metadatum *m, const char *key, const char *value)
{
	return m->key.key_len == strlen(key) &&
	    memcmp(m->key.key_val, key, strlen(key)) == 0 &&
	    m->value.value_len == strlen(value) &&
	    memcmp(m->value.value_val, value, strlen(value)) == 0;
}

static bool
is_echoed(const metadatum *came, u_int count)
{
	return count == ECHOED && is_datum(&came[0], initial_key, initial) &&
	    is_datum(&came[1], trailing_key, trailing);
}

static void
comes_with_call(CLIENT *server)
{
	reverse_args args = { .unit = UNIT_BYTE, .text = bytes_of(LARGE) };
	reverse_result result;
	reversed *outcome = &result.reverse_result_u.outcome;

	memset(&result, 0, sizeof(result));
	attach(&args.context);
	demand(reverse_text_1(&args, &result, server) == RPC_SUCCESS);
	demand(result.code == STATUS_OK);
	demand(is_reversed(&outcome->text, LARGE));
	demand(is_echoed(
	    outcome->metadata.metadata_val, outcome->metadata.metadata_len));
	xdr_free((xdrproc_t)xdr_reverse_result, (char *)&result);
	free(args.text.message_val);
}

static void
comes_with_stream(CLIENT *server)
{
	open_args args = { .method = METHOD_EACH, .unit = UNIT_BYTE };
	struct stream s;

	attach(&args.context);
	stream_open(&s, server, args);
	stream_send(&s, LARGE);
	stream_finish(&s);
	demand(s.end->why.code == STATUS_OK);
	demand(s.count == 1 && is_reversed(&s.heard[0], LARGE));
	demand(is_echoed(
	    s.end->metadata.metadata_val, s.end->metadata.metadata_len));
	stream_close(&s);
}

void
custom_metadata(void)
{
	CLIENT *server = connect_to_reverse();

	comes_with_call(server);
	comes_with_stream(server);
	clnt_destroy(server);
}
