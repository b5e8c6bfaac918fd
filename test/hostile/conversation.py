"""Streams of reverse.x over a connection of test/wire/oncrpc.py."""

import os

from oncrpc import (CANCEL, EXCHANGE, OPEN, Reader, call, opaque, record, u32,
                    u64)

COLLECT, SPELL, EACH, WHOLE = 1, 2, 3, 4
GRAPHEME, CODEPOINT, BYTE = 0, 1, 2
WINDOW = 264 * 1024
MESSAGE_MAX, SEGMENT_MAX = 1048576, 1024
OK, CANCELLED, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND = 0, 1, 3, 4, 5
ALREADY_EXISTS, OUT_OF_RANGE = 6, 11
RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE = 8, 10, 13, 14


def segment(first=0, messages=(), last=False, after=0, window=WINDOW):
    return (u64(first) + u32(len(messages)) +
            b"".join(opaque(message) for message in messages) +
            u32(last) + u64(after) + u32(window))


def opening(xid, method, piece=None, *, unit=BYTE, pace=0, deadline=0,
            wait=0, nonce=None, largest=0):
    """A call of OPEN, as a record."""
    return record(call(xid, OPEN,
                       u32(deadline, 0) + (nonce or os.urandom(16)) +
                       u32(method, unit, pace, largest) + (piece or segment()) +
                       u32(wait)))


def exchange(xid, token, piece, *, wait=0, ahead=False):
    return record(call(xid, EXCHANGE, token + piece + u32(wait, ahead)))


def cancel(xid, token):
    return record(call(xid, CANCEL, token))


def bare(stream_call):
    """The message of such a call without its record, for a datagram."""
    return stream_call[4:]


class Answer:
    """What a call of OPEN or EXCHANGE was answered."""

    def __init__(self, reply, opened=False):
        reader = Reader(reply)
        self.xid = reader.u32()
        assert reader.bytes(20) == u32(1, 0, 0, 0, 0), "no success"
        self.code = reader.u32()
        self.end = self.token = self.lease = None
        if self.code != OK:
            assert reader.u32() == self.code
            self.detail = reader.opaque(512)
            reader.u64()
            reader.u64()
            self.retry_after = reader.u32()
            return
        if opened:
            self.token = reader.fixed(16)
            self.lease = reader.u32()
        self.first = reader.u64()
        self.messages = [reader.opaque(MESSAGE_MAX)
                         for _ in range(reader.u32())]
        self.last = reader.u32()
        self.next = reader.u64()
        self.window = reader.u32()
        if reader.u32():
            self.end = reader.u32()
            self.end_detail = reader.opaque(512)
            self.end_at = reader.u64(), reader.u64()
            self.retry_after = reader.u32()
            self.counts = reader.u64(), reader.u64(), reader.u64()
        assert (self.end is not None) == bool(self.last)


def open_stream(connection, method, piece=None, **how):
    connection.send(opening(1, method, piece, **how))
    answer = Answer(connection.reply(), opened=True)
    assert answer.code == OK, answer.detail
    return answer


def ask(connection, token, piece, **how):
    connection.send(exchange(2, token, piece, **how))
    return Answer(connection.reply())


def forget(connection, *tokens):
    """Cancels, and once more: then nothing of them stays."""
    for token in tokens:
        for _ in range(2):
            connection.send(cancel(3, token))
            connection.reply()
