#!/usr/bin/python3 -B
"""How fast the client is, beside others.

client.py [ROUNDS [MEGABYTES]]

In each round all are measured, one after the other; the ratios are of one
round.  The input is in the page cache, the output goes to cat, which throws it
away; but where the raw client stands beside, which throws it away itself, there
is no cat.  Exits 1 when the median of a ratio is beyond its goal.

    64 calls in flight on one channel, 16 bytes, against the daemon; beside 64
    handles of libtirpc, a thread each, against the textbook server, and beside
    the same channel there.
    each: lines of 60 bytes, beside rev(1); by byte, beside a raw client with 8
    segments in flight.
    whole: beside tac(1), over TCP and over a Unix socket.
"""

import contextlib
import pathlib
import resource
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

import loads
from filters import LINE, make_lines, seconds
from server import BUILD, Server

BENCH = BUILD / "test" / "bench"
MILLISECONDS = 500
# What the raw client sends: lines without their end, 500 in a segment.
RAW_LINES = f"each {LINE - 1} 4000 500 1"


def rate(client, server, work):
    return loads.run([BENCH / client], server.address[1], work,
                     MILLISECONDS).rate


class Ratios:
    """What is to be at least, or at most, so much."""

    def __init__(self, name, goal, least):
        self.name, self.goal, self.least = name, goal, least
        self.all = []

    def tell(self):
        middle = statistics.median(self.all)
        met = middle >= self.goal if self.least else middle <= self.goal
        print(f"{self.name:<58} {middle:6.2f}  ({min(self.all):.2f} to "
              f"{max(self.all):.2f}); goal {'>=' if self.least else '<='} "
              f"{self.goal}{'' if met else '  MISSED'}")
        return met


def calls(daemon, textbook, ratios):
    ours = rate("channel", daemon, "text 16 64 1 1")
    stock = rate("stock", textbook, "text 16 64 1 1")
    there = rate("channel", textbook, "text 16 64 1 1")
    ratios["stock"].all.append(ours / stock)
    ratios["textbook"].all.append(ours / there)
    return f"calls/s: {ours:.0f}, stock {stock:.0f}, textbook {there:.0f}"


def streams(daemon, lines, ratios):
    reverse = [BUILD / "reverse", "-s", f"127.0.0.1:{daemon.address[1]}"]
    local = [BUILD / "reverse", "-S", daemon.path]
    size = lines.stat().st_size
    rev = seconds("rev", file=lines)
    each = seconds(*reverse, file=lines)
    by_byte = seconds(*reverse, "-u", "byte", file=lines, read=False)
    raw = size / LINE / rate("load", daemon, RAW_LINES)
    tac = seconds("tac", file=lines)
    whole = seconds(*reverse, "whole", file=lines)
    unix = seconds(*local, "whole", file=lines)
    ratios["rev"].all.append(rev / each)
    ratios["raw"].all.append(raw / by_byte)
    ratios["tac"].all.append(whole / tac)
    ratios["unix"].all.append(unix / tac)
    return (f"s: rev {rev:.2f}, each {each:.2f}, by byte {by_byte:.2f}, raw "
            f"{raw:.2f}, tac {tac:.2f}, whole {whole:.2f}, Unix {unix:.2f}")


@contextlib.contextmanager
def running(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()
        server.clean()


def main(rounds=9, megabytes=1000):
    ratios = {
        "stock": Ratios("64 in flight / 64 stock handles, textbook", 4, True),
        "textbook": Ratios("64 in flight / the same, textbook", 4, True),
        "rev": Ratios("rev / each", 3, True),
        "raw": Ratios("raw client / each by byte", 0.8, True),
        "tac": Ratios("whole / tac", 2, False),
        "unix": Ratios("whole over a Unix socket / tac", 2, False),
    }
    with (tempfile.TemporaryDirectory() as folder,
          running(Server(program=BENCH / "textbook")) as textbook,
          running(Server(program=None)) as daemon):
        lines = pathlib.Path(folder) / "lines"
        make_lines(lines, megabytes * 1000 * 1000)
        for _ in range(rounds):
            print(calls(daemon, textbook, ratios))
            print(streams(daemon, lines, ratios), flush=True)
        most = daemon.memory("VmHWM") >> 20
    print(f"\nmost memory: daemon {most} MiB, client "
          f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} "
          "MiB")
    met = [ratio.tell() for ratio in ratios.values()]
    return 0 if all(met) else 1


sys.exit(main(*map(int, sys.argv[1:])))
