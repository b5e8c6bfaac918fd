"""What calls cost that claim a length and have few bytes.

Generators as in by_call.py.  Each call is refused by name; none may take what
it claims, neither memory nor the time to clear it.
"""

import contextlib

from oncrpc import (Datagrams, EXCHANGE, MESSAGE_MAX, Silence, TEXT, call,
                    garbage_args, opaque, record, u32, u64)
from tap import same

CONNECTIONS = 6
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 51)]
# Calls in flight of all together, datagrams likewise, and bytes that each has.
IN_FLIGHT = 3000
DATAGRAMS = 400
BYTES = bytes(8)

_TEXT = call(1, TEXT, u32(0, 0, 0, MESSAGE_MAX) + BYTES)
# Eight empty messages, and one that claims the most there may be.
_MESSAGES = call(1, EXCHANGE, bytes(16) + u64(0) + u32(9) + 8 * opaque(b"") +
                 u32(MESSAGE_MAX) + BYTES)


def _by_connection(server, message, sources):
    count = IN_FLIGHT // len(sources)
    calls = record(message) * count
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(server.connect(source=source))
                       for source in sources]
        for connection in connections:
            connection.send(calls)
        while True:
            for connection in connections:
                for _ in range(count):
                    same(connection.reply(), garbage_args(1))
                connection.send(calls)
                yield count


def _replies(peer, most):
    """What comes of them; a datagram may be lost."""
    with contextlib.suppress(Silence):
        for _ in range(most):
            yield peer.reply(0.1)


def _by_datagram(server, sources):
    """Both kinds of calls in turn."""
    count = DATAGRAMS // len(sources)
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Datagrams(server.datagram,
                                               source=source))
                 for source in sources]
        while True:
            for peer in peers:
                for number in range(count):
                    peer.send((_TEXT, _MESSAGES)[number % 2])
            for peer in peers:
                for reply in _replies(peer, count):
                    same(reply, garbage_args(1))
                yield count


def texts_that_claim_1_mib(server):
    return _by_connection(server, _TEXT, [None] * CONNECTIONS)


def texts_that_claim_1_mib_from_50_addresses(server):
    return _by_connection(server, _TEXT, ADDRESSES)


def messages_that_claim_1_mib(server):
    return _by_connection(server, _MESSAGES, [None] * CONNECTIONS)


def messages_that_claim_1_mib_from_50_addresses(server):
    return _by_connection(server, _MESSAGES, ADDRESSES)


def datagrams_that_claim_1_mib(server):
    return _by_datagram(server, ["127.0.0.1"] * CONNECTIONS)


def datagrams_that_claim_1_mib_from_50_addresses(server):
    return _by_datagram(server, ADDRESSES)


ALL = [texts_that_claim_1_mib, texts_that_claim_1_mib_from_50_addresses,
       messages_that_claim_1_mib,
       messages_that_claim_1_mib_from_50_addresses,
       datagrams_that_claim_1_mib,
       datagrams_that_claim_1_mib_from_50_addresses]
