/*
 * The pump of a connection: moves records in and replies out, a bounded amount
 * in each turn.
 *
 * It reads once when the socket is ready and hands over each record that is
 * whole.  What is left when it has had its part of the turn, or the turn is
 * spent, is put off to a later one.  So is all of it after a long call, and in
 * the middle of one: short calls come first.  When the turn is settled all
 * short replies are written at once; long ones take turns, a part at a time.
 */
#ifndef RPCLOOP_NET_PUMP_H
#define RPCLOOP_NET_PUMP_H

#include "rpcloop/net/connection.h"

/* Makes a connection, as connection_new() does, and begins. */
int pump_start(struct connection **out, struct net *net, int *fd,
    const struct address *from);

#endif
