"""What tests of limits do with a server, and what they look at."""

import contextlib
import socket
import struct
import time

from conversation import (EACH, OK, RESOURCE_EXHAUSTED, WHOLE, Answer, ask,
                          cancel, open_stream, opening, segment)
from oncrpc import (Closed, Reader, SOON, STATUS, TEXT, call, opaque, record,
                    success, u32)
from tap import same

WAIT_MS = 10000
BLOCK = bytes(60000)


def text(xid, data):
    return record(call(xid, TEXT, u32(0, 0, 2) + opaque(data)))


def is_answered(connection, data):
    connection.send(text(1, data))
    same(connection.reply(), success(1, u32(0) + opaque(data) + u32(0)))


def is_let_in(server, source=None):
    try:
        with server.connect(source=source) as connection:
            is_answered(connection, bytes(3))
            return True
    except Closed:
        return False


def is_cut_off(server, source=None):
    """Because its call is long, when memory is scarce.  A part of it is read
    before it is much, and another with one look more."""
    with server.connect(source=source) as connection:
        with contextlib.suppress(Closed):
            connection.send(text(1, bytes(900000)))
        assert connection.is_closed(), "a long call is read"
    assert "memory is scarce, and its record is long" in server.log()


def are_open(connection):
    """How many streams and how many connections."""
    reply = Reader(connection.ask(call(1, STATUS)))
    reply.bytes(32 + 5 * 8)
    return reply.u32(), reply.u32()


def soon(holds):
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline, "not soon"


def park(connection):
    """A call that waits: its connection is not idle."""
    connection.send(opening(9, EACH, wait=WAIT_MS))


def set_to_reset(connection):
    """Its close is a reset then: after a mere close the peer may still wait
    for replies."""
    connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))


def hang_up(connection):
    set_to_reset(connection)
    connection.socket.close()


def is_refused(answer, *words):
    """For want of something, which is named; and may be tried again."""
    assert answer.code == RESOURCE_EXHAUSTED, answer.code
    for word in words:
        assert word in answer.detail, answer.detail
    assert answer.retry_after > 0


def open_many(connection, count, piece=None, method=EACH):
    """The tokens of so many new streams."""
    tokens = []
    while len(tokens) < count:
        some = min(200, count - len(tokens))
        connection.send(b"".join(opening(1, method, piece)
                                 for _ in range(some)))
        answers = [Answer(connection.reply(), opened=True)
                   for _ in range(some)]
        assert all(answer.code == OK for answer in answers), "refused"
        tokens += [answer.token for answer in answers]
    return tokens


def forget_many(connection, tokens):
    for at in range(0, len(tokens), 200):
        some = tokens[at:at + 200]
        connection.send(b"".join(cancel(1, token) * 2 for token in some))
        for _ in range(2 * len(some)):
            connection.reply()


def try_open(connection, method=EACH, piece=None):
    connection.send(opening(1, method, piece))
    return Answer(connection.reply(), opened=True)


def push(connection, token, number):
    return ask(connection, token, segment(number, [BLOCK], window=0))


def fill(connection, tokens, enough):
    """Pushes to streams that nobody reads, one after another, until enough
    says that it is.  Returns the last answer."""
    for token in tokens:
        number, taken = 0, -1
        while number > taken:
            answer = push(connection, token, number)
            if enough(answer):
                return answer
            taken, number = number, answer.next
    raise AssertionError("there is always more memory")


def write_whole(connection, size):
    """A text of so many bytes.  Returns the token and the last answer."""
    token = open_stream(connection, WHOLE).token
    number, deadline = 0, time.monotonic() + SOON
    pieces = [bytes(min(len(BLOCK), size - at))
              for at in range(0, size, len(BLOCK))]
    while True:
        assert time.monotonic() < deadline
        some = pieces[number:number + 4]
        answer = ask(connection, token,
                     segment(number, some, number + len(some) == len(pieces)),
                     wait=WAIT_MS)
        if answer.code != OK or answer.messages or answer.end is not None:
            return token, answer
        number = answer.next


def whole_fails(answer, detail):
    assert answer.end == RESOURCE_EXHAUSTED, answer.end
    assert detail in answer.end_detail, answer.end_detail
