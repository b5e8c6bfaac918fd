"""The hostile peers of the report: an attack each, and where it is made."""

import contextlib
import functools
import os
import typing

import apart
import by_call
import by_claim
import by_datagram
import by_end
import by_moment
import by_number
import by_stream
import turns
from preloaded import started_with
from server import Server

DISK_MS = 20
# With one worker the attack and everybody else are on the same loop.
WORKERS = os.environ.get("HOSTILE_WORKERS", "1")
# Nobody waits for streams that an attack has left.
OPTIONS = ["--drain-time", "0.1", "-j", WORKERS, turns.OPTION]
MANY_STREAMS = ["--streams", "20000", "--streams-per-client", "20000"]


# All of them are one peer, of which there is no share.
LOOPBACK = [f"127.0.1.{number}" for number in range(1, 51)]


def _usual(*options, **settings):
    if apart.is_inside():
        options = (*apart.OPTIONS, *options)
    server = Server(*OPTIONS, *options, **settings)
    server.start()
    return server


def _few_descriptors(**settings):
    return _usual(nofile=1024, **settings)


def _slow_disk():
    return started_with("disk", *OPTIONS, DISK_DELAY=str(DISK_MS))


def _with(*options):
    return functools.partial(_usual, *options)


class Peer(typing.NamedTuple):
    """by: the face of the server that it attacks; "tcp", "unix" or "udp".
    start: returns a server for it.  streams: whether it needs them.
    many: whether it comes from many addresses.  drains: whether the server
    has to go before the attack does, in the end.  seconds: that a measurement
    takes.  connections: that the attack has when it may."""

    name: str
    attack: typing.Callable
    by: str = "tcp"
    start: typing.Callable = _usual
    streams: bool = False
    many: bool = False
    drains: bool = False
    seconds: float = 3
    connections: int = 0

    def face(self, server):
        """What the attack is given for the server."""
        if self.many:
            return server.from_each(
                apart.HOSTS if apart.is_inside() else LOOPBACK)
        return server.over_unix() if self.by == "unix" else server

    @contextlib.contextmanager
    def server(self, **settings):
        if self.many and apart.is_inside():
            settings["host"] = apart.SERVER
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


def _at_once(name, attack, *options, **how):
    """From one address, and from many."""
    return [Peer(f"{name}, from {len(LOOPBACK) if many else 1}", attack,
                 start=_with(*options), many=many, seconds=10, streams=True,
                 **how) for many in (False, True)]


# What becomes ready, due or dead at the same moment.
AT_ONCE = [
    *_at_once("150 COLLECTs of 1 MiB end", by_moment.collects_that_end),
    *_at_once("4,000 OPENs", by_moment.openings, *MANY_STREAMS),
    *_at_once("400 answers of 1 MiB", by_moment.long_answers_to_short_calls),
    *_at_once("250,000 calls are due", by_moment.parked_calls_that_are_due,
              *MANY_STREAMS),
    *_at_once("4,000 calls that abort 62 each",
              by_moment.calls_that_take_over, *MANY_STREAMS),
    *_at_once("4,000 CANCELs of 62 calls each",
              by_moment.cancels_of_parked, *MANY_STREAMS),
    *_at_once("16,000 units are due", by_moment.units_that_are_due,
              *MANY_STREAMS),
    *_at_once("4,000 calls over UDP are due",
              by_moment.parked_datagrams_that_are_due, *MANY_STREAMS),
    *_at_once("500 by UDP that abort 62 each",
              by_moment.datagrams_that_take_over, *MANY_STREAMS),
    *_at_once("270 resets of 930 calls each", by_end.resets_with_calls_parked,
              *MANY_STREAMS),
    *_at_once("400 resets of 1 MiB owed",
              by_end.resets_with_long_answers_owed),
    *_at_once("12,000 half records are due",
              by_end.half_records_that_are_due, "--record-time", "1",
              connections=by_end.CROWD),
    *_at_once("16,000 idle, and churn", by_end.churn_at_the_limit,
              connections=by_end.IDLE),
    *_at_once("16,000 leases end", by_end.leases_that_end, *MANY_STREAMS,
              "--lease", "8", "--wait-time", "4"),
    *_at_once("16,000 deadlines of streams", by_end.deadlines_of_streams,
              *MANY_STREAMS),
    *_at_once("250,000 wait, and a drain", by_moment.everything,
              *MANY_STREAMS, drains=True),
]
