"""An honest client in a process of its own, and how long it has to wait."""

import contextlib
import functools
import itertools
import multiprocessing
import time

from oncrpc import SOON, TEXT, call, opaque, success, u32

# Between two calls: an idle moment in which others may get in the way.
PACE = 0.001

ARGUMENTS = u32(0, 0, 2) + opaque(b"an honest message")
RESULT = u32(0) + opaque(b"egassem tsenoh na") + u32(0)


def _one_call(connection, xid, clock):
    """How long one call takes."""
    before = clock()
    reply = connection.ask(call(xid, TEXT, ARGUMENTS))
    took = clock() - before
    assert reply == success(xid, RESULT), "a wrong answer"
    return took


def _call_on(faces, pace, clock, pipe):
    """Tells the waits after the first calls and whenever it is asked: a list
    for each face."""
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(connect()) for connect in faces]
        waits = [[_one_call(peer, 0, clock)] for peer in peers]
        pipe.send(waits)
        for xid in itertools.count(1):
            if pipe.poll(pace):
                if pipe.recv() == "end":
                    return
                pipe.send(waits)
                waits = [[] for _ in peers]
            for peer, taken in zip(peers, waits):
                taken.append(_one_call(peer, xid, clock))


def _work(faces, pace, clock, pipe):
    try:
        _call_on(faces, pace, clock, pipe)
    except Exception as reason:     # told instead of the waits
        pipe.send(reason)


class Honest:
    """with Honest(server) as honest: ... honest.worst()

    From the beginning on it is connected and was answered.  It calls over
    TCP, from the address source, if one is named; or by each of faces in
    turn, functions that return something connected.  clock: what its waits
    are measured by.
    """

    def __init__(self, server, source=None, *, faces=None, pace=PACE,
                 clock=time.monotonic):
        self.pipe, theirs = multiprocessing.Pipe()
        faces = faces or [functools.partial(server.connect, source=source)]
        self.process = multiprocessing.Process(
            target=_work, args=(faces, pace, clock, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self._told()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send("end")
        self.process.join()

    def waits(self):
        """All waits in seconds since they were asked last, a list for each
        face, none of them empty."""
        with contextlib.suppress(BrokenPipeError):
            self.pipe.send("waits")
        return self._told()

    def worst(self):
        """The longest of them."""
        return max(map(max, self.waits()))

    def _told(self):
        if not self.pipe.poll(2 * SOON):
            self.process.kill()
            raise AssertionError("the honest client hangs")
        told = self.pipe.recv()
        if isinstance(told, Exception):
            raise AssertionError(f"the honest client failed: {told!r}")
        return told
