#!/usr/bin/python3 -B
"""What hostile peers cost everybody else, measured.

report.py [WORD...]     only the peers whose name has one of the words

Each peer has a server of its own, and an honest client beside it that calls
every 20 ms by each face of the server, and measures how long each answer
takes: undisturbed, then attacked, three times in turn.  Then both leave.  The
clock stands still while the machine lets others run instead of the two.

The limits: the worst wait under attack is at most 10 ms and twice the median
of the three undisturbed worsts, never above 30 ms; 2 s after the last peer
left the server holds at most 4 MiB more than before the first, and after the
third time no more than after the second, but for what the allocator may
round; after the first attack, while that stands still, it uses under 5 % of a
processor.  No turn of the server may take more than 3 ms of processor time,
or one and a half times what the longest call takes by itself; that counts
until all have left.  Who breaks a limit is measured once more, and both
results are shown.

HOSTILE_SECONDS     how long each measurement takes; by default 3 s, and 10 s
                    for those who do all at the same moment
HOSTILE_TIMES       instead of three times
HOSTILE_PATIENCE    multiplies how long a wait may be, and
HOSTILE_TURNS       how long a turn may, and what the server may use while
                    an attack stands still: where the machine has other work
HOSTILE_WORKERS     how many workers each server has, by default 1
HOSTILE_PEERS       at-once: only those who do all at the same moment;
                    others: only the others
"""

import contextlib
import os
import pathlib
import statistics
import sys
import time
import typing

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))
os.environ.setdefault("TEST_FULL", "1")
os.environ.setdefault("HOSTILE_CROWDS", "1")

import apart
import idle
import turns
from by_number import raise_descriptors
from fair_clock import fair_clock
from honest import Honest
from own_process import Attacker
from roster import ALL, AT_ONCE, WORKERS
from server import Server

WIDTH = 40      # of a name
PEERS = {"all": ALL + AT_ONCE, "others": ALL, "at-once": AT_ONCE}
WHICH = os.environ.get("HOSTILE_PEERS", "all")
TIMES = int(os.environ.get("HOSTILE_TIMES", "3"))
WAITS = float(os.environ.get("HOSTILE_PATIENCE", "1"))
TURNS = float(os.environ.get("HOSTILE_TURNS", "1"))
PACE = 0.020

SLACK_SECONDS = 0.010
MOST_SECONDS = 0.030
KEPT_BYTES = 4 << 20
ROUNDING_BYTES = 256 << 10
PROCESSOR_SHARE = 0.05

# How long an attack may take to notice that its time is over.
LATE_SECONDS = 60
# The server gives memory back when there was no call for a second.
LEFT_SECONDS = 2.1
# What has arrived may be worked off before an attack counts as still.
PAUSE_SECONDS = 0.5
STILL_SECONDS = 1.0


class Time(typing.NamedTuple):
    """What one of the three times gave.  share: of a processor.  longest: turn
    of the server, in seconds."""

    undisturbed: list
    attacked: list
    share: float
    kept: int
    longest: float


def goes_first(process):
    """Lets it run before whatever else the machine does, if that may be: what
    is measured is the server, and not who else has work.  By niceness: those
    of real-time classes are stopped now and then when they use much."""
    with contextlib.suppress(PermissionError):
        for task in os.listdir(f"/proc/{process.pid}/task"):
            os.setpriority(os.PRIO_PROCESS, int(task), -20)


def share_of_processor(server):
    time.sleep(PAUSE_SECONDS)
    before = server.processor_seconds()
    time.sleep(STILL_SECONDS)
    return (server.processor_seconds() - before) / STILL_SECONDS


def longest_turn_of_the_end(peer, server):
    """Seconds, when the server has to go while the attack stands still."""
    attacker = Attacker(peer.attack, peer.face(server), 0)
    try:
        assert attacker.stands_still(LATE_SECONDS), "it hangs"
        server.stop()
    finally:
        attacker.kill()
    return turns.told(server)[-1].longest


def waits_of(honest):
    return [wait for face in honest.waits() for wait in face]


def seconds_of(peer):
    return float(os.environ.get("HOSTILE_SECONDS", peer.seconds))


def one_time(peer, server, before, is_first):
    seconds = seconds_of(peer)
    with Honest(server, faces=server.faces(), pace=PACE,
                clock=fair_clock(server)) as honest:
        goes_first(honest.process)
        honest.waits()
        time.sleep(seconds)
        undisturbed = waits_of(honest)
        turns.taken(server)
        attacker = Attacker(peer.attack, peer.face(server), seconds)
        try:
            assert attacker.stands_still(seconds + LATE_SECONDS), "it hangs"
            attacked = waits_of(honest)
            share = share_of_processor(server) if is_first else 0.0
            attacker.end()
        finally:
            attacker.kill()
    time.sleep(LEFT_SECONDS)
    kept = server.memory() - before
    return Time(undisturbed, attacked, share, kept,
                turns.taken(server).longest)


def limit_of(times):
    """Of the worst wait, in seconds."""
    worsts = [max(one.undisturbed) for one in times]
    return WAITS * min(
        SLACK_SECONDS + 2 * statistics.median(worsts), MOST_SECONDS)


def broken_limits(times, longest_turn):
    if max(max(one.attacked) for one in times) > limit_of(times):
        yield "it has to wait"
    if max(one.kept for one in times) > KEPT_BYTES:
        yield "memory stays"
    if len(times) > 1 and (
            times[-1].kept > times[-2].kept + ROUNDING_BYTES):
        yield "memory grows"
    if max(one.share for one in times) >= PROCESSOR_SHARE * TURNS:
        yield "processor"
    if max(one.longest for one in times) > longest_turn:
        yield "a long turn"


def milliseconds(waits):
    """The median, what one of a thousand exceeds, and the worst."""
    ordered = sorted(waits)
    return "".join(f" {1000 * wait:5.1f}" for wait in (
        statistics.median(ordered), ordered[len(ordered) * 999 // 1000],
        ordered[-1]))


def fewer(peer):
    """What its verdict has to say when it could not have all it wants."""
    most = raise_descriptors()
    return (f", with {most} connections (RLIMIT_NOFILE)"
            if most < peer.connections else "")


def print_row(name, times, verdict):
    undisturbed = [wait for one in times for wait in one.undisturbed]
    attacked = [wait for one in times for wait in one.attacked]
    kept = max(one.kept for one in times) / (1 << 20)
    share = max(one.share for one in times)
    longest = max(one.longest for one in times)
    print(f"{name:{WIDTH}}{milliseconds(undisturbed)} |{milliseconds(attacked)}"
          f" {1000 * limit_of(times):5.1f} |{kept:4.1f} |{100 * share:2.0f} |"
          f"{1000 * longest:5.1f} | {verdict}", flush=True)


def withstands(peer, longest_turn):
    """Whether the server does; prints a row."""
    times = []
    try:
        with peer.server() as server:
            goes_first(server.process)
            before = server.memory()
            while len(times) < TIMES:
                times.append(one_time(peer, server, before, not times))
            if peer.drains:
                last = longest_turn_of_the_end(peer, server)
                times[0] = times[0]._replace(
                    longest=max(times[0].longest, last))
    except Exception as reason:     # is the verdict; the next has its turn
        print(f"{peer.name:{WIDTH}} {reason!r}", flush=True)
        return False
    broken = ", ".join(broken_limits(times, longest_turn))
    print_row(peer.name, times, (broken or "ok") + fewer(peer))
    return not broken


def print_head():
    waits = f"{'p50':>6}{'p99.9':>6}{'worst':>6}"
    print(f"{'workers: ' + WORKERS:{WIDTH}}{'undisturbed, ms':>18} |"
          f"{'attacked, ms':>18}{'':6} |{'MiB':>4} |{'%':>2} |{'ms':>5} |")
    print(f"{'hostile peer':{WIDTH}}{waits} |{waits}{'limit':>6} |left |CPU|"
          f"{'turn':>5} |", flush=True)


def longest_turn_allowed():
    """Seconds; prints a line."""
    server = Server(turns.OPTION)
    server.start()
    try:
        goes_first(server.process)
        call = turns.longest_call(server)
    finally:
        server.stop()
        server.clean()
    most = TURNS * turns.allowed(call)
    print(f"the longest call is a turn of {1000 * call:.1f} ms, and no turn "
          f"may be longer than {1000 * most:.1f} ms", flush=True)
    return most


def main(*words):
    chosen = [peer for peer in PEERS[WHICH]
              if not words or any(word in peer.name for word in words)]
    longest_turn = longest_turn_allowed()
    print_head()
    withstood = sum(withstands(peer, longest_turn) or
                    withstands(peer, longest_turn) for peer in chosen)
    print(f"{withstood} of {len(chosen)} hostile peers are withstood")
    well = withstood == len(chosen)
    if not words and WHICH != "at-once":
        well = idle.takes_little() and well
    return 0 if well else 1


apart.enter()
sys.exit(main(*sys.argv[1:]))
