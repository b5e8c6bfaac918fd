#!/usr/bin/python3 -B
"""How the client fares where datagrams get lost, servers hang, time is short.

weather.py [ROUNDS]

All is measured at the loopback, and each figure has its goal.  Exits 1 when
one is missed.

    UDP, 5 % of the datagrams lost each way: 500 calls, one after the other, and
    each of 2,000 lines.
    The first of two servers is stopped while lines come and go: how long none
    is answered.  ROUNDS times.
    A deadline of 50 ms while the server paces a stream, 100 times: of a call on
    a handle, in one process, and of the command.
    send, from its start to its end, beside the textbook client, in turns.
    each with a silent input: its processor time in 10 s.
"""

import contextlib
import math
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from server import BUILD, CLOCK_TICK, TOP, serving

BENCH = BUILD / "test" / "bench"
REVERSE = str(BUILD / "reverse")
LOSS = 5                        # per cent, each way
CALLS = 500
LINES = 2000
PACE = 0.01                     # seconds between two lines
DEADLINES = 100
DEADLINE = 50                   # milliseconds
SENDS = 200
IDLE = 10                       # seconds


class Goals:
    def __init__(self):
        self.met = True

    def tell(self, name, value, unit, goal, met):
        self.met &= met
        print(f"{name:<50} {value:9.2f} {unit:<5} goal {goal}"
              f"{'' if met else '  MISSED'}", flush=True)

    def most(self, name, value, unit, most):
        self.tell(name, value, unit, f"<= {most:.4g}", value <= most)

    def least(self, name, value, unit, least):
        self.tell(name, value, unit, f">= {least:.4g}", value >= least)


@contextlib.contextmanager
def child(*command, **pipes):
    """A program that is gone at the end."""
    process = subprocess.Popen([str(word) for word in command], **pipes)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in process.stdin, process.stdout:
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def numbers(*command):
    done = subprocess.run([str(word) for word in command], check=True,
                          stdout=subprocess.PIPE, text=True)
    return [int(word) / 1000 for word in done.stdout.split()]


def per_cent(values, share):
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def losses(goals, server):
    port = server.address[1]
    with child(TOP / "test/lib/weather", "127.0.0.1", port, LOSS, 0,
               stdout=subprocess.PIPE) as relay:
        through = int(relay.stdout.readline())
        took = numbers(BENCH / "handle", through, "calls", CALLS)
        lines = "".join(f"line {i}\n" for i in range(LINES))
        began = time.monotonic()
        done = subprocess.run(
            [REVERSE, "-s", "127.0.0.1", "-p", str(through), "-n", "udp",
             "each"], input=lines, stdout=subprocess.PIPE, text=True,
            check=False)
        lasted = time.monotonic() - began
    wanted = "".join(line[::-1] + "\n" for line in lines.split("\n")[:-1])
    print(f"UDP, {LOSS} % lost each way: a call takes {per_cent(took, 50):.1f}"
          f" ms (median), {max(took):.0f} ms at most; {LINES} lines "
          f"{lasted:.2f} s")
    goals.least("  calls that are answered", len(took), "", CALLS)
    goals.most("  99 % of them within", per_cent(took, 99), "ms", 1000)
    goals.tell("  each: right lines",
               sum(map(str.__eq__, done.stdout.split("\n"),
                       wanted.split("\n"))) - 1, "", f"= {LINES}",
               done.returncode == 0 and done.stdout == wanted)


class Lines(threading.Thread):
    """What a client says, with the time of each line."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.said, self.times = stream, [], []

    def run(self):
        for line in self.stream:
            self.times.append(time.monotonic())
            self.said.append(line)

    def pause_after(self, moment):
        """The longest time without a line from then on; for ever if there is
        no other."""
        times = [moment] + [at for at in self.times if at > moment]
        return max((b - a for a, b in zip(times, times[1:])),
                   default=math.inf)


def feed(client, seconds, first):
    """Lines at their pace; returns the number of the next."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        client.stdin.write(f"{first}\n".encode())
        first += 1
        time.sleep(PACE)
    return first


def stop_one(begin):
    """How long nothing came, and whether all that came was right; the server is
    stopped after that many seconds."""
    with serving(program=None) as first, \
            serving(program=None) as second:
        at = ",".join(f"127.0.0.1:{server.address[1]}"
                      for server in (first, second))
        with child(REVERSE, "-s", at, "each", bufsize=0,
                   stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
            lines = Lines(client.stdout)
            lines.start()
            count = feed(client, begin, 10)
            os.kill(first.process.pid, signal.SIGSTOP)
            stopped = time.monotonic()
            try:
                count = feed(client, 5, count)
                client.stdin.close()
                code = client.wait(60)
                assert not second.has_died(), second.log()
            finally:
                os.kill(first.process.pid, signal.SIGCONT)
            lines.join(10)
    wanted = [f"{i}"[::-1].encode() + b"\n" for i in range(10, count)]
    return (lines.pause_after(stopped), code == 0 and lines.said == wanted)


def stops(goals, rounds):
    all_of = [stop_one(0.5 + i / rounds) for i in range(rounds)]
    pauses = [pause for pause, _ in all_of]
    print(f"one of two servers is stopped: lines come again after "
          f"{min(pauses):.2f} to {max(pauses):.2f} s, median "
          f"{statistics.median(pauses):.2f}")
    goals.most("  the longest pause", max(pauses), "s", 3)
    goals.least("  streams with each line once, in order",
                sum(right for _, right in all_of), "", rounds)


def timed(command):
    """Milliseconds from a program's start to its end, and its exit code."""
    nowhere = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0)
               for fd in (1, 2)]
    began = time.monotonic_ns()
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=nowhere)
    _, status = os.waitpid(pid, 0)
    return ((time.monotonic_ns() - began) / 1e6,
            os.waitstatus_to_exitcode(status))


def deadlines(goals, server):
    port = server.address[1]
    took = numbers(BENCH / "handle", port, "deadlines", DEADLINES)
    command = [REVERSE, "-s", "127.0.0.1", "-p", str(port), "-t",
               str(DEADLINE / 1000), "spell", "--pace", "10", "ab"]
    runs = [timed(command) for _ in range(DEADLINES)]
    wall = [milliseconds for milliseconds, _ in runs]
    print(f"a deadline of {DEADLINE} ms: a call of a handle ends after "
          f"{min(took):.1f} to {max(took):.1f} ms; the command, with its "
          f"start, after {min(wall):.1f} to {max(wall):.1f}")
    goals.least("  calls that end so; after each a TEXT is answered",
                len(took), "", DEADLINES)
    goals.most("  their median", statistics.median(took), "ms",
               DEADLINE + 10)
    goals.least("  the shortest", min(took), "ms", DEADLINE)
    goals.least("  commands with exit code 4",
                sum(code == 4 for _, code in runs), "", DEADLINES)
    goals.most("  their median", statistics.median(wall), "ms",
               DEADLINE + 10)
    goals.least("  the shortest", min(wall), "ms", DEADLINE)


def sends(goals, server):
    """The textbook client is told the address; without it both of the loopback
    are tried, and the one that accepts has to answer a PING first."""
    port = str(server.address[1])
    commands = [[REVERSE, "-p", port, "send", "x"],
                [REVERSE, "-s", "127.0.0.1", "-p", port, "send", "x"],
                [str(BENCH / "textbook_client"), port, "x"]]
    took = [[], [], []]
    for _ in range(SENDS):
        for command, times in zip(commands, took):
            milliseconds, code = timed(command)
            assert code == 0, command
            times.append(milliseconds)
    found, told, textbook = map(statistics.median, took)
    print(f"send, start to end: {found:.2f} ms (fastest {min(took[0]):.2f}), "
          f"with -s 127.0.0.1 {told:.2f} ({min(took[1]):.2f}), textbook "
          f"client {textbook:.2f} ({min(took[2]):.2f})")
    goals.most("  median", found, "ms", 1.5)
    goals.most("  beside the textbook client's", found / textbook, "times", 1)
    goals.most("  the same with -s 127.0.0.1", told / textbook, "times", 1)


def ticks(process):
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def switches(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return sum(int(line.split()[1]) for line in status
                   if "ctxt_switches" in line)


def idle(goals, server):
    with child(REVERSE, "-p", server.address[1], "each", bufsize=0,
               stdin=subprocess.PIPE, stdout=subprocess.PIPE) as client:
        client.stdin.write(b"abc\n")
        assert client.stdout.readline() == b"cba\n"
        time.sleep(1)
        before = ticks(client), switches(client)
        time.sleep(IDLE)
        after = ticks(client), switches(client)
    print(f"an idle each: {after[1] - before[1]} times awake in {IDLE} s")
    goals.most(f"  ticks of 1/{CLOCK_TICK} s", after[0] - before[0], "", 0)


def main(rounds=9):
    goals = Goals()
    with serving(program=None) as server:
        losses(goals, server)
        deadlines(goals, server)
        sends(goals, server)
        idle(goals, server)
    stops(goals, rounds)
    return 0 if goals.met else 1


sys.exit(main(*map(int, sys.argv[1:])))
