"""What a server needs of RFC 5531 and RFC 4506: TCP, records, calls, XDR."""
import asyncio
import collections
import signal
import struct

PROG_UNAVAIL, PROG_MISMATCH, PROC_UNAVAIL, GARBAGE_ARGS = 1, 2, 3, 4
AUTH_NONE, AUTH_SYS, AUTH_BADCRED, NOBODY = 0, 1, 1, 0xffffffff
RPC_VERSION, RPC_MISMATCH, AUTH_ERROR = 2, 0, 1
LAST_FRAGMENT = 0x80000000
COUNTS = collections.Counter()  # calls; bytes in and out; peers there are
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
    def __init__(self, record, peer):
        super().__init__(record)
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
        xid, _, rpc_version, program, version, number = self.take("6I")
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


async def answer(call, *program):
    COUNTS["calls"] += 1
    try:
        reply = await call.reply(*program)
        COUNTS["out"] += 4 + len(reply)
        call.peer.write(words(LAST_FRAGMENT | len(reply)) + reply)
        await call.peer.drain()
    except (Garbage, ConnectionError):
        call.peer.close()


async def connection(reader, writer, record_max, *program):
    """Its calls begin in the order in which they came."""
    COUNTS["peers"] += 1
    try:
        while True:
            record, mark = b"", 0
            while not mark & LAST_FRAGMENT:     # RFC 5531, section 11
                mark = struct.unpack(">I", await reader.readexactly(4))[0]
                size = mark & ~LAST_FRAGMENT
                if len(record) + size > record_max:
                    return
                record += await reader.readexactly(size)
                COUNTS["in"] += 4 + size
            asyncio.ensure_future(answer(Call(record, writer), *program))
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        COUNTS["peers"] -= 1
        writer.close()


async def serve(port, ready, *how):
    """Serves until SIGTERM: the longest record, the program, its version, and
    the coroutines that take a Call and return a result."""
    server = await asyncio.start_server(
        lambda reader, writer: connection(reader, writer, *how), None, port)
    ready()
    done = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, done.set)
    await done.wait()
    server.close()
