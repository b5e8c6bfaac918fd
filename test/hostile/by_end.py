"""What hostile clients can do to a server by having much die at the same
moment.

Generators as in by_moment.py.
"""

import contextlib
import time

from by_call import text
from by_moment import (ANSWERS, FULL, HOLDERS, LEAD_SECONDS, WAIT_SECONDS,
                       connected, expect_answers, flat, follow, forget_all,
                       left_until, long_answer, open_each, park_calls,
                       send_at_once)
from by_number import Crowd, raise_descriptors
from conversation import (COLLECT, DEADLINE_EXCEEDED, OK, WHOLE, Answer, ask,
                          exchange, open_stream, opening, segment)
from oncrpc import SOON
from peers import BLOCK, are_open, hang_up, set_to_reset, soon

RESET = 270 if FULL else 4
RESET_STREAMS = 15
CROWD = 12000 if FULL else 50
IDLE = 16384 if FULL else 100
CHURN = 2000 if FULL else 20
WHOLES = 150 if FULL else 3
MANY = 64 if FULL else 4        # streams of a connection
# As --lease of the server says.
LEASE_SECONDS = 8


def resets_with_calls_parked(server):
    while True:
        with connected(server, RESET) as connections:
            tokens = open_each(connections, RESET_STREAMS)
            park_calls(connections, tokens, time.monotonic() + WAIT_SECONDS)
            for connection in connections:
                set_to_reset(connection)
        forget_all(server, flat(tokens))
        yield len(flat(tokens))


def resets_with_long_answers_owed(server):
    with long_answer(server) as pull:
        while True:
            with connected(server, ANSWERS) as connections:
                send_at_once(connections, [pull] * len(connections))
                for connection in connections:
                    connection.socket.recv(1)
                    set_to_reset(connection)
            yield len(connections)


def connections_that_end(server):
    while True:
        with connected(server, CROWD) as connections:
            for connection in connections:
                follow(connection)
        yield len(connections)


def half_records_that_are_due(server):
    """With --record-time 1."""
    half = text(1, bytes(4096))[:100]
    while True:
        with connected(server, CROWD) as connections:
            send_at_once(connections, [half] * len(connections))
            for connection in connections:
                assert connection.is_closed(SOON), "it may take for ever"
        yield len(connections)


def _fill(server, crowd):
    while len(crowd.connections) < min(IDLE, raise_descriptors()):
        with contextlib.suppress(ConnectionError):
            crowd.add(server.connect())
        yield


def churn_at_the_limit(server):
    """All are idle, and as many as may be: there is room for another when
    some have been ended."""
    with contextlib.closing(Crowd()) as crowd:
        for _ in _fill(server, crowd):
            pass
        while True:
            for _ in range(CHURN):
                hang_up(server.connect())
                yield
            crowd.drop_ended()
            yield from _fill(server, crowd)


def leases_that_end(server):
    """With --streams 20000 and --lease 8.  All are renewed by answers that are
    due at the same moment."""
    piece = segment(0, [bytes(10000)])
    with connected(server, HOLDERS) as connections:
        while True:
            tokens = open_each(connections, MANY, piece, COLLECT)
            due = time.monotonic() + LEAD_SECONDS
            park_calls(connections, tokens, due, 1)
            expect_answers(connections, MANY)
            time.sleep(due + LEASE_SECONDS - time.monotonic())
            soon(lambda: are_open(connections[0])[0] == 0)
            yield len(flat(tokens))


def deadlines_of_streams(server):
    """With --streams 20000; until then the calls that opened them wait."""
    with connected(server, HOLDERS) as connections:
        while True:
            due = time.monotonic() + LEAD_SECONDS
            for connection in connections:
                connection.send(b"".join(
                    opening(1, COLLECT, deadline=left_until(due),
                            wait=1000 * WAIT_SECONDS) for _ in range(MANY)))
                follow(connection)
            answers = [Answer(connection.reply(), opened=True)
                       for connection in connections for _ in range(MANY)]
            assert all(answer.end == DEADLINE_EXCEEDED for answer in answers)
            forget_all(server, [answer.token for answer in answers])
            yield len(answers)


def _use_disk(connection):
    """A stream whose text is longer than what stays in memory."""
    token = open_stream(connection, WHOLE).token
    sent = 0
    while sent < 20:
        piece = segment(sent, [BLOCK] * min(4, 20 - sent), window=0)
        answer = ask(connection, token, piece, wait=10000)
        assert answer.code == OK
        sent = answer.next
    return token


def texts_on_disk_that_end(server):
    """First all are half-closed and give their first answer, then all are
    cancelled."""
    with connected(server, WHOLES) as connections:
        while True:
            tokens = [_use_disk(connection) for connection in connections]
            send_at_once(connections, [
                exchange(1, token, segment(20, last=True), wait=10000)
                for token in tokens])
            for connection in connections:
                assert Answer(connection.reply()).code == OK
            forget_all(server, tokens)
            yield len(tokens)


ALL = [resets_with_calls_parked, resets_with_long_answers_owed,
       connections_that_end, churn_at_the_limit, deadlines_of_streams,
       texts_on_disk_that_end]
