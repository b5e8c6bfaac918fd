#!/usr/bin/python3 -B
"""How many calls a second, beside the textbook server.

calls.py [ROUNDS [MILLISECONDS]]

Both servers run all the time.  In a round each is measured for so many
milliseconds, in slices that alternate with those of the other, so that
whatever else the machine does meets both.  A round gives a ratio.  Exits 1
when the median of the ratios, to a tenth, is below the goal.
"""

import contextlib
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from server import BUILD, Server

BENCH = BUILD / "test" / "bench"

# Calls in flight on the connection, and how many times the textbook server's
# calls are wanted.
GOALS = ((64, 4.0), (1, 1.0))

SLICES = 10


def rate(server, depth, milliseconds):
    """Calls a second."""
    done = subprocess.run(
        [BENCH / "calls", str(server.address[1]), str(depth),
         str(milliseconds)],
        check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout)


def one_round(servers, depth, milliseconds):
    """Calls a second of each of two servers, in the best of its slices: other
    work on the machine can only take away."""
    first, second = [], []
    for _ in range(SLICES // 2):
        # A, B, B, A: neither is always the one that comes after the other.
        first.append(rate(servers[0], depth, milliseconds // SLICES))
        second.append(rate(servers[1], depth, milliseconds // SLICES))
        second.append(rate(servers[1], depth, milliseconds // SLICES))
        first.append(rate(servers[0], depth, milliseconds // SLICES))
    return max(first), max(second)


def compare(textbook, daemon, depth, rounds, milliseconds):
    """Prints each round, and returns the ratios."""
    print(f"REVERSE_TEXT, 16 bytes, unit BYTE, {depth} in flight on one "
          f"connection\n{'textbook/s':>12}{'reversed/s':>12}{'ratio':>8}")
    ratios = []
    for _ in range(rounds):
        slow, fast = one_round((textbook, daemon), depth, milliseconds)
        ratios.append(fast / slow)
        print(f"{slow:12.0f}{fast:12.0f}{fast / slow:8.2f}", flush=True)
    return ratios


@contextlib.contextmanager
def running(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()
        server.clean()


def main(rounds=9, milliseconds=500):
    met = True
    with (running(Server(program=BENCH / "textbook")) as textbook,
          running(Server("-q", program=None)) as daemon):
        for depth, goal in GOALS:
            ratios = compare(textbook, daemon, depth, rounds, milliseconds)
            middle = statistics.median(ratios)
            print(f"ratio: median {middle:.2f}, min {min(ratios):.2f}, "
                  f"max {max(ratios):.2f}; goal {goal:.1f}\n")
            met = met and round(middle, 1) >= goal
    return 0 if met else 1


sys.exit(main(*map(int, sys.argv[1:])))
