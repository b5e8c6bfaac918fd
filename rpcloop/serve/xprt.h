/*
 * What a procedure may ask about the call that it was given, by its transport
 * (rqstp->rq_xprt).
 */
#ifndef RPCLOOP_SERVE_XPRT_H
#define RPCLOOP_SERVE_XPRT_H

#include "base/charge.h"
#include "rpcloop/net/address.h"

#include <rpc/rpc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The context of the dispatcher, the caller's address (borrowed), its host, by
 * a number that stands for it, its connection, by a number that is never used
 * twice, and when the call arrived by clock_now_ms().  All datagrams of a host
 * belong to one connection, whatever ports they come from.
 */
void *xprt_context(const SVCXPRT *xprt);
const struct address *xprt_peer(const SVCXPRT *xprt);
uint64_t xprt_host(const SVCXPRT *xprt);
uint64_t xprt_connection(const SVCXPRT *xprt);
uint64_t xprt_arrived_ms(const SVCXPRT *xprt);

/*
 * The account of the caller's peer, which all it holds and may hold is asked
 * of; borrowed until the procedure returns.  NULL when memory is out.
 */
struct account *xprt_account(const SVCXPRT *xprt);

/*
 * Whether the call may wait for its reply.  If it may not and is kept waiting
 * all the same, its connection is read no more until one has been answered:
 * the call that would end the wait might never be read.
 */
bool xprt_may_wait(const SVCXPRT *xprt);

/*
 * Whether the call came in a datagram; and then: the bytes of the call, and
 * those that its reply may have, which depend on them: whoever claims to be
 * somebody else must not make the server send much there.  After
 * xprt_trust_peer() the reply may fill a datagram: for a caller that has shown
 * that it receives what is sent to its address.  Over a connection reply_max
 * is SIZE_MAX.  A reply that is longer is not sent: SYSTEM_ERR is.
 */
bool xprt_is_datagram(const SVCXPRT *xprt);
size_t xprt_call_size(const SVCXPRT *xprt);
size_t xprt_reply_max(const SVCXPRT *xprt);
void xprt_trust_peer(SVCXPRT *xprt);

/*
 * For a procedure that decodes them itself: the arguments as they came, and
 * memory for what is made of them, which is not zeroed; NULL when there is
 * none.  Both are there while the procedure runs.
 */
const uint8_t *xprt_arguments(const SVCXPRT *xprt, size_t *len);
void *xprt_room(SVCXPRT *xprt, size_t size);

/*
 * For a procedure that writes its result itself: room for that, as the last
 * thing of a successful reply, at any address.  After xprt_reply_settle() the
 * call is answered, if the result is good; else the room is gone, and it may
 * be answered in another way.  NULL: it has to be, for it came in a datagram,
 * its connection is dead or memory is out.
 */
uint8_t *xprt_reply_room(SVCXPRT *xprt, size_t len);
void xprt_reply_settle(SVCXPRT *xprt, bool good);

#endif
