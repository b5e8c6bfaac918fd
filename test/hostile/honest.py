"""An honest client in a process of its own, and how long it has to wait."""

import contextlib
import itertools
import multiprocessing
import time

from oncrpc import Connection, SOON, TEXT, call, opaque, success, u32

# Between two calls: an idle moment in which others may get in the way.
PACE = 0.001

ARGUMENTS = u32(0, 0, 2) + opaque(b"an honest message")
RESULT = u32(0) + opaque(b"egassem tsenoh na") + u32(0)


def _one_call(connection, xid):
    """How long one call takes."""
    before = time.monotonic()
    reply = connection.ask(call(xid, TEXT, ARGUMENTS))
    took = time.monotonic() - before
    assert reply == success(xid, RESULT), "a wrong answer"
    return took


def _call_on(address, source, pipe):
    """Tells the worst wait after the first call and whenever it is asked."""
    with Connection(address, source=source) as connection:
        worst = _one_call(connection, 0)
        pipe.send(worst)
        for xid in itertools.count(1):
            if pipe.poll(PACE):
                if pipe.recv() == "end":
                    return
                pipe.send(worst)
                worst = 0.0
            worst = max(worst, _one_call(connection, xid))


def _work(address, source, pipe):
    try:
        _call_on(address, source, pipe)
    except Exception as reason:     # told instead of the wait
        pipe.send(reason)


class Honest:
    """with Honest(server) as honest: ... honest.worst()

    From the beginning on it is connected and was answered.  source is the
    address it calls from, if one is named.
    """

    def __init__(self, server, source=None):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_work, args=(server.address, source, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self._told()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send("end")
        self.process.join()

    def worst(self):
        """The longest wait in seconds since this was asked last."""
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send("worst")
        return self._told()

    def _told(self):
        if not self.pipe.poll(2 * SOON):
            self.process.kill()
            raise AssertionError("the honest client hangs")
        told = self.pipe.recv()
        if isinstance(told, Exception):
            raise AssertionError(f"the honest client failed: {told!r}")
        return told
