"""What every measure shares: pairs of floor and subject, the row they make, the table and the file of all rows.

    floor subject floor subject …  ──► pairs of seconds ──► median of the pairs' ratios ──► Row

The two alternate, so that what else the machine does slows both alike; only the ratio is judged.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import _lru_cache_wrapper
from pathlib import Path
from statistics import median
from time import perf_counter

Contestant = Callable[[], Awaitable[float]]  # does its work once and returns the seconds it took
Pair = tuple[float, float]  # seconds of the floor and of the subject
UNITS = {"s": 1, "ms": 1e3, "µs": 1e6}


@dataclass(frozen=True, slots=True)
class Row:
    """One measure: medians of subject (`value`) and floor in `unit`, and how they compare.

    `target` is the most the ratio may be, or the least where `at_least` says so; without one the row only reports,
    and `ok` is None.
    """

    name: str
    size: str
    value: float
    unit: str
    floor: float
    ratio: float
    target: float | None
    ok: bool | None
    at_least: bool = False  # not in the file: there `ok` says all


def make_row(
    name: str, size: str, pairs: Sequence[Pair], target: float | None, unit: str = "ms", *, at_least: bool = False
) -> Row:
    """Return the row of some (floor, subject) pairs in seconds, or in the unit itself where that is none of time."""
    ratio = median(subject / floor for floor, subject in pairs)
    floor, value = (median(seconds) * UNITS.get(unit, 1) for seconds in zip(*pairs, strict=True))
    ok = None if target is None else ratio >= target if at_least else ratio <= target
    return Row(name, size, round(value, 3), unit, round(floor, 3), round(ratio, 4), target, ok, at_least)


async def measure_pairs(floor: Contestant, subject: Contestant, repeats: int) -> list[Pair]:
    """Run floor and subject in turn."""
    return [(await floor(), await subject()) for _ in range(repeats)]


async def measure_seconds(work: Awaitable[object]) -> float:
    """Return how long something took."""
    start = perf_counter()
    await work
    return perf_counter() - start


def clear_caches() -> None:
    """Forget what our functions remember of earlier calls, so that a repeat costs what a first run does."""
    for item in gc.get_objects():
        if isinstance(item, _lru_cache_wrapper) and item.__module__.startswith(("bot.", "storage.")):
            item.cache_clear()


def format_size(papers: int) -> str:
    """Write a number of papers as people do: 300, 100k, 3M."""
    for unit, name in ((1_000_000, "M"), (1_000, "k")):
        if papers >= unit and papers % unit == 0:
            return f"{papers // unit}{name}"
    return str(papers)


def format_table(rows: Sequence[Row]) -> str:
    """Lay rows out as text, figures to the right."""
    lines = [("measure", "size", "value", "floor", "ratio", "target", "")]
    for row in rows:
        target = "–" if row.target is None else f"{'≥' if row.at_least else '≤'} {row.target:.4g}"
        verdict = {True: "ok", False: "MISSED", None: ""}[row.ok]
        values = (f"{figure:,.2f} {row.unit}" for figure in (row.value, row.floor))
        lines.append((row.name, row.size, *values, f"{row.ratio:.2f}", target, verdict))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = {0, 1, 6}
    padded = ([c.ljust(w) if i in left else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))]
              for line in lines)  # fmt: skip
    return "\n".join("  ".join(line).rstrip() for line in padded)


def write_rows(rows: Sequence[Row], path: Path) -> None:
    """Write rows as a JSON list."""
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{name: value for name, value in asdict(row).items() if name != "at_least"} for row in rows]
    path.write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_rows(path: Path) -> list[Row]:
    """Read what `write_rows` wrote; which way a target counts follows from whether it was reached."""
    rows = [Row(**values) for values in json.loads(path.read_text(encoding="utf-8"))]
    return [replace(row, at_least=row.target is not None and row.ok is not (row.ratio <= row.target)) for row in rows]
