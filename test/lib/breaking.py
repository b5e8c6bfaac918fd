"""A bad network between a client and its servers, by a seed.

A Plan is the bad luck of one client, for all proxies that it goes through: what
happens after which byte, and how often datagrams get lost, come twice or late.
A TcpProxy or UdpProxy carries what comes to its port to one server.  Both run
in a Loop, with whatever else their process has to do.
"""

import collections
import contextlib
import heapq
import itertools
import selectors
import socket
import struct
import time

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE
CHUNK = 262144
OPEN, EXCHANGE, CANCEL = 3, 4, 5
HOST = "127.0.0.1"


class Loop:
    """Waits for descriptors and times, and calls functions."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.due = []
        self.order = itertools.count()

    def watch(self, what, events, function=None):
        """function(what, events) is called when it is ready; no events: it is
        not watched any more."""
        known = what in self.selector.get_map()
        if known and events:
            self.selector.modify(what, events, function)
        elif known:
            self.selector.unregister(what)
        elif events:
            self.selector.register(what, events, function)

    def after(self, seconds, function, *arguments):
        heapq.heappush(self.due, (time.monotonic() + seconds,
                                  next(self.order), function, arguments))

    def turn(self, seconds):
        """Whatever is ready or due, or will be within so many seconds."""
        if self.due:
            seconds = max(0, min(seconds, self.due[0][0] - time.monotonic()))
        for key, events in self.selector.select(seconds):
            if key.fileobj.fileno() >= 0:   # not closed meanwhile
                key.data(key.fileobj, events)
        while self.due and self.due[0][0] <= time.monotonic():
            _, _, function, arguments = heapq.heappop(self.due)
            function(*arguments)

    def close(self):
        self.selector.close()


class Plan:
    """events: pairs of a number of bytes, that went either way through any of
    the proxies, and what happens then:

        end      the connection is closed at both ends
        reset    it is reset at both, and what was under way is lost
        half     it is reset at the client's end, and later at the server's
        silence  it carries nothing any more, and stays open
        delay    it carries nothing for a while
        others   are for the function act(what, proxy)

    lost, twice and late: shares of the datagrams.  Every one of them takes up
    to DELAY seconds, a late one up to LATE.
    """

    DELAY = 0.002
    LATE = 0.4
    PAUSE = 0.03

    def __init__(self, chance, events, act=None, lost=0, twice=0, late=0):
        self.chance = chance
        self.events = collections.deque(sorted(events))
        self.act = act
        self.lost, self.twice, self.late = lost, twice, late
        self.passed = 0
        self.counts = collections.Counter()

    def room(self):
        """How many bytes may pass before something happens, CHUNK at most."""
        if not self.events:
            return CHUNK
        return max(1, min(CHUNK, self.events[0][0] - self.passed))

    def happens(self, count):
        """So many bytes have passed: what happens now, one after another."""
        self.passed += count
        while self.events and self.events[0][0] <= self.passed:
            yield self.events.popleft()[1]

    def note(self, what, hits):
        """hits: whether a stream was open there."""
        self.counts[what, hits] += 1


class Calls:
    """The calls of a client as they pass, each in a fragment of its own; open
    says whether they go on with a stream."""

    HEAD = struct.Struct("> 6I")    # up to the procedure

    def __init__(self):
        self.open = False
        self.head = bytearray()
        self.skip = 0

    def see(self, call):
        procedure = self.HEAD.unpack_from(call)[-1]
        if procedure in (OPEN, EXCHANGE):
            self.open = True
        elif procedure == CANCEL:
            self.open = False

    def follow(self, data):
        """What comes next on a connection."""
        at = min(self.skip, len(data))
        self.skip -= at
        while at < len(data):
            more = 4 + self.HEAD.size - len(self.head)
            self.head += data[at:at + more]
            at += more
            if at > len(data):
                return
            length = int.from_bytes(self.head[:4], "big") & 0x7fffffff
            self.see(self.head[4:])
            self.head.clear()
            at += length - self.HEAD.size
            self.skip = max(0, at - len(data))


class Link:
    """A connection of a client, and the one to the server for it."""

    def __init__(self, proxy, client, server):
        self.proxy, self.loop, self.plan = proxy, proxy.loop, proxy.plan
        self.client, self.server = client, server
        self.other = {client: server, server: client}
        self.pending = {client: b"", server: b""}   # to be written there
        self.calls = Calls()
        self.silent = False
        for end in self.other:
            end.setblocking(False)
        self.watch()

    def watch(self):
        for end, other in self.other.items():
            events = 0 if self.pending[other] else READ
            events |= WRITE if self.pending[end] else 0
            self.loop.watch(end, 0 if self.silent else events, self.ready)

    def ready(self, end, events):
        try:
            if events & WRITE:
                self.write(end, self.pending[end])
            elif events & READ:
                self.carry(end)
        except OSError:
            self.cut("reset", False)

    def write(self, end, data):
        with contextlib.suppress(BlockingIOError):
            data = data[end.send(data):]
        if data or self.pending[end]:
            self.pending[end] = data
            self.watch()

    def carry(self, end):
        with contextlib.suppress(BlockingIOError):
            data = end.recv(self.plan.room())
            if not data:
                self.cut("end", False)
                return
            if end is self.client:
                self.calls.follow(data)
            self.write(self.other[end], memoryview(data))
            for what in self.plan.happens(len(data)):
                self.suffer(what)

    def suffer(self, what):
        self.plan.note(what, self.calls.open)
        if what == "delay":
            self.hush(True)
            self.loop.after(self.plan.chance.random() * self.plan.PAUSE,
                            self.hush, False)
        elif what == "silence":
            self.hush(True)
        elif what in ("end", "reset", "half"):
            self.cut(what, True)
        else:
            self.plan.act(what, self.proxy)

    def hush(self, silent):
        if self in self.proxy.links:
            self.silent = silent
            self.watch()

    def cut(self, what, planned):
        if self not in self.proxy.links:
            return
        self.proxy.links.remove(self)
        for end in self.other:
            self.loop.watch(end, 0)
        later = planned and what == "half"
        close(self.client, what != "end")
        if later:
            self.loop.after(self.plan.chance.random() * 0.3, close,
                            self.server, True)
        else:
            close(self.server, what != "end")


def close(end, reset):
    if reset:
        with contextlib.suppress(OSError):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                           struct.pack("ii", 1, 0))
    end.close()


class TcpProxy:
    """port is its port; server() says the address to go to, now."""

    def __init__(self, loop, plan, server):
        self.loop, self.plan, self.server = loop, plan, server
        self.links = set()
        self.listener = socket.create_server((HOST, 0))
        self.port = self.listener.getsockname()[1]
        loop.watch(self.listener, READ, self.accept)

    def accept(self, listener, _):
        client, _ = listener.accept()
        try:
            server = socket.create_connection(self.server(), 10)
        except OSError:
            self.plan.note("refused", False)
            close(client, True)
            return
        for end in client, server:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.links.add(Link(self, client, server))

    def close(self):
        self.loop.watch(self.listener, 0)
        self.listener.close()
        for link in list(self.links):
            link.cut("reset", False)


class UdpProxy:
    """As TcpProxy."""

    def __init__(self, loop, plan, server):
        self.loop, self.plan, self.server = loop, plan, server
        self.ways = {}      # to the server, by the client's address
        self.clients = {}   # the other way round
        self.calls = collections.defaultdict(Calls)
        self.order = itertools.count()
        self.newest = collections.Counter()
        self.listener = self.bind()
        self.port = self.listener.getsockname()[1]

    def bind(self):
        end = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        end.bind((HOST, 0))
        end.setblocking(False)
        self.loop.watch(end, READ, self.ready)
        return end

    def way_of(self, client):
        if client not in self.ways:
            self.ways[client] = self.bind()
            self.clients[self.ways[client]] = client
        return self.ways[client]

    def ready(self, end, _):
        try:
            data, source = end.recvfrom(65536)
        except OSError:
            return
        if end is self.listener:
            self.calls[source].see(data)
            self.carry(data, source, self.way_of(source), self.server())
        else:
            client = self.clients[end]
            self.carry(data, client, self.listener, client)
        for what in self.plan.happens(len(data)):
            self.plan.note(what, True)
            self.plan.act(what, self)

    def carry(self, data, client, through, to):
        """A datagram of that client or for it, with its luck."""
        plan, hits = self.plan, self.calls[client].open
        if plan.chance.random() < plan.lost:
            plan.note("lost", hits)
            return
        copies = 1
        if plan.chance.random() < plan.twice:
            plan.note("twice", hits)
            copies = 2
        for _ in range(copies):
            late = plan.chance.random() < plan.late
            delay = plan.chance.random() * (plan.LATE if late else plan.DELAY)
            self.loop.after(delay, self.deliver, data, through, to,
                            next(self.order), client)

    def deliver(self, data, through, to, number, client):
        if through.fileno() < 0:
            return
        if number < self.newest[to]:
            self.plan.note("overtaken", self.calls[client].open)
        self.newest[to] = max(number, self.newest[to])
        with contextlib.suppress(OSError):  # nobody may be there just now
            through.sendto(data, to)

    def close(self):
        for end in [self.listener, *self.clients]:
            self.loop.watch(end, 0)
            end.close()
