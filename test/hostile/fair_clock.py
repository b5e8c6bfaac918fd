"""A clock that goes as fast as the machine lets this process and a server run.

It stands still while one of the two is ready to run and some other program has
the processor.  What it tells of a wait is never more than what the two did, or
did not do: how much else the machine has to do is not in it.

Of the server's threads any may be the one that a wait is for: from one look at
the clock to the next, that one counts which was kept waiting longest.
"""

import glob
import time


def _kept_waiting(process):
    """Seconds that each of its threads was ready to run, and did not, by the
    thread.  Nothing at all where the kernel does not count them."""
    waited = {}
    for path in glob.glob(f"/proc/{process}/task/*/schedstat"):
        # It may end meanwhile.
        try:
            with open(path, encoding="ascii") as schedstat:
                waited[path] = int(schedstat.read().split()[1]) / 1e9
        except (FileNotFoundError, ProcessLookupError):
            continue
    return waited


def _longest(before, after):
    return max((waited - before.get(thread, 0)
                for thread, waited in after.items()), default=0)


class _Clock:
    def __init__(self, server):
        self.server = server
        self.waited = self._look()
        self.seen, self.fair = time.monotonic(), 0

    def _look(self):
        return [_kept_waiting(self.server.process.pid), _kept_waiting("self")]

    def now(self):
        waited, seen = self._look(), time.monotonic()
        still = sum(map(_longest, self.waited, waited))
        # It is counted when it is over, and may have begun before.
        self.fair += max(0, seen - self.seen - still)
        self.waited, self.seen = waited, seen
        return self.fair


def fair_clock(server):
    """A function like time.monotonic; its times go with each other only."""
    return _Clock(server).now
