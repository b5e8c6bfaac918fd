#!/usr/bin/python3 -B
"""What clients of streams may rely on, shown over TCP.

TEST_FULL=1 counts further and opens streams for a full second.
"""

import os
import pathlib
import signal
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from conversation import (CANCELLED, COLLECT, DEADLINE_EXCEEDED, EACH, OK,
                          RESOURCE_EXHAUSTED, SEGMENT_MAX, SPELL, UNAVAILABLE,
                          WHOLE, WINDOW, Answer, ask, bare, cancel, exchange,
                          forget, open_stream, opening, segment)
from fair_clock import fair_clock
from oncrpc import Datagrams, MESSAGE_MAX, PATIENCE, SOON, call, success, u32
from peers import soon
from server import serving
from tap import diag, fact, run

FULL = os.environ.get("TEST_FULL") == "1"
LATE_SECONDS = 0.020 * PATIENCE
WAIT_MS = 10000
# Who has to wait does so until the end of it.
AT_ONCE_SECONDS = 0.8 * WAIT_MS / 1000

# AddressSanitizer keeps what was freed for a while: not for long here.
os.environ["ASAN_OPTIONS"] = (
    os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1")


def wall(begun):
    return time.monotonic() - begun


@fact
def each_needs_one_round_trip_a_message(server):
    count = 2000 if FULL else 200
    with server.connect() as connection:
        token = open_stream(connection, EACH).token
        for number in range(count):
            text = b"message %d" % number
            answer = ask(connection, token,
                         segment(number, [text], after=number),
                         wait=WAIT_MS)
            assert answer.messages == [text[::-1]]
            assert answer.next == number + 1
        answer = ask(connection, token,
                     segment(count, last=True, after=count), wait=WAIT_MS)
        assert answer.end == OK
        forget(connection, token)


@fact
def a_thousand_pushes_to_collect_never_wait(server):
    waits = []
    with server.connect() as connection:
        token = open_stream(connection, COLLECT).token
        for number in range(1000):
            begun = time.monotonic()
            answer = ask(connection, token, segment(number, [b"ab"]),
                         wait=WAIT_MS)
            waits.append(wall(begun))
            assert answer.next == number + 1 and not answer.messages
        diag(f"worst of the pushes: {1000 * max(waits):.1f} ms")
        assert max(waits) < AT_ONCE_SECONDS
        answer = ask(connection, token, segment(1000, last=True),
                     wait=WAIT_MS)
        assert answer.messages == [b"ba" * 1000] and answer.end == OK
        forget(connection, token)


@fact
def streams_opened_and_finished_are_never_refused(server):
    """As fast as they go: more than are kept, 10,000 a second and more."""
    begin = opening(1, EACH, segment(0, [b"abc"], last=True))[:-4]
    seconds = 5 if FULL else 0.5
    done = 0
    with server.connect() as connection:
        begun = time.monotonic()
        while wall(begun) < seconds:
            # All have nonces of their own.
            calls = [begin[:52] + os.urandom(16) + begin[68:] + u32(1000)
                     for _ in range(200)]
            connection.send(b"".join(calls))
            for _ in calls:
                reply = connection.reply()
                assert reply[24:28] == u32(OK), "refused"
            done += len(calls)
        took = wall(begun)
    diag(f"{done / took:.0f} a second")


@fact
def a_deadline_is_kept_to_20_ms(server):
    took, late = [], []
    now = fair_clock(server)
    with server.connect() as connection:
        for _ in range(10):
            begun, begun_fairly = time.monotonic(), now()
            connection.send(opening(1, EACH, deadline=50, wait=WAIT_MS))
            answer = Answer(connection.reply(), opened=True)
            late.append(now() - begun_fairly - 0.050)
            took.append(wall(begun))
            assert answer.end == DEADLINE_EXCEEDED
            forget(connection, answer.token)
    diag("late by ms: " + " ".join(f"{1000 * by:.1f}" for by in late))
    assert min(took) > 0.050 - 0.005, "before its time"
    assert statistics.median(late) <= LATE_SECONDS


@fact
def a_cancel_behind_the_calls_it_ends_is_read(server):
    with server.connect() as connection:
        token = open_stream(connection, EACH).token
        begun = time.monotonic()
        connection.send(b"".join(
            exchange(xid, token, segment(), wait=WAIT_MS, ahead=True)
            for xid in range(100)) + cancel(100, token))
        replies = [connection.reply() for _ in range(101)]
        assert wall(begun) < AT_ONCE_SECONDS
        answers = [Answer(reply) for reply in replies if len(reply) > 28]
        # All once; those beyond 64 were answered empty, the oldest first.
        assert sorted(answer.xid for answer in answers) == list(range(100))
        ends = [answer.end for answer in answers]
        assert ends == [None] * 36 + [CANCELLED] * 64
        forget(connection, token)


@fact
def a_million_units_come_one_by_one(server):
    """SPELL's worst: each byte of the greatest message is a message."""
    size = MESSAGE_MAX if FULL else MESSAGE_MAX // 8
    text = bytes(byte % 251 for byte in range(size))
    got = bytearray()
    with server.connect() as connection:
        answer = open_stream(connection, SPELL, segment(0, [text]),
                             wait=WAIT_MS)
        token = answer.token
        while answer.end is None:
            assert len(answer.messages) <= SEGMENT_MAX
            assert answer.first == len(got)
            got += b"".join(answer.messages)
            answer = ask(connection, token, segment(1, after=len(got)),
                         wait=WAIT_MS)
        got += b"".join(answer.messages)
        assert answer.end == OK and bytes(got) == text[::-1]
        forget(connection, token)


@fact
def spelling_keeps_its_pace(server):
    with server.connect() as connection:
        begun = time.monotonic()
        answer = open_stream(connection, SPELL, segment(0, [b"abcdef"]),
                             pace=20, wait=WAIT_MS)
        token, got = answer.token, answer.messages
        while answer.end is None:
            answer = ask(connection, token, segment(1, after=len(got)),
                         wait=WAIT_MS)
            got += answer.messages
        assert got == [b"f", b"e", b"d", b"c", b"b", b"a"]
        assert 5 * 0.020 - 0.005 <= wall(begun) < SOON
        forget(connection, token)


def answers_of(connection, method, texts, **how):
    """Everything that comes out of a stream of these messages."""
    token = open_stream(connection, method, **how).token
    at, got, end = 0, [], None
    while end is None:
        some = texts[at:at + 10]
        piece = segment(at, some, at + len(some) == len(texts),
                        after=len(got))
        answer = ask(connection, token, piece, wait=WAIT_MS)
        assert answer.code == OK
        at, end = answer.next, answer.end
        got += answer.messages
    forget(connection, token)
    return got, end


@fact
def whole_of_one_giant_cluster_stays_as_it_is(server):
    """Bigger than the block that is read back, and than stays in memory."""
    text = "e".encode() + "\u0301".encode() * 800000
    pieces = [text[at:at + 99999] for at in range(0, len(text), 99999)]
    with server.connect() as connection:
        got, end = answers_of(connection, WHOLE, pieces, unit=0)
        assert end == OK and b"".join(got) == text
        assert all(len(piece) == 65536 for piece in got[:-1])
        again, _ = answers_of(connection, WHOLE, [text[:7], *pieces[1:]],
                              unit=2)
        assert b"".join(again) == b"".join([text[:7], *pieces[1:]])[::-1]


@fact
def a_character_may_be_cut_by_messages(server):
    text = "aé👍\u200d🔥z".encode()
    pieces = [bytes([byte]) for byte in text]
    with server.connect() as connection:
        for method in (COLLECT, WHOLE):
            got, end = answers_of(connection, method, pieces, unit=0)
            assert end == OK
            assert b"".join(got).decode() == "z👍\u200d🔥éa"


def fill_up(connection, token):
    """As much as the stream takes, without one answer taken."""
    taken = -1
    answer = ask(connection, token, segment(window=0))
    while answer.code == OK and answer.next > taken:
        taken = answer.next
        answer = ask(connection, token,
                     segment(taken, [bytes(60000)], window=0))


@fact
def streams_that_nobody_reads_take_what_they_may(server):
    """The full test goes on until there is no memory for more of them."""
    count = 4096 if FULL else 64
    before = server.memory()
    tokens = []
    with server.connect() as connection:
        while len(tokens) < count:
            connection.send(opening(1, EACH))
            answer = Answer(connection.reply(), opened=True)
            if answer.code != OK:
                break
            tokens.append(answer.token)
            fill_up(connection, answer.token)
        grown = server.memory() - before
        assert connection.ask(call(1)) == success(1)
        forget(connection, *tokens)
    diag(f"{len(tokens)} streams, {grown >> 20} MiB")
    assert answer.code == (RESOURCE_EXHAUSTED if FULL else OK)
    assert grown < 640 << 20


@fact
def a_second_signal_answers_the_calls_that_wait(_):
    """Over every face, and what comes is a whole reply before the end."""
    with serving("--drain-time", "60") as other:
        for connect in other.faces():
            with connect() as connection:
                waiting_at_the_end(other, connection)
                other.start()


def waiting_at_the_end(server, connection):
    """One call waits, and the server is told to go, and to hurry."""
    trim = bare if isinstance(connection, Datagrams) else bytes
    connection.send(trim(opening(1, EACH)))
    answer = Answer(connection.reply(), opened=True)
    connection.send(trim(exchange(2, answer.token, segment(), wait=WAIT_MS)))
    assert connection.ask(call(3)) == success(3)
    for told in "draining signal", "stopping at once signal":
        server.process.send_signal(signal.SIGTERM)
        # Two that wait for the server are one.
        soon(lambda: told in server.log())
    answer = Answer(connection.reply())
    assert (answer.xid, answer.code, answer.end) == (2, OK, UNAVAILABLE)
    server.process.wait(timeout=20 * PATIENCE)


run()
