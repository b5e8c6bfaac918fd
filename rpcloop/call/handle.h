/*
 * A handle: libtirpc's CLIENT (rpc_clnt_calls(3)) on a channel, so that the
 * stubs that rpcgen makes call over it unchanged.
 *
 * A call through it waits, running turns of the channel's loop, until it is
 * answered or its time is over; whatever else that loop has to do is done
 * meanwhile.  So it may not be made from within a turn.  When loop_stop() or
 * loop_leave() ends the turns before, the call ends with RPC_INTR.  Its xid is
 * not used again: a late reply is dropped, and the next call is as good as the
 * first.
 *
 * As with libtirpc's own, a timeout of 0 does not wait: RPC_TIMEDOUT, or
 * RPC_SUCCESS where no routine for a result is given; and a call whose
 * credential the server refuses is made again, twice at most, if AUTH_REFRESH()
 * makes another.  cl_auth is the user's to set and to destroy; it begins as
 * AUTH_NONE.  clnt_geterr() tells of the latest call what channel_call.done()
 * is told.
 *
 * Times are struct timeval, of which a part of a millisecond counts as a whole
 * one.  clnt_control() knows
 *	CLSET_TIMEOUT, CLGET_TIMEOUT	counts for all calls, instead of theirs;
 *					0 until it is set
 *	CLSET_RETRY_TIMEOUT, CLGET_RETRY_TIMEOUT
 *					of the channel, not 0: before a datagram
 *					is sent again first; 1 s counts for more
 *	CLGET_FD			the socket, an int; borrowed
 *	CLGET_SVC_ADDR			a struct netbuf; its bytes are borrowed
 *	CLGET_SERVER_ADDR		the address, copied: there has to be
 *					room for a struct sockaddr_storage
 *	CLSET_FD_CLOSE, CLSET_FD_NCLOSE	whether clnt_destroy() closes the
 *					channel; it does not unless told to
 *	CLGET_XID			of the latest call
 *	CLSET_XID			of the channel: its next call has one
 *					more
 *	CLGET_PROG, CLSET_PROG, CLGET_VERS, CLSET_VERS
 *					uint32_t, as the xids are
 * and returns FALSE for the others: CLSET_SVC_ADDR, CLSET_CONNECT, CLSET_ASYNC,
 * CLSET_PUSH_TIMOD, CLSET_POP_TIMOD; for a time that is none; and for no place
 * to read or write a value.
 */
#ifndef RPCLOOP_CALL_HANDLE_H
#define RPCLOOP_CALL_HANDLE_H

#include "rpcloop/call/channel.h"

/*
 * A handle for that program and version, to be destroyed by clnt_destroy(); the
 * channel is borrowed until then, and may have several.  NULL: no memory.
 */
CLIENT *handle_new(
    struct channel *channel, rpcprog_t program, rpcvers_t version);

/* What the latest call through it came to: its sizes, time and xid; borrowed
 * until the next one, or until the handle is destroyed, and so are the messages
 * that the channel keeps. */
const struct channel_call *handle_last_call(const CLIENT *client);

#endif
