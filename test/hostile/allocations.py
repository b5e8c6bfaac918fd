#!/usr/bin/python3 -B
"""Calls that go on and on take nothing from the heap.

A preloaded library counts what the daemon takes.  Each kind of call has begun
before it is counted.  TEST_FULL=1 makes 100,000 calls of each kind.
"""

import os
import pathlib
import struct
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from conversation import (BYTE, EACH, OK, Answer, exchange, forget,
                          open_stream, segment)
from oncrpc import TEXT, call, opaque, record, success, u32
from preloaded import has_memory_of_its_own, started_with
from tap import fact, run, same

COUNT = 100000 if os.environ.get("TEST_FULL") == "1" else 10000
ROUNDS = 50
DEPTH = 64
SHORT = b"0123456789abcdef"
LONG = SHORT * 4096             # 64 KiB
LONGEST = SHORT * 65536         # 1 MiB


class Counted:
    """A server and the number of its allocations."""

    def __init__(self, *options):
        with tempfile.NamedTemporaryFile() as file:
            file.write(bytes(4))
            file.flush()
            os.chmod(file.name, 0o666)
            self.server = started_with("allocations", *options,
                                       ALLOCATIONS=file.name)
            self.file = open(file.name, "rb", buffering=0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        try:
            self.server.stop()
        finally:
            self.server.clean()

    def taken(self):
        return struct.unpack("=I", os.pread(self.file.fileno(), 4, 0))[0]

    def takes(self, work, count):
        before = self.taken()
        work(count)
        return self.taken() - before

    def takes_nothing(self, work, count):
        """That work(calls) does not make it take more, once it has begun, in
        one round of many.  Where the machine does something else in the
        middle of a turn, or of a call's bytes, the turn ends there, and what
        is left takes memory of its own."""
        calls = count // ROUNDS
        work(2 * calls)
        taken = min(self.takes(work, calls) for _ in range(ROUNDS))
        assert taken == 0, f"{taken} allocations in {calls} calls"


def asks(connection, text, depth):
    """Calls of TEXT, so many in flight."""
    arguments = u32(0, 0, BYTE) + opaque(text)
    wanted = success(1, u32(OK) + opaque(text[::-1]) + u32(0))
    calls = record(call(1, TEXT, arguments)) * depth

    def work(count):
        for _ in range(count // depth):
            connection.send(calls)
            for _ in range(depth):
                same(connection.reply(), wanted)
    return work


def exchanges(connection, token, depth):
    """Calls of EXCHANGE with a message each, so many in flight."""
    number = 0

    def work(count):
        nonlocal number
        for _ in range(count // depth):
            connection.send(b"".join(
                exchange(1, token, segment(at, [SHORT], after=number),
                         ahead=depth > 1)
                for at in range(number, number + depth)))
            number += depth
            messages = [message for _ in range(depth)
                        for message in Answer(connection.reply()).messages]
            assert messages == [SHORT[::-1]] * depth
    return work


def hold_for_text(connect, text, depth, count):
    with Counted() as counted, connect(counted.server) as connection:
        counted.takes_nothing(asks(connection, text, depth), count)


def by_tcp(server):
    return server.connect()


def by_unix(server):
    return server.connect_unix()


@fact
def calls_one_by_one_take_nothing(_):
    hold_for_text(by_tcp, SHORT, 1, COUNT)


@fact
def many_calls_in_flight_take_nothing(_):
    hold_for_text(by_tcp, SHORT, DEPTH, COUNT)


@fact
def nor_do_they_by_a_unix_socket(_):
    hold_for_text(by_unix, SHORT, DEPTH, COUNT)


@fact
def long_calls_take_nothing_when_they_come_whole(_):
    """The beginning of one that does not is kept in memory of its own."""
    hold_for_text(by_tcp, LONG, 1, COUNT // 10)


@fact
def the_longest_take_nothing_either(_):
    hold_for_text(by_tcp, LONGEST, 1, COUNT // 50)


@fact
def messages_of_a_stream_take_nothing(_):
    for depth in 1, DEPTH:
        with Counted() as counted, counted.server.connect() as connection:
            token = open_stream(connection, EACH).token
            counted.takes_nothing(exchanges(connection, token, depth),
                                  COUNT)
            forget(connection, token)


@fact
def datagrams_take_nothing(_):
    arguments = u32(0, 0, BYTE) + opaque(SHORT)
    wanted = success(1, u32(OK) + opaque(SHORT[::-1]) + u32(0))
    with Counted() as counted, counted.server.connect_datagrams() as datagrams:
        def work(count):
            for _ in range(count):
                same(datagrams.ask(call(1, TEXT, arguments)), wanted)
        counted.takes_nothing(work, COUNT)


if has_memory_of_its_own():
    print("1..0 # SKIP the allocator is another")
else:
    run()
