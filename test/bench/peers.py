"""Who is measured: how each is served, what drives it, what it can do."""

import os
import pathlib
import resource
import subprocess
import sys
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from server import BUILD, Server

BENCH = BUILD / "test" / "bench"
LIMIT = "RAW"
OURS = "reverse"
EVERYTHING = ("text", "each", "collect", "spell")


def _imports(module):
    return subprocess.run(["/usr/bin/python3", "-c", f"import {module}"],
                          stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


class Peer(NamedTuple):
    name: str
    server: list        # put before an address; none: the daemon
    client: list
    kinds: tuple = EVERYTHING
    places: int = 64    # connections that it can have at a time
    idle: int = 10000   # and how many idle ones, without taking minutes
    needs: str = ""     # Debian packages
    modules: tuple = ()         # of Python, which have to be there
    only_all: bool = False      # by PEERS=all alone

    def can(self, column):
        return (column.kind in self.kinds and self.places >= column.connections
                and self.idle >= column.idle)

    def is_there(self):
        programs = [word for word in self.server + self.client
                    if isinstance(word, pathlib.Path)]
        return (all(program.exists() for program in programs)
                and all(_imports(module) for module in self.modules))


def _python(name):
    """Debian's Python, which has Debian's packages."""
    return ["/usr/bin/python3", "-B",
            pathlib.Path(__file__).resolve().parent / name]


# Of those with the same name the better one counts.
ALL = [
    Peer(LIMIT, [BENCH / "raw_server", "epoll"], [BENCH / "raw"]),
    Peer(LIMIT, [BENCH / "raw_server", "blocking"], [BENCH / "raw"],
         places=1, idle=0),
    Peer(OURS, [], [BENCH / "load"]),
    Peer("textbook", [BENCH / "textbook"], [BENCH / "load"], ("text",),
         idle=1000),
    Peer("textbook, stock", [BENCH / "textbook"], [BENCH / "stock"],
         ("text",), idle=0),
    Peer("gRPC C++", [BENCH / "grpc_server"], [BENCH / "grpc_load"],
         needs="libgrpc++-dev and protobuf-compiler-grpc"),
    Peer("gRPC Python", _python("grpc_server.py"), [BENCH / "grpc_load"],
         idle=1000, needs="python3-grpcio and python3-protobuf",
         modules=("grpc", "google.protobuf"), only_all=True),
    Peer("RPyC", _python("rpyc_server.py"), _python("rpyc_load.py"),
         ("text",), idle=0, needs="python3-rpyc", modules=("rpyc",),
         only_all=True),
    Peer("ntirpc", [BENCH / "ntirpc_server"], [BENCH / "load"], ("text",),
         needs="libntirpc-dev", only_all=True),
]


class Served(Server):
    """A peer's server at a TCP port or a Unix socket, on one core."""

    def __init__(self, peer, unix, core):
        super().__init__("-q", program=peer.name if peer.server else None)
        self.peer, self.unix, self.core = peer, unix, core

    def _command(self, port):
        if not self.peer.server:
            return super()._command(port)
        if self.unix:
            self.address = os.path.join(self.folder, "socket")
        return [*map(str, self.peer.server),
                self.address if self.unix else str(port)]

    def _limit(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        os.sched_setaffinity(0, {self.core})

    def _is_reached(self):
        try:
            (self.connect_unix if self.path else self.connect)().socket.close()
            return True
        except (ConnectionRefusedError, FileNotFoundError):
            return False

    @property
    def where(self):
        """For a load client."""
        if self.peer.server:
            return self.address if self.unix else self.address[1]
        return self.path if self.unix else self.address[1]
