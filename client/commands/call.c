/*
 * call: any procedure, of reverse.x or of a file like it, with arguments and
 * result as JSON.
 *
 * What goes and what comes are bytes to rpcgen's stubs' place in the client;
 * schema/ knows what they are.  Of another program nobody knows what may be
 * done twice, so its calls are made once.
 */
#include "client/session/call.h"
#include "client/commands/command.h"
#include "client/commands/interface.h"
#include "client/driver/input_all.h"
#include "client/session/explain.h"
#include "client/session/status_name.h"
#include "rpcloop/wire/xdr.h"
#include "schema/from_json.h"
#include "schema/to_json.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* Bytes of arguments, of their JSON, and of the JSON of a result. */
	ARGUMENTS_MAX = MESSAGE_MAX + 128 * 1024,
	INPUT_MAX = 16 * 1024 * 1024,
	RESULT_MAX = 64 * 1024 * 1024,
};

/* Arguments or a result, as they are on the wire. */
struct raw {
	rpcproc_t procedure;
	char *bytes;
	u_int len;
};

/* An xdrproc_t: all that there is. */
static bool_t
xdr_raw(XDR *xdrs, struct raw *raw)
{
	switch (xdrs->x_op) {
	case XDR_ENCODE:
		return raw->len == 0 ||
		    XDR_PUTBYTES(xdrs, raw->bytes, raw->len);
	case XDR_DECODE:
		raw->len = xdr_left(xdrs);
		raw->bytes = malloc((size_t)raw->len + 1);
		return raw->bytes != NULL &&
		    (raw->len == 0 || XDR_GETBYTES(xdrs, raw->bytes, raw->len));
	default:
		free(raw->bytes);
		raw->bytes = NULL;
		return TRUE;
	}
}

/* In place of a stub. */
static enum clnt_stat
call_raw(void *args, void *result, CLIENT *handle)
{
	static const struct timeval limit = { 25, 0 };
	const struct raw *raw = args;

	return clnt_call(handle, raw->procedure, (xdrproc_t)xdr_raw, args,
	    (xdrproc_t)xdr_raw, result, limit);
}

/* What is called. */
struct calling {
	struct session *session;
	struct interface interface;
	struct interface_target target;
	struct service service;
};

static int
wrong_arguments(const struct calling *calling, const char *why)
{
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "%s: %s", calling->target.procedure->name, why);
	say_line(&lines, "  reverse list %s shows what it takes",
	    calling->target.procedure->name);
	say_failure_lines(status_name(STATUS_INVALID_ARGUMENT), &lines);
	return EXIT_USAGE;
}

static int
encode(const struct calling *calling, const char *text, size_t len,
    struct buffer *arguments)
{
	struct from_json_error error = { .text = "" };
	int r = from_json(
	    arguments, calling->target.procedure->arguments, text, len, &error);

	if (r == FROM_JSON_WRONG)
		return wrong_arguments(calling, error.text);
	return r != 0 ? say_no_memory() : EXIT_DONE;
}

/* From standard input. */
static int
encode_input(const struct calling *calling, struct buffer *arguments)
{
	struct input input;
	int r;

	input_init(&input, INPUT_MAX);
	r = input_all(calling->session, &input, "JSON");
	if (r == EXIT_DONE)
		r = encode(calling, input.bytes, input.len, arguments);
	input_deinit(&input);
	return r;
}

static int
encode_operand(const struct calling *calling, const char *operand,
    struct buffer *arguments)
{
	if (operand != NULL && strcmp(operand, "-") == 0)
		return encode_input(calling, arguments);
	if (operand != NULL)
		return encode(calling, operand, strlen(operand), arguments);
	if (calling->target.procedure->arguments != NULL)
		return wrong_arguments(calling, "its arguments are missing");
	return EXIT_DONE;
}

static int
wrong_result(const struct calling *calling, const struct to_json_error *error)
{
	char where[ENDPOINT_TEXT_SIZE];
	struct say_lines lines = { .len = 0 };

	say_line(&lines, "%s sent an answer to %s that %s does not allow",
	    endpoint_text(&calling->session->peer, where),
	    calling->target.procedure->name, calling->interface.file);
	say_line(&lines, "  at byte %zu of the result%s%s: %s", error->at,
	    *error->name != '\0' ? ", " : "", error->name, error->what);
	say_failure_lines(status_name(STATUS_INTERNAL), &lines);
	return EXIT_FAILED;
}

static int
print(const struct calling *calling, const struct raw *result)
{
	struct session *session = calling->session;
	const struct to_json_value value = {
		.field = calling->target.procedure->result,
		.bytes = (const uint8_t *)result->bytes,
		.len = result->len,
	};
	struct to_json_error error;
	struct buffer json;
	int r;

	buffer_init(&json, RESULT_MAX);
	r = to_json(&json, &value, !session->settings->json, &error);
	if (r == 0) {
		output_line(
		    session->output, buffer_head(&json), buffer_len(&json));
		r = EXIT_DONE;
	} else if (r == TO_JSON_WRONG) {
		r = wrong_result(calling, &error);
	} else if (r == TO_JSON_LONG) {
		say_failure(status_name(STATUS_OUT_OF_RANGE),
		    "the result is longer than JSON may be: %d bytes",
		    RESULT_MAX);
		r = EXIT_FAILED;
	} else {
		r = say_no_memory();
	}
	buffer_deinit(&json);
	return r;
}

/* Where a procedure of ours refuses, the exit code tells, as that of its own
 * command does. */
static int
judge(const struct calling *calling, const struct raw *raw)
{
	const struct procedure *ours =
	    procedure_numbered(calling->target.procedure->number);
	void *result;
	XDR xdrs;
	int r = EXIT_DONE;

	if (!calling->interface.is_ours || ours->result == NULL)
		return EXIT_DONE;
	result = calloc(1, ours->result_size);
	if (result == NULL)
		return say_no_memory();
	xdrspan_create(&xdrs, (const uint8_t *)raw->bytes, raw->len);
	if (ours->result(&xdrs, result))
		r = explain_answer(calling->session, ours, result);
	procedure_free(ours, result);
	free(result);
	return r;
}

static int
make(const struct calling *calling, struct raw *arguments)
{
	const struct procedure procedure = {
		.name = calling->target.procedure->name,
		.number = arguments->procedure,
		.stub = call_raw,
		.args = (xdrproc_t)xdr_raw,
		.result = (xdrproc_t)xdr_raw,
		.result_size = sizeof(struct raw),
		.context = PROCEDURE_NO_CONTEXT,
		.once = !calling->interface.is_ours,
	};
	struct raw result;
	int r = call_server(calling->session, &procedure, arguments, &result);

	if (r != EXIT_DONE)
		return r;
	r = print(calling, &result);
	if (r == EXIT_DONE)
		r = judge(calling, &result);
	procedure_free(&procedure, &result);
	return r;
}

static int
call_with(struct calling *calling, const char *operand)
{
	struct raw arguments = {
		.procedure = calling->target.procedure->number,
	};
	struct buffer bytes;
	int r;

	if (!calling->interface.is_ours) {
		calling->service =
		    interface_service(&calling->interface, &calling->target);
		session_serve(calling->session, &calling->service,
		    calling->interface.schema);
	}
	buffer_init(&bytes, ARGUMENTS_MAX);
	r = encode_operand(calling, operand, &bytes);
	if (r == EXIT_DONE && buffer_len(&bytes) > 0) {
		arguments.bytes = (char *)buffer_head(&bytes);
		arguments.len = (u_int)buffer_len(&bytes);
	}
	if (r == EXIT_DONE && !output_failed(calling->session->output))
		r = make(calling, &arguments);
	buffer_deinit(&bytes);
	return r;
}

static int
call(struct session *session, const void *options, int count, char **operands)
{
	struct calling calling = { .session = session };
	int r =
	    interface_read(&calling.interface, session->settings->interface);

	(void)options;
	if (r != EXIT_DONE)
		return r;
	r = interface_find(&calling.interface, operands[0], &calling.target);
	if (r == EXIT_DONE)
		r = call_with(&calling, count > 1 ? operands[1] : NULL);
	session_disconnect(session);
	session_serve(session, &service_reverse, NULL);
	interface_free(&calling.interface);
	return r;
}

const struct command command_call = {
	.name = "call",
	.operands = "PROCEDURE [JSON]",
	.summary = "call any procedure, with arguments and result as JSON",
	.about =
	    "Calls a procedure of reverse.x, or with -x of a file like it,\n"
	    "and prints its result.  JSON is its arguments, or - for\n"
	    "standard input; reverse list PROCEDURE shows what they are.\n"
	    "What is no UTF-8 is {\"base64\": \"...\"}.  Where versions have\n"
	    "procedures of one name, that of the version goes before it,\n"
	    "with a dot, and that of the program before both.",
	.uses = SETTINGS_CALL | SETTINGS_INTERFACE,
	.least = 1,
	.most = 2,
	.run = call,
};
