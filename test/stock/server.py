#!/usr/bin/python3 -B
"""A server of reverse.x by hand, on rpc.py.

    server.py PORT

Written from the words of reverse.x alone, and meant to be read beside it.
All procedures and methods, by TCP and UDP, with the units that need no table of
Unicode: code point, byte and line.  It holds texts in memory and sets its
callers no limits: it is for readers and for tests.
"""
import asyncio
import collections
import contextlib
import os
import re
import struct
import sys
import time

from rpc import COUNTS, opaque, serve, words

PROGRAM, VERSION = 0x20726576, 1
MESSAGE_MAX, SEGMENT_MAX, METADATA_MAX = 1048576, 1024, 32
RECORD_MAX, REPLY_HEADER = MESSAGE_MAX + 128 * 1024, 24
WINDOW = 256 * 1024             # bytes that a stream holds for its client
WAIT_MAX_MS, LEASE_MS, UNPROVEN_LEASE_MS = 10000, 60000, 5000
DATAGRAM_MAX, LONGEST_REPLY, BESIDE_MESSAGES = 8192, 65000, 200
CODEPOINT, BYTE, LINE = 1, 2, 4
COLLECT, SPELL, EACH, WHOLE = 1, 2, 3, 4
(OK, CANCELLED, _, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND,
 ALREADY_EXISTS, _, RESOURCE_EXHAUSTED, _, ABORTED, OUT_OF_RANGE) = range(12)
BOOT, STARTED = os.urandom(16), time.monotonic()


class Failure(Exception):
    """struct failure."""
    def __init__(self, code, detail, message=0, byte=0):
        super().__init__(detail)
        self.code, self.message, self.byte = code, message, byte

    def xdr(self):
        return (words(self.code) + opaque(str(self).encode()) +
                struct.pack(">QQI", self.message, self.byte, 0))


def refuse(when, detail, code=INVALID_ARGUMENT):
    if when:
        raise Failure(code, detail)


def take_message(call):
    message = call.opaque(MESSAGE_MAX)
    refuse(call.peer.is_datagram and len(message) > DATAGRAM_MAX,
           f"over UDP {DATAGRAM_MAX} bytes are the most: use TCP", OUT_OF_RANGE)
    return message


def characters(text):
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Failure(INVALID_ARGUMENT, "not UTF-8", 0, error.start) from None


def units(text, unit):
    """The parts of a text that stay whole, the first one first."""
    if unit == BYTE:
        return [bytes([byte]) for byte in text]
    if unit == LINE:
        return re.findall(rb"[^\n]*\n|[^\n]+", text)
    refuse(unit != CODEPOINT, "this server has no such unit")
    return [character.encode() for character in characters(text)]


def reverse(text, unit):
    """The units in the other order; the short ones in less time."""
    if unit == BYTE:
        return text[::-1]
    if unit == CODEPOINT:
        return characters(text)[::-1].encode()
    return b"".join(reversed(units(text, unit)))


Segment = collections.namedtuple(
    "Segment", "first messages last next window after")


def segment(call):
    first, count = call.take("Q"), call.count(SEGMENT_MAX)
    messages = [take_message(call) for _ in range(count)]
    return Segment(first, messages, *call.take("IQI"), first + count)


def context(call):
    """The deadline, and the metadata that goes back."""
    deadline_ms, count = call.take("I"), call.count(METADATA_MAX)
    pairs = [(call.opaque(64), call.opaque(1024)) for _ in range(count)]
    echo = [opaque(key) + opaque(value) for key, value in pairs
            if key.startswith(b"echo-")]
    return deadline_ms, words(len(echo)) + b"".join(echo)


class Stream:
    """Two sequences of messages, and the calls that wait for them."""
    by_token, by_nonce = {}, {}

    def __init__(self, peer, how, piece, deadline_ms, echo):
        self.host, self.proven = peer.host, not peer.is_datagram
        self.lease_ms = LEASE_MS if self.proven else UNPROVEN_LEASE_MS
        self.how, self.echo = how, echo
        self.method, self.unit, self.pace_ms, largest = how[:4]
        self.gathers = self.method in (COLLECT, WHOLE)
        self.largest = largest or (65536 if self.method == WHOLE
                                   else MESSAGE_MAX)
        first = piece.first if self.method == EACH else 0
        units(b"", self.unit)           # refuses those that we have not
        refuse(not COLLECT <= self.method <= WHOLE, "no such method")
        refuse(piece.next < first, "next is below first")
        self.token = os.urandom(16)
        self.taken = first              # the number of the next message in
        self.half_closed = False
        self.told_shut = False          # the client heard of a window of 0
        self.texts = []                 # the messages, of all but EACH
        self.messages_in = self.bytes_in = self.bytes_out = 0
        self.start = self.base = self.sent = piece.next
        self.made = first               # the number of the next answer
        self.answers = {}               # by number, from base on, as XDR
        self.held = 0                   # their bytes
        self.end = None                 # a Failure; of OK, too
        self.news, self.taker = asyncio.Event(), None
        self.began, self.expiry, self.waiting = time.monotonic(), None, 0
        if deadline_ms:
            asyncio.get_running_loop().call_later(
                deadline_ms / 1000, self.finish, DEADLINE_EXCEEDED)

    def check(self, piece):
        """Refuses what cannot be, before anything is done."""
        after, says = piece.after, piece.messages or piece.last
        refuse(max(after, piece.next) >= 2 ** 63, "numbers end below 2^63")
        refuse(piece.next > self.sent, "next is beyond what was sent")
        refuse(piece.last and after < self.taken or
               says and self.half_closed and after > self.taken,
               "it contradicts the half-close")
        refuse(says and self.method == SPELL and after != 1, "SPELL takes one")

    def room(self):
        """The window that we tell the client."""
        return max(0, WINDOW - self.held) if self.method == EACH else WINDOW

    def take(self, piece):
        """What the client says: its acknowledgement first."""
        while self.base < piece.next:
            self.held -= len(self.answers.pop(self.base))
            self.base += 1
        try:
            for number, message in enumerate(piece.messages, piece.first):
                if number == self.taken and self.room() and not self.end:
                    self.message(message)
            closes = piece.last and piece.after == self.taken
            if (closes or self.method == SPELL and self.texts) and not (
                    self.half_closed or self.end):
                self.close()
        except Failure as why:
            self.end = why

    def message(self, message):
        """One more has come.  What is wrong with it is at its number."""
        self.taken, self.messages_in = self.taken + 1, self.messages_in + 1
        self.bytes_in += len(message)
        try:
            if self.method == EACH:
                return self.say(reverse(message, self.unit))
            self.texts.append(message)
            refuse(self.method == COLLECT and self.bytes_in > MESSAGE_MAX,
                   "longer than one message: use WHOLE", RESOURCE_EXHAUSTED)
            if self.method == SPELL:
                self.began = time.monotonic()
                for unit in reversed(units(message, self.unit)):
                    self.say(unit)
        except Failure as why:
            why.message = self.taken - 1
            raise

    def close(self):
        """The half-close, which COLLECT and WHOLE answer."""
        self.half_closed = True
        if self.gathers:
            try:
                text = reverse(b"".join(self.texts), self.unit)
            except Failure as why:
                while why.byte >= len(self.texts[why.message]):
                    why.byte -= len(self.texts[why.message])
                    why.message += 1
                raise
            most = self.largest if self.method == WHOLE else len(text) + 1
            for at in range(0, len(text) + (self.method == COLLECT), most):
                self.say(text[at:at + most])
        refuse(self.made < self.start, "next was beyond the answers")
        self.end = Failure(OK, "")

    def say(self, answer):
        """One answer more, unless OPEN said that the client has it."""
        if self.made >= self.start:
            refuse(len(answer) > self.largest,
                   "an answer longer than largest", OUT_OF_RANGE)
            self.answers[self.made] = opaque(answer)
            self.held += len(self.answers[self.made])
            self.bytes_out += len(answer)
        self.made += 1

    def is_done(self):
        return self.end and not self.due_in(self.made - 1)

    def finish(self, code):
        """Ends it early, and drops what was not sent."""
        if not self.is_done():
            self.made = min(self.made, self.sent)
            self.end = Failure(code, "ended before it was done")
        self.wake()

    def wake(self):
        """Whoever waits looks again."""
        self.news.set()
        self.news = asyncio.Event()

    def use(self, calls):
        """The lease runs while no call waits."""
        self.waiting += calls
        if self.expiry:
            self.expiry.cancel()
        if not self.waiting:
            self.expiry = asyncio.get_running_loop().call_later(
                self.lease_ms / 1000, self.by_token.pop, self.token, None)

    def first_for(self, piece, ahead):
        return self.sent if ahead else max(piece.next, self.base)

    def due_in(self, number):
        """Seconds until this answer, or the end, may go; None if unknown."""
        if number >= self.made:
            return 0 if self.end else None
        return max(0, self.began - time.monotonic() + self.pace_ms / 1000 *
                   (number - self.start)) if self.method == SPELL else 0

    async def exchange(self, call, piece, wait_ms, ahead):
        self.check(piece)
        if piece.window and not ahead:
            self.taker = (call.peer, object())  # unlike all before it
        refuse(piece.window and self.taker and self.taker[0] is not call.peer,
               "another connection took the stream over", ABORTED)
        taker = self.taker
        self.take(piece)
        shut = (self.told_shut or not self.room()) and not self.half_closed
        self.wake()
        silent = self.gathers and piece.messages and not piece.last
        until = time.monotonic() + min(wait_ms, WAIT_MAX_MS) / 1000
        self.use(1)
        while self.taker is taker and (shut or piece.window and not silent):
            due = self.due_in(self.first_for(piece, ahead))
            left = until - time.monotonic()
            if (left <= 0 or due == 0 and piece.window or self.is_done() or
                    shut and self.room() >= WINDOW / 2):
                break
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.news.wait(), min(left, due or left))
        self.use(-1)
        refuse(self.taker is not taker, "another call took it over", ABORTED)
        return self.answer(piece, self.first_for(piece, ahead), call.room)

    def answer(self, piece, first, room):
        """struct answer: the messages that piece.window and room take."""
        number, size, messages = first, 0, []
        while size < piece.window and number < self.made:
            more = len(self.answers[number])
            refuse(more > room and self.proven and not messages,
                   "the next answer is too long for UDP: use TCP", OUT_OF_RANGE)
            if (self.due_in(number) or len(messages) == SEGMENT_MAX or
                    size + more > room or
                    size + more > piece.window and number > self.base):
                break
            messages.append(self.answers[number])
            number, size = number + 1, size + more
        self.sent, self.told_shut = max(self.sent, number), not self.room()
        last = bool(self.end) and number >= self.made
        end = self.end.xdr() + struct.pack(
            ">QQQ", self.messages_in, self.bytes_in,
            self.bytes_out) + self.echo if last else b""
        return (struct.pack(">QI", first, len(messages)) + b"".join(messages) +
                struct.pack(">IQII", last, self.taken, self.room(), last) + end)


async def ping(call):
    call.end()
    return b""


async def greet(call):
    context(call)
    call.end()
    return (opaque(b"Send me a message.") + opaque(b"server.py") +
            opaque(b"1.0.0") + opaque(b"") + BOOT +
            words(MESSAGE_MAX, WINDOW, DATAGRAM_MAX, WAIT_MAX_MS, LEASE_MS))


async def text(call):
    (_, echo), unit = context(call), call.take("I")
    message, _ = take_message(call), call.end()
    try:
        return opaque(reverse(message, unit)) + echo
    except Failure as why:
        why.args = f"{why} at byte {why.byte}",
        raise


async def open_stream(call):
    about, nonce, how = context(call), call.take("16s"), call.take("4I")
    piece, wait_ms = segment(call), call.end("I")
    how += piece.first, piece.next
    name = call.peer.host, nonce        # each caller has nonces of its own
    stream = Stream.by_token.get(Stream.by_nonce.get(name))
    if not stream:
        stream = Stream(call.peer, how, piece, *about)
        stream.check(piece)
        Stream.by_token[stream.token] = stream
        if any(nonce):
            Stream.by_nonce[name] = stream.token
    refuse(stream.how != how, "the nonce names another stream", ALREADY_EXISTS)
    answer = await stream.exchange(call, piece, wait_ms, False)
    return stream.token + words(stream.lease_ms) + answer


async def exchange(call):
    stream, piece = Stream.by_token.get(call.take("16s")), segment(call)
    wait_ms, ahead = call.end("II")
    refuse(not stream, "no such stream", NOT_FOUND)
    stream.proven, stream.lease_ms = True, LEASE_MS
    if call.peer.is_datagram:
        if stream.host == call.peer.host:       # it has got the token there
            call.most = LONGEST_REPLY
        call.room = min(DATAGRAM_MAX + 4, call.most - BESIDE_MESSAGES)
        ahead = False
    return await stream.exchange(call, piece, wait_ms, ahead)


async def cancel(call):
    stream = Stream.by_token.get(call.end("16s"))
    if stream and stream.is_done():
        del Stream.by_token[stream.token]       # forgotten
    elif stream:
        stream.finish(CANCELLED)
    return b""


async def status(call):
    call.end()
    uptime_ms = int((time.monotonic() - STARTED) * 1000)
    streams = sum(not stream.is_done() for stream in Stream.by_token.values())
    return struct.pack(
        ">IQQQQQII", 1, uptime_ms, COUNTS["calls"], COUNTS["failures"],
        COUNTS["in"], COUNTS["out"], streams, COUNTS["peers"])


async def describe(call):
    call.end()
    with open(f"{sys.path[0]}/../../reverse.x", "rb") as schema:
        return opaque(schema.read())


async def whoami(call):
    call.end()
    return words(call.flavor, call.uid, 0, 0) + opaque(call.peer.universal())


def result_of(procedure):
    """The union that all but ping answer with.  Its reply has at most call.most
    bytes, of which call.room are for messages."""
    async def run(call):
        call.most, call.room = RECORD_MAX, MESSAGE_MAX + 4
        if call.peer.is_datagram:
            call.most = max(3 * len(call.data), 400)
            call.room = len(call.data) - BESIDE_MESSAGES
        try:
            result = words(OK) + await procedure(call)
            refuse(REPLY_HEADER + len(result) > call.most,
                   "the reply is too long for UDP: use TCP", OUT_OF_RANGE)
            return result
        except Failure as why:
            COUNTS["failures"] += 1
            return words(why.code) + why.xdr()
    return run


PROCEDURES = [ping] + [result_of(procedure) for procedure in (
    greet, text, open_stream, exchange, cancel, status, describe, whoami)]


if __name__ == "__main__":
    asyncio.run(serve(
        int(sys.argv[1]), RECORD_MAX, PROGRAM, VERSION, PROCEDURES))
