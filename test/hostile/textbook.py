#!/usr/bin/python3 -B
"""The hostile peers of the report against the textbook server, which stands
for any server on libtirpc's own loop.

For each it says how that server fails: "hangs" and "closes" are what happens
to an honest client, "spins" and "grows" what it takes while the attack stands
still and after it, "wrong" an answer that no server should give.  The test
fails when it withstands what libtirpc is known not to: then the attack is
none.
"""

import os
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))
os.environ.setdefault("TEST_FULL", "1")

from oncrpc import Closed, Silence, call, success
from own_process import Attacker
from roster import ALL
from server import BUILD

TEXTBOOK = BUILD / "test" / "bench" / "textbook"
PACE = 0.020
ATTACK_SECONDS = 2
# For an attack that seems to have no effect: the machine may be busy.
LONG_SECONDS = 20
HANG_SECONDS = 0.5
STILL_SECONDS = 0.5
SPINNING_SHARE = 0.5
KEPT_BYTES = 4 << 20

MUST_FAIL = {
    "half a record, then silence", "1,000 that send one byte every 5 s",
    "headers that claim 2 GiB", "answers of 1 MiB, never read",
    "calls without end, answers never read",
    "3,000 connections, 1,024 descriptors"}


class Wrong(Exception):
    """The attacker was answered as no server should."""


def offers(peer):
    """Whether the textbook server has what the peer attacks."""
    return peer.by == "tcp" and not peer.streams


def is_over(attacker):
    """Whether the attack is; raises what was wrong for the attacker."""
    try:
        return attacker.stands_still(PACE)
    except Exception as reason:
        raise Wrong(f"wrong for the attacker: {reason!r}") from reason


def honest_fate(honest, attacker, seconds):
    """What happens to an honest client under an attack of so many seconds,
    None if nothing."""
    end = time.monotonic() + seconds + HANG_SECONDS
    try:
        while time.monotonic() < end and not is_over(attacker):
            assert honest.ask(call(1)) == success(1)
    except Silence:
        return f"hangs: no answer within {HANG_SECONDS} s"
    except Closed:
        return "closes the connection of an honest client"
    except Wrong as wrong:
        return str(wrong)
    return None


def cost(server, attacker):
    """What it costs the server, None if little."""
    attacker.freeze()
    before = server.wanted_seconds()
    time.sleep(STILL_SECONDS)
    share = (server.wanted_seconds() - before) / STILL_SECONDS
    if share > SPINNING_SHARE:
        return f"spins: {100 * share:.0f} % of a processor for nothing"
    return None


def left_behind(server, before):
    """What the attack leaves when it has gone, None if nothing."""
    time.sleep(STILL_SECONDS)
    if server.has_died():
        signalled = signal.Signals(-server.process.returncode)
        return f"dies of {signalled.name}"
    grown = server.memory() - before
    if grown > KEPT_BYTES:
        return f"grows: {grown >> 20} MiB stay"
    return None


def failure(peer, seconds):
    """How the textbook server fails, nothing if it withstands an attack of so
    many."""
    with peer.server(program=TEXTBOOK) as server:
        before = server.memory()
        with server.connect(HANG_SECONDS) as honest:
            attacker = Attacker(peer.attack, server, seconds)
            try:
                fails = (honest_fate(honest, attacker, seconds) or
                         cost(server, attacker))
            finally:
                attacker.kill()
        return "; ".join(
            filter(None, (fails, left_behind(server, before))))


def main():
    unmet = []
    for peer in ALL:
        if not offers(peer):
            print(f"{peer.name:40}not offered: {peer.by}"
                  f"{', streams' if peer.streams else ''}")
            continue
        fails = failure(peer, ATTACK_SECONDS)
        if not fails and peer.name in MUST_FAIL:
            fails = failure(peer, LONG_SECONDS)
            if not fails:
                unmet.append(peer.name)
        print(f"{peer.name:40}{fails or 'withstood'}", flush=True)
    assert MUST_FAIL <= {peer.name for peer in ALL}
    for name in unmet:
        print(f"the attack has no effect: {name}")
    return 1 if unmet else 0


sys.exit(main())
