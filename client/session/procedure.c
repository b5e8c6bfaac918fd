/*
 * procedure: rpcgen's stubs as one type of function.
 *
 * The stubs differ in their arguments' types alone, which void * takes the
 * place of here and nowhere else.
 */
#include "client/session/procedure.h"

#include "base/base.h"

/*
 * A stub with untyped arguments, and the look into a result: every result
 * type of reverse.x but PING's is a union with the same head.
 */
#define PROCEDURE(short_name, NAME, args_codec, context_at, result_type) \
	static enum clnt_stat short_name##_stub(                         \
	    void *args, void *result, CLIENT *handle)                    \
	{                                                                \
		return reverse_##short_name##_1(args, result, handle);   \
	}                                                                \
                                                                         \
	static const failure *short_name##_refusal(const void *result)   \
	{                                                                \
		const result_type *answer = result;                      \
                                                                         \
		return answer->code == STATUS_OK                         \
		    ? NULL                                               \
		    : &answer->result_type##_u.why;                      \
	}                                                                \
                                                                         \
	const struct procedure procedure_##short_name = {                \
		.name = #NAME,                                           \
		.number = (NAME),                                        \
		.stub = short_name##_stub,                               \
		.args = (xdrproc_t)(args_codec),                         \
		.result = (xdrproc_t)xdr_##result_type,                  \
		.result_size = sizeof(result_type),                      \
		.context = context_at,                                   \
		.refusal = short_name##_refusal,                         \
	};

static enum clnt_stat
ping_stub(void *args, void *result, CLIENT *handle)
{
	return reverse_ping_1(args, result, handle);
}

const struct procedure procedure_ping = {
	.name = "REVERSE_PING",
	.number = REVERSE_PING,
	.stub = ping_stub,
	.context = PROCEDURE_NO_CONTEXT,
};

PROCEDURES(PROCEDURE)

#define ADDRESS(short_name, ...) &procedure_##short_name,
static const struct procedure *const procedures[] = { PROCEDURES(ADDRESS) };
#undef ADDRESS

const struct procedure *
procedure_numbered(rpcproc_t number)
{
	for (size_t i = 0; i < ARRAY_LEN(procedures); i++)
		if (procedures[i]->number == number)
			return procedures[i];
	return &procedure_ping;
}

const failure *
procedure_refusal(const struct procedure *procedure, const void *result)
{
	return procedure->refusal != NULL ? procedure->refusal(result) : NULL;
}

/* They all begin with it. */
status_code
procedure_code(const void *result)
{
	return *(const status_code *)result;
}

void
procedure_free(const struct procedure *procedure, void *result)
{
	if (procedure->result != NULL)
		xdr_free(procedure->result, result);
}

/* Bytes of a value on the wire. */
static size_t
encoded_size(xdrproc_t codec, void *value)
{
	return codec != NULL ? xdr_sizeof(codec, value) : 0;
}

size_t
procedure_args_size(const struct procedure *procedure, void *args)
{
	return encoded_size(procedure->args, args);
}

size_t
procedure_result_size(const struct procedure *procedure, void *result)
{
	return encoded_size(procedure->result, result);
}
