/*
 * Replies to calls of the service, for test/fuzz/call.c: each must be one of
 * RFC 5531, and the right one for what was sent.
 */
#ifndef TEST_FUZZ_JUDGE_H
#define TEST_FUZZ_JUDGE_H

#include <reverse.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words of a call before its credential. */
enum { CALL_WORDS = 6 };

/* A call that has to be answered, once. */
struct sent_call {
	uint32_t words[CALL_WORDS]; /* the xid, and so on; as far as they go */
	size_t len;
	bool good; /* see reply_is_due() */
	bool answered;
};

/*
 * Whether libtirpc, and then the code that rpcgen wrote for the arguments, take
 * all of a call: just such calls are to be done.
 */
bool reply_is_due(uint8_t *body, size_t len);

/*
 * Checks a reply to one of count calls, each of which has its number for its
 * xid, and marks the call as answered.  Returns whether it has opened a stream,
 * and then its token.
 */
bool reply_check(uint8_t *body, size_t len, struct sent_call *calls,
    unsigned int count, token opened);

#endif
