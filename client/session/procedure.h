/*
 * procedure: the procedures of reverse.x as the rest of the client sees them,
 * one description each around rpcgen's stub.  A procedure of your own is a row
 * of PROCEDURES.
 */
#ifndef CLIENT_SESSION_PROCEDURE_H
#define CLIENT_SESSION_PROCEDURE_H

#include <stdbool.h>
#include <stddef.h>

#include <reverse.h>

/* Of a procedure whose arguments hold no call_context, or a stream's. */
#define PROCEDURE_NO_CONTEXT ((size_t)-1)

struct procedure {
	const char *name;
	rpcproc_t number;
	enum clnt_stat (*stub)(void *args, void *result, CLIENT *handle);
	xdrproc_t args, result; /* NULL for void */
	size_t result_size;     /* of the struct, in bytes */
	size_t context;         /* offset of the call_context in args */
	bool once; /* it is not called again when it may have been done */
	/* NULL: it never refuses. */
	const failure *(*refusal)(const void *result);
};

/*
 * A row for each: its name, which is that of rpcgen's stub too; its number; the
 * codec of its arguments, NULL for void; where these have their call_context;
 * the type of its result, a union whose failure is called why.
 */
#define PROCEDURES(ROW)                                                        \
	ROW(greet, REVERSE_GREET, xdr_call_context, 0, greet_result)           \
	ROW(text, REVERSE_TEXT, xdr_reverse_args,                              \
	    offsetof(reverse_args, context), reverse_result)                   \
	ROW(open, REVERSE_OPEN, xdr_open_args, PROCEDURE_NO_CONTEXT,           \
	    open_result)                                                       \
	ROW(exchange, REVERSE_EXCHANGE, xdr_exchange_args,                     \
	    PROCEDURE_NO_CONTEXT, exchange_result)                             \
	ROW(cancel, REVERSE_CANCEL, xdr_cancel_args, PROCEDURE_NO_CONTEXT,     \
	    cancel_result)                                                     \
	ROW(status, REVERSE_STATUS, NULL, PROCEDURE_NO_CONTEXT, status_result) \
	ROW(describe, REVERSE_DESCRIBE, NULL, PROCEDURE_NO_CONTEXT,            \
	    describe_result)                                                   \
	ROW(whoami, REVERSE_WHOAMI, NULL, PROCEDURE_NO_CONTEXT, whoami_result)

/* The one without a result; and the others, procedure_NAME. */
extern const struct procedure procedure_ping;
#define PROCEDURE_DECLARE(name_, ...) \
	extern const struct procedure procedure_##name_;
PROCEDURES(PROCEDURE_DECLARE)
#undef PROCEDURE_DECLARE

/* That of the number; PING if there is none. */
const struct procedure *procedure_numbered(rpcproc_t number);

/* Why the server refused, in the result; NULL when it did not. */
const failure *procedure_refusal(
    const struct procedure *procedure, const void *result);

/* The code of a result that may be a refusal. */
status_code procedure_code(const void *result);

/* Bytes of arguments and result on the wire. */
size_t procedure_args_size(const struct procedure *procedure, void *args);
size_t procedure_result_size(const struct procedure *procedure, void *result);

/* Frees what a call put into its result. */
void procedure_free(const struct procedure *procedure, void *result);

#endif
