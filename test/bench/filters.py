"""Commands that read a file and write another: how long they take."""

import subprocess
import time

LINE = 60


def make_lines(path, size):
    words = "the quick brown fox jumps over the lazy dog and then sleeps "
    text = (words * 2)[:LINE - 1] + "\n"
    with open(path, "w", encoding="ascii") as out:
        block = text * 10000
        for _ in range(size // len(block) + 1):
            out.write(block)


def seconds(*command, file, read=True):
    """How long a filter takes for the file, whose output another reads or
    nobody wants."""
    begun = time.monotonic()
    with open(file, "rb") as source, open("/dev/null", "wb") as sink:
        first = subprocess.Popen([str(word) for word in command], stdin=source,
                                 stdout=subprocess.PIPE if read else sink)
        if read:
            subprocess.run(["cat"], stdin=first.stdout, stdout=sink,
                           check=True)
            first.stdout.close()
        assert first.wait() == 0, command
    return time.monotonic() - begun
