#!/usr/bin/python3 -B
"""What reverse.x says of streams, fact by fact.

It holds for every server, also for one that was written from these words: with
TEST_SERVER=test/stock/server.py these facts are told about that one.
"""

import os
import sys

from oncrpc import PATIENCE, Silence
from server import TOP
from tap import fact, run

sys.path.insert(0, str(TOP / "test" / "hostile"))

from conversation import (                              # noqa: E402
    ABORTED, ALREADY_EXISTS, Answer, BYTE, CANCELLED, CODEPOINT, COLLECT,
    DEADLINE_EXCEEDED, EACH, INVALID_ARGUMENT, NOT_FOUND, OK, OUT_OF_RANGE,
    SPELL, WHOLE, WINDOW, ask, cancel, exchange, open_stream, opening, segment)

LONG = 9000                     # a wait_ms that nobody wants to wait for


def refused(connection, method, piece=None, **how):
    """The status code of an OPEN that fails."""
    connection.send(opening(1, method, piece, **how))
    return Answer(connection.reply(), opened=True).code


def is_kept(connection):
    """Whether a call is not answered at once."""
    connection.seconds, seconds = 0.2 * PATIENCE, connection.seconds
    try:
        connection.fragment()
        return False
    except Silence:
        return True
    finally:
        connection.seconds = seconds


def all_of(connection, method, *messages, unit=BYTE, after=0, **how):
    """Half-closes after these messages: the answers there are, and the last of
    what came."""
    answer = open_stream(connection, method, segment(
        messages=messages, last=method != SPELL, after=after),
        unit=unit, wait=LONG, **how)
    token, answers = answer.token, list(answer.messages)
    while answer.end is None:
        answer = ask(connection, token, segment(
            len(messages), last=True, after=after + len(answers)), wait=LONG)
        answers += answer.messages
    return answers, answer


def fill(connection, token):
    """Pushes until the window is shut: how many messages were taken."""
    answer = ask(connection, token, segment(window=0))
    for _ in range(100):
        if answer.window == 0:
            return answer.next
        answer = ask(connection, token, segment(
            answer.next, [b"x" * 50000], window=0))
    raise AssertionError("the window does not shut")


@fact
def an_opened_window_is_something_to_answer(server):
    with server.connect() as connection:
        token = open_stream(connection, EACH).token
        taken = fill(connection, token)
        connection.send(exchange(9, token, segment(taken, window=0),
                                 wait=LONG))
        assert is_kept(connection)
        heard, idle, answer = 0, 0, None
        while idle < 3 and (not answer or answer.xid != 9):
            answer = ask(connection, token, segment(taken, after=heard),
                         ahead=True)
            heard += len(answer.messages)
            idle += not answer.messages
        assert answer.xid == 9, "what waits for the window still waits"
        assert answer.window >= WINDOW // 2


@fact
def a_push_that_nothing_can_answer_yet_is_not_kept(server):
    with server.connect() as connection:
        for method in COLLECT, WHOLE:
            token = open_stream(connection, method).token
            connection.send(exchange(2, token, segment(0, [b"ab"]), wait=LONG))
            assert not is_kept(connection)
        token = open_stream(connection, EACH).token
        connection.send(exchange(2, token, segment(window=0), wait=LONG))
        assert not is_kept(connection)


@fact
def a_pure_push_leaves_other_calls_alone(server):
    with server.connect() as pulls, server.connect() as pushes:
        token = open_stream(pulls, EACH).token
        pulls.send(exchange(2, token, segment(), wait=LONG))
        assert is_kept(pulls)
        for ahead in False, True:
            answer = ask(pushes, token, segment(window=0), ahead=ahead)
            assert (answer.code, answer.messages) == (OK, [])
        ask(pushes, token, segment(0, [b"ab"], window=0))
        assert Answer(pulls.reply()).messages == [b"ba"]


@fact
def another_call_takes_the_stream_over(server):
    with server.connect() as first, server.connect() as second:
        token = open_stream(first, EACH).token
        assert ask(first, token, segment(), ahead=True).code == OK
        assert ask(second, token, segment(), ahead=True).code == ABORTED
        first.send(exchange(3, token, segment(), wait=LONG, ahead=True))
        assert is_kept(first)
        assert ask(second, token, segment(0, [b"ab"])).messages == [b"ba"]
        assert Answer(first.reply()).code == ABORTED
        assert ask(first, token, segment(1), ahead=True).code == ABORTED


@fact
def ahead_goes_on_after_what_was_sent(server):
    with server.connect() as connection:
        token = open_stream(connection, EACH).token
        for number, text in enumerate([b"ab", b"cd"]):
            answer = ask(connection, token, segment(number, [text]),
                         ahead=True)
            assert (answer.first, answer.messages) == (number, [text[::-1]])
        answer = ask(connection, token, segment(2))
        assert (answer.first, answer.messages) == (0, [b"ba", b"dc"])


@fact
def a_next_does_not_go_back(server):
    with server.connect() as connection:
        token = open_stream(connection, EACH).token
        ask(connection, token, segment(0, [b"a", b"b", b"c"]))
        ask(connection, token, segment(3, after=2))
        answer = ask(connection, token, segment(3, after=0))
        assert (answer.first, answer.messages) == (2, [b"c"])
        answer = ask(connection, token, segment(3, after=4))
        assert answer.code == INVALID_ARGUMENT


@fact
def a_half_close_is_not_contradicted_by_silence(server):
    with server.connect() as connection:
        token = open_stream(connection, EACH, segment(
            0, [b"a", b"b"], last=True)).token
        for piece, code in (
                (segment(2), OK),
                (segment(1, [b"b"]), OK),
                (segment(2, last=True), OK),
                (segment(1, last=True), INVALID_ARGUMENT),
                (segment(3, last=True), INVALID_ARGUMENT),
                (segment(2, [b"c"]), INVALID_ARGUMENT)):
            assert ask(connection, token, piece).code == code, piece


@fact
def the_message_of_spell_half_closes(server):
    with server.connect() as connection:
        answers, answer = all_of(connection, SPELL, b"abc")
        assert (answers, answer.end) == ([b"c", b"b", b"a"], OK)
        for piece in segment(0, [b"a", b"b"]), segment(last=True):
            assert refused(connection, SPELL, piece) == INVALID_ARGUMENT


@fact
def each_resumes_where_the_client_says(server):
    with server.connect() as connection:
        answer = open_stream(connection, EACH, segment(
            5, [b"ab", b"cd", b"ef"], True, 6), wait=LONG)
        if not answer.messages:
            answer = ask(connection, answer.token, segment(
                8, last=True, after=6), wait=LONG)
        assert (answer.first, answer.messages) == (6, [b"dc", b"fe"])
        assert (answer.end, answer.counts) == (OK, (3, 6, 4))
        assert refused(connection, EACH,
                       segment(5, after=4)) == INVALID_ARGUMENT


@fact
def the_others_leave_out_what_the_client_has(server):
    with server.connect() as connection:
        answers, answer = all_of(connection, SPELL, b"abc", after=1)
        assert (answers, answer.end) == ([b"b", b"a"], OK)
        answers, answer = all_of(connection, COLLECT, b"abc", after=1)
        assert (answers, answer.end, answer.counts) == ([], OK, (1, 3, 0))
        answers, answer = all_of(connection, WHOLE, b"abcde", after=1,
                                 largest=2)
        assert (answers, answer.end) == ([b"cb", b"a"], OK)
        answers, answer = all_of(connection, WHOLE, b"abcde", after=4,
                                 largest=2)
        assert (answers, answer.end) == ([], INVALID_ARGUMENT)


@fact
def whole_is_cut_by_largest_alone(server):
    with server.connect() as connection:
        answers, _ = all_of(connection, WHOLE, b"ab", b"c", b"", b"de",
                            largest=3)
        assert answers == [b"edc", b"ba"]
        answers, answer = all_of(connection, WHOLE)
        assert (answers, answer.end) == ([], OK)


@fact
def collect_of_nothing_is_an_empty_answer(server):
    with server.connect() as connection:
        answers, answer = all_of(connection, COLLECT)
        assert (answers, answer.end) == ([b""], OK)


@fact
def messages_of_one_text_may_be_cut_in_a_character(server):
    text = "aé".encode()
    with server.connect() as connection:
        for method in COLLECT, WHOLE:
            answers, answer = all_of(connection, method, text[:2], text[2:],
                                     unit=CODEPOINT)
            assert (answers, answer.end) == (["éa".encode()], OK)
            _, answer = all_of(connection, method, b"ab", b"\xc3", b"c",
                               unit=CODEPOINT)
            assert (answer.end, answer.end_at) == (INVALID_ARGUMENT, (1, 0))


@fact
def a_longer_answer_than_largest_ends_the_stream(server):
    with server.connect() as connection:
        for method in COLLECT, EACH:
            answers, answer = all_of(connection, method, b"abc", largest=2)
            assert (answers, answer.end) == ([], OUT_OF_RANGE)


@fact
def what_precedes_a_wrong_input_is_answered(server):
    with server.connect() as connection:
        answers, answer = all_of(connection, EACH, b"ab", b"c\xff", b"d",
                                 unit=CODEPOINT)
        assert answers == [b"ba"]
        assert (answer.end, answer.end_at) == (INVALID_ARGUMENT, (1, 1))


@fact
def a_nonce_names_one_stream(server):
    nonce = os.urandom(16)
    with server.connect() as connection:
        first = open_stream(connection, EACH, nonce=nonce)
        again = open_stream(connection, EACH, nonce=nonce)
        assert first.token == again.token
        for how in {"method": COLLECT}, {"unit": CODEPOINT}, {"largest": 1}, {
                "piece": segment(1, after=1)}:
            code = refused(connection, **{"method": EACH, **how}, nonce=nonce)
            assert code == ALREADY_EXISTS, how


@fact
def what_the_server_does_not_have_is_an_invalid_argument(server):
    with server.connect() as connection:
        assert refused(connection, 5) == INVALID_ARGUMENT
        assert refused(connection, EACH, unit=9) == INVALID_ARGUMENT


@fact
def a_cancelled_stream_is_told_once_more_and_then_forgotten(server):
    with server.connect() as connection, server.connect() as other:
        token = open_stream(connection, EACH).token
        connection.send(exchange(2, token, segment(), wait=LONG))
        assert is_kept(connection)
        other.send(cancel(3, token))
        other.reply()
        assert Answer(connection.reply()).end == CANCELLED
        assert ask(connection, token, segment()).end == CANCELLED
        other.send(cancel(3, token))
        other.reply()
        assert ask(connection, token, segment()).code == NOT_FOUND


@fact
def a_deadline_drops_what_was_not_sent(server):
    with server.connect() as connection:
        answer = open_stream(connection, SPELL, segment(0, [b"abc"]),
                             pace=60000, deadline=300)
        answer = ask(connection, answer.token, segment(
            1, after=answer.first + len(answer.messages)), wait=LONG)
        assert (answer.messages, answer.end) == ([], DEADLINE_EXCEEDED)


run("--drain-time", "0.1")
