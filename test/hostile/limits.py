#!/usr/bin/python3 -B
"""The limits, each from both sides: the last that is allowed, the first that
is refused, by name.  Where each is tested:

    record of 1 MiB + 128 KiB    wire/records, and its line in the log here
    fragments, empty fragments   wire/records, record_test
    all memory                   here; connection_test, bounds_test
    one client's share of it     shares; the same
    connections                  here; admission_test
    one address's share of them  shares; admission_test
    descriptors                  descriptors, disk; soft limit here
    streams open                 here; those of a client: shares
    streams kept                 here; ends_test
    window                       here; rules_test
    lease                        here; shell/stream-lease, ends_test
    a wait                       here; rules_test
    calls that wait on a stream  promises
    calls in flight              here; ticket_test
    output queued                wire/records, honest_waits, connection_test
    record, write, idle time     deadlines, deadlines_test
    all times, when stopped      stopped; fair_test
    work in a turn               honest_waits, connection_test
    spool of a stream, of all    here; methods_test
    one client's share of it     shares; methods_test
    disk left free               here; spool_test
    lines of the log             here; log_test, spool_test

Names that end in _test are below test/unit, others without a folder in
test/hostile.  TEST_FULL=1 counts further.
"""

import contextlib
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "wire"))

from conversation import (CANCELLED, COLLECT, EACH, NOT_FOUND, OK,
                          WINDOW, Answer, ask, cancel, exchange, forget,
                          open_stream, segment)
from oncrpc import (Closed, LAST_FRAGMENT, PATIENCE, RECORD_MAX, success, u32)
from peers import (WAIT_MS, are_open, fill, forget_many, hang_up,
                   is_answered, is_cut_off, is_let_in, is_refused, open_many,
                   park, push, soon, try_open, whole_fails,
                   write_whole)
from server import serving
from tap import diag, fact, run, same

FULL = os.environ.get("TEST_FULL") == "1"
STREAMS = 4096
IN_FLIGHT = 1024
KEPT = 16384 if FULL else 500
MEBIBYTE = 1 << 20
LATE = 10 * PATIENCE
# Who has to wait does so until the end of it.
AT_ONCE_SECONDS = 0.8 * WAIT_MS / 1000


def ends_told(server, data, why):
    """The bytes end a connection, and the log says why, once."""
    with server.connect() as connection:
        with contextlib.suppress(Closed):
            connection.send(data)
        assert connection.is_closed(), "it stays open"
    lines = [line for line in server.log().splitlines() if why in line]
    assert len(lines) == 1, f"{len(lines)} lines"
    assert " info connection closed: " in lines[0], lines[0]
    assert " peer=127.0.0.1:" in lines[0], lines[0]


@fact
def a_record_that_is_too_long_is_told_in_the_log(server):
    ends_told(server, u32(LAST_FRAGMENT | RECORD_MAX + 1),
              "record larger than the limit")


@fact
def a_record_in_too_many_fragments_is_told_in_the_log(server):
    ends_told(server, bytes(4 * 65),
              "record in more fragments than the limit")


@fact
def lines_about_peers_are_ten_a_second_and_the_others_are_counted(_):
    count = 200
    workers = 2
    with serving("-j", str(workers)) as server:
        begun = time.monotonic()
        for _ in range(count):
            with server.connect() as connection:
                connection.send(u32(LAST_FRAGMENT | RECORD_MAX + 1))
                assert connection.is_closed(), "it stays open"
        seconds = int(time.monotonic() - begun) + 2
        server.stop()
        log = pathlib.Path(server.log_path).read_text(encoding="utf-8")
    shown = log.count("record larger than the limit")
    told = [int(line.rpartition("=")[2]) for line in log.splitlines()
            if " info log lines suppressed count=" in line]
    diag(f"{shown} lines in {seconds} s, told: {told}")
    assert shown <= 10 * seconds * workers, shown
    assert shown + sum(told) == count


@fact
def as_many_streams_are_open_as_the_limit_says(server):
    with server.connect() as connection, server.connect() as other:
        tokens = open_many(connection, STREAMS)
        is_refused(try_open(other), b"as many streams")
        answer = ask(other, tokens[0], segment(0, [b"abc"]), wait=WAIT_MS)
        assert answer.messages == [b"cba"], "an open one is not served on"
        is_answered(other, bytes(3))
        forget(other, tokens.pop())
        answer = try_open(other)
        assert answer.code == OK, "no room though one has gone"
        is_refused(try_open(other), b"as many streams")
        forget_many(connection, [*tokens, answer.token])
        assert are_open(connection)[0] == 0


@fact
def as_many_that_ended_are_kept_as_the_limit_says(_):
    options = [] if FULL else ["--streams-kept", str(KEPT)]
    with serving(*options) as server, server.connect() as connection:
        tokens = open_many(connection, KEPT + 1, segment(last=True))
        for token, code in ((tokens[0], NOT_FOUND), (tokens[1], OK),
                            (tokens[-1], OK)):
            assert ask(connection, token, segment(0)).code == code


@fact
def a_stream_takes_no_more_than_its_window(server):
    def takes(server, window):
        """A message of 1,020 bytes counts 1 KiB."""
        with server.connect() as connection:
            answer = open_stream(connection, EACH,
                                 segment(0, [bytes(1020)] * 300))
            assert answer.next == window >> 10, answer.next
            token = answer.token
            answer = ask(connection, token,
                         segment(answer.next, [bytes(1020)]))
            assert answer.next == (window >> 10) + 1
            forget(connection, token)

    takes(server, WINDOW)
    with serving("--window", "64K") as other:
        takes(other, 64 << 10)


@fact
def a_wait_and_a_lease_last_as_long_as_they_may(_):
    with serving("--wait-time", "0.3", "--lease", "0.6") as server, \
            server.connect() as connection:
        token = open_stream(connection, EACH).token
        # Longer than the lease, of which the last call counts.
        for _ in range(3):
            begun = time.monotonic()
            answer = ask(connection, token, segment(), wait=WAIT_MS)
            waited = time.monotonic() - begun
            assert answer.code == OK and not answer.messages
            assert 0.3 - 0.01 <= waited < 0.3 + LATE, waited
        while are_open(connection)[0] > 0:
            assert time.monotonic() < begun + 0.9 + LATE, "it lives on"
            time.sleep(0.01)
        lived = time.monotonic() - begun
        diag(f"the last call took {waited:.2f} s, and all {lived:.2f} s")
        assert lived >= 0.9 - 0.02, "it is gone too soon"
        assert ask(connection, token, segment()).code == NOT_FOUND


def answered_once(replies, count):
    """The answers of calls numbered from 0, by that number."""
    answers = {answer.xid: answer
               for answer in map(Answer, replies)}
    assert sorted(answers) == list(range(count)), "not each of them once"
    return answers


@fact
def a_cancel_behind_two_thousand_calls_that_wait_is_read(server):
    """Those beyond the calls in flight are answered with what there is."""
    count, cancelled = 2000, 7
    with server.connect() as connection:
        tokens = open_many(connection, 40)
        begun = time.monotonic()
        connection.send(b"".join(
            exchange(xid, tokens[xid % 40], segment(), wait=WAIT_MS,
                     ahead=True) for xid in range(count)) +
            cancel(count, tokens[cancelled]))
        at_once = count - (IN_FLIGHT - 1)
        waiting = [xid for xid in range(IN_FLIGHT - 1)
                   if xid % 40 == cancelled]
        replies = [connection.reply()
                   for _ in range(at_once + len(waiting) + 1)]
        took = time.monotonic() - begun
        diag(f"{len(replies)} answers in {took:.2f} s")
        assert took < AT_ONCE_SECONDS, took
        same(replies.pop(), success(count, u32(OK)))
        # The rest waits until its streams end.
        forgotten = len(tokens)
        for token in tokens:
            connection.send(cancel(count + 1, token))
        while len(replies) < count or forgotten > 0:
            reply = connection.reply()
            if reply == success(count + 1, u32(OK)):
                forgotten -= 1
            else:
                replies.append(reply)
        answers = answered_once(replies, count)
        for xid, answer in answers.items():
            assert answer.code == OK
            assert (answer.end == CANCELLED) == (xid < IN_FLIGHT - 1), xid
        forget_many(connection, tokens)


@fact
def the_soft_limit_of_descriptors_is_raised(_):
    with serving("-j", "1", nofile=256, soft=64) as server, \
            contextlib.ExitStack() as stack:
        assert "wanted=16384 possible=192" in server.log()
        for _ in range(190):
            connection = stack.enter_context(server.connect())
            is_answered(connection, bytes(3))


@fact
def as_many_connections_are_open_as_the_limit_says(_):
    most = 64
    with serving("--connections", str(most)) as server, \
            contextlib.ExitStack() as stack:
        first = stack.enter_context(server.connect())
        assert are_open(first)[1] == 1
        connections = [first] + [stack.enter_context(server.connect())
                                 for _ in range(1, most)]
        for connection in connections:
            is_answered(connection, bytes(3))
            park(connection)
        with server.connect() as refused:
            assert refused.is_closed(), "one too many"
        assert " info connection refused: limit reached " in server.log()
        hang_up(connections[0])
        soon(lambda: is_let_in(server))
        for connection in connections[1:]:
            is_answered(connection, bytes(3))


@fact
def memory_has_a_limit_and_less_is_done_before_it(_):
    with serving("--memory", "16M") as server, \
            server.connect() as connection, server.connect() as other:
        tokens = open_many(connection, 40)
        joining = open_stream(connection, COLLECT).token

        def no_stream(_):
            opened = try_open(connection)
            if opened.code == OK:
                forget(connection, opened.token)
                return False
            is_refused(opened, b"short of memory")
            return True

        # Three quarters: what is there goes on.
        answer = fill(connection, tokens, no_stream)
        assert answer.code == OK
        is_refused(push(connection, joining, 0), b"short of memory")
        is_answered(other, bytes(MEBIBYTE))
        # All of it.
        full = fill(connection, tokens[20:],
                    lambda answer: answer.code != OK)
        is_refused(full, b"short of memory")
        is_answered(other, bytes(65536 - 60))
        is_cut_off(server)
        is_answered(other, bytes(3))
        # And with it gone, everything is as before.
        forget_many(connection, tokens)
        assert push(connection, joining, 0).code == OK
        is_answered(other, bytes(MEBIBYTE))
        assert try_open(connection).code == OK


@fact
def a_text_is_as_long_as_its_stream_may_be(_):
    with serving("--spool-stream", "2M") as server, \
            server.connect() as connection:
        token, answer = write_whole(connection, 2 * MEBIBYTE)
        assert answer.messages and answer.end is None
        forget(connection, token)
        token, answer = write_whole(connection, 2 * MEBIBYTE + 1)
        whole_fails(answer, b"longer than the server takes")


@fact
def all_texts_are_as_long_as_the_spool_may_be(_):
    with serving("--spool-total", "3M") as server, \
            server.connect() as connection:
        token, answer = write_whole(connection, 3 * MEBIBYTE)
        assert answer.messages and answer.end is None
        other, answer = write_whole(connection, MEBIBYTE + 1)
        whole_fails(answer, b"no room for the text")
        forget(connection, token, other)
        # The files are given up in the background.
        soon(lambda: write_whole(connection, 3 * MEBIBYTE)[1].end is None)
        is_answered(connection, bytes(3))


@fact
def a_part_of_the_disk_is_left_free(_):
    with serving("--spool-free", "100") as server, \
            server.connect() as connection:
        _, answer = write_whole(connection, MEBIBYTE)
        assert answer.messages, "no disk is needed for that"
        _, answer = write_whole(connection, MEBIBYTE + 1)
        whole_fails(answer, b"no room for the text")


run()
