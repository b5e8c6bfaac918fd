#!/usr/bin/env python3
"""The four call modes of reverse.x by hand: TCP, RFC 5531, RFC 4506.

    client.py HOST PORT send TEXT           one message, and the answer
    client.py HOST PORT collect TEXT...     many messages, one answer
    client.py HOST PORT spell TEXT          one message, many answers
    client.py HOST PORT each TEXT...        many messages, an answer each
    client.py HOST PORT whole FILE          a text of any size, in pieces
Every answer is a line.  Meant to be read beside reverse.x.
"""
import os
import socket
import struct
import sys

PROGRAM, VERSION = 0x20726576, 1
CALL, REPLY, RPC_VERSION, ACCEPTED, SUCCESS = 0, 1, 2, 0, 0
AUTH_NONE, LAST_FRAGMENT = (0, 0), 0x80000000   # flavor and length; a bit
TEXT, OPEN, EXCHANGE, CANCEL = 2, 3, 4, 5
COLLECT, SPELL, EACH, WHOLE = 1, 2, 3, 4
CODEPOINT, WINDOW = 1, 256 * 1024   # bytes of answers that we take at once
WAIT_MS = 5000                  # how long the server may keep a call
NO_CONTEXT = struct.pack(">II", 0, 0)   # no deadline, no metadata


def opaque(data):
    """Length, bytes, and zeros up to a multiple of four."""
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Reply:
    """Takes a reply apart, from its front."""
    def __init__(self, data):
        self.data = data

    def take(self, form):
        size = struct.calcsize(">" + form)
        values = struct.unpack(">" + form, self.data[:size])
        self.data = self.data[size:]
        return values if len(values) > 1 else values[0]

    def opaque(self):
        size = self.take("I")
        data = self.data[:size]
        self.data = self.data[size + -size % 4:]
        return data

    def failure(self):
        code, detail = self.take("I"), self.opaque()
        message, byte, _retry_ms = self.take("QQI")
        if code != 0:
            sys.exit(f"client.py: status {code}: {detail.decode()} "
                     f"(message {message}, byte {byte})")

    def union(self):
        """The head of every result: STATUS_OK, or a failure."""
        if self.take("I") != 0:
            self.failure()
        return self


class Server:
    """One connection, one call at a time."""
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.replies = self.socket.makefile("rb")
        self.xid = 0

    def call(self, procedure, arguments):
        """One call, one reply: RFC 5531, sections 9 and 11."""
        self.xid += 1
        record = struct.pack(
            ">10I", self.xid, CALL, RPC_VERSION, PROGRAM, VERSION, procedure,
            *AUTH_NONE, *AUTH_NONE) + arguments     # credential, verifier
        self.socket.sendall(
            struct.pack(">I", LAST_FRAGMENT | len(record)) + record)
        mark = struct.unpack(">I", self.replies.read(4))[0]
        reply = Reply(self.replies.read(mark & ~LAST_FRAGMENT))
        if reply.take("6I") != (
                self.xid, REPLY, ACCEPTED, *AUTH_NONE, SUCCESS):
            sys.exit("client.py: not a reply of success")
        return reply


class Stream:
    """Pushes messages and pulls answers, one call at a time."""
    def __init__(self, server, method):
        self.server = server
        self.sent = 0           # messages that the server has taken
        self.heard = 0          # answers that we have
        self.end = None
        how = struct.pack(">IIII", method, CODEPOINT, 0, 0)
        reply = server.call(OPEN, NO_CONTEXT + os.urandom(16) + how +
                            self.piece([], False) + bytes(4)).union()
        self.token, _lease = reply.take("16sI")
        self.answer(reply)

    def piece(self, messages, last):
        """struct segment, from us to the server."""
        return (struct.pack(">QI", self.sent, len(messages)) +
                b"".join(opaque(m) for m in messages) +
                struct.pack(">IQI", last, self.heard, WINDOW))

    def answer(self, reply):
        """struct answer: its messages; sees what the server took."""
        first, count = reply.take("QI")
        messages = [reply.opaque() for _ in range(count)]
        _last, self.sent, self.room = reply.take("IQI")
        self.heard = first + count
        if reply.take("I"):     # present when that was the last
            self.end = reply
        return messages

    def exchange(self, messages, last):
        return self.answer(self.server.call(
            EXCHANGE, self.token + self.piece(messages, last) +
            struct.pack(">II", WAIT_MS, False)).union())

    def talk(self, messages):
        """Sends all messages, one a call; yields the answers as they come."""
        for number, message in enumerate(messages):
            while self.sent <= number and not self.end:
                yield from self.exchange([message] if self.room else [], False)
        while not self.end:
            yield from self.exchange([], True)
        self.server.call(CANCEL, self.token)    # we have it all: forget it
        self.end.failure()


def main(host, port, mode, *texts):
    server = Server(host, int(port))
    texts = [os.fsencode(text) for text in texts]
    out = sys.stdout.buffer
    if mode == "send":
        arguments = NO_CONTEXT + struct.pack(">I", CODEPOINT)
        reply = server.call(TEXT, arguments + opaque(b" ".join(texts)))
        out.write(reply.union().opaque() + b"\n")
    elif mode == "whole":
        with open(texts[0], "rb") as file:
            pieces = iter(lambda: file.read(65536), b"")
            out.writelines(Stream(server, WHOLE).talk(pieces))
    else:
        method = {"collect": COLLECT, "spell": SPELL, "each": EACH}[mode]
        stream = Stream(server, method)
        out.writelines(answer + b"\n" for answer in stream.talk(texts))


if __name__ == "__main__":
    main(*sys.argv[1:])
