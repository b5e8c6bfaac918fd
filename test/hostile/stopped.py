#!/usr/bin/python3 -B
"""A daemon that was stopped judges nobody by what it has not read.

It is stopped by SIGSTOP, as by a debugger, for longer than any deadline that
its clients have; what they send meanwhile waits in the kernel.
"""

import contextlib
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from by_number import raise_descriptors
from conversation import (EACH, NOT_FOUND, OK, Answer, ask, bare, exchange,
                          open_stream, opening, segment)
from oncrpc import Closed, PATIENCE, SOON, call, opaque, success, u32
from peers import are_open, soon, text
from server import serving
from tap import diag, fact, run, same

# More than the loop looks at at once, where there are descriptors for them.
MANY = min(300, raise_descriptors() // 2)
# Long enough for what comes before a stop.
DEADLINE = 2 + PATIENCE
STOP = 1.3 * DEADLINE
WAIT_MS = int(500 * DEADLINE)
# Of what else must not end meanwhile.
LONG = ["--idle-time", "600", "--write-time", "600"]
RECORD = ["--record-time", str(DEADLINE), *LONG]
LEASE = ["--lease", str(DEADLINE), "--wait-time", str(DEADLINE / 2),
         "--datagram-lease", str(DEADLINE), *LONG]


def state(server):
    path = pathlib.Path(f"/proc/{server.process.pid}/stat")
    return path.read_text(encoding="ascii").rpartition(")")[2].split()[0]


def has_read_all(server):
    """What came before these calls."""
    with server.connect() as connection:
        for _ in range(3):
            same(connection.ask(call(1)), success(1))


@contextlib.contextmanager
def stopped(server):
    """What is done here comes while the server is stopped."""
    server.process.send_signal(signal.SIGSTOP)
    try:
        while state(server) != "T":
            time.sleep(0.001)
        begun = time.monotonic()
        yield
        time.sleep(max(0, begun + STOP - time.monotonic()))
    finally:
        server.process.send_signal(signal.SIGCONT)


def is_reversed(connection, data):
    same(connection.reply(),
         success(1, u32(0) + opaque(data[::-1]) + u32(0)))


@contextlib.contextmanager
def connected(server, count):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect()) for _ in range(count)]


@fact
def a_record_whose_rest_came_while_it_was_stopped_is_a_call(_):
    # The longer ones take more than one look.
    size = [100 << 10 if i % 10 == 0 else 100 for i in range(MANY)]
    with serving(*RECORD) as server, connected(server, MANY) as connections:
        for i, connection in enumerate(connections):
            connection.send(text(1, bytes(size[i]))[:50])
        has_read_all(server)
        with stopped(server):
            for i, connection in enumerate(connections):
                connection.send(text(1, bytes(size[i]))[50:])
        for i, connection in enumerate(connections):
            is_reversed(connection, bytes(size[i]))


@fact
def a_record_whose_rest_never_comes_has_its_deadline_all_the_same(_):
    with serving(*RECORD) as server, server.connect() as connection:
        connection.send(text(1, bytes(100))[:50])
        has_read_all(server)
        with stopped(server):
            pass
        begun = time.monotonic()
        assert connection.is_closed(DEADLINE + 2 * STOP + SOON)
        took = time.monotonic() - begun
        diag(f"closed after {took:.1f} s")
        assert took < DEADLINE + STOP + SOON, "too late"


@fact
def a_call_that_came_while_it_was_stopped_finds_its_connection(_):
    with serving("--idle-time", str(DEADLINE)) as server, \
            connected(server, MANY) as connections:
        has_read_all(server)
        with stopped(server):
            for connection in connections:
                connection.send(text(1, b"abc"))
        for connection in connections:
            is_reversed(connection, b"abc")


def opened(connections):
    """The token of a stream of each, all of which are opened at once."""
    for connection in connections:
        connection.send(opening(1, EACH))
    return [Answer(connection.reply(), opened=True).token
            for connection in connections]


def renewal(token):
    return exchange(1, token, segment(0, [b"abc"]), wait=WAIT_MS)


def goes_on(answer):
    assert answer.code == OK, answer.detail
    assert answer.messages == [b"cba"]


@fact
def a_lease_that_was_renewed_while_it_was_stopped_goes_on(_):
    with serving(*LEASE) as server, connected(server, MANY) as connections:
        tokens = opened(connections)
        has_read_all(server)
        with stopped(server):
            for connection, token in zip(connections, tokens):
                connection.send(renewal(token))
        for connection in connections:
            goes_on(Answer(connection.reply()))


@fact
def so_does_one_that_was_renewed_over_a_new_connection(_):
    with serving(*LEASE) as server, connected(server, 1) as connections:
        tokens = opened(MANY * connections)
        has_read_all(server)
        with stopped(server), contextlib.ExitStack() as stack:
            others = []
            for token in tokens:
                others.append(stack.enter_context(server.connect()))
                others[-1].send(renewal(token))
            stack.pop_all()
        for connection in others:
            goes_on(Answer(connection.reply()))
            connection.socket.close()


@fact
def so_does_that_of_a_stream_over_udp(_):
    with serving(*LEASE) as server, \
            server.connect_datagrams() as one, \
            server.connect_datagrams() as other, \
            server.connect_datagrams() as crowd:
        tokens = []
        for peer in (one, other):
            peer.send(bare(opening(1, EACH)))
            tokens.append(Answer(peer.reply(), opened=True).token)
        # Continued, the other is not: nobody knows yet where it is.
        one.send(bare(exchange(1, tokens[0], segment())))
        assert Answer(one.reply()).code == OK
        has_read_all(server)
        with stopped(server):
            for _ in range(MANY):
                crowd.send(call(1))
            for peer, token in zip((one, other), tokens):
                peer.send(bare(renewal(token)))
        for peer in (one, other):
            goes_on(Answer(peer.reply()))


@fact
def a_lease_that_nobody_renewed_ends_all_the_same(_):
    with serving(*LEASE) as server, server.connect() as connection:
        token = open_stream(connection, EACH).token
        has_read_all(server)
        with stopped(server):
            pass
        soon(lambda: are_open(connection)[0] == 0)
        assert ask(connection, token, segment()).code == NOT_FOUND


def owe(connection, data, count):
    for _ in range(count):
        connection.send(text(1, data))


@fact
def replies_that_were_read_while_it_was_stopped_are_followed_by_the_rest(_):
    data = bytes(range(256)) * 4096
    count = 16
    with serving("--write-time", str(DEADLINE), "--output", "64M") as server, \
            server.connect() as connection:
        owe(connection, data, count)
        has_read_all(server)
        with stopped(server):
            connection.socket.setblocking(False)
            end = time.monotonic() + STOP / 2
            while time.monotonic() < end:
                try:
                    connection.pending += connection.socket.recv(1 << 20)
                except BlockingIOError:
                    time.sleep(0.01)
            connection.socket.setblocking(True)
        for _ in range(count):
            is_reversed(connection, data)


@fact
def the_rest_of_a_record_is_waited_for_when_it_drains_too(_):
    with serving(*RECORD, "--drain-time", str(DEADLINE)) as server, \
            connected(server, MANY) as connections:
        for connection in connections:
            connection.send(text(1, bytes(100))[:50])
        has_read_all(server)
        server.process.send_signal(signal.SIGTERM)
        soon(lambda: " draining " in server.log())
        with stopped(server):
            for connection in connections:
                connection.send(text(1, bytes(100))[50:])
        for connection in connections:
            is_reversed(connection, bytes(100))


run()
