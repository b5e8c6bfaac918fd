#!/usr/bin/python3 -B
"""What one client may have of what is there for all; the totals are in limits.

A client is an address here, an IPv6 network of 64 bits, or a user of the Unix
socket.
"""

import contextlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

import apart
from apart import HOSTS, HOSTS6, SERVER, SERVER6
from conversation import OK, forget
from fair_clock import fair_clock
from honest import Honest
from oncrpc import Closed, Connection, PATIENCE, SOON
from peers import (are_open, fill, forget_many, is_answered, is_cut_off,
                   is_let_in, is_refused, open_many, park, push, soon, text,
                   try_open, whole_fails, write_whole)
from server import serving
from tap import diag, fact, run, state

STREAMS = 256
MOST = 64
MEBIBYTE = 1 << 20
PORT6 = 20726


apart.go()


def serving_apart(*options):
    return serving(*apart.OPTIONS, *options, host=SERVER)


@fact
def a_client_has_as_many_streams_open_as_its_share(server):
    with server.connect(source=HOSTS[0]) as one, \
            server.connect(source=HOSTS[0]) as also, \
            server.connect(source=HOSTS[1]) as other:
        tokens = open_many(one, STREAMS)
        is_refused(try_open(also), b"this client", b"streams open")
        answer = try_open(other)
        assert answer.code == OK, "another client is refused"
        forget(other, answer.token, tokens.pop())
        answer = try_open(also)
        assert answer.code == OK, "no room though one has gone"
        forget_many(one, [*tokens, answer.token])


@fact
def a_user_of_the_unix_socket_is_a_client(server):
    with server.connect_unix() as one, server.connect_unix() as also, \
            server.connect(source=HOSTS[0]) as other:
        tokens = open_many(one, STREAMS)
        is_refused(try_open(also), b"this client", b"streams open")
        answer = try_open(other)
        assert answer.code == OK, "another client is refused"
        forget_many(one, tokens)
        forget(other, answer.token)


def a_network_is_one_client(_):
    def connect(number):
        return Connection((SERVER6, PORT6), source=HOSTS6[number])

    with serving_apart("-l", f"tcp:[{SERVER6}]:{PORT6}"), \
            connect(0) as one, connect(1) as near, connect(2) as other:
        open_many(one, STREAMS // 2)
        open_many(near, STREAMS // 2)
        is_refused(try_open(one), b"this client")
        is_refused(try_open(near), b"this client")
        assert try_open(other).code == OK


if apart.has_ipv6():
    state("the hosts of one network of IPv6 are one client",
          a_network_is_one_client)


@fact
def streams_of_a_client_hold_an_eighth_of_the_memory(_):
    with serving_apart("--memory", "16M") as server, \
            server.connect(source=HOSTS[0]) as one, \
            server.connect(source=HOSTS[1]) as other:
        tokens = open_many(one, 20)
        before = server.memory()
        answer = fill(one, tokens, lambda answer: answer.code != OK)
        grown = server.memory() - before
        diag(f"{grown >> 10} KiB more")
        is_refused(answer, b"this client", b"as much memory")
        is_refused(try_open(one), b"this client")
        # With it there is little for its connections.
        is_answered(one, bytes(65000))
        is_cut_off(server, HOSTS[0])
        theirs = open_many(other, 2)
        assert push(other, theirs[0], 0).code == OK
        is_answered(other, bytes(MEBIBYTE))
        forget_many(one, tokens)
        assert try_open(one).code == OK
        is_answered(one, bytes(MEBIBYTE))


@fact
def texts_of_a_client_take_as_much_of_the_spool_as_its_share(_):
    share = 3 * MEBIBYTE
    with serving_apart("--spool-per-client", "3M") as server, \
            server.connect(source=HOSTS[0]) as one, \
            server.connect(source=HOSTS[0]) as also, \
            server.connect(source=HOSTS[1]) as other, \
            server.connect_unix() as user:
        whole_fails(write_whole(one, share + 1)[1], b"no room for the text")
        soon(lambda: write_whole(one, share)[1].end is None)
        whole_fails(write_whole(also, MEBIBYTE + 1)[1],
                    b"no room for the text")
        assert write_whole(also, MEBIBYTE)[1].messages, "it needs no disk"
        for connection in (other, user):
            token, answer = write_whole(connection, share)
            assert answer.messages and answer.end is None
            whole_fails(write_whole(connection, MEBIBYTE + 1)[1],
                        b"no room for the text")
            forget(connection, token)
            # The files are given up in the background.
            soon(lambda: write_whole(connection, share)[1].end is None)


def begin(connection, data):
    """All but the end of a call with it; the server may not want it."""
    with contextlib.suppress(Closed):
        connection.send(text(1, data)[:-4])


@fact
def connections_of_a_client_hold_an_eighth_of_the_memory(_):
    """A buffer may be twice as long as what it holds."""
    data = bytes(400 << 10)
    with serving_apart("--memory", "16M") as server, \
            contextlib.ExitStack() as stack:
        def connect(number):
            return stack.enter_context(server.connect(source=HOSTS[number]))

        one, other = connect(0), connect(1)
        is_answered(one, data)
        connections = [connect(0) for _ in range(8)]
        for connection in connections:
            begin(connection, data)
        soon(lambda: any(connection.is_closed(0)
                         for connection in connections))
        assert "memory is scarce, and its record is long" in server.log()
        is_answered(one, bytes(65000))
        is_answered(other, bytes(MEBIBYTE))


@contextlib.contextmanager
def few_connections():
    """A server with so few, of which one is taken, and a function that
    connects a host."""
    with serving_apart("--connections", str(MOST)) as server, \
            contextlib.ExitStack() as stack:
        def connect(host):
            connection = server.connect(source=host)
            return stack.enter_context(connection)

        first = connect(HOSTS[-1])
        assert are_open(first)[1] == 1
        yield server, connect


@fact
def beyond_three_quarters_a_client_has_a_quarter(_):
    with few_connections() as (server, connect):
        def hold(host, count):
            for _ in range(count):
                connection = connect(host)
                is_answered(connection, bytes(3))
                park(connection)

        hold(HOSTS[0], MOST // 4 * 3 - 1)
        assert not is_let_in(server, HOSTS[0]), "more than a quarter"
        hold(HOSTS[1], MOST // 4 - 1)
        hold(HOSTS[2], 1)
        assert not is_let_in(server, HOSTS[3]), "more than all"


def let_in(connect, host):
    """A connection that is served, after as many as it takes."""
    deadline = time.monotonic() + SOON
    while True:
        connection = connect(host)
        try:
            is_answered(connection, bytes(3))
            return connection
        except Closed:
            connection.socket.close()
            assert time.monotonic() < deadline, "nobody is let in"
            # The log has but ten lines a second.
            time.sleep(0.2)


@fact
def whoever_holds_most_makes_room_and_nobody_else_notices(_):
    with few_connections() as (server, connect), \
            Honest(server, HOSTS[4], clock=fair_clock(server)) as honest:
        begun = [connect(HOSTS[0]) for _ in range(4)]
        for connection in begun:
            connection.send(text(1, bytes(100))[:60])
        many = [let_in(connect, HOSTS[0]) for _ in range(36)]
        busy = let_in(connect, HOSTS[0])
        park(busy)
        others = [let_in(connect, HOSTS[1]) for _ in range(10)]
        honest.worst()
        # More than are left: some have to be silent for a second.
        late = [let_in(connect, HOSTS[2]) for _ in range(14)]
        worst = honest.worst()
        diag(f"worst wait {1000 * worst:.1f} ms")
        assert worst < 0.1 * PATIENCE, "the honest client had to wait"
        gone = [connection.is_closed(0) for connection in begun + many]
        assert all(gone[:4]), "half a record is no reason to stay"
        assert not all(gone), "more than had to"
        assert "idle while connections are scarce" in server.log()
        for connection in [busy, *others, *late]:
            is_answered(connection, bytes(3))


run(*apart.OPTIONS, host=SERVER)
