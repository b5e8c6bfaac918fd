"""What a hostile client can do to a server by streams.

Generators as in by_call.py.  What is opened is forgotten at the end.
"""

import contextlib
import itertools

from by_call import (CLUSTERS, FULL, LONGEST, MEBIBYTE, rest, send_what_fits)
from conversation import (COLLECT, EACH, GRAPHEME, OK, RESOURCE_EXHAUSTED,
                          SEGMENT_MAX, SPELL, WHOLE, WINDOW, Answer, ask,
                          cancel, exchange, forget, open_stream, opening,
                          segment)
from oncrpc import Closed

CROWD = 64
UNREAD = 4096 if FULL else 64
WHOLES = 8
WHOLE_BYTES = 2 << 30
TEXT = CLUSTERS * ((WINDOW - 8192) // len(CLUSTERS))


@contextlib.contextmanager
def crowd(server, method, piece=None, **how):
    """A connection, and streams that are gone afterwards."""
    with server.connect() as connection:
        tokens = [open_stream(connection, method, piece, **how).token
                  for _ in range(CROWD)]
        try:
            yield connection, tokens
        finally:
            with server.connect() as other:
                forget(other, *tokens)


def text_back_to_back(server):
    """Each stream is sent as much as it takes, and never idle."""
    with crowd(server, EACH, unit=GRAPHEME) as (connection, tokens):
        for number in itertools.count():
            piece = segment(number, [TEXT], after=number)
            calls = [exchange(1, token, piece, wait=10000)
                     for token in tokens]
            # As many as the server queues replies without being read.
            for some in range(0, CROWD, 8):
                connection.send(b"".join(calls[some:some + 8]))
                for _ in range(8):
                    answer = Answer(connection.reply())
                    assert answer.code == OK and answer.next == number + 1
                yield 8


def work_for_short_calls(server):
    """Whole texts are ready, and a few bytes each ask for their reversal."""
    while True:
        with crowd(server, COLLECT, segment(0, [TEXT * 3]),
                   unit=GRAPHEME) as (connection, tokens):
            connection.send(b"".join(
                exchange(1, token, segment(1, last=True, window=0))
                for token in tokens))
            for _ in tokens:
                assert Answer(connection.reply()).code == OK
        yield CROWD


def empty_messages_without_end(server):
    """The server answers as many of them as it has time for in a turn."""
    empty = [b""] * SEGMENT_MAX
    with crowd(server, EACH) as (connection, tokens):
        taken, had = (dict.fromkeys(tokens, 0) for _ in range(2))
        while True:
            for token in tokens:
                number = taken[token]
                answer = ask(connection, token,
                             segment(number, empty, after=had[token]),
                             wait=10000)
                assert answer.code == OK, answer.detail
                taken[token] = answer.next
                had[token] = answer.first + len(answer.messages)
            yield CROWD


def units_that_nobody_reads(server):
    """A million messages each, of which nobody takes more than one.  When
    they have taken the memory there is, they are refused by name."""
    piece = segment(0, [MEBIBYTE], window=8)
    tokens = []
    with server.connect() as connection:
        try:
            for _ in range(UNREAD):
                connection.send(opening(1, SPELL, piece))
                answer = Answer(connection.reply(), opened=True)
                assert answer.code in (OK, RESOURCE_EXHAUSTED)
                if answer.code == OK:
                    tokens.append(answer.token)
                yield
            while True:
                yield
                rest()
        finally:
            forget(connection, *tokens)


def answers_taken_again_and_again(server):
    """The same answers for each call, which takes the stream over."""
    with crowd(server, EACH) as (connection, tokens):
        calls = b""
        for token in tokens:
            answer = ask(connection, token, segment(0, [bytes(60000)]),
                         wait=10000)
            assert len(answer.messages) == 1
            calls += exchange(1, token, segment(1))
        left = 0
        while True:
            sent = send_what_fits(connection, calls[left:])
            left = (left + sent) % len(calls)
            yield
            rest()


def streams_that_come_and_go(server):
    """Each with an answer that is never fetched."""
    begin = opening(1, EACH, segment(0, [b"abc"], last=True))
    with server.connect() as connection:
        while True:
            connection.send(begin * 50)
            answers = [Answer(connection.reply(), opened=True)
                       for _ in range(50)]
            assert all(answer.code == OK for answer in answers)
            connection.send(b"".join(cancel(1, answer.token)
                                     for answer in answers))
            for _ in answers:
                connection.reply()
            yield 50


def connections_lost_with_calls_parked(server):
    while True:
        with contextlib.suppress(Closed), server.connect() as connection:
            token = open_stream(connection, EACH).token
            connection.send(b"".join(
                exchange(number, token, segment(), wait=10000, ahead=True)
                for number in range(100)))
            assert Answer(connection.reply()).code == OK
        with server.connect() as other:
            forget(other, token)
        yield 100


def longest_messages_back_to_back(server):
    """Each goes beyond the window, as one message may."""
    with server.connect() as connection:
        tokens = [open_stream(connection, EACH, unit=GRAPHEME).token
                  for _ in range(4)]
        try:
            for number in itertools.count():
                piece = segment(number, [LONGEST], after=number)
                for token in tokens:
                    answer = ask(connection, token, piece, wait=10000)
                    assert answer.code == OK and answer.next == number + 1
                    yield 1
        finally:
            forget(connection, *tokens)


def whole_texts_that_never_end(server):
    """As fast as the disk takes them; of each at most 2 GiB."""
    piece = [bytes(60000)] * 4
    with server.connect(30) as connection:
        tokens = [open_stream(connection, WHOLE).token
                  for _ in range(WHOLES)]
        sent = [0] * WHOLES

        def push(number):
            connection.send(exchange(
                number, tokens[number], segment(sent[number], piece, window=0),
                wait=10000))

        try:
            for number in range(WHOLES):
                push(number)
            while True:
                # In whatever order they are answered.
                answer = Answer(connection.reply())
                assert answer.code == OK and answer.end is None
                sent[answer.xid] = answer.next
                if answer.next * len(piece[0]) < WHOLE_BYTES:
                    push(answer.xid)
                yield
        finally:
            with server.connect() as other:
                forget(other, *tokens)


ALL = [text_back_to_back, work_for_short_calls, empty_messages_without_end,
       units_that_nobody_reads, answers_taken_again_and_again,
       streams_that_come_and_go, connections_lost_with_calls_parked,
       longest_messages_back_to_back, whole_texts_that_never_end]
