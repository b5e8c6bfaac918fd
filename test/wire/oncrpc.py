"""ONC RPC to the byte: what a test needs to send anything to a server.

XDR (RFC 4506), calls and replies (RFC 5531, section 9) and record marking
(section 11) are written out by hand here and share no code with what is
under test.  Nothing is checked on the way out: a test may send what no
client would.
"""

import os
import pathlib
import re
import socket
import struct
import time

PROGRAM = 0x20726576
VERSION = 1
PING, GREET, TEXT, OPEN, EXCHANGE, CANCEL, STATUS, DESCRIBE, WHOAMI = range(9)

MESSAGE_MAX = 1048576
RECORD_MAX = MESSAGE_MAX + 128 * 1024
LAST_FRAGMENT = 0x80000000

CALL, REPLY = 0, 1
AUTH_NONE, AUTH_SYS, AUTH_SHORT, AUTH_DH, RPCSEC_GSS, AUTH_TLS = (
    0, 1, 2, 3, 6, 7)
BADCRED, REJECTEDCRED, BADVERF = 1, 2, 3

# Deadlines are for what should happen at once; slower builds stretch them.
PATIENCE = float(os.environ.get("TEST_PATIENCE", "1"))
SOON = 10 * PATIENCE


class Closed(Exception):
    """The server closed the connection."""


class Silence(Exception):
    """The server neither answered nor closed in time."""


def procedure_count():
    """How many procedures reverse.x has: the number of the first unknown."""
    interface = pathlib.Path(__file__).resolve().parents[2] / "reverse.x"
    return len(re.findall(r"^\t\t.*\bREVERSE_[A-Z]+\(.*\) = \d+;",
                          interface.read_text(), re.MULTILINE))


def u32(*numbers):
    return struct.pack(f">{len(numbers)}I",
                       *(number & 0xffffffff for number in numbers))


def u64(*numbers):
    return struct.pack(f">{len(numbers)}Q", *numbers)


def fixed(data):
    """Opaque data of a fixed length: padded to a multiple of 4."""
    return data + bytes(-len(data) % 4)


def opaque(data):
    """Opaque data of variable length."""
    return u32(len(data)) + fixed(data)


def auth(flavor, body=b""):
    return u32(flavor) + opaque(body)


def auth_sys(machine=b"host", uid=1000, gid=1000, gids=()):
    body = (u32(0) + opaque(machine) + u32(uid, gid) +
            u32(len(gids)) + u32(*gids))
    return auth(AUTH_SYS, body)


NOBODY = auth(AUTH_NONE)


def call(xid, procedure=PING, arguments=b"", *, program=PROGRAM,
         version=VERSION, rpcvers=2, credential=NOBODY, verifier=NOBODY):
    """A call message, not yet a record."""
    return (u32(xid, CALL, rpcvers, program, version, procedure) +
            credential + verifier + arguments)


def record(message):
    """The message as a record of one fragment."""
    return u32(LAST_FRAGMENT | len(message)) + message


def fragments(*pieces):
    """A record made of these fragments, the final one marked as the last."""
    headers = [len(piece) for piece in pieces]
    headers[-1] |= LAST_FRAGMENT
    return b"".join(u32(header) + piece
                    for header, piece in zip(headers, pieces))


def accepted(xid, status, rest=b""):
    """A reply of MSG_ACCEPTED, with the verifier every reply must have."""
    return u32(xid, REPLY, 0) + NOBODY + u32(status) + rest


def success(xid, result=b""):
    return accepted(xid, 0, result)


def prog_unavail(xid):
    return accepted(xid, 1)


def prog_mismatch(xid, low=VERSION, high=VERSION):
    return accepted(xid, 2, u32(low, high))


def proc_unavail(xid):
    return accepted(xid, 3)


def garbage_args(xid):
    return accepted(xid, 4)


def rpc_mismatch(xid):
    return u32(xid, REPLY, 1, 0, 2, 2)


def auth_error(xid, why):
    return u32(xid, REPLY, 1, 1, why)


class Reader:
    """Takes a message apart, and fails on anything that is not exact."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def bytes(self, count):
        end = self.at + count
        assert end <= len(self.data), "message is cut off"
        piece = self.data[self.at:end]
        self.at = end
        return piece

    def u32(self):
        return struct.unpack(">I", self.bytes(4))[0]

    def u64(self):
        return struct.unpack(">Q", self.bytes(8))[0]

    def fixed(self, count):
        piece = self.bytes(count)
        padding = self.bytes(-count % 4)
        assert not any(padding), "padding is not zero"
        return piece

    def opaque(self, most):
        count = self.u32()
        assert count <= most, f"{count} bytes where {most} may be"
        return self.fixed(count)

    def end(self):
        left = len(self.data) - self.at
        assert left == 0, f"{left} bytes follow the message"


def _connected(address, seconds, source):
    if isinstance(address, str):
        connected = socket.socket(socket.AF_UNIX)
        connected.settimeout(seconds)
        connected.connect(address)
        return connected
    connected = socket.create_connection(
        address, timeout=seconds, source_address=source and (source, 0))
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


class Connection:
    """A connection to a server, with deadlines on everything: by TCP, from
    the address source, if one is named; or to the Unix socket whose path the
    address is."""

    def __init__(self, address, seconds=SOON, source=None):
        self.seconds = seconds
        self.pending = bytearray()
        self.at = 0
        self.socket = _connected(address, seconds, source)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Sends all of it.  Raises Closed, Silence."""
        try:
            self.socket.settimeout(self.seconds)
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as reason:
            raise Closed from reason
        except socket.timeout as reason:
            raise Silence("it does not read") from reason

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _fill(self, count, deadline):
        """Reads until so many bytes are there that nobody has taken."""
        while len(self.pending) - self.at < count:
            del self.pending[:self.at]
            self.at = 0
            self.socket.settimeout(max(deadline - time.monotonic(), 0.001))
            try:
                data = self.socket.recv(1 << 18)
            except socket.timeout as reason:
                raise Silence("no answer") from reason
            except ConnectionResetError as reason:
                raise Closed from reason
            if not data:
                assert not self.pending, "closed inside a record"
                raise Closed
            self.pending += data

    def _take(self, count):
        start = self.at
        self.at += count
        return bytes(self.pending[start:self.at])

    def fragment(self):
        """The next fragment as it came: its header and what it holds."""
        deadline = time.monotonic() + self.seconds
        self._fill(4, deadline)
        header = struct.unpack_from(">I", self.pending, self.at)[0]
        length = header & ~LAST_FRAGMENT
        self._fill(4 + length, deadline)
        self.at += 4
        return header, self._take(length)

    def reply(self):
        """The next reply, which is a record of one fragment."""
        header, data = self.fragment()
        assert header & LAST_FRAGMENT, "a reply of several fragments"
        return data

    def ask(self, message):
        """Sends a message as a record and returns the reply to it."""
        self.send(record(message))
        return self.reply()

    def is_closed(self, seconds=None):
        """Whether the server closes in time, having nothing more to say."""
        wait = self.seconds if seconds is None else seconds
        try:
            self._fill(1, time.monotonic() + wait)
        except Closed:
            return True
        except Silence:
            return False
        said = bytes(self.pending[self.at:self.at + 64])
        raise AssertionError(f"instead of closing: {said.hex(' ', 4)}")


class Datagrams:
    """A UDP socket whose peer is a server, with deadlines on everything."""

    def __init__(self, address, seconds=SOON, source="127.0.0.1"):
        self.seconds = seconds
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((source, 0))
        self.socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, message):
        """Raises Closed when nobody listens there any more."""
        try:
            self.socket.settimeout(self.seconds)
            self.socket.send(message)
        except ConnectionRefusedError as reason:
            raise Closed from reason

    def reply(self, seconds=None):
        """The next datagram that comes.  Raises Closed, Silence."""
        wait = self.seconds if seconds is None else seconds
        try:
            self.socket.settimeout(wait)
            return self.socket.recv(1 << 16)
        except socket.timeout as reason:
            raise Silence("no answer") from reason
        except ConnectionRefusedError as reason:
            raise Closed from reason

    def ask(self, message):
        """Sends a call and returns the reply to it."""
        self.send(message)
        return self.reply()
