/*
 * procedure: the procedures of reverse.x as the rest of the client sees them,
 * one description each around rpcgen's stub.
 */
#ifndef CLIENT_SESSION_PROCEDURE_H
#define CLIENT_SESSION_PROCEDURE_H

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
	/* NULL: it never refuses. */
	const failure *(*refusal)(const void *result);
};

extern const struct procedure procedure_ping;
extern const struct procedure procedure_greet;
extern const struct procedure procedure_text;
extern const struct procedure procedure_open;
extern const struct procedure procedure_exchange;
extern const struct procedure procedure_cancel;
extern const struct procedure procedure_status;
extern const struct procedure procedure_describe;
extern const struct procedure procedure_whoami;

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
