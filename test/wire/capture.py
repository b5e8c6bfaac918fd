"""Conversations with a server as a file for tshark, without the right to
capture: what a socket was given and gave is written down as the packets that
it may have been.
"""

import struct

from server import Server

# Of the packets of IPv4, without a header of their network.
_LINK = 101
_SEGMENT = 32768
_SYN, _ACK, _PUSH, _FIN = 2, 16, 8, 1


def _ip(protocol, payload):
    """From loopback to loopback; nobody checks the sum."""
    return struct.pack(">BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), 1, 0, 64,
                       protocol, 0, 127, 0, 0, 1, 127, 0, 0, 1) + payload


class Capture:
    """The packets, in their order; of each at most so many bytes."""

    def __init__(self, path, most=65535):
        self.most = most
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0,
                                    262144, _LINK))
        self.packets = 0

    def packet(self, protocol, payload):
        data = _ip(protocol, payload)
        kept = data[:self.most]
        self.packets += 1
        self.file.write(struct.pack("<IIII", self.packets, 0, len(kept),
                                    len(data)) + kept)

    def close(self):
        self.file.close()


class Stream:
    """A connection by TCP, from one port to the other."""

    def __init__(self, capture, client, server):
        self.capture = capture
        self.ports = (client, server)
        self.next = [1, 1]      # sequence number of either side
        self.bytes = [bytearray(), bytearray()]
        self._segment(0, _SYN)
        self._segment(1, _SYN | _ACK)

    def _segment(self, side, flags, data=b""):
        self.capture.packet(6, struct.pack(
            ">HHIIBBHHH", self.ports[side], self.ports[1 - side],
            self.next[side], self.next[1 - side], 0x50, flags, 65535, 0, 0) +
            data)
        self.next[side] += len(data) + (flags & (_SYN | _FIN) != 0)

    def add(self, side, data):
        """Side 0 is the client."""
        self.bytes[side] += data
        for at in range(0, len(data), _SEGMENT):
            self._segment(side, _ACK | _PUSH, data[at:at + _SEGMENT])

    def close(self):
        self._segment(0, _ACK | _FIN)

    def messages(self, side):
        """Records of that side, their fragments joined."""
        found, message, at = [], b"", 0
        data = bytes(self.bytes[side])
        while at < len(data):
            mark = struct.unpack_from(">I", data, at)[0]
            end = at + 4 + (mark & 0x7fffffff)
            message += data[at + 4:end]
            at = end
            if mark >> 31:
                found.append(message)
                message = b""
        return found


class Datagrams:
    """A UDP socket of a client, and its peer."""

    def __init__(self, capture, client, server):
        self.capture = capture
        self.ports = (client, server)
        self.sent = [[], []]

    def add(self, side, data):
        self.sent[side].append(data)
        self.capture.packet(17, struct.pack(
            ">HHHH", self.ports[side], self.ports[1 - side], 8 + len(data),
            0) + data)

    def close(self):
        """Nobody is told."""

    def messages(self, side):
        return self.sent[side]


class _Recorded:
    """A socket, and where what goes through it is written down."""

    def __init__(self, socket, flow):
        self.socket = socket
        self.flow = flow

    def __getattr__(self, name):
        return getattr(self.socket, name)

    def sendall(self, data):
        self.flow.add(0, data)
        self.socket.sendall(data)

    def send(self, data):
        self.flow.add(0, data)
        return self.socket.send(data)

    def recv(self, size):
        data = self.socket.recv(size)
        self.flow.add(1, data)
        return data

    def close(self):
        self.flow.close()
        self.socket.close()


class RecordedServer(Server):
    """A server; the conversations that tests have with it are in a file."""

    def __init__(self, *options, **settings):
        super().__init__(*options, **settings)
        self.capture_path = self.folder + "/capture"
        self.capture = Capture(self.capture_path)
        self.flows = []

    def _record(self, connection, kind):
        ports = (connection.socket.getsockname()[1], self.address[1])
        flow = kind(self.capture, *ports)
        self.flows.append(flow)
        connection.socket = _Recorded(connection.socket, flow)
        return connection

    def connect(self, *arguments, **settings):
        return self._record(super().connect(*arguments, **settings), Stream)

    def connect_datagrams(self, *arguments, **settings):
        return self._record(super().connect_datagrams(*arguments, **settings),
                            Datagrams)
