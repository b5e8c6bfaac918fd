#!/usr/bin/python3 -B
"""An honest client beside a hostile one, and the memory it costs.

How long the honest one has to wait is how long the turns of the server are,
in processor time, and what it waits by a clock that stands still while the
machine is busy with others, compared with what it waits while the same is done
to another server on the same machine.

TEST_FULL=1 makes more and longer rounds, and full counts.
"""

import contextlib
import os
import pathlib
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

import by_call
import by_claim
import by_datagram
import by_end
import by_moment
import by_number
import by_stream
import turns
from fair_clock import fair_clock
from honest import Honest
from oncrpc import (PATIENCE, SOON, TEXT, call, opaque, record, success, u32)
from server import Server
from tap import Skipped, diag, fact, run, state

FULL = os.environ.get("TEST_FULL") == "1"
ROUNDS = 5 if FULL else 3
SECONDS = 0.5 if FULL else 0.1
CALLS = 100000 if FULL else 5000
STEPS = 20 if FULL else 3
TRIES = 3
# The server gives memory back from a second after it was freed, step by step.
BACK_SECONDS = 2.5

# What a turn may take; and what the machine itself may add to a wait, and to a
# process.
TURN_SECONDS = 0.020 * PATIENCE
SLACK_SECONDS = 0.010 * PATIENCE
STALL_SECONDS = 1.0 * PATIENCE
SLACK_BYTES = 512 * 1024

# Connections at rest, and what one may cost.
RESTING = 150
RESTING_BYTES = 32 * 1024

# AddressSanitizer keeps what was freed for a while: not for long here.
os.environ["ASAN_OPTIONS"] = (
    os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1")

# Nobody waits for streams that an attack has left.  Both are on the same loop.
OPTIONS = ["--drain-time", "0.1", "-j", "1", turns.OPTION]
OTHER = Server(*OPTIONS)


def worst_wait(honest, victim, attack):
    """The longest wait of the honest client while victim is attacked."""
    with contextlib.closing(attack(victim)) as steps:
        next(steps)
        honest.worst()
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            next(steps)
        return honest.worst()


def broken_limit(server, attack):
    """Which limit one measurement breaks, or None."""
    alone, beside = [], []
    turns.taken(server)
    with Honest(server, clock=fair_clock(server)) as honest:
        for _ in range(ROUNDS):
            alone.append(worst_wait(honest, OTHER, attack))
            beside.append(worst_wait(honest, server, attack))
    longest = turns.taken(server).longest
    diag(f"longest turn {1000 * longest:.1f} ms")
    for where, waits in (("elsewhere", alone), ("here", beside)):
        diag(f"worst waits in ms, attack {where}: " +
             " ".join(f"{1000 * wait:.1f}" for wait in waits))
    bound = SLACK_SECONDS + 2 * statistics.median(alone)
    diag(f"their median here may be {1000 * bound:.1f} ms")
    if longest > TURN_SECONDS:
        return "a turn is long"
    if statistics.median(beside) > bound:
        return "the honest client has to wait"
    if max(beside) > STALL_SECONDS:
        return "the honest client stood still"
    return None


def leaves_the_honest_alone(server, attack):
    """What the server does it does each time; a host that takes the processors
    from the whole machine for a moment, which no clock here tells, does not."""
    for _ in range(TRIES):
        broken = broken_limit(server, attack)
        if broken is None:
            return
    raise AssertionError(broken)


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def connections_are_gone(server, before):
    deadline = time.monotonic() + SOON
    while descriptors(server) > before:
        assert time.monotonic() < deadline, "connections stay"
        time.sleep(0.01)


def memory_left(server, most):
    """Resident bytes, once they are no more than that, or no longer go back."""
    deadline = time.monotonic() + BACK_SECONDS * PATIENCE
    while server.memory() > most and time.monotonic() < deadline:
        time.sleep(0.05)
    return server.memory()


def memory_after(server, attack, enough, most):
    """The same once a fixed amount of it was done and has gone."""
    before = descriptors(server)
    with contextlib.closing(attack(server)) as steps:
        done = 0
        while done < enough:
            done += next(steps) or 1
    connections_are_gone(server, before)
    return memory_left(server, most)


def leaves_no_memory(server, attack, enough=STEPS):
    """What is lost is lost each time; what is kept for the next time is not
    more the next time, but the time after that may still find it so."""
    if os.environ.get("TEST_WRAPPER"):
        memory_after(server, attack, enough, sys.maxsize)
        raise Skipped("what runs the server has memory of its own")
    kept = [server.memory()]
    while len(kept) < 8:
        kept.append(memory_after(server, attack, enough,
                                 kept[-1] + SLACK_BYTES))
        if len(kept) > 2 and kept[-1] <= kept[-2] + SLACK_BYTES:
            break
    diag("resident KiB before it and after each time: " +
         " ".join(str(size >> 10) for size in kept))
    assert kept[-1] <= kept[-2] + SLACK_BYTES, "it grows each time"


@fact
def a_connection_that_rests_takes_little_memory(server):
    """After a long call and its long reply it keeps no buffers for them.
    Told first: later the server may have memory left from the attacks."""
    long = record(call(1, TEXT, u32(0, 0, 2) + opaque(bytes(60000))))
    before = server.memory()
    with contextlib.ExitStack() as stack:
        for _ in range(RESTING):
            connection = stack.enter_context(server.connect())
            connection.send(long)
            connection.reply()
        each = (server.memory() - before) // RESTING
    diag(f"{each} bytes each")
    assert each <= RESTING_BYTES


def state_both(attack):
    name = attack.__name__.replace("_", " ")
    state(f"{name}: the honest client is not disturbed",
          lambda server: leaves_the_honest_alone(server, attack))
    state(f"{name}: no memory stays behind",
          lambda server: leaves_no_memory(server, attack))


for one in (by_call.ALL + by_claim.ALL + by_number.ALL + by_stream.ALL +
            by_datagram.ALL + by_moment.ALL + by_end.ALL):
    state_both(one)


def in_great_number(server, attack):
    with Honest(server, clock=fair_clock(server)) as honest:
        honest.worst()
        try:
            leaves_no_memory(server, attack, CALLS)
        finally:
            assert honest.worst() <= STALL_SECONDS, "the honest stood still"


@fact
def malformed_calls_in_great_number_leave_no_memory(server):
    in_great_number(server, by_call.malformed_calls)


@fact
def damaged_calls_in_great_number_leave_no_memory(server):
    in_great_number(server, by_call.good_calls_with_damage)


@fact
def lengths_that_are_claimed_take_no_memory(server):
    """Not even for a moment: VmPeak counts what is asked for as well."""
    before = server.memory("VmPeak")
    memory_after(server, by_call.malformed_calls, 1, 1 << 40)
    grown = server.memory("VmPeak") - before
    assert grown < 64 << 20, f"{grown >> 20} MiB"


@fact
def after_all_that_a_call_is_answered(server):
    with server.connect() as connection:
        assert connection.ask(call(1)) == success(1)


OTHER.start()
try:
    run(*OPTIONS)
finally:
    OTHER.stop()
    OTHER.clean()
