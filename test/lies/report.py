#!/usr/bin/python3 -B
"""What the client makes of a server that lies, a row for each lie.

report.py [WORD...]     only the rows whose name has one of the words

Whatever it is told, the client ends in time, with the right exit code and a
message, prints nothing wrong as right, makes few calls, and has at most 16 MiB
in memory.

TEST_PATIENCE   multiplies how long it may take
"""

import sys

from rows import ALL
from row import told

WIDTH = 56


def main(*words):
    rows = [row for row in ALL
            if not words or any(word in row.name for word in words)]
    print(f"{'what the server does':{WIDTH}} exit      s    KiB  calls")
    failed = 0
    for row, (made, wrong) in told(rows):
        failed += bool(wrong)
        figures = made and (f"{made.code:5} {made.seconds:6.2f} {made.kib:6} "
                            f"{made.calls:6}")
        print(f"{row.name:{WIDTH}}{figures or ''} | "
              f"{'; '.join(wrong) or 'ok'}", flush=True)
    print(f"{len(rows) - failed} passed, {failed} failed, 0 skipped")
    return failed > 0


sys.exit(main(*sys.argv[1:]))
