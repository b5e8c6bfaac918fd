"""A clock that goes as fast as the machine lets this process and a server run.

It stands still while one of the two is ready to run and some other program has
the processor.  What it tells of a wait is never more than what the two did, or
did not do: how much else the machine has to do is not in it.
"""

import time


def _kept_waiting(process):
    """Seconds that its first thread was ready to run, and did not.  None at
    all where the kernel does not count them."""
    try:
        with open(f"/proc/{process}/schedstat", encoding="ascii") as schedstat:
            return int(schedstat.read().split()[1]) / 1e9
    except FileNotFoundError:
        return 0.0


def fair_clock(server):
    """A function like time.monotonic; its times go with each other only."""
    def now():
        return (time.monotonic() - _kept_waiting(server.process.pid) -
                _kept_waiting("self"))
    return now
