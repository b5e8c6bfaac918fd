#!/usr/bin/python3 -B
"""Puts small faults into the code, one at a time, and counts those that the
tests notice.

The faults are the other files of this folder.  A fault is a paragraph: the
file, a colon and what the fault breaks; then lines of that file as they are,
" " before one that stays, "-" before one that goes, "+" before one that comes.
The lines have to be in the file just once: where they are not, the code has
changed, and so must the fault.  A line "=" says why no test can notice it; one
that tests do notice is no such fault.

Each is built in a copy of the tree.  The tests of its folder run first; where
they notice nothing, all others do.  A test that fails has to fail again, by
itself, before it counts.

    MUTANTS         a regular expression: only the faults whose file or words
                    match it
    MUTANTS_FIRST   "only": just the tests of the folder

The last lines are the faults that nobody noticed, and how many in a hundred
were.  Exits 0 when these are LEAST or more.
"""

import concurrent.futures
import contextlib
import functools
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
COPIES = TOP / os.environ.get("BUILD", "build") / "mutants"
LEAST = 95

# What a tree has that a copy of it has not, or has of its own.
NOT_COPIED = {".git", "build", os.environ.get("BUILD", "build").split("/")[0]}

PROCESSORS = os.cpu_count() or 1

# Reads what Wireshark's script shows; without it faults in that are left out.
TSHARK = shutil.which("tshark")

# A program that takes longer than this hangs.
HANGS_SECONDS = 100

# What belongs to a folder, beside test/unit/FOLDER.
BESIDE = {
    "client": [f"test/shell/{name}.t" for name in (
        "bench", "call", "client", "client-find", "json", "local",
        "progress", "stream-life", "stream-lines", "stream-whole", "trace",
        "trace-html", "udp")],
    "option": ["build/test/fuzz/replay-settings"],
    "rpcloop": ["build/test/fuzz/replay-call", "build/test/fuzz/replay-record",
                "build/test/fuzz/replay-datagram", "test/wire/"],
    "schema": ["build/test/fuzz/replay-schema", "test/wire/dissect.py"],
    "server": ["test/wire/", "test/shell/daemon.t", "test/shell/trace.t"],
    "stream": ["build/test/simulation/", "build/test/fuzz/replay-streams",
               "build/test/fuzz/replay-reply"],
    "text": ["build/test/fuzz/replay-text"],
}


class Mutant:
    """One fault."""

    def __init__(self, title, lines):
        self.path, _, self.what = title.partition(": ")
        self.folder = self.path.split("/")[0]
        old = [line[1:] for line in lines if line[0] in " -"]
        new = [line[1:] for line in lines if line[0] in " +"]
        self.old = "".join(line + "\n" for line in old)
        self.new = "".join(line + "\n" for line in new)
        self.why = " ".join(line[1:].strip() for line in lines
                            if line[0] == "=")
        self.noticed_by = None

    def __str__(self):
        return f"{self.path}: {self.what}"

    def put_into(self, text):
        """The text of its file with the fault: whole lines are replaced."""
        return ("\n" + text).replace("\n" + self.old, "\n" + self.new)[1:]

    def wrong(self):
        """Why it cannot be put in; None when it can."""
        path = TOP / self.path
        if not path.is_file():
            return "there is no such file"
        count = ("\n" + path.read_text()).count("\n" + self.old)
        if count != 1:
            return f"its lines are in the file {count} times, not once"
        return "it changes nothing" if self.old == self.new else None


def read_mutants():
    mutants = []
    for path in sorted(pathlib.Path(__file__).parent.iterdir()):
        if path.suffix == ".py":
            continue
        for paragraph in path.read_text().split("\n\n"):
            lines = [line for line in paragraph.splitlines()
                     if not line.startswith("#")]
            if lines:
                mutants.append(Mutant(lines[0], lines[1:]))
    return [mutant for mutant in mutants
            if TSHARK or not mutant.path.endswith(".lua")]


class Tree:
    """A copy of the tree, in which faults are put and taken out again."""

    def __init__(self, name):
        self.top = COPIES / name
        self.top.mkdir(parents=True, exist_ok=True)
        self._remove_what_has_gone()
        for path in self._files(TOP):
            self._bring(path)

    @staticmethod
    def _files(top):
        for folder, folders, files in os.walk(top):
            if pathlib.Path(folder) == top:
                folders[:] = set(folders) - NOT_COPIED
                files = set(files) - NOT_COPIED
            for name in files:
                yield (pathlib.Path(folder) / name).relative_to(top)

    def _remove_what_has_gone(self):
        for path in self._files(self.top):
            if not (TOP / path).exists():
                (self.top / path).unlink()

    def _bring(self, path):
        """What is the same stays: it is not built again.  What is not gets
        the time of now, for it may have been built with a fault."""
        to = self.top / path
        bytes_there = (TOP / path).read_bytes()
        if to.exists() and to.read_bytes() == bytes_there:
            return
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TOP / path, to)

    @contextlib.contextmanager
    def having(self, mutant):
        """With the fault in it."""
        path = self.top / mutant.path
        good = path.read_text()
        path.write_text(mutant.put_into(good))
        try:
            yield
        finally:
            path.write_text(good)

    def make(self, *targets, jobs=1):
        """None, or what make said when it failed."""
        command = ["make", "-s", f"-j{jobs}", "BUILD=build", *targets]
        done = subprocess.run(command, cwd=self.top, text=True, check=False,
                              env=environment(), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout if done.returncode != 0 else None

    def programs(self):
        """The tests of `make test`, but for those that measure time or look
        at sources, and that of the script for Wireshark."""
        done = subprocess.run(["make", "-s", "BUILD=build", "print-tests"],
                              cwd=self.top, text=True, check=True,
                              env=environment(), stdout=subprocess.PIPE)
        programs = [program for program in done.stdout.split()
                    if not program.startswith("test/lint/")]
        return programs + ["test/wire/dissect.py"] * bool(TSHARK)


def environment():
    """Of a test, whatever make was told that started this."""
    kept = {name: value for name, value in os.environ.items()
            if name not in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES",
                            "MAKELEVEL")}
    return dict(kept, BUILD="build", CMOCKA_MESSAGE_OUTPUT="TAP")


def at_once(count, tasks):
    """Does them all, so many at a time; none is begun once one has failed."""
    pool = concurrent.futures.ThreadPoolExecutor(count)
    try:
        for future in [pool.submit(task) for task in tasks]:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def start(tree, program):
    command = {".t": ["sh"], ".py": ["python3", "-B"]}.get(
        pathlib.Path(program).suffix, [])
    if not command:
        program = "./" + program
    # Ends what the program has started as well.
    return subprocess.Popen(
        ["timeout", "-k", "5", str(HANGS_SECONDS), *command, program],
        cwd=tree.top, env=environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def fails(tree, program, stopped):
    """Whether it fails, and so once more: None when it was stopped."""
    for _ in range(2):
        process = start(tree, program)
        while process.poll() is None:
            if stopped.is_set():
                process.terminate()
                process.wait()
                return None
            time.sleep(0.01)
        if process.returncode == 0:
            return False
        if process.returncode == 124:
            break
    return True


def first_to_fail(tree, programs, jobs):
    """Runs the programs, some at once, until one fails: that one, or None."""
    left = queue.SimpleQueue()
    stopped = threading.Event()
    found = []

    def work():
        while not stopped.is_set():
            try:
                program = left.get_nowait()
            except queue.Empty:
                return
            if fails(tree, program, stopped):
                found.append(program)
                stopped.set()

    for program in programs:
        left.put(program)
    try:
        at_once(jobs, [work] * jobs)
    finally:
        stopped.set()
    return found[0] if found else None


def of_folder(mutant, programs):
    """The tests of its folder, the nearest first; where no unit test is near,
    those beside come before the others."""
    unit = f"build/test/unit/{mutant.folder}/"
    nearest = f"build/test/unit/{os.path.dirname(mutant.path)}/"
    beside = tuple(BESIDE.get(mutant.folder, []))
    chosen = [p for p in programs if p.startswith((unit, *beside))]
    is_near = any(p.startswith(nearest) for p in chosen)
    return sorted(chosen, key=lambda p: (not p.startswith(nearest),
                                         p.startswith(unit) != is_near))


def built_for(programs):
    """What has to be made for them: scripts need the daemon."""
    made = [p for p in programs if p.startswith("build/")]
    return made + ["all"] * (len(made) < len(programs))


def others(mutant, programs):
    """All but the tests of its folder."""
    first = set(of_folder(mutant, programs))
    return [p for p in programs if p not in first]


def try_one(tree, mutant, programs, jobs):
    """Builds it and has the programs run."""
    with tree.having(mutant):
        said = tree.make(*built_for(programs), jobs=jobs)
        if said is not None:
            sys.exit(f"{mutant}: cannot be built:\n{said}")
        mutant.noticed_by = first_to_fail(tree, programs, jobs)


def tell(mutant):
    if mutant.noticed_by:
        print(f"noticed   {mutant} ({mutant.noticed_by})", flush=True)


def try_first(mutants, trees, programs):
    """The tests of their folders, a worker in each tree."""
    free = queue.SimpleQueue()
    for tree in trees:
        free.put(tree)

    def work(mutant):
        tree = free.get()
        try:
            try_one(tree, mutant, of_folder(mutant, programs), 1)
        finally:
            free.put(tree)
        tell(mutant)

    at_once(len(trees), [functools.partial(work, m) for m in mutants])


def try_rest(mutants, tree, programs):
    """All other tests, as many at once as `make test` has."""
    for mutant in mutants:
        try_one(tree, mutant, others(mutant, programs), 2 * PROCESSORS)
        tell(mutant)


def prove_without(trees, programs):
    """Tests that fail without a fault notice nothing."""
    for tree in trees:
        said = tree.make("test-programs", jobs=PROCESSORS)
        if said is not None:
            sys.exit(f"cannot be built without a fault:\n{said}")
    failed = first_to_fail(trees[0], programs, 2 * PROCESSORS)
    if failed:
        sys.exit(f"{failed} fails without a fault")


def report(mutants):
    """The survivors and the ratio; the code to exit with."""
    code = 0
    survivors = [mutant for mutant in mutants if not mutant.noticed_by]
    for mutant in survivors:
        print(f"survived  {mutant}" +
              (f"\n          no effect: {mutant.why}" if mutant.why else ""))
    for mutant in mutants:
        if mutant.why and mutant.noticed_by:
            print(f"it has an effect, other than its table says: {mutant}")
            code = 1
    idle = sum(1 for mutant in survivors if mutant.why)
    having = len(mutants) - idle
    noticed = len(mutants) - len(survivors)
    print(f"{noticed} of {having} noticed, "
          f"{100 * noticed / max(having, 1):.0f} %; {idle} without effect")
    return code or int(100 * noticed < LEAST * having)


def main():
    wanted = re.compile(os.environ.get("MUTANTS", ""))
    mutants = [m for m in read_mutants() if wanted.search(str(m))]
    wrong = [f"{m}: {m.wrong()}" for m in mutants if m.wrong()]
    if wrong or not mutants:
        sys.exit("\n".join(wrong) or "no fault is called so")
    trees = [Tree(str(number)) for number in range(min(2, PROCESSORS))]
    programs = trees[0].programs()
    only_first = os.environ.get("MUTANTS_FIRST") == "only"
    prove_without(trees, [] if only_first else programs)
    try_first(mutants, trees, programs)
    if not only_first:
        try_rest([m for m in mutants if not m.noticed_by], trees[0], programs)
    return report(mutants)


sys.exit(main())
