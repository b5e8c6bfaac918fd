"""What hostile clients can do to a server by having much ready or due at the
same moment; what dies then is in by_end.py.

Generators as in by_call.py, but each step prepares a moment and comes after
it.  Where they come from is the server's connect().
"""

import contextlib
import itertools
import os
import time

from by_call import rest
from by_datagram import reply_to
from by_number import raise_descriptors
from conversation import (ABORTED, COLLECT, EACH, GRAPHEME, OK,
                          RESOURCE_EXHAUSTED, SPELL, Answer, ask, bare, cancel,
                          exchange, forget, open_stream, opening, segment)
from oncrpc import PATIENCE, call, success, u32
from peers import forget_many, open_many
from turns import MARKS

# As many as the report has, whose servers allow so many streams.
FULL = os.environ.get("HOSTILE_CROWDS") == "1"
COLLECTS = 150 if FULL else 4
CALLERS = 4000 if FULL else 50
ANSWERS = 400 if FULL else 4
SENDERS = 50 if FULL else 5     # of datagrams
# Calls that wait: so many of each stream, so many streams of a connection.
WAITING = 62
STREAMS = 16
HOLDERS = 254 if FULL else 4    # connections with such calls
ABORTERS = 500                  # datagrams: they wait in one queue
SPELLS = 64 if FULL else 4      # of a connection
# From the first call that waits until all are due.
LEAD_SECONDS = 4.0 * PATIENCE if FULL else 0.3
# As long as a call may wait.
WAIT_SECONDS = 10
# Of a call of 4 KiB, which counts as short.
EMPTY = [b""] * 960


@contextlib.contextmanager
def connected(server, count):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect())
               for _ in range(min(count, raise_descriptors()))]


def send_at_once(connections, messages):
    """Short ones, for which there is room."""
    for connection, message in zip(connections, messages):
        connection.socket.send(message)


def open_each(connections, count, *how):
    """So many streams of each connection: a list of tokens for it."""
    return [open_many(one, count, *how) for one in connections]


def flat(tokens):
    return [token for own in tokens for token in own]


def forget_all(server, tokens):
    with server.connect() as connection:
        forget_many(connection, tokens)


def left_until(due):
    """Milliseconds."""
    left = round(1000 * (due - time.monotonic()))
    assert left > 0, "the machine is too slow for that"
    return left


def follow(connection):
    """Once it is answered, all that was sent before has been read."""
    assert connection.ask(call(2)) == success(2)


def park_calls(connections, tokens, due, count=WAITING):
    """Calls that wait until then, so many of each stream."""
    for connection, own in zip(connections, tokens):
        wait = left_until(due)
        connection.send(b"".join(
            exchange(1, token, segment(), wait=wait) +
            exchange(1, token, segment(), wait=wait, ahead=True) *
            (count - 1) for token in own))
        follow(connection)


def expect_answers(connections, count):
    """Whatever they are, so many of each."""
    for connection in connections:
        for _ in range(count):
            assert connection.reply()[:4] == u32(1)


def collects_that_end(server):
    """Each is a MiB of which no byte has been reversed until then, and comes
    of a connection that had a short call."""
    piece = segment(0, [MARKS])
    with connected(server, COLLECTS) as connections:
        while True:
            tokens = [open_stream(one, COLLECT, piece, unit=GRAPHEME).token
                      for one in connections]
            for one in connections:
                follow(one)
            send_at_once(connections, [
                exchange(1, token, segment(1, last=True), wait=10000)
                for token in tokens])
            for connection, token in zip(connections, tokens):
                answer = Answer(connection.reply())
                assert answer.code == OK and answer.end == OK
                forget_many(connection, [token])
            yield


def openings(server):
    """Each with as many messages as a short call may have."""
    piece = segment(0, EMPTY)
    with connected(server, CALLERS) as connections:
        while True:
            send_at_once(connections, [opening(1, EACH, piece)
                                       for _ in connections])
            answers = [Answer(connection.reply(), opened=True)
                       for connection in connections]
            assert all(answer.code == OK for answer in answers)
            forget_all(server, [answer.token for answer in answers])
            yield len(answers)


@contextlib.contextmanager
def long_answer(server):
    """A short call that is answered by a MiB, by whomever it is made."""
    with server.connect() as owner:
        token = open_stream(owner, COLLECT, segment(0, [MARKS], last=True),
                            unit=GRAPHEME).token
        assert ask(owner, token, segment(1), wait=10000).end == OK
        try:
            yield exchange(1, token, segment(1), wait=10000)
        finally:
            forget(owner, token)


def long_answers_to_short_calls(server):
    with long_answer(server) as pull, \
            connected(server, ANSWERS) as connections:
        while True:
            send_at_once(connections, [pull] * len(connections))
            for connection in connections:
                answer = Answer(connection.reply())
                assert answer.code in (OK, ABORTED, RESOURCE_EXHAUSTED)
            yield len(connections)


def parked_calls_that_are_due(server):
    with connected(server, HOLDERS) as holders:
        tokens = open_each(holders, STREAMS)
        try:
            while True:
                park_calls(holders, tokens, time.monotonic() + LEAD_SECONDS)
                expect_answers(holders, STREAMS * WAITING)
                yield len(holders) * STREAMS * WAITING
        finally:
            forget_all(server, flat(tokens))


def _calls_against_parked(server, make_call):
    """Each is short and ends the waiting of a stream's calls."""
    with connected(server, HOLDERS) as holders, \
            connected(server, HOLDERS * STREAMS) as callers:
        while True:
            tokens = open_each(holders, STREAMS)
            park_calls(holders, tokens, time.monotonic() + WAIT_SECONDS)
            send_at_once(callers, map(make_call, flat(tokens)))
            expect_answers(callers, 1)
            forget_all(server, flat(tokens))
            expect_answers(holders, STREAMS * WAITING)
            yield len(callers)


def calls_that_take_over(server):
    return _calls_against_parked(
        server, lambda token: exchange(1, token, segment()))


def cancels_of_parked(server):
    return _calls_against_parked(server, lambda token: cancel(1, token))


def _open_spells(connection, due):
    """The tokens of streams of which a call wants the second unit, which
    comes then."""
    connection.send(b"".join(
        opening(1, SPELL, segment(0, [b"ab"]), pace=left_until(due))
        for _ in range(SPELLS)))
    tokens = [Answer(connection.reply(), opened=True).token
              for _ in range(SPELLS)]
    connection.send(b"".join(
        exchange(1, token, segment(1, after=1), wait=10000)
        for token in tokens))
    return tokens


def units_that_are_due(server):
    """With --streams 20000."""
    with connected(server, HOLDERS) as connections:
        while True:
            due = time.monotonic() + LEAD_SECONDS
            tokens = [_open_spells(connection, due)
                      for connection in connections]
            expect_answers(connections, SPELLS)
            forget_all(server, flat(tokens))
            yield len(flat(tokens))


@contextlib.contextmanager
def _senders(server):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect_datagrams())
               for _ in range(SENDERS)]


def _discard_replies(senders):
    """Those that have come; some may be lost."""
    for sender in senders:
        sender.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                sender.socket.recv(1 << 16)


def parked_datagrams_that_are_due(server):
    """One call of each stream: over UDP each takes its stream over."""
    with _senders(server) as senders, \
            connected(server, SENDERS) as connections:
        tokens = open_each(connections, CALLERS // SENDERS)
        try:
            while True:
                due = time.monotonic() + LEAD_SECONDS / 2
                for sender, own in zip(senders, tokens):
                    for xid, token in enumerate(own):
                        sender.send(bare(exchange(xid, token, segment(),
                                                  wait=left_until(due))))
                    sender.send(call(9999))
                    assert reply_to(sender, call(9999)) == success(9999)
                time.sleep(max(due - time.monotonic(), 0) + 0.2)
                _discard_replies(senders)
                yield len(flat(tokens))
        finally:
            forget_all(server, flat(tokens))


def datagrams_that_take_over(server):
    """Who calls by UDP comes after all that the socket has already."""
    with _senders(server) as senders, connected(server, HOLDERS) as holders:
        while True:
            tokens = open_each(holders, STREAMS)
            park_calls(holders, tokens, time.monotonic() + WAIT_SECONDS)
            for token, sender in zip(flat(tokens)[:ABORTERS],
                                     itertools.cycle(senders)):
                sender.send(bare(exchange(1, token, segment())))
            forget_all(server, flat(tokens))
            expect_answers(holders, STREAMS * WAITING)
            _discard_replies(senders)
            yield len(flat(tokens))


def everything(server):
    """All that may wait does, and there are idle connections too.  Whenever
    it stands still, all that stays for two seconds more."""
    with connected(server, HOLDERS) as holders, connected(server, CALLERS):
        tokens = open_each(holders, STREAMS)
        try:
            while True:
                due = time.monotonic() + WAIT_SECONDS
                park_calls(holders, tokens, due)
                while time.monotonic() < due - 2:
                    yield
                    rest()
                expect_answers(holders, STREAMS * WAITING)
        finally:
            forget_all(server, flat(tokens))


ALL = [collects_that_end, openings, long_answers_to_short_calls,
       parked_calls_that_are_due, calls_that_take_over, cancels_of_parked,
       units_that_are_due, parked_datagrams_that_are_due,
       datagrams_that_take_over]
