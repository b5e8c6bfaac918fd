"""What a connection costs that has made one call, and is idle now."""

import contextlib
import time

from by_number import raise_descriptors
from oncrpc import TEXT, call, opaque, record, u32
from server import Server

CONNECTIONS = 4000
CALL_BYTES = 64 * 1024
IDLE_SECONDS = 1
EACH_BYTES = 1024


def bytes_each(count):
    """Resident bytes of the server for each of so many."""
    long = record(call(1, TEXT, u32(0, 0, 2) + opaque(bytes(CALL_BYTES))))
    server = Server()
    server.start()
    try:
        before = server.memory()
        with contextlib.ExitStack() as stack:
            for _ in range(count):
                connection = stack.enter_context(server.connect())
                connection.send(long)
                connection.reply()
            # The server gives memory back when there was no call for a
            # second, and looks once in a second.
            time.sleep(IDLE_SECONDS + 1.1)
            return (server.memory() - before) / count
    finally:
        server.stop()
        server.clean()


def takes_little():
    """Whether they do; prints a line."""
    count = min(CONNECTIONS, raise_descriptors())
    each = bytes_each(count)
    print(f"{count} idle connections, each after a call of 64 KiB: "
          f"{each:.0f} bytes each", flush=True)
    return each < EACH_BYTES
