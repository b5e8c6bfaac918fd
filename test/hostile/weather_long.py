#!/usr/bin/python3 -B
"""A long stream that is cut a hundred times takes no more than twice as long.

WEATHER_LONG is how many bytes of lines it has, 1 GB by default; the files for
it are in TMPDIR.
"""

import mmap
import os
import pathlib
import random
import sys
import tempfile
import time

sys.path += [str(pathlib.Path(__file__).parents[1] / folder)
             for folder in ("lib", "wire")]

from bad_network import Pair, Run, at_proxies, proxies_of
from breaking import Loop, Plan
from oncrpc import PATIENCE
from tap import diag

BYTES = int(os.environ.get("WEATHER_LONG", 1000000000))
SEED = int(os.environ.get("SEED", time.time()))
LINE = 60                       # bytes, with its end
LINES = 10000                   # made at once
CUTS = 100
TIMES = 2
HANGS = 600 * PATIENCE


def write_lines(chance, lines, wanted):
    """Each line begins with its number; wanted is each reversed."""
    filling = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=LINE))
    for first in range(0, BYTES // LINE, LINES):
        block = [f"{number:012}{filling[13:]}"
                 for number in range(first, first + LINES)]
        lines.write("".join(line + "\n" for line in block).encode())
        wanted.write("".join(line[::-1] + "\n" for line in block).encode())
    for file in lines, wanted:
        file.flush()


def seconds_of(pair, lines, wanted, plan):
    """How long each takes, and what is wrong or None."""
    loop = Loop()
    proxies = proxies_of("tcp", loop, plan, pair)
    lines.seek(0)
    begun = time.monotonic()
    try:
        wrong = Run(loop, [*at_proxies(proxies), "each"], None, lines,
                    wanted).finish(HANGS)
        return time.monotonic() - begun, wrong
    finally:
        for proxy in proxies:
            proxy.close()
        loop.close()


def cuts_of(chance):
    """They are connections that end, spread over all that passes."""
    return [(chance.randrange(2 * BYTES),
             chance.choice(["end", "reset", "half"])) for _ in range(CUTS)]


def measure(lines, wanted):
    """Returns what is wrong in all, and both times."""
    chance = random.Random(SEED)
    write_lines(chance, lines, wanted)
    pair = Pair()
    try:
        with mmap.mmap(wanted.fileno(), 0, prot=mmap.PROT_READ) as memory:
            calm, wrong = seconds_of(pair, lines, memory, Plan(chance, []))
            plan = Plan(chance, cuts_of(chance))
            rough, more = seconds_of(pair, lines, memory, plan)
    finally:
        found = pair.close()
    hits = sum(count for (_, hit), count in plan.counts.items() if hit)
    found += [why for why in (wrong, more) if why]
    if hits < CUTS * 0.9:
        found.append("too few cuts hit the stream")
    diag(f"seed {SEED}: {BYTES / 1e9:.2f} GB in {calm:.2f} s; cut {hits} times "
         f"{rough:.2f} s, {rough / calm:.2f} times as long")
    return found, calm, rough


def main():
    with tempfile.TemporaryFile() as lines, \
            tempfile.TemporaryFile() as wanted:
        found, calm, rough = measure(lines, wanted)
    for why in found:
        diag(why)
    facts = [("a long stream comes out right, cut or not", not found),
             ("cut a hundred times it takes twice the time at most",
              rough <= TIMES * calm)]
    for number, (name, holds) in enumerate(facts, 1):
        print(f"{'' if holds else 'not '}ok {number} - {name}")
    print(f"1..{len(facts)}")
    return 0 if all(holds for _, holds in facts) else 1


sys.exit(main())
