"""What came out: a table of medians, the figures as TSV, plots.

A figure of RAW is the median of the rounds; of the others the table has the
ratio to RAW of the same round, more being better: its median, the lowest and
the highest.
"""

import os
import pathlib
import platform
import statistics
import subprocess
import time

import columns
import peers
import plots

ORDER = list(dict.fromkeys(peer.name for peer in peers.ALL))


class Figures:
    """The runs of a bench by what they have in common."""

    def __init__(self, runs):
        self.values, self.ratios, self.results = {}, {}, {}
        for (_, transport, place, column), results in runs.items():
            limit = column.value(results[peers.LIMIT])
            for name, result in results.items():
                key = transport, place, column, name
                value = column.value(result)
                self.values.setdefault(key, []).append(value)
                self.results.setdefault(key, []).append(result)
                self.ratios.setdefault(key, []).append(
                    column.ratio(value, limit))

    def setups(self):
        return list(dict.fromkeys(key[:2] for key in self.values))

    def columns(self, setup):
        return [column for column in columns.ALL
                if any(key[:3] == (*setup, column) for key in self.values)]

    def names(self, setup):
        there = {key[3] for key in self.values if key[:2] == setup}
        return [name for name in ORDER if name in there]

    def cpu(self, key, end):
        """Microseconds of processor time for a message: the median."""
        return statistics.median(
            getattr(result, end) / result.messages * 1e6
            for result in self.results[key])

    def p99(self, key):
        return statistics.median(result.p99 for result in self.results[key])


def spread(ratios):
    return (f"{statistics.median(ratios):.2f} "
            f"({min(ratios):.2f}-{max(ratios):.2f})")


def quantity(value, unit):
    if unit == "us":
        return f"{value:.1f} µs"
    if unit == "MB/s":
        return f"{value:,.0f} MB/s"
    return f"{value:,.0f}/s"


def rows_of(rows):
    """Lines with their words below each other, the first to the left."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "  ".join([row[0].ljust(widths[0]),
                         *(word.rjust(width) for word, width
                           in zip(row[1:], widths[1:]))]).rstrip()


def ratio_table(figures, setup):
    names = [name for name in figures.names(setup) if name != peers.LIMIT]
    yield ["", peers.LIMIT, *names]
    for column in figures.columns(setup):
        key = *setup, column
        middle = statistics.median(figures.values[*key, peers.LIMIT])
        yield [column.title, quantity(middle, column.unit),
               *(spread(figures.ratios[*key, name])
                 if (*key, name) in figures.ratios else "-"
                 for name in names)]


def latency_table(figures, setup):
    """Microseconds: half the calls take at most the first, 99 % the second."""
    names = figures.names(setup)
    yield ["p50, p99 in µs", *names]
    for column in figures.columns(setup):
        if column.unit != "us":
            continue
        keys = [(*setup, column, name) for name in names]
        yield [column.title,
               *(f"{statistics.median(figures.values[key]):.1f} "
                 f"{figures.p99(key):.1f}" if key in figures.values else "-"
                 for key in keys)]


def cpu_table(figures, setup):
    """Microseconds of processor time for each message."""
    names = figures.names(setup)
    yield ["µs of server, client", *names]
    for column in figures.columns(setup):
        keys = [(*setup, column, name) for name in names]
        yield [column.title,
               *(f"{figures.cpu(key, 'server_cpu'):.3f} "
                 f"{figures.cpu(key, 'client_cpu'):.3f}"
                 if key in figures.results else "-" for key in keys)]


def memory_table(memory):
    yield ["an idle connection after 64 KiB", "bytes"]
    for (transport, name), values in memory.items():
        yield [f"{name}, {transport}", f"{statistics.median(values):.0f}"]


def command_table(commands):
    yield ["lines of 60 bytes", "MB/s", "beside rev", "beside tac"]
    for name, values in commands.items():
        yield [name, f"{statistics.median(values):.0f}",
               *(spread([a / b for a, b in zip(values, commands[other])])
                 for other in ("rev", "tac"))]


def best_peer(figures, key):
    """The name of the fastest, without RAW and reverse, and its ratio."""
    ratios = [(statistics.median(figures.ratios[*key, name]), name)
              for name in ORDER if name not in (peers.LIMIT, peers.OURS)
              and (*key, name) in figures.ratios]
    return max(ratios, default=(0, None))


def behind(figures):
    """Where the best peer's ratio is above that of reverse: for each setup the
    worst first."""
    for setup in figures.setups():
        worse = []
        for column in figures.columns(setup):
            mine = figures.ratios.get((*setup, column, peers.OURS))
            theirs, name = best_peer(figures, (*setup, column))
            ours = statistics.median(mine) if mine else theirs
            if ours < theirs:
                worse.append((ours / theirs, column.title, name,
                              f"{theirs:.3f}", f"reverse {ours:.3f}"))
        if not worse:
            yield f"{', '.join(setup)}: nowhere"
            continue
        yield f"{', '.join(setup)}:"
        for line in rows_of([list(row[1:]) for row in sorted(worse)]):
            yield f"    {line}"


def first_line(*command):
    try:
        done = subprocess.run(command, capture_output=True, text=True,
                              check=False)
    except FileNotFoundError:
        return "none"
    return (done.stdout or "none").splitlines()[0]


def machine():
    """Where it was measured, and with what."""
    cpus = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii")
    models = [line.split(":")[1].strip() for line in cpus.splitlines()
              if line.startswith("model name")]
    versions = first_line("dpkg-query", "-W", "-f", "${Package} ${Version}, ",
                          "libtirpc-dev", "libgrpc++-dev", "libntirpc-dev",
                          "python3-grpcio", "python3-rpyc")
    return [f"{len(models)} x {models[0] if models else 'unknown'}, Linux "
            f"{platform.release()}",
            first_line("gcc", "--version"), versions.rstrip(", "),
            first_line(peers.BUILD / "reversed", "--version"),
            time.strftime("%Y-%m-%d", time.gmtime())]


def sections(bench, figures):
    """Titles and lines; where reverse is behind comes first."""
    yield "Where reverse is behind a peer", list(behind(figures))
    for setup in figures.setups():
        yield ", ".join(setup), [
            *rows_of(list(ratio_table(figures, setup))), "",
            *rows_of(list(latency_table(figures, setup))), "",
            *rows_of(list(cpu_table(figures, setup)))]
    yield "Memory", list(rows_of(list(memory_table(bench.memory))))
    yield "The command line", list(
        rows_of(list(command_table(bench.commands))))


def write_tsv(bench, path):
    with open(path, "w", encoding="utf-8") as out:
        print("round\ttransport\tcores\tcolumn\tpeer\tmessages\tseconds\t"
              "p50_us\tp99_us\tclient_cpu_s\tserver_cpu_s", file=out)
        for key, results in bench.runs.items():
            number, transport, place, column = key
            for name, r in results.items():
                print(number + 1, transport, place, column.key, name,
                      r.messages, r.seconds, r.p50, r.p99, r.client_cpu,
                      f"{r.server_cpu:.6f}", sep="\t", file=out)


def write_others(bench, path):
    """What is no load: a line for each round."""
    with open(path, "w", encoding="utf-8") as out:
        print("what\tof\tround\tvalue", file=out)
        for (transport, name), values in bench.memory.items():
            for number, value in enumerate(values, 1):
                print("idle connection, bytes", f"{name}, {transport}",
                      number, f"{value:.0f}", sep="\t", file=out)
        for name, values in bench.commands.items():
            for number, value in enumerate(values, 1):
                print("command line, MB/s", name, number, f"{value:.1f}",
                      sep="\t", file=out)


def write(bench, out, command):
    """Prints all, and writes it into that folder."""
    figures = Figures(bench.runs)
    all_of = list(sections(bench, figures))
    write_tsv(bench, out / "bench.tsv")
    write_others(bench, out / "others.tsv")
    with open(out / "RESULTS.md", "w", encoding="utf-8") as results:
        print("# How fast it is\n", file=results)
        print(f"`{command}`, on:\n", file=results)
        for line in machine():
            print("-", line, file=results)
        print(f"\n{__doc__.partition(chr(10) * 2)[2]}", file=results)
        for title, lines in all_of:
            print(f"## {title}\n", file=results)
            for line in lines:
                print(f"    {line}".rstrip(), file=results)
            print(file=results)
    for title, lines in [*all_of[1:], all_of[0]]:
        print(f"\n{title}\n", *lines, sep="\n")
    plots.draw(figures, out)
    print(f"\nAll of it is in {os.path.relpath(out)}: RESULTS.md, "
          "bench.tsv, others.tsv, *.svg")
