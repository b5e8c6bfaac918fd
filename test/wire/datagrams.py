#!/usr/bin/python3 -B
"""Calls over UDP: what is answered, what is not, and how much; and over the
Unix socket: who calls.

With TEST_SERVER=test/stock/server.py those facts that reverse.x has are told
about that one.
"""

import os
import pathlib
import socket
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "hostile"))

from conversation import (BYTE, CANCELLED, COLLECT, EACH, NOT_FOUND, OK, SPELL,
                          WHOLE, Answer, bare, cancel, exchange, open_stream,
                          opening, segment)
from malformed import CALLS, NO_CALLS
from oncrpc import (DESCRIBE, GREET, PATIENCE, STATUS, TEXT, WHOAMI, Datagrams,
                    Reader, Silence, SOON, auth_sys, call, opaque, success, u32)
from tap import Skipped, diag, fact, run, same

LARGEST = 8192
SMALL_REPLY = 400
OUT_OF_RANGE = 11
RESOURCE_EXHAUSTED = 8
BRIEF = 0.2 * PATIENCE
LEASE = 2 * PATIENCE
STREAMS = 4


def needs_daemon(server, why):
    if server.program:
        raise Skipped(f"needs the daemon: {why}")


def text(xid, data):
    return call(xid, TEXT, u32(0, 0, BYTE) + opaque(data))


def reversed_text(xid, data):
    return success(xid, u32(0) + opaque(data[::-1]) + u32(0))


def refusal(reply):
    """The code and the words of a result that is a failure."""
    reader = Reader(reply)
    reader.bytes(24)
    code = reader.u32()
    assert reader.u32() == code, "a discriminant that is not the code"
    return code, reader.opaque(512)


def says_use_tcp(reply):
    code, words = refusal(reply)
    assert code == OUT_OF_RANGE, code
    assert b"use TCP" in words, words


def ask(datagrams, stream_call, opened=False):
    return Answer(datagrams.ask(bare(stream_call)), opened)


def is_silent(datagrams, seconds=BRIEF):
    try:
        reply = datagrams.reply(seconds)
    except Silence:
        return True
    raise AssertionError(f"answered: {reply[:64].hex(' ', 4)}")


@fact
def every_short_call_is_answered_as_over_tcp(server):
    needs_daemon(server, "its errors for credentials")
    with Datagrams(server.datagram) as datagrams:
        for xid, (name, message, wanted) in enumerate(CALLS, 1):
            sent = message(xid)
            if len(sent) > 65507:
                continue
            try:
                same(datagrams.ask(sent), wanted(xid))
            except (AssertionError, Silence) as reason:
                raise AssertionError(name) from reason


@fact
def what_is_no_call_is_not_answered(server):
    with Datagrams(server.datagram) as datagrams:
        for _, message in NO_CALLS:
            datagrams.send(message(1))
        datagrams.send(b"")
        datagrams.send(os.urandom(65507))
        datagrams.send(success(1))
        assert is_silent(datagrams)
        same(datagrams.ask(call(2)), success(2))


@fact
def the_longest_message_goes_and_a_longer_one_is_refused(server):
    data = os.urandom(LARGEST)
    with Datagrams(server.datagram) as datagrams:
        same(datagrams.ask(text(1, data)), reversed_text(1, data))
        says_use_tcp(datagrams.ask(text(2, data + b"x")))
        says_use_tcp(datagrams.ask(text(3, bytes(65000))))
        for method in (EACH, COLLECT, SPELL, WHOLE):
            says_use_tcp(datagrams.ask(bare(
                opening(4, method, segment(0, [data + b"x"])))))
        token = ask(datagrams, opening(5, EACH), opened=True).token
        says_use_tcp(datagrams.ask(bare(
            exchange(6, token, segment(0, [data + b"x"])))))
        answer = ask(datagrams, exchange(7, token, segment(0, [data]),
                                         wait=1000))
        assert answer.messages == [data[::-1]]


@fact
def the_interface_is_for_tcp_alone(server):
    with Datagrams(server.datagram) as datagrams:
        says_use_tcp(datagrams.ask(call(1, DESCRIBE)))


@fact
def no_reply_is_much_longer_than_its_call(server):
    context = u32(0, 0)
    calls = [call(1), call(1, GREET, context), call(1, STATUS),
             call(1, DESCRIBE), call(1, WHOAMI), text(1, b""),
             text(1, b"\xff" * 100),
             call(1, TEXT, u32(0, 0, 77) + opaque(b"")),
             call(1, WHOAMI, credential=auth_sys(gids=range(16))),
             bare(opening(1, SPELL, segment(0, [b"abc" * 1000]), wait=100)),
             bare(opening(1, EACH, segment(0, [b"abc"] * 100, last=True),
                          wait=100)),
             bare(opening(1, 99)), bare(exchange(1, bytes(16), segment()))]
    longest = 0.0
    with Datagrams(server.datagram) as datagrams:
        for sent in calls:
            reply = datagrams.ask(sent)
            assert len(reply) <= max(3 * len(sent), SMALL_REPLY), sent.hex()
            longest = max(longest, len(reply) / len(sent))
    diag(f"at most {longest:.1f} times the call")


@fact
def an_open_is_answered_with_no_more_than_it_brought(server):
    with Datagrams(server.datagram) as datagrams:
        sent = bare(opening(1, SPELL, segment(0, [b"abc" * 1000]), wait=100))
        reply = datagrams.ask(sent)
        assert 80 < len(reply) <= len(sent)
        assert Answer(reply, opened=True).messages
        # Nobody has sent so much: the answer to a wish alone.
        short = bare(opening(1, SPELL, segment(0, [b"ab"]), wait=100))
        answer = Answer(datagrams.ask(short), opened=True)
        assert answer.code == OK and len(answer.messages) <= 2
        answer = ask(datagrams, exchange(2, answer.token, segment(1),
                                         wait=1000))
        assert answer.messages == [b"b", b"a"] and answer.end == OK


@fact
def who_has_the_token_may_have_a_whole_datagram(server):
    pieces = [b"%04d" % number * 500 for number in range(4)]
    with Datagrams(server.datagram) as datagrams:
        token = ask(datagrams, opening(1, EACH), opened=True).token
        ask(datagrams, exchange(2, token, segment(0, pieces, window=0)))
        reply = datagrams.ask(bare(exchange(3, token, segment(4), wait=100)))
        assert Answer(reply).messages == [piece[::-1] for piece in pieces]
        # From another port of the same host as well, but not from elsewhere.
        with Datagrams(server.datagram) as other:
            answer = ask(other, exchange(4, token, segment(4)))
            assert len(answer.messages) == 4
        with Datagrams(server.datagram, source="127.0.0.9") as stranger:
            sent = bare(exchange(5, token, segment(4)))
            reply = stranger.ask(sent)
            assert len(reply) <= max(3 * len(sent), SMALL_REPLY)
            says_use_tcp(reply)


@fact
def a_token_that_came_over_tcp_shows_the_host_as_well(server):
    with server.connect() as connection, \
            Datagrams(server.datagram) as datagrams:
        token = open_stream(connection, EACH).token
        answer = ask(datagrams, exchange(1, token, segment(0, [b"x" * 4000]),
                                         wait=1000))
        assert answer.messages == [b"x" * 4000]


@fact
def a_waiting_call_that_comes_again_is_the_same_call(server):
    with Datagrams(server.datagram) as datagrams, \
            Datagrams(server.datagram) as other:
        token = ask(datagrams, opening(1, EACH), opened=True).token
        waits = bare(exchange(2, token, segment(), wait=10000))
        for _ in range(5):
            datagrams.send(waits)
        assert is_silent(datagrams)
        # Were it another call it would have taken the stream over.
        answer = ask(other, exchange(3, token, segment(0, [b"abc"],
                                                       window=0)))
        assert answer.next == 1 and not answer.messages
        assert Answer(datagrams.reply()).messages == [b"cba"]
        assert is_silent(datagrams)
        # Answered, it is made again: the answer may have been lost.
        assert Answer(datagrams.ask(waits)).messages == [b"cba"]


@fact
def a_call_of_another_peer_is_another_call(server):
    with Datagrams(server.datagram) as datagrams, \
            Datagrams(server.datagram) as other:
        token = ask(datagrams, opening(1, EACH), opened=True).token
        waits = bare(exchange(2, token, segment(), wait=10000))
        datagrams.send(waits)
        other.send(waits)
        assert Answer(datagrams.reply()).code == 10     # it was taken over
        datagrams.send(bare(cancel(3, token)))
        answer = Answer(other.reply())
        assert (answer.code, answer.end) == (OK, CANCELLED)


@fact
def an_open_that_comes_again_makes_no_other_stream(server):
    sent = bare(opening(1, EACH, segment(0, [b"abc"]), wait=100))
    with Datagrams(server.datagram) as datagrams:
        tokens = {Answer(datagrams.ask(sent), opened=True).token
                  for _ in range(5)}
        assert len(tokens) == 1


@fact
def a_stream_that_nobody_goes_on_with_expires(server):
    with Datagrams(server.datagram) as datagrams:
        left, kept = (ask(datagrams, opening(xid, EACH), opened=True)
                      for xid in (1, 2))
        ask(datagrams, exchange(3, kept.token, segment()))
        time.sleep(left.lease / 1000 * 1.2)
        assert ask(datagrams, exchange(4, left.token,
                                       segment())).code == NOT_FOUND
        assert ask(datagrams, exchange(5, kept.token, segment())).code == OK


@fact
def streams_that_nobody_goes_on_with_are_few_and_live_briefly(server):
    needs_daemon(server, "it limits them")
    with Datagrams(server.datagram) as datagrams:
        time.sleep(LEASE * 1.2)     # those of the facts before
        kept = ask(datagrams, opening(1, EACH), opened=True).token
        ask(datagrams, exchange(2, kept, segment()))
        # All at once: none may have gone when the last one comes.
        for _ in range(STREAMS + 1):
            datagrams.send(bare(opening(1, EACH)))
        replies = [datagrams.reply() for _ in range(STREAMS + 1)]
        opened = [Answer(reply, opened=True) for reply in replies[:-1]]
        assert all(answer.code == OK for answer in opened)
        code, words = refusal(replies[-1])
        assert code == RESOURCE_EXHAUSTED and b"UDP" in words
        with server.connect() as connection:
            assert open_stream(connection, EACH).code == OK
        time.sleep(LEASE * 1.2)
        for answer in opened:
            assert ask(datagrams, exchange(
                3, answer.token, segment())).code == NOT_FOUND, "it stays"
        answer = ask(datagrams, exchange(4, kept, segment(0, [b"abc"]),
                                         wait=1000))
        assert answer.messages == [b"cba"], "that which was gone on with"


@fact
def a_reply_comes_from_the_address_that_was_called(server):
    """The server of this test is bound to one; see unit/datagram for any."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.settimeout(SOON)
        plain.sendto(call(1), server.datagram)
        data, source = plain.recvfrom(1000)
        assert source == server.datagram
        same(data, success(1))


@fact
def a_stream_goes_all_the_way(server):
    lines = [b"line %d" % number for number in range(500)]
    with Datagrams(server.datagram) as datagrams:
        token = ask(datagrams, opening(1, EACH), opened=True).token
        got, at, end = [], 0, None
        while end is None:
            some = lines[at:at + 100]
            answer = ask(datagrams, exchange(
                2, token, segment(at, some, at + len(some) == len(lines),
                                  after=len(got)), wait=1000))
            assert answer.code == OK
            at, end = answer.next, answer.end
            got += answer.messages
        assert end == OK and got == [line[::-1] for line in lines]


@fact
def at_the_unix_socket_the_kernel_says_who_calls(server):
    needs_daemon(server, "it serves a Unix socket")
    kernel = u32(os.getuid()) + opaque(b"uid:%d" % os.getuid()) + \
        opaque(b"") + opaque(b"")
    with server.connect_unix() as connection:
        same(connection.ask(call(1, WHOAMI)), success(1, u32(0, 0) + kernel))
        same(connection.ask(call(2, WHOAMI,
                                 credential=auth_sys(uid=4711, gids=(1, 2)))),
             success(2, u32(0, 1) + kernel))
        long = os.urandom(1 << 20)
        same(connection.ask(text(3, long)), reversed_text(3, long))


@fact
def at_the_unix_socket_malformed_calls_are_answered_as_over_tcp(server):
    needs_daemon(server, "it serves a Unix socket")
    with server.connect_unix() as connection:
        for xid, (name, message, wanted) in enumerate(CALLS, 1):
            same(connection.ask(message(xid)), wanted(xid))


run("--datagram-streams", str(STREAMS), "--datagram-lease", str(LEASE),
    "--drain-time", "0.1")
