"""Tells the client one lie, and says what is wrong with what it makes of it."""

import concurrent.futures
import contextlib
import ctypes
import os
import pathlib
import shlex
import subprocess
import tempfile
import threading
import time
import typing

from liar import Liar
from oncrpc import PATIENCE
from rows import TRUTH

TOP = pathlib.Path(__file__).parents[2]
CLIENT = TOP / os.environ.get("BUILD", "build") / "reverse"
WRAPPER = shlex.split(os.environ.get("TEST_WRAPPER", ""))
MOST_KIB = 16 << 10
LATE_SECONDS = 5 * PATIENCE
JOBS = 2 * (os.cpu_count() or 1)

# The client is the child of a shell that has left, since what this program
# has in memory when it makes a child is counted as that child's.  It begins
# when the shell's input ends.
ORPHAN = """exec 3<&0
given=$1 out=$2 errors=$3
shift 3
{
	read -r _ <&3
	exec "$@" <"$given" >"$out" 2>"$errors" 3<&-
} &
echo $!
"""
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class Made(typing.NamedTuple):
    """What came of it."""

    code: int
    out: bytes
    errors: str
    seconds: float
    kib: int    # of resident memory, the most
    calls: int


def _wait(pid, seconds):
    """Its status and what it used; it is ended when that takes longer."""
    timer = threading.Timer(seconds, os.kill, [pid, 9])
    timer.start()
    try:
        return os.wait4(pid, 0)[1:]
    finally:
        timer.cancel()


@contextlib.contextmanager
def _input(path, text):
    """A file with the text; for None an input that stays silent."""
    if text is not None:
        path.write_bytes(text)
        yield
        return
    os.mkfifo(path)
    held = os.open(path, os.O_RDWR)
    yield
    os.close(held)


def _orphan(command, *files):
    """Its pid."""
    with subprocess.Popen(["sh", "-c", ORPHAN, "sh", *files, *command],
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as shell:
        pid = int(shell.stdout.readline())
        shell.wait()
    return pid


def _run(command, text, seconds):
    """Its status, what it used, its output and its messages."""
    with tempfile.TemporaryDirectory(prefix="reverse-lies.") as folder:
        given, out, errors = (pathlib.Path(folder, name)
                              for name in ("in", "out", "errors"))
        with _input(given, text):
            status, used = _wait(_orphan(command, given, out, errors), seconds)
        return status, used, out.read_bytes(), errors.read_text()


def made_of(row):
    liar = Liar(row.lie, datagram=row.datagram)
    retry = [] if "--retry" in row.command else ["--retry", "0"]
    netid = ["-n", "udp"] if row.datagram else []
    command = [*WRAPPER, str(CLIENT), "-s", f"127.0.0.1:{liar.port}", *retry,
               *netid, *row.command]
    began = time.monotonic()
    try:
        status, used, out, errors = _run(
            command, row.text, row.seconds * PATIENCE + LATE_SECONDS)
    finally:
        liar.close()
    return Made(os.waitstatus_to_exitcode(status), out, errors,
                time.monotonic() - began, used.ru_maxrss, liar.calls)


def faults(row, made, measures_memory):
    """What is wrong, in words."""
    if made.code != row.code:
        yield f"exit code {made.code}, not {row.code}"
    if made.out != row.prints:
        yield f"it prints {made.out[:60]!r}"
    if row.says not in made.errors or (row.code == 0 and made.errors):
        yield f"it says {made.errors[:200]!r}"
    if row.code != 0 and not made.errors.startswith("reverse: "):
        yield "no message"
    if made.seconds > row.seconds * PATIENCE:
        yield f"it takes {made.seconds:.1f} s"
    if made.calls > row.calls:
        yield f"{made.calls} calls"
    if measures_memory and made.kib > MOST_KIB:
        yield f"{made.kib} KiB"


def tell(row, measures_memory):
    """What the client made of it, or None, and what is wrong with that."""
    try:
        made = made_of(row)
    except Exception as reason:     # is the verdict; the next has its turn
        return None, [repr(reason)]
    return made, list(faults(row, made, measures_memory))


def told(rows):
    """Each row with what tell() returns, in their order.  A tool around the
    client may take much memory itself."""
    measures = made_of(TRUTH[0]).kib < MOST_KIB // 2
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        yield from zip(rows, pool.map(lambda row: tell(row, measures), rows))
