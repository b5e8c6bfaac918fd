#!/usr/bin/python3 -B
"""The client in a bad network: every stream comes out right, to the byte.

Each stream is a `reverse` that knows two servers, each through a proxy, whose
connections are cut and whose datagrams get lost; now and then a server is
killed.  `weather.py NUMBER...` runs these streams only.

    SEED             of all streams; the time by default
    WEATHER_STREAMS  how many; 20 by default
    WEATHER_BYTES    the most of one stream; 1 MiB by default
    WEATHER_JOBS     how many at once; 4 by default
"""

import collections
import multiprocessing
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

sys.path += [str(pathlib.Path(__file__).parents[1] / folder)
             for folder in ("lib", "wire")]

from bad_network import Pair, Run, at_proxies, proxies_of
from breaking import Loop, Plan
from oncrpc import PATIENCE
from streams import Stream, log_uniform
from tap import diag

SEED = int(os.environ.get("SEED", time.time()))
COUNT = int(os.environ.get("WEATHER_STREAMS", "20"))
BYTES = int(os.environ.get("WEATHER_BYTES", 1 << 20))
JOBS = int(os.environ.get("WEATHER_JOBS", "4"))
LONG_STREAM = 64 * 1024         # from here on hits are asked for
HITS = 3                        # on average, if there are
TOLD = 1000                     # streams, before it says so
FEW = 10                        # of them or more
RATES = (0.02, 0.05, 0.1)       # of datagrams that get lost, or come twice
# So many in a row cost less time than a client goes on without progress; more
# there are where something gets through between them.
SAFE_CUTS = 8
MOST_CUTS = 16
BETWEEN_CUTS = 1 << 20
HANGS = 100 * PATIENCE


def events_of(stream):
    """What happens to it, and when; it is known after how many bytes about it
    is over."""
    chance = stream.chance
    about = stream.size + len(stream.wanted) + 2000
    long = stream.size > LONG_STREAM
    kinds = []
    if stream.netid == "tcp":
        most = min(MOST_CUTS, max(SAFE_CUTS, about // BETWEEN_CUTS))
        kinds = chance.choices(
            ["end", "reset", "half", "delay"], [3, 3, 3, 2],
            k=log_uniform(chance, 3, most) if long else chance.randrange(4))
        if chance.random() < 0.04:
            kinds.append("silence")
    if chance.random() < 0.06:
        kinds.append(chance.choice(["restart", "takeover"]))
    return [(chance.randrange(about), kind) for kind in kinds]


def plan_of(stream, loop, pair):
    chance = stream.chance
    pause = chance.random()

    def act(what, proxy):
        server = pair.servers[proxy.number]
        pair.kill(server)
        if what == "restart":
            loop.after(pause, pair.revive, server)
        else:
            pair.revive(pair.servers[1 - proxy.number])

    rates = [chance.choice(RATES) for _ in range(3)]
    return Plan(chance, events_of(stream), act, *rates)


def run_stream(stream, pair):
    """Returns what is wrong, or None, and what happened to it."""
    loop = Loop()
    plan = plan_of(stream, loop, pair)
    proxies = proxies_of(stream.netid, loop, plan, pair)
    feed, source, arguments = None, subprocess.DEVNULL, stream.arguments
    try:
        with tempfile.NamedTemporaryFile() as file:
            if stream.method == "spell":
                pass
            elif stream.source == "pipe":
                feed, source = stream.text, None
            else:
                file.write(stream.text)
                file.seek(0)
                source = file
                if stream.source == "name":
                    arguments = [*arguments, file.name]
            run = Run(loop, [*at_proxies(proxies), *arguments], feed, source,
                      stream.wanted)
            wrong = run.finish(HANGS + stream.size / 1e6 * PATIENCE)
    finally:
        for proxy in proxies:
            proxy.close()
        loop.close()
    found = pair.complaints()
    return "\n".join(found + ([wrong] if wrong else [])), plan.counts


def work(numbers, begun, results):
    """Streams one after another, as long as there are more; then what is wrong
    with the servers."""
    try:
        pair = Pair()
        run_some(numbers, begun, results, pair)
        results.put(pair.close())
    except Exception:
        results.put([traceback.format_exc()])


def run_some(numbers, begun, results, pair):
    while True:
        with begun.get_lock():
            at = begun.value
            begun.value += 1
        if at >= len(numbers):
            break
        start = time.monotonic()
        stream = Stream(SEED, numbers[at], BYTES)
        try:
            wrong, counts = run_stream(stream, pair)
        except Exception:   # of the test itself; the other streams go on
            wrong, counts = traceback.format_exc(), collections.Counter()
        results.put((stream.number, str(stream), stream.method, stream.size,
                     wrong, counts, time.monotonic() - start))


class Tally:
    """All results, and what they come to."""

    def __init__(self):
        self.right, self.wrong = 0, 0
        self.bytes, self.long, self.hits = 0, 0, 0
        self.methods = collections.Counter()
        self.counts = collections.Counter()
        self.longest = 0, ""
        self.faults, self.ends = [], []

    def add(self, number, name, method, size, wrong, counts, seconds):
        self.bytes += size
        self.methods[method] += 1
        self.counts += counts
        if (self.right + self.wrong) % TOLD == TOLD - 1:
            diag(f"{self.right + self.wrong + 1} streams")
        self.longest = max(self.longest, (seconds, f"{number}, {name}"))
        if size > LONG_STREAM:
            self.long += 1
            self.hits += sum(count for (_, hits), count in counts.items()
                             if hits)
        if not wrong:
            self.right += 1
            return
        self.wrong += 1
        self.faults += [
            f"stream {number}, {name}: {wrong}", f"{dict(counts)}",
            f"again: SEED={SEED} WEATHER_BYTES={BYTES} "
            f"python3 -B test/hostile/weather.py {number}"]

    def tell(self, seconds):
        diag(f"seed {SEED}: {self.right} of {self.right + self.wrong} streams "
             f"right, {self.bytes / 1e9:.2f} GB, {seconds:.0f} s; "
             + ", ".join(f"{count} {method}"
                         for method, count in sorted(self.methods.items())))
        for what in sorted({what for what, _ in self.counts}):
            hits = self.counts[what, True]
            diag(f"{what:<10} {hits + self.counts[what, False]:7} times, "
                 f"{hits:7} hit an open stream")
        diag(f"{self.long} streams above 64 KiB, "
             f"{self.hits / max(1, self.long):.1f} hits on average")
        diag(f"the longest took {self.longest[0]:.1f} s: {self.longest[1]}")


def run_all(numbers):
    tally = Tally()
    at = multiprocessing.Value("L", 0)
    results = multiprocessing.SimpleQueue()
    workers = [multiprocessing.Process(target=work,
                                       args=(numbers, at, results))
               for _ in range(min(JOBS, len(numbers)))]
    begun = time.monotonic()
    for worker in workers:
        worker.start()
    ended = 0
    while ended < len(workers):
        result = results.get()
        if isinstance(result, tuple):
            tally.add(*result)
        else:
            tally.ends += result
            ended += 1
    for worker in workers:
        worker.join()
    tally.tell(time.monotonic() - begun)
    return tally


def tell(number, name, holds, faults=()):
    print(f"{'' if holds else 'not '}ok {number} - {name}", flush=True)
    for fault in faults:
        diag(fault)
    return holds


def main(numbers):
    sys.stdout.reconfigure(line_buffering=True)
    tally = run_all(numbers or range(COUNT))
    facts = [("every stream comes out right", tally.wrong == 0, tally.faults),
             ("long streams are hit three times on average",
              tally.long < FEW or tally.hits >= HITS * tally.long),
             ("the servers end well", not tally.ends, tally.ends)]
    held = [tell(number, *fact) for number, fact in enumerate(facts, 1)]
    print(f"1..{len(held)}")
    return 0 if all(held) else 1


sys.exit(main([int(number) for number in sys.argv[1:]]))
