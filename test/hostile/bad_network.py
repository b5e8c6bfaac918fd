"""A client, its two servers, and the bad network between them.

A Pair is two daemons, for one client after another: whoever kills one leaves
that to it.  A Run is a client whose output is held against what it has to be.
The proxies are those of test/lib/breaking.py.
"""

import contextlib
import fcntl
import os
import shlex
import subprocess
import tempfile
import time

from breaking import HOST, READ, WRITE, TcpProxy, UdpProxy
from server import BUILD, Server

CLIENT = [*shlex.split(os.environ.get("TEST_WRAPPER", "")),
          str(BUILD / "reverse")]
PIPE = 1 << 20


class Pair:
    """Two servers, which streams kill one after another."""

    def __init__(self):
        self.servers = [Server("--drain-time", "0.1") for _ in range(2)]
        self.killed = set()
        for server in self.servers:
            server.start()

    def kill(self, server):
        if server not in self.killed:
            self.killed.add(server)
            server.process.kill()
            server.process.wait()

    def revive(self, server):
        if server in self.killed:
            self.killed.remove(server)
            server.start()

    def complaints(self):
        """What is wrong with them; they are alive again afterwards."""
        found = []
        for server in self.servers:
            self.revive(server)
            if server.has_died():
                found.append("a server died:\n" + server.log())
                server.start()
        return found

    def close(self):
        """Returns what is wrong with their end."""
        found = self.complaints()
        for server in self.servers:
            try:
                server.stop()
            except Exception as why:    # the other one is to end, too
                found.append(f"{why}\n{server.log()}")
            server.clean()
        return found


class Run:
    """A client, what goes in and what comes out, all in one loop."""

    def __init__(self, loop, arguments, feed, standard_input, wanted):
        """feed: written to its standard input, a pipe; else None."""
        self.loop = loop
        self.wanted = memoryview(wanted)
        self.got = 0
        self.wrong = None
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*CLIENT, *arguments], stdout=subprocess.PIPE, bufsize=0,
            stdin=subprocess.PIPE if standard_input is None
            else standard_input, stderr=self.errors)
        self.over = False
        self.output = self.process.stdout
        with contextlib.suppress(OSError):      # a user has so many
            fcntl.fcntl(self.output, fcntl.F_SETPIPE_SZ, PIPE)
        loop.watch(self.output, READ, self.read)
        if feed is not None:
            self.left = memoryview(feed)
            self.feed = self.process.stdin
            os.set_blocking(self.feed.fileno(), False)
            loop.watch(self.feed, WRITE, self.write)

    def write(self, pipe, _):
        try:
            if self.left:
                self.left = self.left[pipe.write(self.left) or 0:]
        except BrokenPipeError:
            self.left = b""
        if not self.left:
            self.loop.watch(pipe, 0)
            pipe.close()

    def read(self, pipe, _):
        data = pipe.read(PIPE)
        if not data:
            self.over = True
            self.loop.watch(pipe, 0)
            return
        if self.wrong is None and \
                data != self.wanted[self.got:self.got + len(data)]:
            self.wrong = self.compare(data)
        self.got += len(data)

    def compare(self, data):
        wanted = bytes(self.wanted[self.got:self.got + len(data)])
        at = len(os.path.commonprefix([data, wanted]))
        return (f"the output differs at byte {self.got + at} of "
                f"{len(self.wanted)}:\n   got {data[at:at + 48]!r}\n"
                f"wanted {wanted[at:at + 48]!r}")

    def finish(self, seconds):
        """Until it has ended; returns what is wrong, or None."""
        until = time.monotonic() + seconds
        while not self.over and time.monotonic() < until:
            self.loop.turn(until - time.monotonic())
        if not self.over:
            self.wrong = self.wrong or (
                f"it hangs: {self.got} bytes of {len(self.wanted)} came")
            self.process.kill()
        code = self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().decode(errors="replace")
        self.close()
        if self.wrong is None and self.got < len(self.wanted):
            self.wrong = (f"only {self.got} bytes of {len(self.wanted)} came")
        if self.wrong is None and (code != 0 or said):
            self.wrong = "the output is right"
        if self.wrong is not None:
            return f"{self.wrong}\nexit code {code}\n{said}"
        return None

    def close(self):
        for pipe in self.process.stdout, self.process.stdin:
            if pipe is not None and not pipe.closed:
                self.loop.watch(pipe, 0)
                pipe.close()
        self.errors.close()


def proxies_of(netid, loop, plan, pair):
    kind = TcpProxy if netid == "tcp" else UdpProxy
    proxies = []
    for number, server in enumerate(pair.servers):
        proxies.append(kind(loop, plan, lambda at=server: at.address))
        proxies[-1].number = number
    return proxies


def at_proxies(proxies):
    return ["-s", ",".join(f"{HOST}:{proxy.port}" for proxy in proxies)]
