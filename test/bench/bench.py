#!/usr/bin/python3 -B
"""How fast reverse is, beside others that do the same work.

The peers (test/bench/peers.py) reverse the bytes of the same texts. RAW does it
by messages with a length before them and is the limit; the figures of the
others are ratios to it, of the same round. In a round each column is measured
of one peer after the other, for TCP and for a Unix socket, with both ends on
one core and with a core each. What RAW itself does in less than 60 % of its
best was disturbed, and is measured again.

Environment:
    ROUNDS          9
    PEERS           all: those that nobody expects to be fast, too
    COLUMNS         a regular expression: those columns alone
    MILLISECONDS    how long each load runs: 200
    MEGABYTES       of the files for the command line: 100
"""

import collections
import contextlib
import os
import re
import subprocess
import sys
import time

import columns
import filters
import loads
import peers
import report

ROUNDS = int(os.environ.get("ROUNDS") or 9)
MILLISECONDS = int(os.environ.get("MILLISECONDS") or 200)
MEGABYTES = int(os.environ.get("MEGABYTES") or 100)
DISTURBED = 0.6
REPEATS = 2             # of each run, in the mean
IDLE = 1000             # connections whose memory is measured

CORES = sorted(os.sched_getaffinity(0))
PLACES = {"one core": CORES[-1]}
if len(CORES) > 1:
    PLACES["one core each"] = CORES[0]
TRANSPORTS = ("TCP", "Unix")


def chosen():
    """The peers that are here, and what is said of the others."""
    wanted = [peer for peer in peers.ALL
              if os.environ.get("PEERS") == "all" or not peer.only_all]
    missing = [peer for peer in wanted if not peer.is_there()]
    for peer in missing:
        print(f"{peer.name} is left out: it needs {peer.needs}, which "
              "`sh scripts/setup bench` installs", flush=True)
    return [peer for peer in wanted if peer not in missing]


@contextlib.contextmanager
def crowd(server, work, count):
    """Connections that are idle after a call each."""
    if not count:
        yield
        return
    idle = subprocess.Popen(
        loads.command(server.peer.client, server.where,
                      f"{work} 1 1 {count}", 1),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if idle.stdout.readline() != "ready\n":
            raise RuntimeError(f"{count} idle connections to "
                               f"{server.peer.name} are too many")
        yield
    finally:
        idle.stdin.close()
        idle.stdout.close()
        idle.wait()


class Bench:
    def __init__(self, stack, there):
        self.stack = stack
        self.there = there
        self.servers = {}
        self.runs = collections.OrderedDict()   # key: {name: Result}
        self.memory = collections.defaultdict(list)
        self.commands = collections.defaultdict(list)

    def start(self, peer, unix):
        server = peers.Served(peer, unix, CORES[-1])
        self.stack.callback(server.clean)
        server.start()
        self.stack.callback(server.stop)
        return server

    def server(self, number, transport):
        """The one for this peer; another where the last one has died."""
        key = number, transport
        if key not in self.servers or self.servers[key].has_died():
            self.servers[key] = self.start(self.there[number],
                                           transport == "Unix")
        return self.servers[key]

    def measure_peer(self, server, column, core):
        with crowd(server, f"idle {column.bytes}", column.idle):
            return loads.run(server.peer.client, server.where, column.work,
                             MILLISECONDS, core=core,
                             server=server.process.pid)

    def measure(self, key):
        """A run: a column of each peer.  Of two with one name the better."""
        _, transport, place, column = key
        results = {}
        for number, peer in enumerate(self.there):
            if not peer.can(column):
                continue
            try:
                result = self.measure_peer(self.server(number, transport),
                                           column, PLACES[place])
            except (subprocess.SubprocessError, RuntimeError) as error:
                print(f"{peer.name}, {column.title}, {transport}: {error}",
                      flush=True)
                continue
            if (peer.name not in results
                    or result.rate > results[peer.name].rate):
                results[peer.name] = result
        if peers.LIMIT in results:
            self.runs[key] = results

    def measure_memory(self, transport):
        for peer in self.there:
            if peer.idle < IDLE or peer.name == peers.LIMIT:
                continue
            server = self.start(peer, transport == "Unix")
            with crowd(server, "idle 16", 1):
                pass
            before = server.memory()
            with crowd(server, "idle 65536", IDLE):
                time.sleep(0.5)
                self.memory[transport, peer.name].append(
                    (server.memory() - before) / IDLE)
            server.stop()

    def measure_commands(self, lines):
        number = [peer.name for peer in self.there].index(peers.OURS)
        daemon = self.server(number, "TCP")
        program = peers.BUILD / "reverse"
        tcp = [program, "-s", f"127.0.0.1:{daemon.address[1]}"]
        unix = [program, "-S", daemon.path]
        for name, command in (
                ("cat", ["cat"]), ("rev", ["rev"]),
                ("each, TCP", tcp), ("each, Unix", unix),
                ("tac", ["tac"]), ("whole, TCP", [*tcp, "whole"]),
                ("whole, Unix", [*unix, "whole"])):
            took = filters.seconds(*command, file=lines)
            self.commands[name].append(lines.stat().st_size / 1e6 / took)

    def disturbed(self):
        """The runs whose RAW is far below its best."""
        best = collections.defaultdict(float)
        for key, results in self.runs.items():
            best[key[1:]] = max(best[key[1:]], results[peers.LIMIT].rate)
        return [key for key, results in self.runs.items()
                if results[peers.LIMIT].rate < DISTURBED * best[key[1:]]]

    def repeat(self):
        left = REPEATS * len(self.runs)
        while left > 0 and (again := self.disturbed()[:left]):
            left -= len(again)
            print(f"again, since RAW was disturbed: {len(again)}", flush=True)
            for key in again:
                self.measure(key)


def command():
    """What was typed, or would do the same."""
    settings = [f"{name}={os.environ[name]}" for name in
                ("ROUNDS", "PEERS", "COLUMNS", "MILLISECONDS", "MEGABYTES")
                if os.environ.get(name)]
    return " ".join(["make bench", *settings])


def main():
    pattern = re.compile(os.environ.get("COLUMNS") or "")
    wanted = [column for column in columns.ALL if pattern.search(column.key)]
    out = peers.BUILD / "bench"
    out.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        bench = Bench(stack, chosen())
        lines = out / "lines"
        filters.make_lines(lines, MEGABYTES * 1000 * 1000)
        stack.callback(lines.unlink)
        for number in range(ROUNDS):
            began = time.monotonic()
            for transport in TRANSPORTS:
                for place in PLACES:
                    for column in wanted:
                        if not column.idle or place == "one core":
                            bench.measure((number, transport, place, column))
                bench.measure_memory(transport)
            bench.measure_commands(lines)
            print(f"round {number + 1} of {ROUNDS}: "
                  f"{time.monotonic() - began:.0f} s", flush=True)
        bench.repeat()
        report.write(bench, out, command())
    return 0


sys.exit(main())
