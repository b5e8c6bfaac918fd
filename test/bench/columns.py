"""What is measured: a column each, of all peers.

work is what test/bench/measure.h says.  MB/s are those of the messages one way;
all of them move the other way, too.
"""

from typing import NamedTuple


class Column(NamedTuple):
    key: str
    title: str
    work: str
    unit: str           # "us": of half the calls; "/s"; "MB/s"
    idle: int = 0       # other connections, that have made a call each

    @property
    def kind(self):
        return self.work.split()[0]

    @property
    def bytes(self):
        return int(self.work.split()[1])

    @property
    def connections(self):
        return int(self.work.split()[4])

    def value(self, result):
        if self.unit == "us":
            return result.p50
        if self.unit == "MB/s":
            return result.rate * self.bytes / 1e6
        return result.rate

    def ratio(self, value, limit):
        """More is better."""
        return limit / value if self.unit == "us" else value / limit


TEXTS = [
    Column("text-16", "16 B, 1 in flight", "text 16 1 1 1", "us"),
    Column("text-1k", "1 KiB, 1 in flight", "text 1024 1 1 1", "us"),
    Column("text-64k", "64 KiB, 1 in flight", "text 65536 1 1 1", "us"),
    Column("text-1m", "1 MiB, 1 in flight", "text 1048576 1 1 1", "us"),
    Column("depth-16", "16 B, 16 in flight", "text 16 16 1 1", "/s"),
    Column("depth-64", "16 B, 64 in flight", "text 16 64 1 1", "/s"),
    Column("places-64", "16 B, 64 connections", "text 16 1 1 64", "/s"),
]

STREAMS = [
    Column("each-1", "EACH 16 B, 1 in flight", "each 16 1 1 1", "us"),
    Column("each-64-singly", "EACH 16 B, 64, one a segment", "each 16 64 1 1",
           "/s"),
    Column("each-64", "EACH 16 B, 64, full segments", "each 16 64 64 1", "/s"),
    Column("each-4096", "EACH 16 B, 4096, full segments",
           "each 16 4096 1024 1", "/s"),
    Column("each-64k-singly", "EACH 64 KiB, 16, one a segment",
           "each 65536 16 1 1", "MB/s"),
    Column("each-64k", "EACH 64 KiB, 16, full segments", "each 65536 16 4 1",
           "MB/s"),
    Column("collect-16-singly", "COLLECT 16 B, one a segment",
           "collect 16 64 1 1", "/s"),
    Column("collect-16", "COLLECT 16 B, full segments",
           "collect 16 4096 1024 1", "/s"),
    Column("collect-64k-singly", "COLLECT 64 KiB, one a segment",
           "collect 65536 16 1 1", "MB/s"),
    Column("collect-64k", "COLLECT 64 KiB, full segments",
           "collect 65536 16 4 1", "MB/s"),
    Column("spell-16-singly", "SPELL 16 B, one a segment", "spell 16 64 1 1",
           "/s"),
    Column("spell-16", "SPELL 16 B, full segments", "spell 16 4096 1024 1",
           "/s"),
    Column("spell-64k-singly", "SPELL 64 KiB, one a segment",
           "spell 65536 16 1 1", "MB/s"),
    Column("spell-64k", "SPELL 64 KiB, full segments", "spell 65536 16 4 1",
           "MB/s"),
]

CROWD = Column("idle-10000", "16 B, 1 in flight, 10,000 idle", "text 16 1 1 1",
               "us", 10000)

ALL = [*TEXTS, *STREAMS, CROWD]
