#!/usr/bin/python3 -B
"""A client in Python, by its standard library alone: client.py PORT.  What it
prints is in test/foreign/expected."""

import os
import socket
import struct
import sys

PING, TEXT, OPEN, EXCHANGE = 0, 2, 3, 4
EACH, BYTE, WINDOW, WAIT_MS = 3, 2, 65536, 5000
NO_CONTEXT = bytes(8)


def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


class Server:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")
        self.xid = 0

    def call(self, procedure, arguments=b""):
        """Returns the accept status, and the result."""
        self.xid += 1
        message = struct.pack(">10I", self.xid, 0, 2, 0x20726576, 1, procedure,
                              0, 0, 0, 0) + arguments
        mark = struct.pack(">I", 1 << 31 | len(message))
        self.socket.sendall(mark + message)
        mark, = struct.unpack(">I", self.file.read(4))
        reply = self.file.read(mark & ~(1 << 31))
        assert struct.unpack_from(">3I", reply) == (self.xid, 1, 0), reply
        return struct.unpack_from(">I", reply, 20)[0], reply[24:]


def piece(sent, heard, last, texts=()):
    return (struct.pack(">QI", sent, len(texts)) +
            b"".join(map(opaque, texts)) +
            struct.pack(">IQI", last, heard, WINDOW))


def answer(data):
    """What the server takes next, the number of the answer that is next,
    whether that was the end, and the answers."""
    first, count = struct.unpack_from(">QI", data)
    texts, at = [], 12
    for _ in range(count):
        size, = struct.unpack_from(">I", data, at)
        texts.append(data[at + 4:at + 4 + size])
        at += 4 + size + -size % 4
    _, taken, _, end = struct.unpack_from(">IQII", data, at)
    code = struct.unpack_from(">I", data, at + 20)[0] if end else 0
    assert code == 0, f"ended with status {code}"
    return taken, first + count, end, texts


def text(server, size):
    data = (bytes(range(251)) * (size // 251 + 1))[:size]
    status, result = server.call(
        TEXT, NO_CONTEXT + struct.pack(">I", BYTE) + opaque(data))
    if status:
        return f"accept status {status}"
    same = result == struct.pack(">I", 0) + opaque(data[::-1]) + bytes(4)
    return "reversed" if same else f"not reversed: {result[:8].hex()}"


def each(server, texts):
    status, opened = server.call(
        OPEN, NO_CONTEXT + os.urandom(16) + struct.pack(">4I", EACH, BYTE, 0, 0)
        + piece(0, 0, False) + bytes(4))
    assert status == 0 and opened[:4] == bytes(4), opened
    taken, heard, end, found = answer(opened[24:])
    while not end:
        status, result = server.call(
            EXCHANGE, opened[4:20] + piece(taken, heard, True, texts[taken:]) +
            struct.pack(">2I", WAIT_MS, False))
        assert status == 0 and result[:4] == bytes(4), result
        taken, heard, end, more = answer(result[4:])
        found += more
    return b" ".join(found).decode()


def main():
    server = Server(int(sys.argv[1]))
    print("ping:", "answered" if server.call(PING) == (0, b"") else "refused")
    for size in (0, 65536, 1048576, 1048577):
        print(f"text of {size}: {text(server, size)}")
    print("each:", each(server, [b"one", b"two", b"three"]))


main()
