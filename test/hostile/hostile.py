"""The hostile peers of the report: an attack each, and where it is made."""

import contextlib
import typing

import attacks
import crowd_attacks
import datagram_attacks
import stream_attacks
from server import Server
from slow_disk import started_with

DISK_MS = 20
# Nobody waits for streams that an attack has left.
OPTIONS = ["--drain-time", "0.1"]


def _usual(**settings):
    server = Server(*OPTIONS, **settings)
    server.start()
    return server


def _few_descriptors(**settings):
    return _usual(nofile=1024, **settings)


def _slow_disk():
    return started_with(*OPTIONS, DISK_DELAY=str(DISK_MS))


class Peer(typing.NamedTuple):
    """by: the face of the server that it attacks; "tcp", "unix" or "udp".
    start: returns a server for it.  streams: whether it needs them."""

    name: str
    attack: typing.Callable
    by: str = "tcp"
    start: typing.Callable = _usual
    streams: bool = False

    def face(self, server):
        """What the attack is given for the server."""
        return server.over_unix() if self.by == "unix" else server

    @contextlib.contextmanager
    def server(self, **settings):
        started = self.start(**settings)
        try:
            yield started
        finally:
            started.stop()
            started.clean()


ALL = [
    Peer("half a record, then silence", attacks.half_a_record_and_silence),
    Peer("one byte every 5 s", crowd_attacks.one_byte_every_5_s),
    Peer("1,000 that send one byte every 5 s",
         crowd_attacks.a_crowd_with_a_byte_every_5_s),
    Peer("headers that claim 2 GiB", attacks.headers_of_2_gib),
    Peer("records of 20,000 one-byte fragments",
         attacks.twenty_thousand_fragments),
    Peer("empty fragments without end", attacks.empty_fragments_without_end),
    Peer("200 longest records, never finished",
         crowd_attacks.longest_records_left),
    Peer("answers of 1 MiB, never read", attacks.long_replies_never_read),
    Peer("calls without end, answers never read",
         attacks.short_replies_never_read),
    Peer("3,000 connections, 1,024 descriptors",
         crowd_attacks.more_connections_than_descriptors,
         start=_few_descriptors),
    Peer("messages of no bytes without end",
         stream_attacks.empty_messages_without_end, streams=True),
    Peer("4,096 SPELLs of 1 MiB, never read",
         stream_attacks.units_that_nobody_reads, streams=True),
    Peer("longest TEXTs back to back", attacks.longest_texts_back_to_back),
    Peer("longest messages of EACH back to back",
         stream_attacks.longest_messages_back_to_back, streams=True),
    Peer("8 WHOLE of 2 GiB on a slow disk",
         stream_attacks.whole_texts_that_never_end, start=_slow_disk,
         streams=True),
    Peer("every malformed call", attacks.malformed_calls),
    Peer("every record that is no call", attacks.what_is_no_call),
    Peer("good calls with damage", attacks.good_calls_with_damage),
    Peer("processes killed at any point",
         crowd_attacks.processes_killed_at_any_point, streams=True),
    Peer("malformed calls over UDP", datagram_attacks.malformed_datagrams,
         by="udp"),
    Peer("datagrams of noise", datagram_attacks.damaged_datagrams, by="udp"),
    Peer("every datagram fifty times", datagram_attacks.datagrams_doubled,
         by="udp"),
    Peer("datagrams from 250 false addresses",
         datagram_attacks.datagrams_from_false_addresses, by="udp"),
    Peer("68 OPENs a second from 250 addresses",
         datagram_attacks.openings_never_continued, by="udp"),
    Peer("answers over UDP, never read",
         datagram_attacks.answers_by_datagram_never_read, by="udp"),
    Peer("half a record, Unix socket", attacks.half_a_record_and_silence,
         by="unix"),
    Peer("answers never read, Unix socket", attacks.long_replies_never_read,
         by="unix"),
    Peer("every malformed call, Unix socket", attacks.malformed_calls,
         by="unix"),
]
