"""What hostile clients can do to a server by their number.

Generators as in by_call.py.
"""

import contextlib
import itertools
import os
import random
import resource
import select
import signal
import time

from by_call import FULL, rest, text
from conversation import (COLLECT, EACH, SPELL, WHOLE, Answer, exchange,
                          forget, opening, segment)
from oncrpc import Closed, LAST_FRAGMENT, RECORD_MAX, SOON, TEXT, call, u32

DRIP_SECONDS = 5
DRIPPING = 1000 if FULL else 50
RECORDS = 200 if FULL else 20
CONNECTIONS = 3000
# What the attacker needs for itself.
OWN_DESCRIPTORS = 64


def raise_descriptors():
    """Returns how many connections this process may have."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most - OWN_DESCRIPTORS


def _dripping(server, count):
    """Each connection sends a byte every DRIP_SECONDS; they take turns, and
    for one that the server ends there comes another."""
    data = text(1, bytes(4096))
    with contextlib.ExitStack() as stack:
        def begin():
            return stack.enter_context(server.connect()), iter(data)

        drips = [begin() for _ in range(count)]
        begun = time.monotonic()
        for turn in itertools.count():
            while time.monotonic() < begun + turn * DRIP_SECONDS / count:
                yield
                rest()
            connection, left = drips[turn % count]
            try:
                connection.send(bytes([next(left)]))
            except Closed:
                drips[turn % count] = begin()


def one_byte_every_5_s(server):
    return _dripping(server, 1)


def a_crowd_with_a_byte_every_5_s(server):
    return _dripping(server, min(DRIPPING, raise_descriptors()))


def longest_records_left(server):
    """All but the last byte of each.  Once all have begun, now and then the
    first is given up for another."""
    message = call(1, TEXT)
    begin = (u32(LAST_FRAGMENT | RECORD_MAX) + message +
             bytes(RECORD_MAX - len(message) - 1))
    connections = []
    try:
        while True:
            if len(connections) == min(RECORDS, raise_descriptors()):
                connections.pop(0).socket.close()
                rest()
            connections.append(server.connect())
            with contextlib.suppress(Closed):
                connections[-1].send(begin)
            yield
    finally:
        for connection in connections:
            connection.socket.close()


class Crowd:
    """Connections that say nothing, and which of them the server ended."""

    def __init__(self):
        self.poll = select.poll()
        self.connections = {}

    def add(self, connection):
        number = connection.socket.fileno()
        self.connections[number] = connection
        self.poll.register(number, select.POLLIN)

    def drop_ended(self, seconds=0):
        """Returns how many there were."""
        ended = self.poll.poll(1000 * seconds)
        for number, _ in ended:
            self.poll.unregister(number)
            connection = self.connections.pop(number)
            assert connection.is_closed()
            connection.socket.close()
        return len(ended)

    def close(self):
        for connection in self.connections.values():
            connection.socket.close()


def more_connections_than_descriptors(server, count=CONNECTIONS):
    """Whoever cannot be served is told so at once: by the end."""
    count = min(count, raise_descriptors())
    with contextlib.closing(Crowd()) as crowd:
        while True:
            while len(crowd.connections) < count:
                # One that is refused may notice it here already.
                with contextlib.suppress(ConnectionError):
                    crowd.add(server.connect())
                if len(crowd.connections) % 50 == 0:
                    yield
            deadline = time.monotonic() + SOON
            while len(crowd.connections) > server.nofile:
                crowd.drop_ended(0.1)
                assert time.monotonic() < deadline, "some hang"
                yield
            yield
            rest()


def _live(server, nonces, dice):
    """What a client may do, in any order, until it is killed."""
    methods = (COLLECT, SPELL, EACH, WHOLE)
    with server.connect() as connection:
        tokens = []
        for method, nonce in zip(methods, nonces):
            connection.send(opening(1, method, nonce=nonce))
            tokens.append(Answer(connection.reply(), opened=True).token)
        while True:
            choice = dice.randrange(4)
            if choice == 0:
                connection.send(text(1, bytes(dice.randrange(200000))))
            elif choice == 1:
                connection.send(text(1, b"abc") * 50)
            else:
                connection.send(exchange(
                    1, dice.choice(tokens),
                    segment(0, [bytes(dice.randrange(60000))]),
                    wait=10000, ahead=choice == 2))
            if dice.randrange(2):
                connection.reply()


def _bear(server, nonces, seed):
    """Returns the process of a client."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(Exception):
            _live(server, nonces, random.Random(seed))
        os._exit(0)
    return child


def processes_killed_at_any_point(server):
    """Their streams are found again by their nonces, and forgotten."""
    dice = random.Random(20726)
    while True:
        nonces = [dice.randbytes(16) for _ in range(4)]
        child = _bear(server, nonces, dice.random())
        time.sleep(dice.uniform(0, 0.030))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with server.connect() as connection:
            for method, nonce in zip((COLLECT, SPELL, EACH, WHOLE), nonces):
                connection.send(opening(1, method, nonce=nonce))
                forget(connection,
                       Answer(connection.reply(), opened=True).token)
        yield


ALL = [one_byte_every_5_s, a_crowd_with_a_byte_every_5_s,
       longest_records_left, processes_killed_at_any_point]
