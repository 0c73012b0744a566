"""Guards what was reached: compares ratios with those committed in `expected.json`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from benchmarks.frame import Row

WORSE = 1.3  # a shared machine moves ratios by a tenth or two; what moves one further is a change in the code
Key = tuple[str, str]


def check(rows: Sequence[Row], path: Path) -> list[str]:
    """Return a line for each ratio that is worse than expected by more than 30 %.

    Rows with a target are compared, by name and size. Those that were not measured, or are not expected yet, are
    left out: another archive or fewer sizes are no regression.
    """
    expected = read_expected(path)
    if not expected:
        return [f"{path.name} holds nothing to compare with: run with --accept"]
    pairs = [(row, expected[row.name, row.size]) for row in rows if (row.name, row.size) in expected]
    return [
        f"{row.name}, {row.size}: {row.ratio:.3g}, expected {ratio:.3g}"
        for row, ratio in pairs
        if (row.ratio * WORSE < ratio if row.at_least else row.ratio > ratio * WORSE)
    ]


def read_expected(path: Path) -> dict[Key, float]:
    """Return the ratios that are committed, by name and size."""
    if not path.exists():
        return {}
    return {(one["name"], one["size"]): one["ratio"] for one in json.loads(path.read_text(encoding="utf-8"))}


def accept(rows: Sequence[Row], path: Path) -> None:
    """Expect the ratios of these rows from now on; what was not measured stays expected as it was."""
    known = read_expected(path) | {(row.name, row.size): row.ratio for row in rows if row.target is not None}
    listed = [{"name": name, "size": size, "ratio": ratio} for (name, size), ratio in sorted(known.items())]
    path.write_text(json.dumps(listed, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
