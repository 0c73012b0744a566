"""Compares what was measured at different sizes: how much slower a search becomes as the library grows."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.frame import Row

TARGET, TARGET_SIZE = 2.0, "3M"
_NAME, _SMALLEST = "search, p50, common", "100k"


def compare_sizes(rows: Sequence[Row]) -> list[Row]:
    """Return for each larger size how its search for a common word compares with the one at 100k."""
    found = {row.size: row for row in rows if row.name == _NAME}
    small = found.pop(_SMALLEST, None)
    return [_compare(small, large) for large in found.values()] if small else []


def _compare(small: Row, large: Row) -> Row:
    ratio = round(large.value / small.value, 4)
    target = TARGET if large.size == TARGET_SIZE else None
    ok = None if target is None else ratio <= target
    name = f"{_NAME}, over that of {small.size}"
    return Row(name, large.size, large.value, large.unit, small.value, ratio, target, ok)
