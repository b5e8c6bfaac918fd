/*
 * For tests of channels: a loop with channels on it, and the other end of one,
 * by hand.  Both ends are on one thread, so that nothing depends on time.
 */
#ifndef TEST_LIB_FAR_END_H
#define TEST_LIB_FAR_END_H

#include "rpcloop/call/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FAR_PROGRAM = 0x20000001,
	FAR_VERSION = 3,
	FAR_PROCEDURE = 7,
	FAR_CALL_MAX = 70000,
	FAR_REPLY_MAX = 100000,
	FAR_CALLS = 64,
	/* Words of a call without arguments, by AUTH_NONE. */
	FAR_HEAD_WORDS = 10,
};

/* A call of the test's: a number there and a number back. */
struct far_call {
	struct channel_call call;
	uint32_t sent;
	uint32_t result;
	struct rpc_err error;
	unsigned int told; /* how often it has ended */
	unsigned int turn; /* as which of all that ended */
	unsigned int resent;
	/* Done as well, when it ends. */
	void (*then)(struct far_call *call);
};

/* The far end, and what the test's calls came to. */
struct far_end {
	struct loop loop;
	struct endpoint at;
	int listener; /* a connection's; a socket for datagrams */
	int fd;       /* of the connection */
	struct channel *channel;
	struct channel_terms terms;
	unsigned int broke;
	unsigned int ended; /* calls */
	struct far_call calls[FAR_CALLS];
	AUTH *auth;
};

extern struct far_end far;

/* Set-ups, by kind of socket, and the end, for cmocka. */
int far_setup_tcp(void **state);
int far_setup_unix(void **state);
int far_setup_udp(void **state);
int far_teardown(void **state);

/* Opens the channel of the test, which the far end has not accepted yet. */
void far_open(void);

/* And accepts it. */
void far_connect(void);

/* What the test's calls ask: to be changed before far_send_question(). */
struct channel_question far_question(struct far_call *call, uint64_t ms);

/* Makes call number n, with n as its argument. */
void far_call(unsigned int n, uint64_t ms);

/* Runs turns until that many calls have ended, that many milliseconds at the
 * most; and a few turns, in which whatever is ready is done. */
void far_run_until_ended(unsigned int count);
void far_run(void);
void far_run_for(uint64_t ms);

/* The next call that came: its message.  Returns its length; the channel has
 * its turns meanwhile. */
size_t far_take(uint8_t *message, size_t size);

/* The next call; returns its xid, having seen that it is call number n. */
uint32_t far_take_call(unsigned int n);

/* Writes bytes as they are; a reply of success to a call, with a number. */
void far_write(const void *bytes, size_t len);
void far_reply(uint32_t xid, uint32_t number);

/* The words of a reply of success, with the mark of a record before them if it
 * is a connection.  Returns how many bytes. */
size_t far_make_reply(uint8_t *out, uint32_t xid, uint32_t number);

/* How call number n ended. */
void assert_answered(unsigned int n);
void assert_ended(unsigned int n, enum clnt_stat status, int error);
void assert_in_flight(unsigned int n);

#endif
