"""Facts about a server, told in TAP.

A test program decorates each of its facts with @fact, a function whose name
is the fact and which fails by an exception, and calls run() at its end.
"""

import os
import sys
import traceback

from server import Server

_facts = []


def fact(function):
    state(function.__name__.replace("_", " "), function)
    return function


def state(name, function):
    """A fact whose name is not the function's, as those of tables are."""
    _facts.append((name, function))


def same(got, wanted):
    """Both messages are the same to the byte."""
    if got == wanted:
        return
    at = len(os.path.commonprefix([got, wanted])) & ~3
    raise AssertionError(
        f"they differ from byte {at} on:\n"
        f"got    {len(got)} bytes: {got[at:at + 48].hex(' ', -4)}\n"
        f"wanted {len(wanted)} bytes: {wanted[at:at + 48].hex(' ', -4)}")


def diag(text):
    for line in text.splitlines():
        print(f"# {line}")


class Skipped(Exception):
    """What a fact raises that cannot be told here, with the reason."""


def _hold(count, name, function, *arguments):
    """Prints the line for one fact, and returns whether it holds."""
    try:
        function(*arguments)
    except Skipped as why:
        print(f"ok {count} - {name} # SKIP {why}", flush=True)
        return True
    except Exception:   # whatever it is, the next fact has its turn
        print(f"not ok {count} - {name}")
        diag(traceback.format_exc(limit=-4))
        return False
    print(f"ok {count} - {name}", flush=True)
    return True


def run(*options, kind=Server, **settings):
    """Tells all facts about one server, and that it ends well."""
    server = kind(*options, **settings)
    server.start()
    failed = 0
    try:
        for count, (name, function) in enumerate(_facts, 1):
            failed += not _hold(count, name, function, server)
            if server.has_died():
                diag("the server died; the next fact has a new one")
                server.start()
    finally:
        count = len(_facts) + 1
        failed += not _hold(count, "the server ends well", server.stop)
    print(f"1..{count}")
    if failed:
        diag("the log of the server:\n" + server.log())
    server.clean()
    sys.exit(failed > 0)
