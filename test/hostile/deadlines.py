#!/usr/bin/python3 -B
"""How long the server waits: for a record, a reader, and a client to speak.

TEST_FULL=1 tests the times that are the server's defaults, but for the ten
minutes of silence; else it is started with shorter ones.
"""

import contextlib
import os
import pathlib
import select
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from oncrpc import (Closed, PATIENCE, TEXT, call, opaque, record, success,
                    u32)
from tap import diag, fact, run, same

FULL = os.environ.get("TEST_FULL") == "1"
RECORD_SECONDS = 10 if FULL else 1
WRITE_SECONDS = 30 if FULL else 2
# Longer than what else is waited for.
IDLE_SECONDS = 40 if FULL else 5
OPTIONS = ["--idle-time", str(IDLE_SECONDS)]
if not FULL:
    OPTIONS += ["--record-time", str(RECORD_SECONDS),
                "--write-time", str(WRITE_SECONDS)]
LATE = 10 * PATIENCE
STEP = 0.2

LONG = bytes(range(256)) * 4096


def text(xid, data):
    return record(call(xid, TEXT, u32(0, 0, 2) + opaque(data)))


def reversed_text(xid, data):
    return success(xid, u32(0) + opaque(data[::-1]) + u32(0))


def takes(begun, seconds):
    took = time.monotonic() - begun
    diag(f"closed after {took:.1f} s")
    assert seconds - 0.1 <= took <= seconds + LATE, "at another time"


def closes_after(connection, begun, seconds, drip=b""):
    """Sends a byte now and then, until the server closes; it must in time,
    and not before so many seconds after it began."""
    at = 0
    while not connection.is_closed(STEP):
        assert time.monotonic() < begun + seconds + LATE, "it stays open"
        with contextlib.suppress(Closed):
            connection.send(drip[at:at + 1])
        at += 1
    takes(begun, seconds)


@fact
def half_a_record_has_its_time(server):
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect())
                       for _ in range(4)]
        begun = time.monotonic()
        for connection, count in zip(connections, (1, 4, 40, 1000)):
            connection.send(text(1, LONG)[:count])
        closes_after(connections[0], begun, RECORD_SECONDS)
        for connection in connections[1:]:
            assert connection.is_closed(LATE), "it stays open"


@fact
def half_a_record_that_is_long_has_more_of_it(server):
    with server.connect() as connection:
        begun = time.monotonic()
        connection.send(text(1, LONG)[:70000])
        closes_after(connection, begun, RECORD_SECONDS + 1)


@fact
def bytes_that_drip_win_no_time(server):
    with server.connect() as connection:
        begun = time.monotonic()
        connection.send(text(1, LONG)[:100])
        closes_after(connection, begun, RECORD_SECONDS, bytes(1000))


def owe_much(connection):
    """Sends calls until the server stops to read them; returns how many.

    Where this takes as long as replies have to be read, it hangs up.
    """
    data = memoryview(b"".join(text(xid, LONG) for xid in range(40)))
    connection.socket.setblocking(False)
    sent = 0
    with contextlib.suppress(ConnectionResetError):
        while select.select([], [connection.socket], [], 0.3)[1]:
            sent += connection.socket.send(data[sent:sent + 65536])
    assert sent < len(data), "it never stops"
    return sent // len(text(0, LONG))


def has_hung_up(connection, seconds):
    watch = select.poll()
    watch.register(connection.socket, 0)    # a hang-up is always told
    return watch.poll(1000 * seconds) != []


@fact
def replies_that_are_not_read_have_their_time(server):
    with server.connect() as connection:
        begun = time.monotonic()
        assert owe_much(connection) > 0
        assert has_hung_up(connection, WRITE_SECONDS + LATE), "it stays open"
        takes(begun, WRITE_SECONDS)


@fact
def a_slow_reader_has_all_the_time_it_needs(server):
    with server.connect() as connection:
        count = owe_much(connection)
        connection.socket.setblocking(True)
        end = time.monotonic() + 2 * WRITE_SECONDS
        while time.monotonic() < end:
            # Far from all that is owed, in that time.
            some = connection.socket.recv(200000 // WRITE_SECONDS)
            connection.pending += some
            assert not has_hung_up(connection, STEP), "it was closed"
        for xid in range(count):
            same(connection.reply(), reversed_text(xid, LONG))


@fact
def a_client_that_says_nothing_has_its_time(server):
    with server.connect() as silent, server.connect() as other:
        begun = time.monotonic()
        while not silent.is_closed(STEP):
            assert time.monotonic() < begun + IDLE_SECONDS + LATE
            same(other.ask(call(1)), success(1))
        takes(begun, IDLE_SECONDS)
        same(other.ask(call(2)), success(2))


run(*OPTIONS)
