"""How long the turns of a daemon were, in processor time of its own.

That is what the daemon did, and not what the machine did: it may be busy with
others.  The daemon has to be started with OPTION.
"""

import re
import signal
import statistics
import time
import typing

from conversation import GRAPHEME
from oncrpc import (LAST_FRAGMENT, MESSAGE_MAX, PATIENCE, SOON, TEXT, call,
                    opaque, record, u32)

OPTION = "--turn-cpu"
MOST_SECONDS = 0.003 * PATIENCE
# What a turn may take if one call alone takes more than that.
CALL_PART = 1.5
CALLS = 5

# No text of its length takes longer.
MARKS = "\u0301".encode() * (MESSAGE_MAX // 2)

_LINE = re.compile(r"turns: (\d+), longest (\d+) us of CPU$", re.M)


class Turns(typing.NamedTuple):
    """longest: seconds."""

    count: int
    longest: float


def told(server):
    """All that the daemon has told in its log."""
    with open(server.log_path, encoding="utf-8", errors="replace") as log:
        return [Turns(int(count), int(longest) / 1e6)
                for count, longest in _LINE.findall(log.read())]


def taken(server):
    """Those since it was asked last, or since its start."""
    before = len(told(server))
    server.process.send_signal(signal.SIGUSR1)
    deadline = time.monotonic() + SOON
    while len(told(server)) == before:
        assert time.monotonic() < deadline, "it does not tell its turns"
        time.sleep(0.005)
    return told(server)[before]


def _one_call(server, connection):
    taken(server)
    connection.send(record(call(1, TEXT, u32(0, 0, GRAPHEME) +
                                opaque(MARKS))))
    while not connection.fragment()[0] & LAST_FRAGMENT:
        pass
    return taken(server).longest


def longest_call(server):
    """Seconds of the turn with the longest call there is, by itself."""
    with server.connect() as connection:
        return statistics.median(_one_call(server, connection)
                                 for _ in range(CALLS))


def allowed(longest):
    """Seconds that a turn may take where the longest call takes so many."""
    return max(MOST_SECONDS, CALL_PART * longest)


def most(server):
    """Seconds that a turn of the server may take."""
    return allowed(longest_call(server))
