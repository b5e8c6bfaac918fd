#!/usr/bin/python3 -B
"""Every message of every procedure, both ways, word by word.

Read this beside reverse.x and RFC 5531, section 9: it is what a client sends
and what the server answers, all of it, without the record's header.
"""

from golden import golden, matches
from oncrpc import (DESCRIBE, Reader, STATUS, TEXT, WHOAMI, auth_sys, call,
                    opaque, record, success, u32)
from server import TOP
from tap import fact, run, same

# What begins every call here but for its first and sixth word, and every
# reply that is not an error of RFC 5531.
CALL_HEAD = """
    00000007    xid
    00000000    CALL
    00000002    version of RPC
    20726576    REVERSE_PROG
    00000001    REVERSE_V1
    {:08x}      procedure
    00000000    credential: AUTH_NONE
    00000000        of no bytes
    00000000    verifier: AUTH_NONE
    00000000        of no bytes
"""
REPLY_HEAD = """
    00000007    xid
    00000001    REPLY
    00000000    MSG_ACCEPTED
    00000000    verifier: AUTH_NONE
    00000000        of no bytes
    00000000    SUCCESS
"""
NO_CONTEXT = """
    00000000    context: no deadline
    00000000        no metadata
"""


def exchange(server, procedure, arguments, result):
    """One call and its reply."""
    message = golden(CALL_HEAD.format(procedure) + arguments)
    with server.connect() as connection:
        matches(connection.ask(message), REPLY_HEAD + result)


def reverses(server, unit, text, reversed_text):
    exchange(server, TEXT, NO_CONTEXT + f"{unit:08x} unit\n" + text,
             "00000000 STATUS_OK\n" + reversed_text + "00000000 no metadata")


def refuses(server, unit, text, at_byte):
    """TEXT fails with STATUS_INVALID_ARGUMENT, and says where."""
    exchange(server, TEXT, NO_CONTEXT + f"{unit:08x} unit\n" + text, f"""
        00000003            STATUS_INVALID_ARGUMENT
        00000003            failure: the same again
        (text)                  detail
        00000000 00000000       at_message
        00000000 {at_byte:08x}  at_byte
        00000000                retry_after_ms
        """)


@fact
def ping_is_answered_with_nothing(server):
    exchange(server, 0, "", "")


@fact
def a_record_begins_with_its_length_and_the_mark_of_the_last(server):
    message = golden(CALL_HEAD.format(0))
    with server.connect() as connection:
        connection.send(golden("80000028 the last fragment, of 40 bytes") +
                        message)
        header, reply = connection.fragment()
        assert header == 0x80000018, f"{header:08x}"
        matches(reply, REPLY_HEAD)


@fact
def greet_asks_for_a_message_and_tells_the_limits(server):
    exchange(server, 1, NO_CONTEXT, """
        00000000    STATUS_OK
        (text)      text
        00000008    server
        72657665 72736564
        (text)      release
        (text)      unicode
        ???????? ???????? ???????? ????????     boot
        00100000    message_max: 1 MiB
        00042000    window: 264 KiB
        00002000    datagram_max
        00002710    wait_max_ms: 10 s
        0000ea60    lease_ms: 60 s
        """)


@fact
def boot_is_the_same_for_all_calls_to_one_server(server):
    boots = set()
    for _ in range(2):
        with server.connect() as connection:
            reply = Reader(connection.ask(call(1, 1, u32(0, 0))))
        same(reply.bytes(24), success(1))
        assert reply.u32() == 0
        for most in (256, 64, 64, 16):
            reply.opaque(most)
        boots.add(reply.fixed(16))
    assert len(boots) == 1 and boots != {bytes(16)}


@fact
def text_by_grapheme_keeps_a_letter_and_its_accent_together(server):
    reverses(server, 0, """
        00000005    a, e, U+0301, LF
        6165cc81 0a000000
        """, """
        00000005
        0a65cc81 61000000
        """)


@fact
def text_by_code_point_parts_them(server):
    reverses(server, 1, """
        00000005
        6165cc81 0a000000
        """, """
        00000005
        0acc8165 61000000
        """)


@fact
def text_by_byte_takes_any_bytes(server):
    reverses(server, 2, """
        00000004
        00ff80e2
        """, """
        00000004
        e280ff00
        """)


@fact
def text_by_word_keeps_words(server):
    reverses(server, 3, """
        00000007    "ab  cd "
        61622020 63642000
        """, """
        00000007    " cd  ab"
        20636420 20616200
        """)


@fact
def text_by_line_keeps_lines_and_takes_any_bytes(server):
    reverses(server, 4, """
        00000006    a, LF, FF, LF, b, LF
        610aff0a 620a0000
        """, """
        00000006
        620aff0a 610a0000
        """)


@fact
def nul_is_data(server):
    for unit in (0, 1, 2):
        reverses(server, unit, """
            00000003    a, NUL, NUL
            61000000
            """, """
            00000003
            00006100
            """)


@fact
def text_of_no_bytes_is_its_own_reverse(server):
    for unit in range(5):
        reverses(server, unit, "00000000 bytes", "00000000 bytes\n")


@fact
def text_that_is_not_utf_8_is_refused_at_its_first_wrong_byte(server):
    for unit in (0, 1, 3):
        refuses(server, unit, """
            00000004    a, U+00E9, and a byte that cannot be
            61c3a9ff
            """, 3)
        refuses(server, unit, """
            00000003    a sequence that is cut off
            61e28200
            """, 1)
        refuses(server, unit, """
            00000004    a surrogate
            61eda080
            """, 1)
        refuses(server, unit, """
            00000002    an overlong form
            c0af0000
            """, 0)


@fact
def text_by_an_unknown_unit_is_refused(server):
    for unit in (5, 0x7fffffff, 0xffffffff):
        refuses(server, unit, """
            00000001
            61000000
            """, 0)


@fact
def echo_metadata_comes_back_and_other_does_not(server):
    exchange(server, TEXT, """
        00000000    context: no deadline
        00000002        two pieces of metadata
        00000006            key "echo-a"
        6563686f 2d610000
        00000003            value
        00ff0100
        00000001            key "b"
        62000000
        00000000            value of no bytes
        00000002    UNIT_BYTE
        00000002
        78790000
        """, """
        00000000    STATUS_OK
        00000002
        79780000
        00000001    one piece of metadata
        00000006        key "echo-a"
        6563686f 2d610000
        00000003        value
        00ff0100
        """)


@fact
def a_deadline_that_does_not_pass_changes_nothing(server):
    exchange(server, TEXT, """
        0000ea60    context: 60 s
        00000000        no metadata
        00000002    UNIT_BYTE
        00000002
        78790000
        """, """
        00000000    STATUS_OK
        00000002
        79780000
        00000000    no metadata
        """)


TOKEN = """
    01020304 05060708 090a0b0c 0d0e0f10     stream
"""
PIECE = """
    00000000 00000000   first: from message 0 on
    00000001            one message
    00000002
    78790000
    00000001            last
    00000000 00000000   next: nothing has arrived
    00042000            window
"""


@fact
def open_is_a_stream_with_a_first_piece_each_way(server):
    exchange(server, 3, NO_CONTEXT + """
        01020304 05060708 090a0b0c 0d0e0f10     nonce
        00000003    METHOD_EACH
        00000000    UNIT_GRAPHEME
        00000000    pace_ms
        00000000    largest
        """ + PIECE + """
        000003e8    wait_ms
        """, """
        00000000    STATUS_OK
        ???????? ???????? ???????? ????????     stream
        0000ea60    lease_ms: 60 s
        00000000 00000000   first: from answer 0 on
        00000001            one message
        00000002
        79780000
        00000001            last
        00000000 00000001   next: message 0 has arrived
        00000000            window: it has ended
        00000001            the end is present
        00000000            STATUS_OK
        00000000                no detail
        00000000 00000000       at_message
        00000000 00000000       at_byte
        00000000                retry_after_ms
        00000000 00000001   messages_in
        00000000 00000002   bytes_in
        00000000 00000002   bytes_out
        00000000            no metadata
        """)


@fact
def exchange_with_an_unknown_token_is_not_found(server):
    exchange(server, 4, TOKEN + PIECE + """
        000003e8    wait_ms
        00000000    ahead: no
        """, """
        00000005    STATUS_NOT_FOUND
        00000005    failure: the same again
        (text)          detail
        00000000 00000000   at_message
        00000000 00000000   at_byte
        00000000        retry_after_ms
        """)


@fact
def cancel_of_any_token_is_done(server):
    exchange(server, 5, TOKEN, """
        00000000    STATUS_OK
        """)


@fact
def status_has_health_and_counters(server):
    exchange(server, 6, "", """
        00000000            STATUS_OK
        00000001            HEALTH_SERVING
        00000000 ????????   uptime_ms
        00000000 ????????   calls
        00000000 ????????   failures
        00000000 ????????   bytes_in
        00000000 ????????   bytes_out
        00000000            streams
        ????????            connections
        """)


def counters(connection):
    """calls, failures, bytes_in, bytes_out, connections"""
    reply = Reader(connection.ask(call(1, STATUS)))
    same(reply.bytes(32), success(1, u32(0, 1)))
    reply.u64()
    found = [reply.u64() for _ in range(4)]
    assert reply.u32() == 0, "streams are open"
    return [*found, reply.u32()]


# The reply to STATUS, with its record mark.
TOLD_BYTES = 4 + 24 + 56


def growth(connection, *calls):
    """Of the counters, by these calls and one of STATUS; and the replies."""
    before = counters(connection)
    replies = [connection.ask(message) for message in calls]
    after = counters(connection)
    assert after[4] >= 1, "this connection is not counted"
    return [new - old for new, old in zip(after, before)], replies


@fact
def the_counters_count(server):
    good = call(2, TEXT, u32(0, 0, 2) + opaque(b"xy"))
    bad = call(3, TEXT, u32(0, 0, 9) + opaque(b"xy"))
    with server.connect() as connection:
        # Other workers may still have to count what they sent before: a reply
        # may arrive first.
        for _ in range(10):
            grown, replies = growth(connection, good, bad)
            # Whether the reply that tells is itself in the count is open; it
            # has the same length every time.
            told = sum(4 + len(reply) for reply in replies) + TOLD_BYTES
            if grown[3] == told:
                break
    sent = sum(4 + len(message) for message in (good, bad, call(1, STATUS)))
    assert grown[0] == 3, f"calls: {grown[0]}"
    assert grown[1] == 1, f"failures: {grown[1]}"
    assert grown[2] == sent, f"bytes_in: {grown[2]}, not {sent}"
    assert grown[3] == told, f"bytes_out: {grown[3]}, not {told}"


@fact
def describe_is_the_file_reverse_x(server):
    schema = (TOP / "reverse.x").read_bytes()
    with server.connect() as connection:
        same(connection.ask(call(7, DESCRIBE)),
             success(7, u32(0) + opaque(schema)))


def whoami(server, flavor, uid, **how):
    with server.connect() as connection:
        host, port = connection.socket.getsockname()
        address = f"{host}.{port >> 8}.{port & 255}".encode()
        same(connection.ask(call(7, WHOAMI, **how)),
             success(7, u32(0, flavor, uid) + opaque(b"") + opaque(b"") +
                     opaque(address)))


@fact
def whoami_of_auth_none_knows_the_address_alone(server):
    whoami(server, 0, 0xffffffff)


@fact
def whoami_of_auth_sys_has_the_uid_that_was_claimed(server):
    whoami(server, 1, 4711, credential=auth_sys(uid=4711, gids=(1, 2)))


@fact
def a_text_may_be_as_long_as_message_max(server):
    text = bytes(range(256)) * 4096
    with server.connect() as connection:
        connection.send(record(call(1, TEXT, u32(0, 0, 2) + opaque(text))))
        same(connection.reply(),
             success(1, u32(0) + opaque(text[::-1]) + u32(0)))


if __name__ == "__main__":
    run()
