#!/usr/bin/python3 -B
"""More connections than the server has descriptors for."""

import contextlib
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from by_number import more_connections_than_descriptors
from fair_clock import fair_clock
from honest import Honest
from oncrpc import Closed, PATIENCE, SOON, Silence, call, success
from tap import diag, fact, run

NOFILE = 64
CONNECTIONS = 3 * NOFILE

# Seconds in which the server has the crowd and nothing else to do.
WATCHED = 0.5


def is_served(server, seconds):
    try:
        with server.connect(seconds) as connection:
            return connection.ask(call(1)) == success(1)
    except (Closed, Silence, OSError):
        return False


@contextlib.contextmanager
def crowd(server):
    """Connections that say nothing, more than there can be."""
    with contextlib.ExitStack() as stack:
        for _ in range(CONNECTIONS):
            with contextlib.suppress(OSError):
                stack.enter_context(server.connect())
        yield


@fact
def who_is_connected_is_served_on(server):
    with Honest(server, clock=fair_clock(server)) as honest:
        with crowd(server):
            honest.worst()
            time.sleep(WATCHED)
            worst = honest.worst()
    diag(f"worst wait {1000 * worst:.1f} ms")
    assert worst < 0.1 * PATIENCE, "the honest client had to wait"


@fact
def the_server_does_not_spin(server):
    with crowd(server):
        before = server.processor_seconds()
        time.sleep(WATCHED)
        used = server.processor_seconds() - before
    diag(f"{used:.2f} s of processor time in {WATCHED} s")
    assert used < WATCHED / 5, "it spins"


@fact
def whoever_cannot_be_served_is_told_so_at_once(server):
    with contextlib.closing(
            more_connections_than_descriptors(server, CONNECTIONS)) as steps:
        for _ in range(100):
            next(steps)


@fact
def who_comes_later_is_served_when_there_is_room_again(server):
    with crowd(server):
        pass
    deadline = time.monotonic() + SOON
    while not is_served(server, 1):
        assert time.monotonic() < deadline, "nobody is served any more"


run(nofile=NOFILE)
