#!/usr/bin/python3 -B
"""What a second worker brings: two clients at a time, all free to run anywhere.

In each round each load is measured against one worker, and then against two.
The figures are ratios of the two in the same round: calls a second, and the
processor time of server and clients for a call.

    ROUNDS          9
    MILLISECONDS    how long each load runs: 500
"""

import concurrent.futures
import os
import statistics
import sys
from typing import NamedTuple

import loads
import peers
import report
from server import serving

ROUNDS = int(os.environ.get("ROUNDS") or 9)
MILLISECONDS = int(os.environ.get("MILLISECONDS") or 500)
CLIENTS = 2
CLIENT = [peers.BENCH / "load"]
CPU_GOAL = 1.1      # at most


class Load(NamedTuple):
    """work: as test/bench/measure.h has it; goal: what its rate should be at
    least, beside one worker."""

    title: str
    work: str
    goal: float


LOADS = [Load("16 B, 64 connections", "text 16 1 1 64", 1.2),
         Load("16 B, 64 in flight", "text 16 64 1 1", 2.2),
         Load("64 KiB, 1 in flight", "text 65536 1 1 1", 1.25)]


class Sample(NamedTuple):
    rate: float
    cpu: float      # seconds for a call


def measure(server, load):
    def run(_):
        return loads.run(CLIENT, server.address[1], load.work, MILLISECONDS)

    before = loads.spent(server.process.pid)
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        results = list(pool.map(run, range(CLIENTS)))
    cpu = (loads.spent(server.process.pid) - before +
           sum(result.client_cpu for result in results))
    return Sample(sum(result.rate for result in results),
                  cpu / sum(result.messages for result in results))


def table(pairs):
    yield ["two workers", "one", "two", "ratio", "goal", "CPU of a call",
           "goal"]
    for load, samples in pairs.items():
        one, two = (statistics.median(sample.rate for sample in each)
                    for each in zip(*samples))
        yield [load.title, f"{one:,.0f}/s", f"{two:,.0f}/s",
               report.spread([b.rate / a.rate for a, b in samples]),
               f">= {load.goal}",
               report.spread([b.cpu / a.cpu for a, b in samples]),
               f"<= {CPU_GOAL}"]


def main():
    pairs = {load: [] for load in LOADS}
    with serving("-j", "1") as one, serving("-j", "2") as two:
        for _ in range(ROUNDS):
            for load, samples in pairs.items():
                samples.append((measure(one, load), measure(two, load)))
    print(*report.rows_of(list(table(pairs))), sep="\n")
    return 0


sys.exit(main())
