"""The ratios to RAW as pictures: SVG by gnuplot, where there is one."""

import shutil
import statistics
import subprocess

import peers

STYLE = """
set terminal svg size 1400,620 dynamic background rgb 'white'
set output '{name}.svg'
set title '{title}: beside RAW'
set style data histograms
set style histogram errorbars gap 2 lw 1
set style fill solid 0.8 noborder
set boxwidth 0.9
set xtics rotate by -35 scale 0 font ',10'
set ytics 0.2
set grid ytics
set yrange [0:*]
set key outside top
set datafile missing '-'
set datafile separator tab
"""


def _bars(ratios):
    if ratios is None:
        return ["-", "-", "-"]
    return [f"{value:.4f}" for value in
            (statistics.median(ratios), min(ratios), max(ratios))]


def _data(figures, setup, names):
    for column in figures.columns(setup):
        words = [column.title]
        for name in names:
            words += _bars(figures.ratios.get((*setup, column, name)))
        yield "\t".join(words)


def draw(figures, out):
    """A picture for each transport and placement, into that folder."""
    if shutil.which("gnuplot") is None:
        print("\nNo plots: they need gnuplot-nox, which `sh scripts/setup "
              "bench` installs")
        return
    for setup in figures.setups():
        names = [name for name in figures.names(setup) if name != peers.LIMIT]
        name = "-".join(setup).replace(" ", "-")
        (out / f"{name}.dat").write_text(
            "\n".join(_data(figures, setup, names)) + "\n", encoding="utf-8")
        bars = ", ".join(
            f"'{name}.dat' using {2 + 3 * i}:{3 + 3 * i}:{4 + 3 * i}:xtic(1) "
            f"title '{peer}'" for i, peer in enumerate(names))
        subprocess.run(
            ["gnuplot"], input=STYLE.format(name=name, title=", ".join(setup))
            + f"plot {bars}, 1 notitle with lines lt -1 dt 2\n",
            text=True, cwd=out, check=True)
