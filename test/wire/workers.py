#!/usr/bin/python3 -B
"""Several workers are one server: what its clients notice of them.

A connection belongs to a worker, and so does a stream.  Whose it is, the first
two bytes of a token say; nobody else has to know.
"""

import contextlib
import itertools
import os
import random
import signal
import sys
import threading
import time

from oncrpc import (PATIENCE, STATUS, TEXT, Reader, Silence, call, opaque,
                    record, success, u32)
from server import CLOCK_TICK, TOP, serving
from tap import diag, fact, run, same

sys.path.insert(0, str(TOP / "test" / "hostile"))

from conversation import (                              # noqa: E402
    ABORTED, Answer, BYTE, EACH, NOT_FOUND, OK, RESOURCE_EXHAUSTED,
    UNAVAILABLE, WHOLE, ask, bare, cancel, exchange, forget, open_stream,
    opening, segment)

WORKERS = 4
CONNECTIONS = 64
IDLE_SECONDS = 10
LONG = 9000                     # a wait_ms that nobody wants to wait for


def workers(*options, **settings):
    # With few descriptors there are fewer workers, unless so many are enough.
    return serving("-j", str(WORKERS), "--connections", str(CONNECTIONS),
                   *options, **settings)


def owner(token):
    return int.from_bytes(token[:2], "big")


def worker_of(connection):
    """A stream that is opened belongs to the worker of its connection."""
    token = open_stream(connection, EACH).token
    forget(connection, token)
    return owner(token)


@contextlib.contextmanager
def one_each(server, connect=None):
    """A connection to each worker, by its number."""
    connect = connect or server.connect
    with contextlib.ExitStack() as stack:
        found = {}
        for _ in range(WORKERS):
            connection = stack.enter_context(connect())
            found[worker_of(connection)] = connection
        assert sorted(found) == list(range(WORKERS)), found
        yield [found[number] for number in range(WORKERS)]


def counters(connection):
    """calls, failures, streams, connections"""
    reply = Reader(connection.ask(call(1, STATUS)))
    same(reply.bytes(32), success(1, u32(0, 1)))
    reply.u64()
    calls, failures, _, _ = (reply.u64() for _ in range(4))
    return calls, failures, reply.u32(), reply.u32()


def until(holds, what):
    deadline = time.monotonic() + 10 * PATIENCE
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@fact
def connections_are_spread_over_all_workers(_):
    with workers() as server:
        for connect in server.connect, server.connect_unix:
            with one_each(server, connect):
                pass


@fact
def a_stream_goes_on_over_connections_of_every_worker(_):
    with workers() as server, one_each(server) as each:
        for first in each:
            token = open_stream(first, EACH).token
            for number in range(3 * WORKERS):
                text = f"text {number}".encode()
                answer = ask(each[number % WORKERS], token, segment(
                    number, [text], after=number), wait=LONG)
                assert answer.messages == [text[::-1]], answer.messages
            forget(each[0], token)


@fact
def many_calls_in_flight_are_answered_in_order_from_elsewhere(_):
    count = 500
    with workers() as server, one_each(server) as each:
        token = open_stream(each[0], EACH).token
        ask(each[1], token, segment())
        for number in range(count):
            each[1].send(exchange(number, token, segment(
                number, [b"%d" % number]), ahead=True, wait=LONG))
        seen = []
        while len(seen) < count:
            answer = Answer(each[1].reply())
            assert answer.code == OK and answer.first == len(seen)
            seen += answer.messages
        assert seen == [(b"%d" % n)[::-1] for n in range(count)]


@fact
def long_messages_go_and_come_back(_):
    text = os.urandom(1 << 20)
    with workers() as server, one_each(server) as each:
        token = open_stream(each[3], EACH).token
        answer = ask(each[0], token, segment(0, [text], window=2 << 20),
                     wait=LONG)
        assert answer.messages == [text[::-1]]


@fact
def a_text_on_disk_comes_back_elsewhere(_):
    text = os.urandom(3 << 20)
    pieces = [text[at:at + 60000] for at in range(0, len(text), 60000)]
    with workers() as server, one_each(server) as each:
        token = open_stream(each[1], WHOLE).token
        answer, sent, turn = None, 0, 0
        while answer is None or sent < len(pieces):
            answer = ask(each[turn % WORKERS], token, segment(
                sent, pieces[sent:sent + 4], window=0), wait=LONG)
            sent, turn = answer.next, turn + 1
        got = []
        while answer.end is None:
            answer = ask(each[turn % WORKERS], token, segment(
                sent, last=True, after=len(got)), wait=LONG)
            got += answer.messages
            turn += 1
        assert answer.end == OK and b"".join(got) == text[::-1]


@fact
def whoever_takes_a_stream_over_ends_a_call_that_waits_elsewhere(_):
    with workers() as server, one_each(server) as each:
        token = open_stream(each[0], EACH).token
        before, asked = counters(each[3])[0], itertools.count(1)
        each[1].send(exchange(1, token, segment(), wait=LONG))
        # Each question is a call as well.
        until(lambda: counters(each[3])[0] > before + next(asked), "no call")
        time.sleep(0.05 * PATIENCE)     # it is on its way to the stream
        answer = ask(each[2], token, segment(0, [b"ab"]), wait=LONG)
        assert answer.messages == [b"ba"]
        assert Answer(each[1].reply()).code == ABORTED


@fact
def a_connection_that_closes_takes_its_calls_along(_):
    with workers("--lease", "2", "--wait-time", "1") as server, \
            one_each(server) as each:
        token = open_stream(each[0], EACH).token
        for _ in range(50):
            with server.connect() as other:
                for xid in range(20):
                    other.send(exchange(xid, token, segment(), wait=LONG))
        answer = ask(each[1], token, segment(0, [b"ab"]), wait=LONG)
        assert answer.messages == [b"ba"]
        until(lambda: counters(each[2])[3] == WORKERS, "some are left")


@fact
def an_open_that_is_repeated_finds_its_stream_on_any_worker(_):
    nonce = os.urandom(16)
    with workers() as server, one_each(server) as each:
        tokens = set()
        for connection in each + each:
            tokens.add(open_stream(connection, EACH, nonce=nonce).token)
        assert len(tokens) == 1, tokens
        assert counters(each[0])[2] == 1
        token = tokens.pop()
        forget(each[(owner(token) + 1) % WORKERS], token)
        assert counters(each[0])[2] == 0
        again = open_stream(each[2], EACH, nonce=nonce).token
        assert again != token and owner(again) == 2


@fact
def one_that_is_repeated_at_the_same_time_makes_one_stream(_):
    with workers() as server, one_each(server) as each:
        for _ in range(100):
            nonce = os.urandom(16)
            for connection in each:
                connection.send(opening(1, EACH, nonce=nonce))
            tokens = {Answer(connection.reply(), opened=True).token
                      for connection in each}
            assert len(tokens) == 1, tokens
            forget(each[0], *tokens)
        assert counters(each[1])[2] == 0


@fact
def cancel_is_done_when_it_is_answered_elsewhere(_):
    with workers("--streams", "16") as server, one_each(server) as each:
        for _ in range(20):
            tokens = [open_stream(random.choice(each), EACH).token
                      for _ in range(16)]
            for token in tokens:
                forget(random.choice(each), token)


@fact
def limit_of_streams_is_that_of_all_workers(_):
    with workers("--streams", "6", "--streams-per-client", "6") as server, \
            one_each(server) as each:
        for _ in range(5):
            tokens = [open_stream(each[n % WORKERS], EACH).token
                      for n in range(6)]
            for connection in each:
                connection.send(opening(1, EACH))
                answer = Answer(connection.reply(), opened=True)
                assert answer.code == RESOURCE_EXHAUSTED, answer.code
            for token in tokens:
                forget(random.choice(each), token)


@fact
def limit_of_a_client_is_that_of_all_workers(_):
    """A user at the Unix socket is a peer; the loopback is none."""
    with workers("--streams-per-client", "6") as server, \
            one_each(server, server.connect_unix) as each, \
            server.connect() as loopback:
        tokens = [open_stream(each[n % WORKERS], EACH).token
                  for n in range(6)]
        for connection in each:
            connection.send(opening(1, EACH))
            answer = Answer(connection.reply(), opened=True)
            assert answer.code == RESOURCE_EXHAUSTED, answer.code
        open_stream(loopback, EACH)
        forget(loopback, tokens[0])
        open_stream(each[3], EACH)


def ended(connection):
    """The token of a stream that has ended and was told to have."""
    answer = open_stream(connection, EACH, segment(0, [b"abc"], last=True),
                         wait=LONG)
    assert answer.end == OK, answer.end
    return answer.token


def is_kept(connection, token):
    code = ask(connection, token, segment(1, last=True)).code
    assert code in (OK, NOT_FOUND), code
    return code == OK


def long_one_ended(connection):
    """The token of a stream that has ended with a long answer, which was told
    and is kept for whoever asks again; None where there was no room for it."""
    connection.send(opening(1, EACH, segment(0, [bytes(60000)], last=True),
                            wait=LONG))
    answer = Answer(connection.reply(), opened=True)
    assert answer.code in (OK, RESOURCE_EXHAUSTED), answer.code
    return answer.token if answer.code == OK else None


def old_ones_go_first(connect, *options):
    """Where memory is short, whichever worker has them."""
    with serving("-j", "2", *options) as server, connect(server) as one, \
            connect(server) as other:
        assert worker_of(one) != worker_of(other)
        old = list(filter(None, (long_one_ended(one) for _ in range(400))))
        assert len(old) == 400 and not is_kept(one, old[0])
        left = sum(is_kept(one, token) for token in old)
        mine = []

        def ends():
            mine.append(long_one_ended(other))
            return mine[-1] is not None
        for _ in range(left // 2):
            until(ends, "memory stays short")
        mine = list(filter(None, mine))
        assert all(is_kept(other, token) for token in mine)
        kept = [is_kept(one, token) for token in old]
        assert 0 < sum(kept) < left, (sum(kept), left)
        assert kept == sorted(kept), "not the oldest go first"


@fact
def streams_that_ended_first_make_room_whoever_has_them(_):
    old_ones_go_first(lambda server: server.connect(), "--memory", "16M")


@fact
def so_do_those_of_a_client_that_uses_all_it_may(_):
    """A user at the Unix socket is a peer; the loopback is none."""
    old_ones_go_first(lambda server: server.connect_unix(),
                      "--memory", "64M")


@fact
def of_those_that_are_kept_the_first_go_whoever_has_them(_):
    with serving("-j", "2", "--streams-kept", "100") as server, \
            server.connect() as one, server.connect() as other:
        assert worker_of(one) != worker_of(other)
        old = [ended(one) for _ in range(200)]
        mine = [ended(other) for _ in range(40)]
        until(lambda: sum(is_kept(one, token) for token in old) == 60,
              "more are kept than all may")
        assert [is_kept(one, token) for token in old] == \
            [False] * 140 + [True] * 60, "not the oldest go first"
        assert all(is_kept(other, token) for token in mine)
        for _ in range(200):
            token = ended(other)
            assert is_kept(other, token), "forgotten while it is told"
        until(lambda: not any(is_kept(one, token) for token in old),
              "one keeps what has ended before")


@fact
def limit_of_connections_is_that_of_all_workers(_):
    with workers("--connections", "10") as server, \
            contextlib.ExitStack() as stack:
        held = [stack.enter_context(server.connect()) for _ in range(10)]
        for connection in held:
            connection.ask(call(1))
        with server.connect() as another:
            assert another.is_closed()
        # It is counted until it is known to have been refused.
        until(lambda: counters(held[0])[3] == 10, "too many are counted")


@fact
def the_counters_are_those_of_all_workers(_):
    with workers() as server, one_each(server) as each:
        calls, failures, _, connections = counters(each[0])
        assert connections == WORKERS
        for connection in each:
            connection.ask(call(2, TEXT, u32(0, 0, 2) + opaque(b"xy")))
            connection.ask(call(3, TEXT, u32(0, 0, 9) + opaque(b"xy")))
        token = open_stream(each[1], EACH).token
        gone = token[:8] + bytes(8)
        assert ask(each[2], gone, segment()).code == NOT_FOUND
        for n, connection in enumerate(each):
            now = counters(connection)
            assert now == (calls + 11 + n, failures + WORKERS + 1, 1,
                           WORKERS), now


@fact
def a_repeated_datagram_meets_the_call_under_way(_):
    with workers() as server, server.connect() as connection, \
            contextlib.ExitStack() as stack:
        token = open_stream(connection, EACH).token
        before = counters(connection)[0]
        pull = bare(exchange(7, token, segment(), wait=LONG))
        callers = [stack.enter_context(server.connect_datagrams())
                   for _ in range(16)]
        for caller in callers:
            for _ in range(5):
                caller.send(pull)
        until(lambda: counters(connection)[0] - before >= 16, "no calls")
        for caller in callers:
            for _ in range(5):
                caller.send(pull)
            # Not counted, since it is not made again; this one is.
            caller.send(call(8))
        answers = [caller.reply() for caller in callers]
        ask(connection, token, segment(0, [b"ab"]), wait=LONG)
        for caller, first in zip(callers, answers):
            replies = [first]
            with contextlib.suppress(Silence):
                while True:
                    replies.append(caller.reply(0.3 * PATIENCE))
            xids = sorted(int.from_bytes(reply[:4], "big")
                          for reply in replies)
            assert xids.count(8) == 1, xids
            # One call at a time: it may be made again once it was answered.
            assert 1 <= xids.count(7) <= 10, xids


@fact
def a_stream_over_udp_goes_on_from_any_port(_):
    nonce = os.urandom(16)
    with workers() as server, contextlib.ExitStack() as stack:
        callers = [stack.enter_context(server.connect_datagrams())
                   for _ in range(12)]
        tokens = set()
        for caller in callers:
            answer = Answer(caller.ask(bare(opening(1, EACH, nonce=nonce))),
                            opened=True)
            assert answer.code == OK, answer.detail
            tokens.add(answer.token)
        assert len(tokens) == 1, tokens
        token = tokens.pop()
        for n, caller in enumerate(callers):
            # More than an answer may have to a caller that is not trusted.
            text = os.urandom(4000)
            caller.ask(bare(exchange(2, token, segment(
                n, [text], after=n, window=0))))
            answer = Answer(caller.ask(bare(exchange(3, token, segment(
                n + 1, after=n), wait=LONG))))
            assert answer.messages == [text[::-1]]


@fact
def a_drain_tells_the_streams_of_all_workers_their_end(_):
    with workers("--drain-time", str(5 * PATIENCE)) as server, \
            one_each(server) as each:
        tokens = [open_stream(connection, EACH).token for connection in each]
        server.process.send_signal(signal.SIGTERM)
        for n, connection in enumerate(each):
            def refuses(connection=connection):
                connection.send(opening(1, EACH))
                return Answer(connection.reply(),
                              opened=True).code == UNAVAILABLE
            until(refuses, f"worker {n} opens streams")
        for n, token in enumerate(tokens):
            other = each[(n + 1) % WORKERS]
            answer = ask(other, token, segment(0, [b"ab"]), wait=LONG)
            assert answer.messages == [b"ba"]
            assert ask(other, token, segment(1, last=True, after=1),
                       wait=LONG).end == OK
        for connection in each:
            assert connection.is_closed()
        server.process.wait(10 * PATIENCE)


@fact
def a_drain_answers_the_calls_that_wait_elsewhere(_):
    with workers() as server, one_each(server) as each:
        tokens = [open_stream(connection, EACH).token for connection in each]
        for n, token in enumerate(tokens):
            each[(n + 1) % WORKERS].send(
                exchange(1, token, segment(), wait=LONG))
        server.process.send_signal(signal.SIGTERM)
        for connection in each:
            assert Answer(connection.reply()).end == UNAVAILABLE
            assert connection.is_closed()


@fact
def a_drain_answers_who_waits_to_be_accepted(_):
    """They are connected before the signal, and have called."""
    with workers() as server, contextlib.ExitStack() as stack:
        server.process.send_signal(signal.SIGSTOP)
        held = [stack.enter_context(server.connect()) for _ in range(40)]
        for connection in held:
            connection.send(record(call(5)))
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        for connection in held:
            assert connection.reply() == success(5)


@fact
def a_second_signal_ends_all_workers_at_once(_):
    with workers("--drain-time", "100") as server, one_each(server) as each:
        for connection in each:
            open_stream(connection, EACH)
        server.process.send_signal(signal.SIGTERM)
        until(lambda: "draining" in server.log(), "it does not drain")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(10 * PATIENCE)


CPUCLOCK_SCHED = 2      # of a process, in nanoseconds: linux/posix-timers.h


def spent(process):
    """Seconds of processor time, of all its threads."""
    return time.clock_gettime(~process.pid << 3 | CPUCLOCK_SCHED)


@fact
def workers_that_have_nothing_to_do_take_less_than_a_tick(_):
    with serving("-j", "2") as server, server.connect() as one, \
            server.connect() as other:
        for connection in one, other:
            connection.ask(call(1))
        # What calls took may go back to the kernel first.
        time.sleep(2)
        before = spent(server.process)
        time.sleep(IDLE_SECONDS)
        took = spent(server.process) - before
        diag(f"{1000 * took:.1f} ms in {IDLE_SECONDS} s")
        assert took < PATIENCE / CLOCK_TICK


def _use(server, streams, seed, failures):
    """Calls of all kinds, on connections that come and go."""
    chance = random.Random(seed)
    try:
        for _ in range(25):
            with chance.choice([server.connect, server.connect_unix])() as c:
                for _ in range(chance.randrange(1, 30)):
                    chance.choice([_text, _status, _cancel, _exchanges])(
                        c, chance, streams)
                # And leaves with some that wait.
                _exchanges(c, chance, streams, leaves=True)
    except Exception as reason:     # told by the test's own thread
        failures.append(reason)


def _text(connection, chance, _):
    text = bytes(chance.randrange(256) for _ in range(50))
    reply = connection.ask(call(1, TEXT, u32(0, 0, BYTE) + opaque(text)))
    assert text[::-1] in reply


def _status(connection, *_):
    connection.ask(call(1, STATUS))


def _opened(connection, chance, streams):
    connection.send(opening(1, EACH, nonce=chance.choice(streams)))
    answer = Answer(connection.reply(), opened=True)
    assert answer.code in (OK, RESOURCE_EXHAUSTED), answer.code
    return answer.token


def _cancel(connection, chance, streams):
    token = _opened(connection, chance, streams)
    if token:
        connection.send(cancel(1, token))
        connection.reply()


def _exchanges(connection, chance, streams, leaves=False):
    token = _opened(connection, chance, streams)
    count = chance.randrange(1, 8) if token else 0
    for xid in range(count):
        connection.send(exchange(
            xid, token, segment(0, [b"text"] * chance.randrange(3)),
            wait=chance.choice([0, 1, 20]), ahead=chance.random() < 0.3))
    if not leaves:
        xids = {int.from_bytes(connection.reply()[:4], "big")
                for _ in range(count)}
        assert xids == set(range(count)), xids


@fact
def a_crowd_that_calls_everything_everywhere_leaves_nothing(_):
    """Whether threads get in each other's way, the sanitizer says."""
    with workers("--streams", "20") as server:
        streams, failures = [os.urandom(16) for _ in range(24)], []
        crowd = [threading.Thread(target=_use, args=(
            server, streams, seed, failures)) for seed in range(8)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        assert not failures, failures
        with server.connect() as connection:
            for nonce in streams:
                for connect in server.connect, server.connect_unix:
                    with connect() as other:
                        other.send(opening(1, EACH, nonce=nonce))
                        answer = Answer(other.reply(), opened=True)
                        if answer.token:
                            forget(other, answer.token)
            until(lambda: counters(connection)[2:] == (0, 1),
                  f"left: {counters(connection)}")


if __name__ == "__main__":
    run()
