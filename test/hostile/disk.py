#!/usr/bin/python3 -B
"""A spool disk that is slow or fails, and who notices.

The disk is made so by a library that is preloaded: 300 ms for each write.
What another client has to wait meanwhile, but for processors that others have,
is compared with what it waits in between, when nobody uses the disk.
TEST_FULL=1 makes longer rounds.
"""

import errno
import os
import pathlib
import signal
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from conversation import (DEADLINE_EXCEEDED, INTERNAL, OK, RESOURCE_EXHAUSTED,
                          WHOLE, Answer, ask, cancel, exchange, forget,
                          open_stream, opening, segment)
from fair_clock import fair_clock
from honest import Honest
from oncrpc import PATIENCE, SOON
from preloaded import started_with
from server import Server
from tap import diag, fact, run

FULL = os.environ.get("TEST_FULL") == "1"
ROUNDS = 5
SECONDS = 2.0 if FULL else 0.1
STREAMS = 8
DISK_MS = 300
# Those that the server has under way at once.
WRITES = 4
SLACK_SECONDS = 0.010 * PATIENCE
LATE_SECONDS = 0.020 * PATIENCE

# More than stays in memory.
TEXT = [bytes(60000) for _ in range(10)]


def push_all(connection, token):
    """Two segments: the disk is wanted after the second."""
    for number in (0, 10):
        connection.send(exchange(1, token, segment(number, TEXT, window=0)))
    return [Answer(connection.reply()) for _ in range(2)]


def use_disk(connection):
    token = open_stream(connection, WHOLE).token
    push_all(connection, token)
    return token


def finish(connection, token, number):
    """The rest of a text that was begun, until its end."""
    answer = ask(connection, token, segment(number), wait=10000)
    size = 0
    deadline = time.monotonic() + SOON
    while answer.code == OK and answer.end is None:
        assert time.monotonic() < deadline
        if answer.next < number:
            piece = segment(answer.next, TEXT[:number - answer.next],
                            after=answer.first + len(answer.messages))
        else:
            piece = segment(number, last=True,
                            after=answer.first + len(answer.messages))
        answer = ask(connection, token, piece, wait=10000)
        size += sum(map(len, answer.messages))
    return answer, size


def worst_of(honest, seconds):
    honest.worst()
    time.sleep(seconds)
    return honest.worst()


def interleaved(server, disturb):
    """Compares the worst waits, round by round."""
    alone, beside = [], []
    with Honest(server, clock=fair_clock(server)) as honest, \
            server.connect() as connection:
        for _ in range(ROUNDS):
            alone.append(worst_of(honest, SECONDS))
            tokens = [disturb(connection) for _ in range(STREAMS)]
            beside.append(worst_of(honest, SECONDS))
            forget(connection, *tokens)
    for where, waits in (("alone", alone), ("beside", beside)):
        diag(f"worst waits in ms, {where}: " +
             " ".join(f"{1000 * wait:.1f}" for wait in waits))
    bound = SLACK_SECONDS + 2 * statistics.median(alone)
    assert statistics.median(beside) <= bound, "the honest client has to wait"


def stop_and_clean(server):
    try:
        server.stop()
    finally:
        server.clean()


@fact
def a_slow_disk_disturbs_nobody(_):
    slow = started_with("disk", DISK_DELAY=str(DISK_MS))
    try:
        interleaved(slow, use_disk)
        with slow.connect() as connection:
            begun = time.monotonic()
            token = use_disk(connection)
            answer, size = finish(connection, token, 20)
            took = time.monotonic() - begun
            assert (answer.end, size) == (OK, 20 * 60000)
            assert took >= DISK_MS / 1000, "the disk was not slow at all"
    finally:
        stop_and_clean(slow)


@fact
def a_failing_disk_disturbs_nobody_and_says_so(_):
    failing = started_with("disk", DISK_ERROR=str(errno.EIO))
    try:
        interleaved(failing, use_disk)
        with failing.connect() as connection:
            token = use_disk(connection)
            answer, _ = finish(connection, token, 20)
            assert answer.end == INTERNAL
            assert b"disk" in answer.end_detail
    finally:
        stop_and_clean(failing)


@fact
def a_missing_disk_is_told(_):
    missing = Server("--spool", "/proc/self/no-such-folder")
    missing.start()
    try:
        with missing.connect() as connection:
            answer, _ = finish(connection, use_disk(connection), 20)
            assert answer.end in (INTERNAL, RESOURCE_EXHAUSTED)
            small = open_stream(connection, WHOLE,
                                segment(0, [b"abc"], last=True), wait=10000)
            assert (small.end, small.messages) == (OK, [b"cba"])
    finally:
        stop_and_clean(missing)


@fact
def too_few_descriptors_are_no_failure_of_the_disk(_):
    few = Server(nofile=128)
    few.start()
    try:
        with few.connect() as connection:
            tokens = [use_disk(connection) for _ in range(150)]
            ends = [ask(connection, token, segment(20, last=True),
                        wait=10000).end for token in tokens]
            forget(connection, *tokens)
        diag(f"{ends.count(RESOURCE_EXHAUSTED)} refused")
        assert RESOURCE_EXHAUSTED in ends
        assert set(ends) <= {None, RESOURCE_EXHAUSTED}
    finally:
        stop_and_clean(few)


@fact
def deadline_and_cancel_do_not_wait_for_the_disk(_):
    slow = started_with("disk", DISK_DELAY=str(DISK_MS))
    now = fair_clock(slow)
    try:
        late = []
        for _ in range(5):
            with slow.connect() as connection, slow.connect() as other:
                connection.send(opening(1, WHOLE, deadline=150))
                begun = now()
                token = Answer(connection.reply(), opened=True).token
                push_all(connection, token)
                answer = ask(connection, token, segment(20), wait=10000)
                assert answer.end == DEADLINE_EXCEEDED
                late.append(now() - begun - 0.150)
                token = use_disk(connection)
                connection.send(exchange(1, token, segment(20), wait=10000))
                other.send(cancel(2, token))
                other.reply()
                begun = now()
                assert Answer(connection.reply()).code == OK
                late.append(now() - begun)
        diag("late by ms: " + " ".join(f"{1000 * by:.1f}" for by in late))
        assert statistics.median(late) <= LATE_SECONDS
    finally:
        stop_and_clean(slow)


def writes_begun(server):
    with open(server.log_path, encoding="utf-8") as log:
        return log.read().count("disk: a write has begun")


@fact
def a_second_signal_waits_for_no_queue_of_the_disk(_):
    slow = started_with("disk", DISK_DELAY="1000")
    try:
        with slow.connect() as connection:
            for _ in range(60):
                use_disk(connection)
            slow.process.send_signal(signal.SIGTERM)
            while "draining" not in slow.log():
                assert not slow.has_died()
                time.sleep(0.001)
            before = writes_begun(slow)
            slow.process.send_signal(signal.SIGTERM)
            assert slow.process.wait(20 * PATIENCE) == 0
            count = writes_begun(slow)
        diag(f"{before} writes had begun, and {count} at the end")
        assert count <= before + 2 * WRITES and count < 60
    finally:
        stop_and_clean(slow)


if os.environ.get("TEST_WRAPPER"):
    print("1..0 # SKIP a preload and a wrapper do not mix")
else:
    run()
