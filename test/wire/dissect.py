#!/usr/bin/python3 -B
"""What tshark makes of conversations, by the script that reverse prints.

All that test/wire/messages.py says and hears is recorded, its calls once more
by UDP.  Then every message has to be there, each byte of its arguments or its
result with one field, and the fields with the names of reverse.x.
"""

import os
import pathlib
import re
import struct
import subprocess
import tempfile
import xml.etree.ElementTree as tree

import messages  # noqa: F401  its facts are told first
from capture import Capture, Datagrams, RecordedServer, Stream
from oncrpc import (AUTH_SHORT, CALL, STATUS, TEXT, auth, auth_sys, call,
                    fragments, opaque, record, success, u32, u64)
from server import BUILD
from tap import fact, run, same

DATAGRAM_MAX = 8192
PORT = 20726

# The fields of the arguments and of the result of each procedure, in their
# order, as a golden message has them.
CONTEXT = ["call_context.deadline_ms", "call_context.metadata.length"]
METADATA = ["metadatum.key.length", "metadatum.key", "metadatum.value.length",
            "metadatum.value"]
FAILURE = ["failure.code", "failure.detail.length", "failure.detail",
           "failure.at_message", "failure.at_byte", "failure.retry_after_ms"]
SEGMENT = ["segment.first", "segment.messages.length",
           "segment.messages.length", "segment.messages", "segment.last",
           "segment.next", "segment.window"]
END = ["failure.code", "failure.detail.length",
       "failure.at_message", "failure.at_byte", "failure.retry_after_ms",
       "stream_end.messages_in", "stream_end.bytes_in", "stream_end.bytes_out",
       "stream_end.metadata.length"]
FIELDS = {
    ("REVERSE_PING", "call"): [],
    ("REVERSE_PING", "reply"): [],
    ("REVERSE_GREET", "call"): CONTEXT,
    ("REVERSE_GREET", "reply"): [
        "greet_result.code", "greeting.text.length", "greeting.text",
        "greeting.server.length", "greeting.server",
        "greeting.release.length", "greeting.release",
        "greeting.unicode.length", "greeting.unicode", "greeting.boot",
        "greeting.message_max", "greeting.window", "greeting.datagram_max",
        "greeting.wait_max_ms", "greeting.lease_ms"],
    ("REVERSE_TEXT", "call"): CONTEXT + METADATA + METADATA[:3] + [
        "reverse_args.unit", "reverse_args.text.length", "reverse_args.text"],
    ("REVERSE_TEXT", "reply"): [
        "reverse_result.code", "reversed.text.length", "reversed.text",
        "reversed.metadata.length"] + METADATA,
    ("REVERSE_OPEN", "call"): CONTEXT + [
        "open_args.nonce", "open_args.method", "open_args.unit",
        "open_args.pace_ms", "open_args.largest"] + SEGMENT + [
        "open_args.wait_ms"],
    ("REVERSE_OPEN", "reply"): [
        "open_result.code", "opened.stream", "opened.lease_ms"] + SEGMENT + [
        "answer.end.present"] + END,
    ("REVERSE_EXCHANGE", "call"): ["exchange_args.stream"] + SEGMENT + [
        "exchange_args.wait_ms", "exchange_args.ahead"],
    ("REVERSE_EXCHANGE", "reply"): ["exchange_result.code"] + FAILURE,
    ("REVERSE_CANCEL", "call"): ["cancel_args.stream"],
    ("REVERSE_CANCEL", "reply"): ["cancel_result.code"],
    ("REVERSE_STATUS", "call"): [],
    ("REVERSE_STATUS", "reply"): [
        "status_result.code", "report.state", "report.uptime_ms",
        "report.calls", "report.failures", "report.bytes_in",
        "report.bytes_out", "report.streams", "report.connections"],
    ("REVERSE_DESCRIBE", "call"): [],
    ("REVERSE_DESCRIBE", "reply"): [
        "describe_result.code", "describe_result.schema.length",
        "describe_result.schema"],
    ("REVERSE_WHOAMI", "call"): [],
    ("REVERSE_WHOAMI", "reply"): [
        "whoami_result.code", "caller.flavor", "caller.uid",
        "caller.principal.length", "caller.certificate.length",
        "caller.address.length", "caller.address"],
}

# Types that reverse.x has not.
OTHER = """
enum color { RED = 1, BLUE = -2 };
struct node { int value; node *next; };
struct numbers { hyper h; unsigned hyper u; float f; double d; bool b; };
union shape switch (color kind) {
case RED:
case BLUE:
    struct { short sides[2]; string name<10>; } body;
default:
    void;
};
struct all { numbers n; shape s[2]; node list; opaque id[5]; };
typedef string word<>;
typedef word words<2>;
program ECHO { version V { words A(all, int) = 3; } = 2; } = 77;
"""


class Message:
    """What the script shows of one."""

    def __repr__(self):
        return f"{self.procedure} {self.way}: {self.shown}"

    def __init__(self, proto):
        title = proto.get("showname") or proto.get("show")
        self.procedure, self.way = title.split(", ")[-1].split(" ")
        leaves = [it for it in proto.iter("field")
                  if it.find("field") is None and int(it.get("size")) > 0 and
                  not it.get("name").endswith(".procedure")]
        self.at = [(int(it.get("pos")), int(it.get("size"))) for it in leaves]
        self.payload = b"".join(bytes.fromhex(it.get("value"))
                                for it in leaves)
        self.names = [it.get("name") for it in proto.iter("field")
                      if it in leaves or it.get("size") == "0" and
                      it.find("field") is None]
        self.shown = [it.get("showname") or it.get("show")
                      for it in proto.iter("field")]
        self.wrong = [line for line in self.shown
                      if line.startswith("Expert Info")]

    def assert_no_gap(self):
        for (at, size), (after, _) in zip(self.at, self.at[1:]):
            assert at + size == after, self.at


def script(folder, file=None, without=None):
    """Prints the script to a file, and returns its path."""
    path = pathlib.Path(folder, "script.lua")
    done = subprocess.run([str(BUILD / "reverse"),
                           *(["-x", file] if file else []), "dissector"],
                          stdout=subprocess.PIPE, check=True)
    text = done.stdout.decode()
    if without:
        assert text.count(without) == 1, without
        text = text.replace(without, "")
    path.write_text(text, encoding="utf-8")
    return path


def tshark(folder, capture, port, lua, *options):
    """What tshark prints; its own settings are nobody's."""
    done = subprocess.run(
        ["tshark", "-n", "-r", capture, "-X", f"lua_script:{lua}",
         "-d", f"tcp.port=={port},rpc", "-d", f"udp.port=={port},rpc",
         *options], env=dict(os.environ, HOME=folder, XDG_CONFIG_HOME=folder),
        check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert b"Lua" not in done.stderr, done.stderr.decode()
    return done.stdout


def shown(folder, capture, port, lua, name, passes=()):
    """The messages, each with what is wrong with it."""
    told = tshark(folder, capture, port, lua, *passes, "-T", "pdml",
                  "-J", f"{name} _ws.malformed")
    assert b"Lua Error" not in told, told.decode()
    assert b"[Malformed Packet" not in told, told.decode()
    return [Message(proto) for proto in tree.fromstring(told).iter("proto")
            if proto.get("name") == name]


def payload(message):
    """What is behind the header of a call, or of a reply."""
    def after_auth(at):
        size = struct.unpack_from(">I", message, at + 4)[0]
        return at + 8 + size + -size % 4
    if struct.unpack_from(">I", message, 4)[0] == CALL:
        return message[after_auth(after_auth(24)):]
    return message[after_auth(12) + 4:]


def of_server(server):
    """What is shown of all that was recorded, looked at once."""
    if not hasattr(server, "shown"):
        server.capture.close()
        server.shown = shown(server.folder, server.capture_path,
                             server.address[1], script(server.folder),
                             "reverse")
    return server.shown


def made(kind, said, name="reverse", passes=(), most=65535, **how):
    """What is shown of a conversation that nobody had.  Each side in turn says
    a list of datagrams, or of segments."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "capture")
        capture = Capture(path, most)
        flow = kind(capture, 30000, PORT)
        for turn, pieces in enumerate(said):
            for piece in pieces:
                flow.add(turn % 2, piece)
        capture.close()
        return shown(folder, path, PORT, script(folder, **how), name, passes)


def text_call(xid, text):
    return call(xid, TEXT, u32(0, 0, 2) + opaque(text))


@fact
def the_calls_are_said_by_udp_as_well(server):
    calls = [message for flow in server.flows for message in flow.messages(0)]
    assert len(calls) > 40, len(calls)
    for xid, message in enumerate(calls):
        if len(message) <= DATAGRAM_MAX:
            with server.connect_datagrams() as socket:
                socket.ask(u32(xid) + message[4:])


@fact
def every_message_is_shown_and_every_byte_of_it_once(server):
    wanted = sorted(payload(message) for flow in server.flows
                    for side in (0, 1) for message in flow.messages(side))
    found = of_server(server)
    for message in found:
        message.assert_no_gap()
        assert not message.wrong, message.wrong
    same(b"".join(sorted(it.payload for it in found)), b"".join(wanted))
    assert len(found) == len(wanted), (len(found), len(wanted))


@fact
def the_fields_of_each_procedure_have_their_names(server):
    found = {}
    for message in of_server(server):
        names = [name.removeprefix("reverse.") for name in message.names]
        found.setdefault((message.procedure, message.way), []).append(
            [name for name in names if name not in ("padding", "procedure")])
    assert sorted(found) == sorted(FIELDS), sorted(found)
    for key, names in FIELDS.items():
        assert names in found[key], (key, found[key])


REVERSED = success(1, u32(0) + opaque(b"eno") + u32(0))


@fact
def a_message_may_be_cut_into_any_segments_and_fragments(_):
    calls = [text_call(1, b"one"), text_call(2, b"two!"), call(3),
             text_call(4, b"three")]
    whole = (record(calls[0]) + fragments(calls[1][:50], calls[1][50:]) +
             record(calls[2]) + record(calls[3]))
    reply = success(2, u32(0) + opaque(b"!owt") + u32(0))
    for cut in (30, 48, 140, len(whole) - 1):
        found = made(Stream, [[whole[:cut], whole[cut:]],
                              [record(success(3)) + record(reply)]])
        assert [f"{it.procedure} {it.way}" for it in found] == [
            "REVERSE_TEXT call", "REVERSE_TEXT call", "REVERSE_PING call",
            "REVERSE_TEXT call", "REVERSE_PING reply",
            "REVERSE_TEXT reply"], (cut, found)
        same(b"".join(it.payload for it in found),
             b"".join(payload(it) for it in [*calls, reply]))


@fact
def messages_of_a_packet_are_told_apart(_):
    """Also where two that were put together begin at the same byte."""
    joined = call(1, TEXT, u32(0, 0, 2) + opaque(b"one"),
                  credential=auth_sys(gids=range(7)))
    last = text_call(2, b"two")
    pieces = fragments(joined[:-4], joined[-4:])
    found = made(Stream, [[pieces[:-8], pieces[-8:] + record(last)]])
    assert [it.at[0][0] for it in found] == [92, 92], [it.at for it in found]
    same(found[0].payload, payload(joined))
    same(found[1].payload, payload(last))


@fact
def a_credential_may_be_padded(_):
    message = call(1, TEXT, u32(0, 0, 2) + opaque(b"one"),
                   credential=auth(AUTH_SHORT, b"12345"))
    found = made(Datagrams, [[message]])
    same(found[0].payload, payload(message))
    assert not found[0].wrong, found


@fact
def a_line_of_a_packet_names_what_is_called(_):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "capture")
        capture = Capture(path)
        Stream(capture, 30000, PORT).add(
            0, record(call(1)) + record(call(2, STATUS)))
        capture.close()
        lines = tshark(folder, path, PORT, script(folder)).decode()
    assert re.search(r" reverse \d+ REVERSE_PING call; REVERSE_STATUS call$",
                     lines, re.MULTILINE), lines


@fact
def a_text_is_shown_beside_its_bytes_if_it_is_one(_):
    texts = [(b"hello", ' "hello"'),
             ("\u00fc\uac01\U0001f600".encode(), ' "\u00fc\uac01\U0001f600"'),
             (b"x" * 65, ' "' + 64 * "x" + "..."),
             (63 * b"x" + "\u00fc".encode(), ' "' + 63 * "x" + "..."),
             (b"a\xff", ""), (b"a\xed\xa0\x80", ""), (b"a\nb", ""),
             ("a\u0085b".encode(), ""), ("a\u202eb".encode(), "")]
    found = made(Datagrams, [[text_call(number, text)
                              for number, (text, _) in enumerate(texts)]])
    for (text, words), message in zip(texts, found):
        shows = [it for it in message.shown if it.startswith("text: ")]
        assert len(shows) == 1 and shows[0].endswith(words), (text, shows)
        assert words or '"' not in shows[0], shows


@fact
def a_reply_is_of_the_latest_call_before_it(_):
    said = [[text_call(1, b"one")], [REVERSED], [call(1, STATUS)],
            [success(1, u32(3, 3) + bytes(24))]]
    # A filter has the first pass look at packets, too.
    for passes in ([], ["-2"], ["-2", "-Y", "rpc"]):
        found = made(Datagrams, said, passes=passes)
        assert [it.procedure for it in found] == [
            "REVERSE_TEXT", "REVERSE_TEXT", "REVERSE_STATUS",
            "REVERSE_STATUS"], (passes, found)
        assert not any(it.wrong for it in found), found


@fact
def a_reply_is_shown_also_when_its_call_was_not_looked_at(_):
    """As in Wireshark, which shows packets in any order."""
    found = made(Datagrams, [[text_call(1, b"one")], [REVERSED]],
                 without="note_call(key, pinfo.number, one.procedure)")
    assert [it.procedure for it in found] == 2 * ["REVERSE_TEXT"], found
    same(found[1].payload, payload(REVERSED))


@fact
def what_is_not_as_the_interface_says_is_malformed(_):
    bad = [(call(1, TEXT), "arguments: the bytes end here"),
           (call(2, TEXT, u32(0, 0, 0, 5) + b"hell"),
            "text: the bytes end here"),
           (call(3, TEXT, u32(0, 0, 0, 0x100001)),
            "text: longer than the interface allows"),
           (call(4, TEXT, u32(0, 0x100)),
            "metadata: longer than the interface allows"),
           (call(5, TEXT, u32(0, 0, 0) + opaque(b"") + b"more"),
            "no field has these bytes"),
           (call(6, 0, b"more"), "no field has these bytes")]
    calls = [message for message, _ in bad]
    for said in ((Datagrams, [calls]), (Stream, [[*map(record, calls)]])):
        found = made(*said)
        assert len(found) == len(bad), found
        for (message, words), it in zip(bad, found):
            assert len(it.wrong) == 1, (words, it.shown)
            assert it.wrong[0].endswith(words), (words, it.wrong)
            same(it.payload, payload(message)[:len(it.payload)])


@fact
def what_was_not_captured_is_not_malformed(_):
    header = 20 + 8 + 40
    for most in (header - 30, header - 2, header, header + 18):
        found = made(Datagrams, [[text_call(1, b"hello")]], most=most)
        assert len(found) == (most >= header), (most, found)
        for it in found:
            assert len(it.wrong) == 1, it.shown
            assert it.wrong[0].endswith("): the capture ends here"), it.wrong


@fact
def values_have_a_depth_that_is_enough(_):
    many = call(1, 4, 400 * u32(7, 1) + u32(7, 0), program=78)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "chain.x")
        path.write_text("struct chain { int value; chain *next; };"
                        "program P { version V { void A(chain) = 4; } = 1; }"
                        " = 78;", encoding="ascii")
        found = made(Datagrams, [[many]], "chain", file=path)
    assert len(found[0].wrong) == 1, found[0].wrong
    assert found[0].wrong[0].endswith("too many parts within each other")
    assert found[0].names.count("chain.chain.value") > 80, found[0].names


@fact
def what_has_no_result_or_is_of_others_has_no_fields(_):
    found = made(Datagrams, [
        [call(1, STATUS), call(2, 9), call(3, program=77), call(4, version=2),
         call(5, 7)],
        [u32(1, 1, 0, 0, 0, 4), u32(2, 1, 0, 0, 0, 3), u32(3, 1, 1, 1, 1),
         u32(5, 1, 1, 1, 1)]])
    assert [(it.procedure, it.way) for it in found] == [
        ("REVERSE_STATUS", "call"), ("REVERSE_DESCRIBE", "call"),
        ("REVERSE_STATUS", "reply"), ("REVERSE_DESCRIBE", "reply")], found
    for reply in found[2:]:
        assert not reply.wrong and not reply.payload, reply.shown


@fact
def a_file_of_any_types_has_a_script(_):
    arguments = (u64(2 ** 64 - 5, 2 ** 63) + struct.pack(">f", 1.5) +
                 struct.pack(">d", -0.25) + u32(1) +
                 u32(-2, 7, -8) + opaque(b"abc") + u32(9) +
                 u32(1, 1, 2, 0) + b"12345\0\0\0" + u32(42))
    result = u32(2) + opaque(b"one") + opaque(b"two2")
    names = ["numbers.h", "numbers.u", "numbers.f", "numbers.d", "numbers.b",
             "shape.kind", "shape.body.sides", "shape.body.sides",
             "shape.body.name.length", "shape.body.name", "padding",
             "shape.kind", "node.value", "node.next.present", "node.value",
             "node.next.present", "all.id", "padding", "A.arguments_"]
    # Wireshark has an echo of its own.
    said = [[call(1, 3, arguments, program=77, version=2)],
            [success(1, result)]]
    for file, name in (("other.x", "other"), ("echo.x", "echo_x")):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, file)
            path.write_text(OTHER, encoding="ascii")
            found = made(Datagrams, said, name, file=path)
        assert [it.wrong for it in found] == [[], []], found[0].shown
        same(found[0].payload, arguments)
        same(found[1].payload, result)
        assert found[0].names == [f"{name}.{it}" for it in names], (
            found[0].names)
        for line in ("h: -5", "u: 9223372036854775808", "f: 1.5", "d: -0.25",
                     "b: TRUE (1)", "kind: BLUE (-2)", "[1] sides: -8",
                     "name: abc", "kind: Unknown (9)", "next: present (1)",
                     "next: absent (0)", "arguments: 42"):
            assert line in found[0].shown, (line, found[0].shown)
        assert "[1] result: two2" in found[1].shown, found[1].shown


run(kind=RecordedServer)
