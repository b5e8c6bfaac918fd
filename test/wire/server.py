"""A server of the test's own: its start, its end, and what it consumes.

It serves TCP and UDP on loopback, on a port of its own, and a Unix socket, and
does without rpcbind.

    BUILD           where the programs are, else build
    TEST_SERVER     another program to test; its argument is the port
    TEST_WRAPPER    is put before the program, valgrind for instance
    TEST_SANDBOX    "no" starts the daemon without its sandbox
    TEST_OPTIONS    options for every daemon, such as -j 4
    TEST_PATIENCE   multiplies every deadline
"""

import contextlib
import copy
import glob
import itertools
import os
import pathlib
import random
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from oncrpc import Connection, Datagrams, PATIENCE, SOON

TOP = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = TOP / os.environ.get("BUILD", "build")
NO_SANDBOX = (["--no-sandbox"] if os.environ.get("TEST_SANDBOX") == "no"
              else [])
OPTIONS = shlex.split(os.environ.get("TEST_OPTIONS", ""))
CLOCK_TICK = os.sysconf("SC_CLK_TCK")


def _free_port():
    """A port below the ephemeral range that nobody has just now."""
    while True:
        port = random.SystemRandom().randrange(20000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """The program under test.  start() it, stop() it, clean() up after."""

    def __init__(self, *options, nofile=None, soft=None, host="127.0.0.1",
                 program=os.environ.get("TEST_SERVER")):
        """nofile: how many descriptors it may have at most; soft: and how
        many before it asks for more.
        program: to be started with a port instead of the daemon."""
        self.options = options
        self.host = host
        self.soft = soft or nofile
        self.program = program
        self.nofile = nofile
        self.process = None
        self.address = None     # by TCP
        self.datagram = None    # by UDP
        self.path = None        # of its Unix socket, if it has one
        self.folder = tempfile.mkdtemp(prefix="reverse-wire.")
        self.log_path = os.path.join(self.folder, "log")
        self.denials = []

    def _command(self, port):
        wrapper = shlex.split(os.environ.get("TEST_WRAPPER", ""))
        if self.program:
            return [*wrapper, str(self.program), str(port)]
        return [*wrapper, str(BUILD / "reversed"), "--no-rpcbind",
                "-l", f"tcp:{self.host}:{port}",
                "-l", f"udp:{self.host}:{port}", "-l", f"unix:{self.path}",
                *NO_SANDBOX, *OPTIONS, *self.options]

    def _limit(self):
        if self.nofile is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE,
                               (self.soft, self.nofile))

    def start(self):
        """Starts it and waits until it accepts connections."""
        self._note_denials()
        for _ in range(5):
            port = _free_port()
            self.address = self.datagram = (self.host, port)
            if not self.program:
                self.path = os.path.join(self.folder, "socket")
            environment = dict(os.environ, XDG_RUNTIME_DIR=self.folder)
            with open(self.log_path, "wb") as log:
                self.process = subprocess.Popen(
                    self._command(port), env=environment, stdout=log,
                    stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                    preexec_fn=self._limit)
            if self._comes_up():
                return
            self._kill()
            if "in use" not in self.log():
                break
        raise RuntimeError("the server does not start:\n" + self.log())

    def _is_reached(self):
        """The daemon says so: whoever answers at its port may be another, that
        had it first.  Of another program it is enough that it listens."""
        if not self.program:
            return " info serving " in self.log()
        try:
            self.connect().socket.close()
            return True
        except ConnectionRefusedError:
            return False

    def _comes_up(self):
        deadline = time.monotonic() + 20 * PATIENCE
        while time.monotonic() < deadline and not self.has_died():
            if self._is_reached():
                return True
            time.sleep(0.01)
        return False

    def _kill(self):
        if not self.has_died():
            self.process.kill()
        self.process.wait()

    def _note_denials(self):
        """What the sandbox denied ended the daemon, whoever else takes that
        for the end that was to be."""
        if os.path.exists(self.log_path):
            with open(self.log_path, encoding="utf-8",
                      errors="replace") as log:
                self.denials += [line.strip() for line in log
                                 if " error denied system call " in line]

    def has_died(self):
        return self.process.poll() is not None

    def stop(self):
        """Ends it as an operator would, and fails when it ends badly."""
        if self.program:
            self._kill()
            return
        if not self.has_died():
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=20 * PATIENCE)
        except subprocess.TimeoutExpired:
            self._kill()
            raise
        self._note_denials()
        assert not self.denials, self.denials
        assert code == 0, f"exit code {code}"

    def clean(self):
        shutil.rmtree(self.folder)

    def connect(self, seconds=SOON, source=None):
        return Connection(self.address, seconds, source)

    def connect_unix(self, seconds=SOON):
        return Connection(self.path, seconds)

    def connect_datagrams(self, seconds=SOON):
        return Datagrams(self.datagram, seconds)

    def faces(self):
        """Each of the functions above that works with it."""
        if self.program:
            return [self.connect]
        return [self.connect, self.connect_unix, self.connect_datagrams]

    def over_unix(self):
        """The same server, but connect() takes its Unix socket."""
        other = copy.copy(self)
        other.address = self.path
        return other

    def from_each(self, sources):
        """The same server, but connect() and connect_datagrams() take each of
        these addresses in turn."""
        other = copy.copy(self)
        turns = itertools.cycle(sources)

        def connect(seconds=SOON, source=None):
            return Connection(self.address, seconds, source or next(turns))

        def connect_datagrams(seconds=SOON):
            return Datagrams(self.datagram, seconds, next(turns))

        other.connect = connect
        other.connect_datagrams = connect_datagrams
        return other

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()[-4000:]

    def memory(self, what="VmRSS"):
        """Bytes, as /proc/PID/status counts them."""
        path = f"/proc/{self.process.pid}/status"
        with open(path, encoding="ascii") as status:
            for line in status:
                if line.startswith(what + ":"):
                    return int(line.split()[1]) * 1024
        raise KeyError(what)

    def processor_seconds(self):
        path = f"/proc/{self.process.pid}/stat"
        with open(path, encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICK

    def wanted_seconds(self):
        """How long its threads ran or were ready to, but did not.  0 where the
        kernel does not count that."""
        wanted = 0
        for path in glob.glob(f"/proc/{self.process.pid}/task/*/schedstat"):
            with open(path, encoding="ascii") as schedstat:
                ran, waited, _ = schedstat.read().split()
            wanted += int(ran) + int(waited)
        return wanted / 1e9


@contextlib.contextmanager
def serving(*options, **settings):
    """A server with these options, which has to end well; but it need not
    wait until the clients of its streams were told."""
    server = Server("--drain-time", "0.1", *options, **settings)
    server.start()
    try:
        yield server
    finally:
        try:
            server.stop()
        finally:
            server.clean()
