"""What a hostile client can do to a server over TCP.

Each attack is a generator.  Every step does a little more of it, checks what
the server must answer to it, and yields how many calls that were, where it
counts them; closing the generator gives back all its connections.  Those that
take a number of something take less of it without TEST_FULL=1.
"""

import contextlib
import itertools
import os
import random
import socket
import struct
import time

from malformed import CALLS, NO_CALLS
from oncrpc import (CANCEL, Closed, DESCRIBE, EXCHANGE, GREET, LAST_FRAGMENT,
                    MESSAGE_MAX, OPEN, SOON, STATUS, TEXT, WHOAMI, auth_sys,
                    call, fragments, opaque, record, success, u32, u64)

FULL = os.environ.get("TEST_FULL") == "1"
UNIT_GRAPHEME, UNIT_BYTE = 0, 2
MEBIBYTE = bytes(1 << 20)
CLUSTERS = "e\u0301👨‍👩‍👧\u0915\u094d\u0937".encode()
LONGEST = CLUSTERS * (MESSAGE_MAX // len(CLUSTERS))


def text(xid, data):
    return record(call(xid, TEXT, u32(0, 0, UNIT_BYTE) + opaque(data)))


def rest():
    """Silence is part of the attack; the honest client has the processor."""
    time.sleep(0.005)


def send_what_fits(connection, data):
    """Sends without ever waiting; returns how much went."""
    connection.socket.setblocking(False)
    try:
        return connection.socket.send(data)
    except BlockingIOError:
        return 0


def skip_reply(connection):
    """Whether it comes in one fragment or in many."""
    while not connection.fragment()[0] & LAST_FRAGMENT:
        pass


def expect_end(server, data, half_close=False):
    """The server must close on this, whatever it answers before: a call of a
    stream among it may wait as long as SOON."""
    with server.connect(2 * SOON) as connection:
        with contextlib.suppress(Closed):
            connection.send(data)
            if half_close:
                connection.half_close()
            while True:
                connection.fragment()


def half_a_record_and_silence(server):
    whole = text(1, b"abc")
    with contextlib.ExitStack() as stack:
        for count in (1, 2, 4, 6, 24, 44, len(whole) - 1):
            for _ in range(10):
                connection = stack.enter_context(server.connect())
                connection.send(whole[:count])
            yield
        while True:
            yield
            rest()


def one_byte_after_another(server):
    """Each byte starts anew whatever waits for the next."""
    whole = text(1, bytes(4096))
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect())
                       for _ in range(20)]
        for byte in itertools.cycle(whole):
            for connection in connections:
                connection.send(bytes([byte]))
            yield
            rest()


def headers_of_2_gib(server):
    while True:
        expect_end(server, u32(0xffffffff) + call(1) + bytes(4096))
        expect_end(server, u32(0x7fffffff) + bytes(4096))
        yield


def twenty_thousand_fragments(server):
    pieces = [b"\0"] * 20000
    data = fragments(*pieces)
    while True:
        expect_end(server, data)
        yield


def empty_fragments_without_end(server):
    """Until the server ends it, which must be soon."""
    while True:
        with server.connect() as connection:
            with contextlib.suppress(Closed):
                for _ in range(100):
                    connection.send(bytes(4 * 5000))
                assert connection.is_closed()
        yield


def malformed_calls(server):
    """All of them on one connection, again and again."""
    rows = list(enumerate(CALLS, 1))
    data = b"".join(record(message(xid)) for xid, (_, message, _) in rows)
    wanted = [reply(xid) for xid, (_, _, reply) in rows]
    with server.connect() as connection:
        while True:
            connection.send(data)
            for reply in wanted:
                assert connection.reply() == reply
            yield len(wanted)


def what_is_no_call(server):
    while True:
        for _, message in NO_CALLS:
            expect_end(server, record(message(1)))
        yield


_SEGMENT = u64(0) + u32(1) + opaque(b"message") + u32(1) + u64(0) + u32(4096)
_TOKEN = bytes(range(16))
_GOOD = [
    call(1, credential=auth_sys(gids=(1, 2, 3))),
    call(1, GREET, u32(0, 1) + opaque(b"key") + opaque(b"value")),
    call(1, TEXT, u32(9, 1) + opaque(b"echo-key") + opaque(b"value") +
         u32(0) + opaque("Grüße, Welt 👨‍👩‍👧".encode())),
    call(1, OPEN, u32(0, 0) + _TOKEN + u32(1, 0, 0, 0) + _SEGMENT + u32(0)),
    call(1, EXCHANGE, _TOKEN + _SEGMENT + u32(0, 0)),
    call(1, CANCEL, _TOKEN), call(1, STATUS), call(1, DESCRIBE),
    call(1, WHOAMI)]


def damaged(dice):
    """A good call of which some bytes are others, or which is cut."""
    message = bytearray(dice.choice(_GOOD))
    for _ in range(dice.randrange(4)):
        message[dice.randrange(8, len(message))] = dice.choice(
            (0, 1, 2, 0x7f, 0x80, 0xff, dice.randrange(256)))
    return message[:dice.choice((len(message), dice.randrange(len(message))))]


def good_calls_with_damage(server):
    """Each is answered or ends the connection; nobody knows which."""
    dice = random.Random(20726)
    while True:
        expect_end(server, b"".join(record(damaged(dice))
                                    for _ in range(100)), half_close=True)
        yield 100


def noise(server):
    dice = random.Random(20726)
    while True:
        expect_end(server, dice.randbytes(dice.randrange(1, 2000)),
                   half_close=True)
        yield


def long_replies_never_read(server):
    """On each connection more than the four that its queue may hold."""
    data = text(1, MEBIBYTE)
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect())
                       for _ in range(20 if FULL else 2)]
        left = [0] * len(connections)
        while True:
            for number, connection in enumerate(connections):
                # On with the call where the last step had to stop.
                sent = send_what_fits(connection, data[left[number]:])
                left[number] = (left[number] + sent) % len(data)
            yield
            rest()


def short_replies_never_read(server):
    """Calls without end, in one connection; the server stops to read it."""
    data = text(1, b"abc") * 2000
    with server.connect() as connection:
        left = 0
        while True:
            sent = send_what_fits(connection, data[left:])
            left = (left + sent) % len(data)
            yield
            rest()


def resets_with_replies_owed(server):
    linger = struct.pack("ii", 1, 0)
    data = text(1, bytes(20000)) * 20
    while True:
        with server.connect() as connection:
            send_what_fits(connection, data)
            connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                         linger)
        yield


def connections_that_come_and_go(server):
    while True:
        for _ in range(20):
            server.connect().socket.close()
        yield


def many_calls_in_one_write(server):
    """Nothing wrong with it, but each connection has its turn."""
    count = 20000
    data = text(1, b"abc") * count
    reply = success(1, u32(0) + opaque(b"cba") + u32(0))
    with server.connect() as connection:
        while True:
            connection.send(data)
            for _ in range(count):
                assert connection.reply() == reply
            yield


def longest_texts_back_to_back(server):
    """The dearest calls of TEXT: there is always a next one."""
    longest = record(call(1, TEXT, u32(0, 0, UNIT_GRAPHEME) +
                          opaque(LONGEST)))
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect())
                       for _ in range(4)]
        for connection in connections:
            connection.send(longest)
        while True:
            for connection in connections:
                skip_reply(connection)
                connection.send(longest)
                yield 1


ALL = [half_a_record_and_silence, one_byte_after_another, headers_of_2_gib,
       twenty_thousand_fragments, empty_fragments_without_end,
       malformed_calls, what_is_no_call, good_calls_with_damage, noise,
       long_replies_never_read, short_replies_never_read,
       resets_with_replies_owed, connections_that_come_and_go,
       many_calls_in_one_write, longest_texts_back_to_back]
