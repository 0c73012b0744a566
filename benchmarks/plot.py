"""Draws how p50 and p99 grow with the number of papers, from the rows that name either."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.frame import UNITS, Row

_MEASURE = re.compile(r"\bp(?:50|99)\b")
_UNITS = {"k": 1_000, "M": 1_000_000}
Curves = dict[str, list[tuple[int, float]]]


def find_curves(rows: Sequence[Row]) -> Curves:
    """Return (papers, milliseconds) by name, for what was measured at two sizes or more."""
    curves: Curves = defaultdict(list)
    for row in rows:
        if _MEASURE.search(row.name) and re.fullmatch(r"\d+[kM]", row.size):
            papers = int(row.size[:-1]) * _UNITS[row.size[-1]]
            curves[row.name].append((papers, row.value / UNITS[row.unit] * 1000))
    return {name: sorted(points) for name, points in curves.items() if len(points) > 1}


def draw(rows: Sequence[Row], path: Path) -> bool:
    """Draw the curves as SVG; return False when there are none, or matplotlib (the extra `bench`) is missing."""
    curves = find_curves(rows)
    try:
        import matplotlib as mpl  # slow to load and needed here alone
    except ImportError:
        print("The curves need matplotlib: pip install -e '.[bench]'")
        return False
    if not curves:
        return False
    mpl.use("svg")
    from matplotlib import pyplot

    # The same rows give the same file: text stays text, ids are not random.
    with pyplot.rc_context({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9}):
        figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
        axes.set_prop_cycle(color=mpl.colormaps["tab20"].colors)
        for name, points in curves.items():
            axes.plot(*zip(*points, strict=True), marker="o", label=name, linestyle="--" if "p99" in name else "-")
        axes.set(xscale="log", yscale="log", xlabel="papers", ylabel="ms", title="Median (–) and 99th percentile (- -)")
        axes.yaxis.set_major_formatter("{x:g}")
        sizes = sorted({papers for points in curves.values() for papers, _ in points})
        axes.set_xticks(sizes, [f"{papers:,}" for papers in sizes], minor=False)
        axes.minorticks_off()
        axes.grid(alpha=0.3)
        axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)
    return True
