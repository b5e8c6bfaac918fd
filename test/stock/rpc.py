"""What a server needs of RFC 5531 and RFC 4506: records by TCP, datagrams by
UDP, calls, XDR."""
import asyncio
import collections
import signal
import socket
import struct
import sys

CALL = 0
PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS = 1, 2, 3, 4
AUTH_NONE, AUTH_SYS, AUTH_BADCRED, NOBODY = 0, 1, 1, 0xffffffff
RPC_VERSION, RPC_MISMATCH, AUTH_ERROR = 2, 0, 1
LAST_FRAGMENT = 0x80000000
COUNTS = collections.Counter()  # calls; bytes in and out; connections now
Garbage = struct.error          # what came does not decode


def words(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def opaque(data):
    """Length, bytes, and zeros up to a multiple of four."""
    return words(len(data)) + data + bytes(-len(data) % 4)


class Arguments:
    """Takes what came apart, from its front."""
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return values[0] if len(values) == 1 else values

    def end(self, form=""):
        """The last of it."""
        values = self.take(form)
        if self.at != len(self.data):
            raise Garbage
        return values

    def count(self, most):
        count = self.take("I")
        if count > most:
            raise Garbage
        return count

    def opaque(self, most):
        size = self.count(most)
        return self.take(f"{size}s{-size % 4}x")


class Call(Arguments):
    """A call that came by peer; what is left to take are its arguments."""
    def __init__(self, message, peer):
        super().__init__(message)
        self.peer, self.flavor, self.uid = peer, AUTH_NONE, NOBODY

    def credential(self):
        """AUTH_NONE or AUTH_SYS; raises Garbage for others."""
        self.flavor, body = self.take("I"), Arguments(self.opaque(400))
        _verifier = self.take("I"), self.opaque(400)
        if self.flavor == AUTH_SYS:
            _stamp, _machine = body.take("I"), body.opaque(255)
            self.uid, _gid = body.take("II")
        elif self.flavor != AUTH_NONE:
            raise Garbage

    async def reply(self, served, version_served, procedures):
        """RFC 5531, section 9."""
        xid, kind, rpc_version, program, version, number = self.take("6I")
        if kind != CALL:
            raise Garbage
        if rpc_version != RPC_VERSION:
            return words(xid, 1, 1, RPC_MISMATCH, RPC_VERSION, RPC_VERSION)
        try:
            self.credential()
        except Garbage:
            return words(xid, 1, 1, AUTH_ERROR, AUTH_BADCRED)
        accepted = words(xid, 1, 0, 0, 0)
        if program != served:
            return accepted + words(PROG_UNAVAIL)
        if version != version_served:
            return accepted + words(PROG_MISMATCH, version_served,
                                    version_served)
        if number >= len(procedures):
            return accepted + words(PROC_UNAVAIL)
        try:
            return accepted + words(0) + await procedures[number](self)
        except Garbage:
            return accepted + words(GARBAGE_ARGS)


class Peer:
    """Somebody who calls."""
    def __init__(self, address, is_datagram):
        self.host, self.port = address[:2]
        self.is_datagram = is_datagram

    def universal(self):
        """Its universal address: RFC 5665, section 5.2."""
        return f"{self.host}.{self.port >> 8}.{self.port & 255}".encode()


class Connection(Peer):
    """By TCP."""
    def __init__(self, reader, writer):
        super().__init__(writer.get_extra_info("peername"), False)
        self.reader, self.writer = reader, writer

    async def record(self, most):
        """The next one: RFC 5531, section 11."""
        record, mark = b"", 0
        while not mark & LAST_FRAGMENT:
            mark = struct.unpack(">I", await self.reader.readexactly(4))[0]
            size = mark & ~LAST_FRAGMENT
            if len(record) + size > most:
                raise ConnectionError
            record += await self.reader.readexactly(size)
            COUNTS["in"] += 4 + size
        return record

    async def send(self, reply):
        COUNTS["out"] += 4 + len(reply)
        self.writer.write(words(LAST_FRAGMENT | len(reply)) + reply)
        await self.writer.drain()

    def close(self):
        self.writer.close()


class Sender(Peer):
    """By UDP."""
    def __init__(self, transport, address):
        super().__init__(address, True)
        self.transport, self.address = transport, address

    async def send(self, reply):
        COUNTS["out"] += len(reply)
        self.transport.sendto(reply, self.address)

    def close(self):
        """What is no call is not answered."""


async def answer(call, *program):
    COUNTS["calls"] += 1
    try:
        await call.peer.send(await call.reply(*program))
    except (Garbage, ConnectionError):
        call.peer.close()


async def connection(reader, writer, record_max, *program):
    """Its calls begin in the order in which they came."""
    peer = Connection(reader, writer)
    COUNTS["peers"] += 1
    try:
        while True:
            call = Call(await peer.record(record_max), peer)
            asyncio.ensure_future(answer(call, *program))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        COUNTS["peers"] -= 1
        peer.close()


class Datagrams(asyncio.DatagramProtocol):
    """A call each.  One that comes again while its answer is owed is the same
    call: there is one answer for both."""
    def __init__(self, *program):
        self.program, self.owed, self.transport = program, set(), None

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        COUNTS["in"] += len(data)
        if (data, addr) in self.owed:
            return
        self.owed.add((data, addr))
        call = Call(data, Sender(self.transport, addr))
        asyncio.ensure_future(answer(call, *self.program)).add_done_callback(
            lambda _: self.owed.discard((data, addr)))


def datagram_socket(family, port):
    bound = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:       # the other socket has IPv4
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    bound.bind(("", port))
    return bound


async def serve(port, record_max, *program):
    """Serves until SIGTERM: the longest record, the program, its version, and
    the coroutines that take a Call and return a result."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    server = await asyncio.start_server(
        lambda reader, writer: connection(
            reader, writer, record_max, *program), None, port)
    for family in {each.family for each in server.sockets}:
        await loop.create_datagram_endpoint(
            lambda: Datagrams(*program), sock=datagram_socket(family, port))
    loop.add_signal_handler(signal.SIGTERM, done.set)
    print(f"{sys.argv[0]}: serving port={port}", file=sys.stderr, flush=True)
    await done.wait()
    server.close()
