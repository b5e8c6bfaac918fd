#!/usr/bin/python3 -B
"""Wrong calls: each is answered as RFC 5531 says, and disturbs no other.

Every one is sent between two good calls in a single write.
"""

from malformed import CALLS, NO_CALLS
from oncrpc import (AUTH_NONE, PING, TEXT, auth, auth_sys, call, opaque,
                    record, success, u32)
from tap import fact, run, same, state

REVERSED = u32(0) + opaque(b"cba") + u32(0)


def good(xid):
    return record(call(xid, TEXT, u32(0, 0, 2) + opaque(b"abc")))


def is_answered(server, message, reply):
    with server.connect() as connection:
        connection.send(good(1) + record(message) + good(3))
        same(connection.reply(), success(1, REVERSED))
        same(connection.reply(), reply)
        same(connection.reply(), success(3, REVERSED))


def ends_the_connection(server, message):
    """What was owed before is answered, what comes behind is not."""
    with server.connect() as connection:
        connection.send(good(1) + record(message) + good(3))
        same(connection.reply(), success(1, REVERSED))
        assert connection.is_closed(), "the connection is still open"


def answered_fact(name, message, reply):
    state(f"{name}: is answered",
          lambda server: is_answered(server, message(2), reply(2)))


def ending_fact(name, message):
    state(f"{name}: ends the connection",
          lambda server: ends_the_connection(server, message(2)))


for row in CALLS:
    answered_fact(*row)
for row in NO_CALLS:
    ending_fact(*row)


def pings(server, **how):
    is_answered(server, call(2, PING, **how), success(2))


@fact
def auth_sys_of_16_groups_and_a_name_of_255_bytes_is_good(server):
    pings(server, credential=auth_sys(bytes(255), gids=range(16)))


@fact
def auth_none_may_have_a_body(server):
    pings(server, credential=auth(AUTH_NONE, bytes(400)))


@fact
def a_verifier_is_not_echoed(server):
    verifier = auth(12345, bytes(range(100)) * 4)
    pings(server, credential=auth_sys(), verifier=verifier)
    pings(server, verifier=verifier)


@fact
def padding_need_not_be_zero(server):
    arguments = u32(0, 0, 2, 1) + b"aXYZ"
    is_answered(server, call(2, TEXT, arguments),
                success(2, u32(0) + opaque(b"a") + u32(0)))


@fact
def the_same_xid_again_is_another_call(server):
    with server.connect() as connection:
        for text in (b"ab", b"cd"):
            arguments = u32(0, 0, 2) + opaque(text)
            same(connection.ask(call(9, TEXT, arguments)),
                 success(9, u32(0) + opaque(text[::-1]) + u32(0)))


@fact
def all_wrong_calls_on_one_connection_are_answered_in_order(server):
    rows = list(enumerate(CALLS, 1))
    sent = b"".join(record(message(xid)) + good(xid + 0x80000000)
                    for xid, (_, message, _) in rows)
    with server.connect() as connection:
        connection.send(sent)
        for xid, (name, _, reply) in rows:
            same(connection.reply(), reply(xid))
            same(connection.reply(), success(xid + 0x80000000, REVERSED))


run()
