"""The hostile peers of the report: an attack each, and where it is made."""

import contextlib
import typing

import by_call
import by_claim
import by_datagram
import by_number
import by_stream
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
    Peer("half a record, then silence", by_call.half_a_record_and_silence),
    Peer("one byte every 5 s", by_number.one_byte_every_5_s),
    Peer("1,000 that send one byte every 5 s",
         by_number.a_crowd_with_a_byte_every_5_s),
    Peer("headers that claim 2 GiB", by_call.headers_of_2_gib),
    Peer("records of 20,000 one-byte fragments",
         by_call.twenty_thousand_fragments),
    Peer("empty fragments without end", by_call.empty_fragments_without_end),
    Peer("200 longest records, never finished",
         by_number.longest_records_left),
    Peer("answers of 1 MiB, never read", by_call.long_replies_never_read),
    Peer("calls without end, answers never read",
         by_call.short_replies_never_read),
    Peer("3,000 connections, 1,024 descriptors",
         by_number.more_connections_than_descriptors,
         start=_few_descriptors),
    Peer("messages of no bytes without end",
         by_stream.empty_messages_without_end, streams=True),
    Peer("4,096 SPELLs of 1 MiB, never read",
         by_stream.units_that_nobody_reads, streams=True),
    Peer("longest TEXTs back to back", by_call.longest_texts_back_to_back),
    Peer("longest messages of EACH back to back",
         by_stream.longest_messages_back_to_back, streams=True),
    Peer("8 WHOLE of 2 GiB on a slow disk",
         by_stream.whole_texts_that_never_end, start=_slow_disk,
         streams=True),
    Peer("every malformed call", by_call.malformed_calls),
    Peer("every record that is no call", by_call.what_is_no_call),
    Peer("good calls with damage", by_call.good_calls_with_damage),
    Peer("processes killed at any point",
         by_number.processes_killed_at_any_point, streams=True),
    Peer("malformed calls over UDP", by_datagram.malformed_datagrams,
         by="udp"),
    Peer("datagrams of noise", by_datagram.damaged_datagrams, by="udp"),
    Peer("every datagram fifty times", by_datagram.datagrams_doubled,
         by="udp"),
    Peer("datagrams from 250 false addresses",
         by_datagram.datagrams_from_false_addresses, by="udp"),
    Peer("68 OPENs a second from 250 addresses",
         by_datagram.openings_never_continued, by="udp"),
    Peer("answers over UDP, never read",
         by_datagram.answers_by_datagram_never_read, by="udp"),
    Peer("texts that claim 1 MiB", by_claim.texts_that_claim_1_mib),
    Peer("texts that claim 1 MiB, 50 addresses",
         by_claim.texts_that_claim_1_mib_from_50_addresses),
    Peer("messages that claim 1 MiB", by_claim.messages_that_claim_1_mib),
    Peer("messages that claim, 50 addresses",
         by_claim.messages_that_claim_1_mib_from_50_addresses),
    Peer("datagrams that claim 1 MiB", by_claim.datagrams_that_claim_1_mib,
         by="udp"),
    Peer("datagrams that claim, 50 addresses",
         by_claim.datagrams_that_claim_1_mib_from_50_addresses, by="udp"),
    Peer("half a record, Unix socket", by_call.half_a_record_and_silence,
         by="unix"),
    Peer("answers never read, Unix socket", by_call.long_replies_never_read,
         by="unix"),
    Peer("every malformed call, Unix socket", by_call.malformed_calls,
         by="unix"),
]
