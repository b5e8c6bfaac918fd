#!/usr/bin/python3 -B
"""Record marking (RFC 5531, section 11), pipelining and the end of either side.
"""

import select
import socket
import struct

from oncrpc import (Closed, LAST_FRAGMENT, MESSAGE_MAX, RECORD_MAX, TEXT,
                    call, fragments, garbage_args, opaque, record, success,
                    u32)
from tap import fact, run, same

FRAGMENTS_MAX = 16384
EMPTY_MAX = 64


def text(xid, data=b"abc"):
    return call(xid, TEXT, u32(0, 0, 2) + opaque(data))


def reversed_text(xid, data=b"abc"):
    return success(xid, u32(0) + opaque(data[::-1]) + u32(0))


def is_answered(server, data):
    """The bytes are a record of text(2); a good call follows it."""
    with server.connect() as connection:
        connection.send(data + record(text(3)))
        same(connection.reply(), reversed_text(2))
        same(connection.reply(), reversed_text(3))


def is_refused(server, data):
    """The bytes end the connection, but a call before them is answered."""
    with server.connect() as connection:
        try:
            connection.send(record(text(1)) + data)
        except Closed:
            pass
        same(connection.reply(), reversed_text(1))
        assert connection.is_closed(), "the connection is still open"


@fact
def a_record_of_two_fragments_may_be_cut_anywhere(server):
    message = text(2)
    for at in range(len(message) + 1):
        is_answered(server, fragments(message[:at], message[at:]))


@fact
def every_byte_may_be_a_fragment(server):
    is_answered(server, fragments(*(bytes([byte]) for byte in text(2))))


@fact
def every_byte_may_come_by_itself(server):
    with server.connect() as connection:
        for byte in fragments(text(2)[:10], b"", text(2)[10:]):
            connection.send(bytes([byte]))
        same(connection.reply(), reversed_text(2))


@fact
def a_fragment_may_be_empty(server):
    message = text(2)
    is_answered(server, fragments(b"", message))
    is_answered(server, fragments(message[:8], b"", message[8:]))
    is_answered(server, fragments(message, b""))


@fact
def as_many_fragments_may_be_empty_as_the_limit_says(server):
    empty = [b""] * EMPTY_MAX
    is_answered(server, fragments(*empty, text(2)))
    is_answered(server, fragments(text(2), *empty))


@fact
def one_more_empty_fragment_ends_the_connection(server):
    empty = [b""] * (EMPTY_MAX + 1)
    is_refused(server, fragments(*empty, text(2)))
    is_refused(server, fragments(text(2), *empty))


def text_of_fragments(count):
    """text(2) as a record of so many fragments of one byte, and its text."""
    data = bytes(count - len(text(2, b"")))
    message = text(2, data)
    return fragments(*(message[at:at + 1] for at in range(count))), data


@fact
def a_record_may_have_as_many_fragments_as_the_limit_says(server):
    sent, data = text_of_fragments(FRAGMENTS_MAX)
    with server.connect() as connection:
        connection.send(sent)
        same(connection.reply(), reversed_text(2, data))


@fact
def one_more_fragment_ends_the_connection(server):
    sent, _ = text_of_fragments(FRAGMENTS_MAX + 4)
    is_refused(server, sent[:5 * FRAGMENTS_MAX + 4])


@fact
def a_header_that_claims_too_much_ends_the_connection_at_once(server):
    for length in (RECORD_MAX + 1, 0x7fffffff):
        for last in (0, LAST_FRAGMENT):
            is_refused(server, u32(last | length))


@fact
def a_call_behind_such_a_header_is_not_answered(server):
    is_refused(server, u32(0xffffffff) + text(2))


@fact
def fragments_may_not_exceed_the_limit_in_sum(server):
    is_refused(server, u32(RECORD_MAX - 9) + bytes(RECORD_MAX - 9) + u32(10))
    is_refused(server, u32(4) + bytes(4) + u32(LAST_FRAGMENT | RECORD_MAX))


@fact
def a_record_may_be_as_long_as_the_limit_says(server):
    with server.connect() as connection:
        longest = text(2)
        longest += bytes(RECORD_MAX - len(longest))
        connection.send(record(longest) + record(text(3)))
        same(connection.reply(), garbage_args(2))
        same(connection.reply(), reversed_text(3))


@fact
def the_longest_message_comes_in_fragments_too(server):
    data = bytes(range(256)) * (MESSAGE_MAX // 256)
    message = text(2, data)
    pieces = [message[at:at + 65000] for at in range(0, len(message), 65000)]
    with server.connect() as connection:
        connection.send(fragments(*pieces))
        same(connection.reply(), reversed_text(2, data))


@fact
def calls_in_one_write_are_answered_in_order(server):
    with server.connect() as connection:
        connection.send(b"".join(record(text(xid)) for xid in range(5000)))
        for xid in range(5000):
            same(connection.reply(), reversed_text(xid))


@fact
def a_half_close_still_gets_every_reply(server):
    with server.connect() as connection:
        connection.send(b"".join(record(text(xid)) for xid in range(1000)))
        connection.half_close()
        for xid in range(1000):
            same(connection.reply(), reversed_text(xid))
        assert connection.is_closed(), "the connection is still open"


@fact
def a_half_close_still_gets_long_replies(server):
    data = bytes(range(256)) * (MESSAGE_MAX // 256)
    with server.connect() as connection:
        connection.send(b"".join(record(text(xid, data)) for xid in range(2)))
        connection.half_close()
        for xid in range(2):
            same(connection.reply(), reversed_text(xid, data))
        assert connection.is_closed(), "the connection is still open"


@fact
def a_half_close_inside_a_record_gets_the_replies_before_it(server):
    for rest in (b"\x80", u32(LAST_FRAGMENT | 40), record(text(2))[:-1]):
        with server.connect() as connection:
            connection.send(record(text(1)) + rest)
            connection.half_close()
            same(connection.reply(), reversed_text(1))
            assert connection.is_closed(), "the connection is still open"


@fact
def a_connection_that_says_nothing_may_half_close(server):
    with server.connect() as connection:
        connection.half_close()
        assert connection.is_closed(), "the connection is still open"


def send_what_goes(connection, data, wait=0):
    """Sends until nothing has gone for so long; returns how much went."""
    connection.socket.setblocking(False)
    sent = 0
    while sent < len(data):
        ready = select.select([], [connection.socket], [], wait)
        if not ready[1]:
            break
        sent += connection.socket.send(data[sent:sent + 65536])
    return sent


@fact
def a_client_that_reads_late_gets_every_reply(server):
    """The server stops to read it, and goes on: nothing is lost."""
    data = bytes(range(256)) * (MESSAGE_MAX // 256)
    count = 40
    calls = memoryview(b"".join(record(text(xid, data))
                                for xid in range(count)))
    with server.connect() as connection:
        sent = send_what_goes(connection, calls, 0.5)
        assert sent < len(calls), "the server queues without end"
        answered = 0
        while answered < count:
            same(connection.reply(), reversed_text(answered, data))
            answered += 1
            sent += send_what_goes(connection, calls[sent:])


@fact
def a_reset_with_replies_owed_disturbs_nobody(server):
    linger = struct.pack("ii", 1, 0)
    with server.connect() as other:
        for _ in range(20):
            with server.connect() as connection:
                connection.send(b"".join(record(text(xid, bytes(100000)))
                                         for xid in range(10)))
                connection.socket.setsockopt(socket.SOL_SOCKET,
                                             socket.SO_LINGER, linger)
            same(other.ask(text(1)), reversed_text(1))


@fact
def connections_do_not_mix(server):
    connections = [server.connect() for _ in range(50)]
    for number, connection in enumerate(connections):
        data = record(text(number, bytes([number])))
        connection.send(data[:20])
    for number, connection in enumerate(connections):
        data = record(text(number, bytes([number])))
        connection.send(data[20:])
    for number, connection in enumerate(connections):
        with connection:
            same(connection.reply(), reversed_text(number, bytes([number])))


run()
