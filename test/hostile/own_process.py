"""A hostile client in a process of its own."""

import contextlib
import multiprocessing
import os
import signal
import time

from oncrpc import PATIENCE

# What it may need to give back all it has taken.
END_SECONDS = 60 * PATIENCE


def _work(attack, server, seconds, pipe):
    try:
        with contextlib.closing(attack(server)) as steps:
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                next(steps)
            pipe.send(None)
            pipe.recv()
        pipe.send(None)
    except Exception as reason:     # told where it is waited for
        pipe.send(reason)


class Attacker:
    """Attacks for so long, stands still, and gives everything back at the
    end.  An attack is a generator as in by_call.py."""

    def __init__(self, attack, server, seconds):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(
            target=_work, args=(attack, server, seconds, theirs), daemon=True)
        self.process.start()
        theirs.close()

    def stands_still(self, seconds):
        """Whether it does, waiting so long for it.  Raises what went wrong
        with the attack, which is an answer that the server should not have
        given."""
        if not self.pipe.poll(seconds):
            return False
        told = self.pipe.recv()
        if told is not None:
            raise told
        return True

    def end(self):
        self.pipe.send("end")
        assert self.stands_still(END_SECONDS), "the attacker hangs"
        self.process.join()

    def freeze(self):
        """Stands still, whatever it was doing."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def kill(self):
        self.process.kill()
        self.process.join()
