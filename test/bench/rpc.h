/*
 * rpc - calls by ONC RPC (RFC 5531) as cheap as a client can make them
 *
 * Calls are gathered and sent at once.  What is long is sent from where it is.
 * Any fault of the server ends the program.
 */
#ifndef TEST_BENCH_RPC_H
#define TEST_BENCH_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { RPC_PARTS = 64, RPC_FLYING = 4096 };

struct rpc {
	int fd;
	uint32_t sent;           /* calls, and the xid of the last */
	uint32_t answered;       /* of them */
	uint32_t last;           /* the xid of the last result */
	bool flying[RPC_FLYING]; /* by xid */
	char *out;
	size_t out_len, part_at, mark, record;
	struct iovec parts[RPC_PARTS];
	int count; /* of them */
	char *in;
	size_t in_at, in_len;
};

/* The procedures of reverse.x that are called here. */
enum rpc_procedure {
	RPC_TEXT = 2,
	RPC_OPEN = 3,
	RPC_EXCHANGE = 4,
	RPC_CANCEL = 5,
};

void rpc_init(struct rpc *rpc, const char *address);
void rpc_deinit(struct rpc *rpc);
/* Returns its descriptor, which stays open, and frees the rest. */
int rpc_release(struct rpc *rpc);

/* A call: its beginning, its arguments, a multiple of four bytes, its end. */
void rpc_begin(struct rpc *rpc, enum rpc_procedure procedure);
void rpc_put(struct rpc *rpc, uint32_t word);
void rpc_put_long(struct rpc *rpc, uint64_t number);
/* Stays where it is until rpc_send(). */
void rpc_put_bytes(struct rpc *rpc, const void *bytes, size_t len);
void rpc_end(struct rpc *rpc);

/* Sends all calls that have ended. */
void rpc_send(struct rpc *rpc);

/* Reads once, more than what has come already. */
void rpc_receive(struct rpc *rpc);

/*
 * The result of the next call that is answered, in any order, and its length;
 * valid until rpc_receive().  NULL: none has come.
 */
const char *rpc_result(struct rpc *rpc, size_t *len);

uint32_t rpc_word(const char *bytes, size_t index);
uint64_t rpc_long(const char *bytes, size_t index);

#endif
