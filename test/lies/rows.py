"""The lies: what a server says, and what the client makes of it."""

import itertools
import typing

from liar import NO_END, TOKEN, WINDOW, end, failure, greeting, said
from conversation import (ABORTED, CANCELLED, INVALID_ARGUMENT, NOT_FOUND, OK,
                          RESOURCE_EXHAUSTED, UNAVAILABLE, segment)
from oncrpc import (DESCRIBE, EXCHANGE, GREET, OPEN, STATUS, TEXT, accepted,
                    opaque, record, success, u32, u64)

FAILED, UNREACHABLE, LATE = 1, 3, 4
INPUT = b"a\nbb\nccc\n"
MEBIBYTE = 1 << 20
WRONG = "the server is wrong: "
NOT_ALLOWED = "sent an answer to REVERSE_{} that reverse.x does not allow"
LOST = "was lost: "


class Row(typing.NamedTuple):
    """command: as a user types it.  text: its input; None: a silent one.  code:
    its exit code.  says: what its messages have.  prints: all of its output.
    seconds: in which it ends.  calls: that it makes at the most.  slow: not for
    `make test`."""

    name: str
    command: list
    lie: typing.Callable
    code: int = FAILED
    says: str = WRONG
    prints: bytes = b""
    text: typing.Optional[bytes] = INPUT
    datagram: bool = False
    seconds: float = 5
    calls: int = 400
    slow: bool = False


def honest(_call, _liar):
    return None


def on(procedure, what):
    """What is sent, raw or as a function, in reply to calls of a procedure."""
    def lie(call, liar):
        if call.procedure != procedure:
            return None
        return what(call, liar) if callable(what) else what
    return lie


def result(procedure, what):
    """A result in the place of the true one; a function makes it."""
    return on(procedure, lambda call, liar: liar.marked(success(
        call.xid, what(call, liar) if callable(what) else what)))


def answer(first, messages, last, after, how=NO_END, *, window=WINDOW):
    """OPEN is answered by this."""
    return result(OPEN, lambda call, _: said(
        call, segment(first, messages, last, after, window), how))


def silent(_call, _liar):
    return []


def close(_call, _liar):
    raise EOFError


def forever(piece):
    return lambda call, liar: itertools.repeat(
        piece(call, liar) if callable(piece) else piece)


def takes(window, everything):
    """All that is sent, or nothing, and answers nothing."""
    def lie(call, liar):
        if call.procedure == GREET:
            return liar.marked(success(call.xid, greeting(window=window)))
        if call.procedure not in (OPEN, EXCHANGE):
            return None
        taken = liar.next if everything else 0
        return liar.marked(success(call.xid, said(
            call, segment(call.piece.next, [], False, taken, window))))
    return lie


def takes_all(window):
    return takes(window, True)


def takes_nothing(window):
    return takes(window, False)


def streams_fail(code, retry=0):
    """GREET and OPEN are answered, and EXCHANGE by a failure."""
    def lie(call, liar):
        if call.procedure == OPEN:
            return liar.marked(success(call.xid, said(
                call, segment(0, [], False, 0))))
        if call.procedure != EXCHANGE:
            return None
        return liar.marked(success(call.xid, failure(code, retry=retry)))
    return lie


def large_answer(call, _):
    """256 messages of 1 MiB, in one fragment."""
    head = success(call.xid, u32(OK) + TOKEN + u32(1) + u64(0) + u32(256))
    yield u32(1 << 31 | len(head) + 256 * (4 + MEBIBYTE))
    yield head
    yield from itertools.repeat(u32(MEBIBYTE) + bytes(MEBIBYTE), 256)


def same_answers(call, liar):
    if call.procedure not in (OPEN, EXCHANGE):
        return None
    return liar.marked(success(
        call.xid, said(call, segment(0, [b"a"], False, 3))))


def halves(call, liar):
    return liar.marked(success(call.xid, liar.honest(call)))[:-6]


def half_then_close(call, liar):
    yield halves(call, liar)
    raise EOFError


def byte_by_byte(call, liar):
    whole = liar.marked(success(call.xid, liar.honest(call)))
    return (whole[at:at + 1] for at in range(len(whole)))


def with_xid(change):
    """The true reply to another call, and then nothing."""
    return lambda call, liar: liar.marked(
        success(change(call.xid), liar.honest(call)))


def twice(call, liar):
    return 2 * liar.marked(success(call.xid, liar.honest(call)))


def after_a_stranger(call, liar):
    return (with_xid(lambda xid: xid ^ 1)(call, liar) +
            liar.marked(success(call.xid, liar.honest(call))))


def send(name, lie, **how):
    return Row("send: " + name, ["send", "abc"], lie, **how)


def stream(command, name, lie, **how):
    words = [command, "abc"] if command == "spell" else [command]
    return Row(f"{command}: {name}", words, lie, **how)


def text_result(text, claims=None):
    length = len(text) if claims is None else claims
    return u32(OK, length) + opaque(text)[4:] + u32(0)


TRUTH = [
    Row("send: the truth", ["send", "abc"], honest, 0, "", b"cba\n"),
    stream("each", "the truth", honest, code=0, says="",
           prints=b"a\nbb\nccc\n"),
    stream("whole", "the truth", honest, code=0, says="",
           prints=INPUT[::-1]),
    stream("collect", "the truth", honest, code=0, says="",
           prints=INPUT[::-1]),
    stream("spell", "the truth", honest, code=0, says="",
           prints=b"c\nb\na\n"),
    Row("status: the truth", ["status"], honest, 0, "",
        b"state: serving\nuptime: 0.001 s\ncalls: 2\nfailures: 3\n"
        b"received: 4 bytes\nsent: 5 bytes\nopen streams: 6\n"
        b"open connections: 7\n"),
    Row("describe: the truth", ["describe"], honest, 0, "", b"program"),
    Row("send by UDP: the truth", ["send", "abc"], honest, 0, "", b"cba\n",
        datagram=True),
    send("the truth byte by byte", byte_by_byte, code=0, says="",
         prints=b"cba\n"),
    send("the truth twice", twice, code=0, says="", prints=b"cba\n"),
    send("the truth after a reply to nobody", after_a_stranger, code=0, says="",
         prints=b"cba\n"),
]

LENGTHS = [
    send("a text of 4 GiB is claimed",
         result(TEXT, text_result(b"cba", 0xffffffff)),
         says=NOT_ALLOWED.format("TEXT")),
    send("a text of 1 MiB is claimed",
         result(TEXT, text_result(b"cba", MEBIBYTE)),
         says=NOT_ALLOWED.format("TEXT")),
    send("a longer text", result(TEXT, text_result(b"dcba"))),
    send("a shorter text", result(TEXT, text_result(b"cb"))),
    send("a text of 1 MiB for three bytes",
         result(TEXT, text_result(MEBIBYTE * b"x"))),
    send("metadata without end", result(
        TEXT, u32(OK) + opaque(b"cba") + u32(0xffffffff)),
        says=NOT_ALLOWED.format("TEXT")),
    send("no result", result(TEXT, b""), says=NOT_ALLOWED.format("TEXT")),
    send("a verifier of 2 GiB", on(TEXT, lambda call, liar: liar.marked(
        u32(call.xid, 1, 0, 0, 0x7fffffff))),
        says=NOT_ALLOWED.format("TEXT")),
    send("two empty fragments", on(TEXT, u32(0, 1 << 31)), code=UNREACHABLE,
         says=LOST),
    send("an empty record", on(TEXT, u32(1 << 31)), code=UNREACHABLE,
         says=LOST),
    send("a record of 2 GiB is claimed", on(TEXT, u32(0xffffffff)),
         code=UNREACHABLE, says=LOST),
    send("a record of 64 KiB a fragment, without end", on(TEXT, forever(
        u32(1 << 16) + bytes(1 << 16))), code=UNREACHABLE, says=LOST),
    send("fragments of a byte without end", on(TEXT, forever(
        1000 * (u32(1) + b"x"))), code=UNREACHABLE, says=LOST),
    send("empty fragments without end", on(TEXT, forever(1000 * u32(0))),
         code=UNREACHABLE, says=LOST),
    send("a reply that is no record", on(TEXT, b"HTTP/1.1 400 Bad Request\r\n"),
         code=UNREACHABLE, says=LOST),
    Row("describe: 4 GiB are claimed", ["describe"],
        result(DESCRIBE, u32(OK, 0xffffffff)),
        says=NOT_ALLOWED.format("DESCRIBE")),
    Row("describe: more than a description has", ["describe"],
        result(DESCRIBE, u32(OK) + opaque(65537 * b"x")),
        says=NOT_ALLOWED.format("DESCRIBE")),
    Row("greet: a text of 4 GiB is claimed", ["greet"],
        result(GREET, u32(OK, 0xffffffff)), says=NOT_ALLOWED.format("GREET")),
    Row("greet: half a greeting", ["greet"],
        result(GREET, greeting()[:-8]), says=NOT_ALLOWED.format("GREET")),
    Row("status: half a report", ["status"],
        result(STATUS, u32(OK, 1) + u64(1)), says=NOT_ALLOWED.format("STATUS")),
    stream("each", "1,024 messages are claimed", result(
        OPEN, u32(OK) + TOKEN + u32(1) + u64(0) + u32(1024)),
        says=NOT_ALLOWED.format("OPEN")),
    stream("each", "a message is longer than what it answers",
           answer(0, [b"aa", b"bb", b"ccc"], False, 3)),
    stream("each", "a message of 1 MiB for a byte",
           answer(0, [MEBIBYTE * b"x"], False, 3)),
    stream("whole", "a piece is longer than was asked for",
           answer(0, [70000 * b"x"], False, 1), text=100000 * b"x"),
    Row("send by UDP: an empty datagram", ["-t", "1", "send", "abc"],
        on(TEXT, b""), LATE, "no answer within", datagram=True, slow=True),
    Row("send by UDP: a longer text", ["send", "abc"],
        result(TEXT, text_result(b"dcba")), datagram=True),
]

XIDS = [
    Row("send: another xid", ["-t", "1", "send", "abc"],
        on(TEXT, with_xid(lambda xid: xid ^ 1)), LATE, "no answer within",
        slow=True),
    Row("send: replies to nobody without end", ["-t", "1", "send", "abc"],
        on(TEXT, forever(with_xid(lambda xid: xid ^ 1))), LATE,
        "no answer within", slow=True),
    send("a call in the place of a reply", on(
        TEXT, lambda call, _: record(u32(call.xid, 0, 2, 1, 1, 1))),
        code=UNREACHABLE, says=LOST),
    send("the truth about another procedure", on(
        TEXT, lambda call, liar: liar.marked(success(call.xid, greeting()))),
        says=""),
    Row("send by UDP: another xid", ["-t", "1", "send", "abc"],
        on(TEXT, with_xid(lambda xid: xid + 1)), LATE, "no answer within",
        datagram=True, slow=True),
    stream("each", "the reply to OPEN comes twice", on(OPEN, twice), code=0,
           says="", prints=INPUT),
]

NUMBERS = [
    stream("each", "numbers from 2^63 on", answer(1 << 63, [], False, 3)),
    stream("each", "answers up to 2^63",
           answer((1 << 63) - 1, [b"a"], False, 3)),
    stream("each", "next beyond what was sent", answer(0, [], False, 4)),
    stream("each", "the answer to what was not taken",
           answer(0, [b"a", b"bb"], False, 1)),
    stream("each", "an answer to what was never sent",
           answer(0, [b"a", b"bb", b"ccc", b"d"], False, 3)),
    stream("each", "the first answer is left out",
           answer(1, [b"bb", b"ccc"], True, 3, end(OK, 3, 6, 6))),
    stream("spell", "an answer before the text was taken",
           answer(0, [b"c"], False, 0)),
    stream("whole", "an answer before the end of the input",
           answer(0, [b"c"], False, 0)),
    stream("collect", "two answers",
           answer(0, [INPUT[5:], INPUT[:5]], True, 3, end(OK, 3, 9, 9))),
    stream("whole", "more bytes than were sent",
           answer(0, [INPUT + b"x"], True, 1, end(OK, 1, 9, 10))),
    stream("whole", "fewer bytes than were sent",
           answer(0, [INPUT[1:]], True, 1, end(OK, 1, 9, 8))),
    stream("collect", "more bytes than were sent",
           answer(0, [INPUT + b"x"], True, 3, end(OK, 3, 9, 10))),
    stream("collect", "fewer bytes than were sent",
           answer(0, [INPUT[1:]], True, 3, end(OK, 3, 9, 8))),
    stream("spell", "more bytes than were sent",
           answer(0, [b"cc", b"bb"], False, 1)),
    stream("spell", "fewer bytes than were sent",
           answer(0, [b"c", b"b"], True, 1, end(OK, 1, 3, 2))),
    stream("spell", "a unit without bytes", answer(0, [b""], False, 1)),
    stream("each", "it counts fewer messages than were sent", answer(
        0, [b"a", b"bb", b"ccc"], True, 3, end(OK, 2, 6, 6))),
    stream("each", "it counts fewer bytes than came back", answer(
        0, [b"a", b"bb", b"ccc"], True, 3, end(OK, 3, 6, 5))),
    stream("each", "it counts more bytes than were sent", answer(
        0, [b"a", b"bb", b"ccc"], True, 3, end(OK, 3, 7, 6))),
    Row("collect: a fault in message 2^62", ["collect"], answer(
        0, [], True, 3, end(3, 3, 9, 0, at=1 << 62))),
    Row("status: no such state", ["status"],
        result(STATUS, u32(OK, 3) + u64(1, 2, 3, 4, 5) + u32(6, 7))),
    stream("each", "next goes back", result(EXCHANGE, lambda call, _: said(
        call, segment(0, [], False, 0))), text=100000 * b"x\n"),
]

WINDOWS = [
    stream("each", "more messages than the credit", answer(
        0, 2 * [550000 * b"x"], False, 2), text=2 * (550000 * b"x" + b"\n")),
    stream("each", "an answer of 256 MiB", on(OPEN, large_answer),
           code=UNREACHABLE, says=LOST),
    Row("each: takes all within 4 GiB, and answers nothing",
        ["-t", "3", "each"], takes_all(0xffffffff), LATE, "not done within",
        text=4 * MEBIBYTE * b"1234567\n", calls=20000, slow=True),
    Row("each: takes all empty lines, and answers nothing",
        ["-t", "3", "each"], takes_all(0xffffffff), LATE, "not done within",
        text=4 * MEBIBYTE * b"\n", calls=20000, slow=True),
    Row("each: takes nothing within 4 GiB", ["-t", "2", "each"],
        takes_nothing(0xffffffff), LATE, "not done within",
        text=4 * MEBIBYTE * b"1234567\n", calls=400, slow=True),
    Row("each: a window of 0, and takes nothing", ["-t", "2", "each"],
        takes_nothing(0), LATE, "not done within", slow=True),
    Row("collect: takes nothing within 4 GiB", ["-t", "2", "collect"],
        takes_nothing(0xffffffff), LATE, "not done within",
        text=MEBIBYTE * b"1234567\n", calls=400, slow=True),
    Row("collect: takes more than one message may have",
        ["-t", "3", "collect"], takes_all(0xffffffff), LATE,
        "not done within", text=4 * MEBIBYTE * b"1234567\n", calls=20000,
        slow=True),
    Row("whole: takes all within 4 GiB, and answers nothing",
        ["-t", "3", "whole"], takes_all(0xffffffff), LATE, "not done within",
        text=8 * MEBIBYTE * b"1234567\n", calls=20000, slow=True),
]

ENDS = [
    stream("whole", "done before the input was taken",
           answer(0, [], True, 0, end(OK, 0, 0, 0))),
    stream("each", "done before the input was taken",
           answer(0, [], True, 0, end(OK, 0, 0, 0))),
    stream("each", "done before all was answered",
           answer(0, [b"a"], True, 3, end(OK, 3, 6, 1))),
    stream("spell", "done without a word",
           answer(0, [], True, 1, end(OK, 1, 3, 0))),
    stream("collect", "done without the answer",
           answer(0, [], True, 3, end(OK, 3, 9, 0))),
    stream("each", "an end without last",
           answer(0, [b"a", b"bb", b"ccc"], False, 3, end(OK, 3, 6, 6))),
    stream("each", "last without an end",
           answer(0, [b"a", b"bb", b"ccc"], True, 3)),
    stream("each", "no such status",
           answer(0, [], True, 0, end(99, 0, 0, 0))),
    stream("each", "a failure that is OK",
           result(OPEN, failure(NOT_FOUND, OK))),
    stream("each", "a failure of two codes",
           result(OPEN, failure(CANCELLED, UNAVAILABLE))),
    stream("each", "GREET fails, and that is OK",
           result(GREET, failure(NOT_FOUND, OK))),
    send("a failure that is OK", result(TEXT, failure(NOT_FOUND, OK))),
    Row("status: a failure that is OK", ["status"],
        result(STATUS, failure(UNAVAILABLE, OK))),
    Row("describe: a failure that is OK", ["describe"],
        result(DESCRIBE, failure(UNAVAILABLE, OK))),
    Row("greet: a failure that is OK", ["greet"],
        result(GREET, failure(UNAVAILABLE, OK))),
    stream("each", "ESC and newlines in what went wrong",
           result(OPEN, failure(13, detail=b"\x1b[31m\nreverse: done")),
           says=r"INTERNAL: \x1b[31m\x0areverse: done"),
    send("its own error for each call", on(
        TEXT, lambda call, liar: liar.marked(accepted(call.xid, 5))),
        says="did not do REVERSE_TEXT"),
]

HALVES = [
    send("half a reply, and the end", on(TEXT, half_then_close),
         code=UNREACHABLE, says=LOST),
    Row("send: half a reply, then silence", ["-t", "1", "send", "abc"],
        on(TEXT, halves), LATE, "no answer within", slow=True),
    stream("each", "half a reply, and the end", on(OPEN, half_then_close),
           code=UNREACHABLE, says=LOST),
    Row("each: half a reply, then silence", ["-t", "1", "each"],
        on(OPEN, halves), LATE, "deadline", slow=True),
    Row("send by UDP: half a reply", ["send", "abc"], on(TEXT, halves),
        says=NOT_ALLOWED.format("TEXT"), datagram=True),
]

NOTHING = [
    Row("send: silence", ["-t", "1", "send", "abc"], silent, LATE, "deadline",
        slow=True),
    Row("each: silence", ["-t", "1", "each"], silent, LATE, "deadline",
        slow=True),
    Row("each: OPEN is not answered", ["-t", "1", "each"], on(OPEN, silent),
        LATE, "deadline", slow=True),
    Row("whole: OPEN is not answered", ["-t", "1", "whole"], on(OPEN, silent),
        LATE, "deadline", slow=True),
    send("the end of the connection", on(TEXT, close), code=UNREACHABLE,
         says=LOST),
    stream("each", "the end of the connection", on(OPEN, close),
           code=UNREACHABLE, says=LOST),
    Row("send by UDP: silence", ["-t", "1", "send", "abc"], silent, LATE,
        "deadline", datagram=True, slow=True),
]

ENDLESS = [
    stream("each", "the stream is forgotten without end",
           streams_fail(NOT_FOUND), says="UNAVAILABLE"),
    stream("each", "it gives up without end", streams_fail(UNAVAILABLE),
           says="UNAVAILABLE"),
    Row("each: forgotten without end, tried for a second",
        ["--retry", "1", "each"], streams_fail(NOT_FOUND), says="UNAVAILABLE",
        slow=True),
    Row("each: exhausted without end, tried for a second",
        ["--retry", "1", "each"], streams_fail(RESOURCE_EXHAUSTED, 1),
        says="RESOURCE_EXHAUSTED", slow=True),
    Row("each: try again in 49 days", ["each"],
        streams_fail(RESOURCE_EXHAUSTED, 0xffffffff),
        says="RESOURCE_EXHAUSTED"),
    Row("each: taken over without end", ["-t", "1", "--retry", "9", "each"],
        streams_fail(ABORTED), LATE, "not done within", slow=True),
    Row("each: taken over without end, tried for a second",
        ["--retry", "1", "each"], streams_fail(ABORTED), says="ABORTED",
        slow=True),
    Row("each: the same answer without end", ["-t", "1", "each"],
        same_answers, LATE, "not done within", prints=b"a\n", slow=True),
    Row("each: a lease of 0, while the input is silent",
        ["-t", "2", "each"], result(OPEN, lambda call, _: said(
            call, segment(0, [], False, 0), lease=0)), LATE,
        "not done within", text=None, slow=True),
    Row("whole: empty pieces without end", ["whole"],
        answer(0, 1000 * [b""], False, 1)),
    Row("spell: units without bytes, without end", ["spell", "abc"],
        answer(0, 1024 * [b""], False, 1)),
    Row("whole: it goes on when all has come", ["whole"], answer(
        0, [INPUT[::-1]] + 1000 * [b"x"], False, 1)),
]

SKIPPED = "standard input, line {}, byte 0: the stream ended: INVALID_ARGUMENT"
REFUSED = "reverse: the stream ended: INVALID_ARGUMENT: no\n"


def skips(name, lie, says, **how):
    """A server that calls things bad before a client that skips bad lines."""
    return Row("each --skip-bad: " + name, ["each", "--skip-bad"], lie,
               says=says, **{"calls": 4, **how})


BAD = [
    skips("OPEN is refused", result(OPEN, failure(INVALID_ARGUMENT)), REFUSED),
    skips("OPEN is refused, and a line is long",
          result(OPEN, failure(INVALID_ARGUMENT)), REFUSED,
          text=2 * MEBIBYTE * b"x" + b"\nb\n"),
    skips("EXCHANGE is refused", streams_fail(INVALID_ARGUMENT), REFUSED,
          calls=10),
    skips("a line that was not taken",
          answer(0, [], True, 0, end(INVALID_ARGUMENT, 0, 0, 0)),
          SKIPPED.format(1)),
    skips("a line that was answered",
          answer(0, [b"a"], True, 2, end(INVALID_ARGUMENT, 2, 3, 1)),
          SKIPPED.format(1), prints=b"a\n"),
    skips("a line before which two are not answered",
          answer(0, [], True, 3, end(INVALID_ARGUMENT, 3, 6, 0, at=2)),
          SKIPPED.format(3)),
    skips("each line",
          answer(0, [], True, 1, end(INVALID_ARGUMENT, 1, 1, 0)),
          "\nreverse: ".join(SKIPPED.format(line) for line in (1, 2, 3)),
          calls=12),
]

ALL = (TRUTH + LENGTHS + XIDS + NUMBERS + WINDOWS + ENDS + HALVES + NOTHING +
       ENDLESS + BAD)
