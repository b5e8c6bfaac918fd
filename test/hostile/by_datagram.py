"""What a hostile client can do to a server over UDP.

Generators as in by_call.py.  Whoever sends a datagram may lie about where it
comes from: no answer may be much longer than the call, and what is no call has
none.
"""

import contextlib
import itertools
import random
import socket
import time

import by_call
from by_number import raise_descriptors
from conversation import (EACH, OK, RESOURCE_EXHAUSTED, SPELL, Answer, bare,
                          exchange, forget, open_stream, opening, segment)
from malformed import CALLS, NO_CALLS
from oncrpc import (DESCRIBE, Datagrams, GREET, STATUS, TEXT, WHOAMI, call,
                    opaque, success, u32)
from tap import same

DATAGRAM_MAX = 8192
LARGEST = 65507
SOURCES = 250
SMALL_REPLY = 400
OPENS_A_SECOND = 68


def most(message):
    """Bytes that a reply to it may have."""
    return max(SMALL_REPLY, 3 * len(message))


def many_sources(server, stack):
    """Clients of as many addresses, or as this process may have."""
    return [stack.enter_context(Datagrams(
                server.datagram, source=f"127.0.1.{number}"))
            for number in range(1, min(SOURCES, raise_descriptors()) + 1)]


def expect_no_answer(peer, message):
    peer.send(message)
    assert peer.ask(call(7)) == success(7), "it was answered"


def malformed_datagrams(server):
    rows = [(message(xid), reply(xid))
            for xid, (_, message, reply) in enumerate(CALLS, 1)]
    with server.connect_datagrams() as peer:
        while True:
            for message, reply in rows:
                if len(message) <= LARGEST:
                    same(peer.ask(message), reply)
                yield 1
            for _, message in NO_CALLS:
                expect_no_answer(peer, message(1))
                yield 1
            expect_no_answer(peer, success(1))


def damaged_datagrams(server):
    """Cut, empty, full of noise: whatever is answered is short."""
    dice = random.Random(20726)
    with server.connect_datagrams() as peer:
        for xid in itertools.count(1 << 20):
            peer.send(by_call.damaged(dice))
            peer.send(dice.randbytes(dice.randrange(1000)))
            if xid % 100 == 0:
                peer.send(dice.randbytes(LARGEST))
            peer.send(call(xid))
            reply = b""
            while reply != success(xid):
                reply = peer.reply()
                assert len(reply) <= SMALL_REPLY
            yield 3


def reply_to(peer, message):
    """The next reply to it; what else comes has come too late."""
    while True:
        reply = peer.reply()
        if reply[:4] == message[:4]:
            return reply


def others_before(peer, wanted):
    """How many other replies come before this one."""
    count = 0
    while peer.reply() != wanted:
        count += 1
    return count


def datagrams_doubled(server):
    """Fifty times each.  A call that waits is answered once; but those that
    are read when it was are another call, and the machine may be slow."""
    with server.connect_datagrams() as peer, server.connect() as other:
        peer.send(bare(opening(0, EACH)))
        token = Answer(peer.reply(), opened=True).token
        try:
            for number in itertools.count():
                waiting, push, ping = (
                    bare(exchange(3 * number + 1, token,
                                  segment(number, after=number), wait=50)),
                    bare(exchange(3 * number + 2, token,
                                  segment(number, [b"abc"], after=number),
                                  wait=1000)),
                    call(3 * number + 3))
                for _ in range(50):
                    peer.send(waiting)
                answer = Answer(reply_to(peer, waiting))
                assert answer.code == OK and not answer.messages
                peer.send(ping)
                assert others_before(peer, success(3 * number + 3)) < 5
                for _ in range(50):
                    peer.send(push)
                answer = Answer(reply_to(peer, push))
                assert answer.messages == [b"cba"]
                yield 100
        finally:
            forget(other, token)


def datagrams_from_false_addresses(server):
    """A stream's token is known to all, but was sent to one alone."""
    with contextlib.ExitStack() as stack:
        owner = stack.enter_context(server.connect())
        token = open_stream(owner, SPELL,
                            segment(0, [b"abc" * 300], window=0)).token
        stack.callback(forget, owner, token)
        calls = [call(1), call(2, GREET, u32(0, 0)), call(3, STATUS),
                 call(4, WHOAMI), call(5, DESCRIBE),
                 call(6, TEXT, u32(0, 0, 2) + opaque(bytes(1000))),
                 bare(exchange(7, token, segment())),
                 bare(opening(8, SPELL, segment(0, [b"ab" * 400])))]
        sources = many_sources(server, stack)
        while True:
            for peer in sources:
                for message in calls:
                    assert len(peer.ask(message)) <= most(message)
                expect_no_answer(peer, success(1))
                yield len(calls)


@contextlib.contextmanager
def stream_that_goes_on(server):
    """A function that goes on with it over UDP, by message number."""
    with server.connect() as opener, server.connect_datagrams() as peer:
        token = open_stream(opener, EACH).token

        def go_on(number):
            answer = Answer(peer.ask(bare(exchange(
                2, token, segment(number, [b"abc"], after=number),
                wait=1000))))
            assert answer.messages == [b"cba"]

        yield go_on
        forget(opener, token)


def openings_never_continued(server):
    """Whoever goes on with the stream that was opened is not disturbed; others
    over UDP are refused by name, once there are too many that nobody went on
    with."""
    with contextlib.ExitStack() as stack:
        sources = many_sources(server, stack)
        go_on = stack.enter_context(stream_that_goes_on(server))
        begun = time.monotonic()
        for number in itertools.count():
            while time.monotonic() < begun + number / OPENS_A_SECOND:
                yield
                by_call.rest()
            peer = sources[number % len(sources)]
            reply = peer.ask(bare(opening(1, EACH)))
            assert Answer(reply, opened=True).code in (OK, RESOURCE_EXHAUSTED)
            if number % OPENS_A_SECOND == 0:
                go_on(number // OPENS_A_SECOND)


def answers_by_datagram_never_read(server):
    """The attacker has no room for one of them."""
    message = call(1, TEXT, u32(0, 0, 2) + opaque(bytes(DATAGRAM_MAX - 100)))
    with server.connect_datagrams() as peer:
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        while True:
            for _ in range(20):
                peer.send(message)
            yield 20
            by_call.rest()


ALL = [malformed_datagrams, damaged_datagrams, datagrams_doubled,
       datagrams_from_false_addresses, openings_never_continued,
       answers_by_datagram_never_read]
