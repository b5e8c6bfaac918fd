"""A server that lies: honest but for what a function makes of its replies.

It serves one client on the loopback, each connection in a thread.  A stream is
answered as a whole as soon as all of it has come, which for short inputs is
with the OPEN.
"""

import contextlib
import pathlib
import socket
import struct
import sys
import threading

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / name)
                for name in ("wire", "hostile")]

from conversation import COLLECT, EACH, OK, SPELL, segment
from oncrpc import (DESCRIBE, EXCHANGE, GREET, OPEN, PING, STATUS, TEXT,
                    Reader, opaque, record, success, u32, u64)

MESSAGE_MAX = 1 << 20
WINDOW = 264 * 1024
TOKEN = b"T" * 16
LONG = 1 << 30      # for lengths that are read from a client


class Piece:
    """What a client says in a segment."""

    def __init__(self, reader):
        self.first = reader.u64()
        self.messages = [reader.opaque(LONG) for _ in range(reader.u32())]
        self.last = bool(reader.u32())
        self.next = reader.u64()
        self.window = reader.u32()


class Call:
    """One call: its number among those of its procedure, from 1, and what it
    says as far as streams need it."""

    def __init__(self, message, liar):
        reader = Reader(message)
        self.xid = reader.u32()
        reader.bytes(16)
        self.procedure = reader.u32()
        for _ in range(2):
            reader.u32()
            reader.opaque(400)
        self.piece = self.text = None
        if self.procedure == TEXT:
            self._context(reader)
            reader.u32()
            self.text = reader.opaque(LONG)
        elif self.procedure == OPEN:
            self._context(reader)
            reader.bytes(16)
            liar.method = reader.u32()
            reader.bytes(12)
            self.piece = Piece(reader)
        elif self.procedure == EXCHANGE:
            reader.bytes(16)
            self.piece = Piece(reader)
        liar.counts[self.procedure] = liar.counts.get(self.procedure, 0) + 1
        self.number = liar.counts[self.procedure]

    @staticmethod
    def _context(reader):
        reader.u32()
        for _ in range(reader.u32()):
            reader.opaque(64)
            reader.opaque(1024)


def greeting(*, window=WINDOW, text=b"hello", message_max=MESSAGE_MAX):
    return (u32(OK) + opaque(text) + opaque(b"liar") + opaque(b"0.1.0") +
            opaque(b"15.0.0") + bytes(16) +
            u32(message_max, window, 8192, 10000, 60000))


def failure(code, why=None, *, detail=b"no", at=0, retry=0):
    """A result; why is its second code."""
    return (u32(code, code if why is None else why) + opaque(detail) +
            u64(at, 0) + u32(retry))


def end(code, messages, bytes_in, bytes_out, *, at=0, detail=b""):
    return (u32(1, code) + opaque(detail) + u64(at, 0) + u32(0) +
            u64(messages, bytes_in, bytes_out) + u32(0))


NO_END = u32(0)


def said(call, piece, how=NO_END, *, lease=60000):
    """The result of an OPEN or EXCHANGE, of a segment and an end."""
    opened = TOKEN + u32(lease) if call.procedure == OPEN else b""
    return u32(OK) + opened + piece + how


def answers_of(method, messages):
    """As units are bytes."""
    whole = b"".join(messages)[::-1]
    if method == EACH:
        return [message[::-1] for message in messages]
    if method == SPELL:
        return [whole[at:at + 1] for at in range(len(whole))]
    if method == COLLECT or whole:
        return [whole]
    return []


class Liar:
    """lie(call, liar) returns what is sent, raw; None for the truth; or an
    iterator of what is sent piece by piece.  method, next, messages: of its
    stream.  calls: how many came."""

    def __init__(self, lie, *, datagram=False):
        self.lie = lie
        self.datagram = datagram
        self.method = None
        self.messages = []
        self.counts = {}
        kind = socket.SOCK_DGRAM if datagram else socket.SOCK_STREAM
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = []
        if not datagram:
            self.socket.listen(16)
        threading.Thread(target=self._datagrams if datagram else self._listen,
                         daemon=True).start()

    @property
    def next(self):
        return len(self.messages)

    @property
    def calls(self):
        return sum(self.counts.values())

    def close(self):
        for each in [self.socket, *self.connections]:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=[connection],
                                 daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, EOFError, ValueError), connection:
            stream = connection.makefile("rb")
            while True:
                for raw in self._replies(self._record(stream)):
                    connection.sendall(raw)

    @staticmethod
    def _record(stream):
        message, last = b"", False
        while not last:
            header = stream.read(4)
            if len(header) < 4:
                raise EOFError
            length, = struct.unpack(">I", header)
            last = bool(length >> 31)
            message += stream.read(length & 0x7fffffff)
        return message

    def _datagrams(self):
        with contextlib.suppress(OSError):
            while True:
                message, client = self.socket.recvfrom(1 << 16)
                if not message:     # it was shut down
                    return
                for raw in self._replies(message):
                    self.socket.sendto(raw, client)

    def _replies(self, message):
        """Raw bytes.  Raises EOFError where the connection is to be closed."""
        call = Call(message, self)
        self._take(call)
        raw = self.lie(call, self)
        if raw is None:
            raw = self.marked(success(call.xid, self.honest(call)))
        return [raw] if isinstance(raw, bytes) else raw

    def marked(self, message):
        return message if self.datagram else record(message)

    def _take(self, call):
        for number, message in enumerate(call.piece.messages
                                         if call.piece else ()):
            if call.piece.first + number == self.next:
                self.messages.append(message)

    def honest(self, call):
        """A result."""
        if call.procedure == GREET:
            return greeting()
        if call.procedure == TEXT:
            return u32(OK) + opaque(call.text[::-1]) + u32(0)
        if call.procedure in (OPEN, EXCHANGE):
            return self._stream(call)
        if call.procedure == STATUS:
            return u32(OK, 1) + u64(1, 2, 3, 4, 5) + u32(6, 7)
        if call.procedure == DESCRIBE:
            return u32(OK) + opaque(b"program")
        return b"" if call.procedure == PING else u32(OK)

    def _stream(self, call):
        if not call.piece.last:
            return said(call, segment(call.piece.next, [], False, self.next))
        texts = answers_of(self.method, self.messages)
        return said(
            call, segment(call.piece.next, texts[call.piece.next:], True,
                          self.next),
            end(OK, self.next, sum(map(len, self.messages)),
                sum(map(len, texts))))
