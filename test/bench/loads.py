"""A load client, run once: what it prints, and what its server spent."""

import os
import subprocess
import time
from typing import NamedTuple

CPUCLOCK_SCHED = 2      # of a process, in nanoseconds: linux/posix-timers.h


class Result(NamedTuple):
    messages: int
    seconds: float
    client_cpu: float   # seconds
    p50: float          # microseconds; 0: not timed
    p99: float
    server_cpu: float   # seconds

    @property
    def rate(self):
        """Messages a second."""
        return self.messages / self.seconds


def spent(pid):
    """Seconds of processor time, of all threads that were."""
    return time.clock_gettime(~pid << 3 | CPUCLOCK_SCHED)


def command(client, address, work, milliseconds):
    return [*map(str, client), str(address), *work.split(),
            str(milliseconds)]


def pinned(core):
    """For preexec_fn: to one core, or to none."""
    return None if core is None else lambda: os.sched_setaffinity(0, {core})


def run(client, address, work, milliseconds, *, core=None, server=None):
    """work as test/bench/measure.h has it, without the address and the
    milliseconds; server: whose processor time counts."""
    before = spent(server) if server else 0
    done = subprocess.run(command(client, address, work, milliseconds),
                          stdout=subprocess.PIPE, text=True, check=True,
                          timeout=60, preexec_fn=pinned(core))
    after = spent(server) if server else 0
    words = done.stdout.split()
    return Result(int(words[0]), *map(float, words[1:5]), after - before)
