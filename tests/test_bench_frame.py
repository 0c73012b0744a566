"""The frame around the measures: what is guarded, what is drawn, and which way a target counts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import replace_rows
from benchmarks.expected import accept, check
from benchmarks.frame import Row, make_row, read_rows, write_rows
from benchmarks.plot import draw, find_curves


def make(name: str = "a", size: str = "100k", ratio: float = 2.0, *, at_least: bool = False) -> Row:
    """Make a row of one pair."""
    return make_row(name, size, [(1.0, ratio)], 5.0, at_least=at_least)


@pytest.mark.parametrize(("ratio", "lines"), [(2.5, 0), (2.7, 1), (0.1, 0)])
def test_a_ratio_past_what_is_expected_by_30_percent_is_named(tmp_path: Path, ratio: float, lines: int) -> None:
    """What became slower is found, what became faster is not."""
    accept([make()], tmp_path / "expected.json")
    assert len(check([make(ratio=ratio)], tmp_path / "expected.json")) == lines


@pytest.mark.parametrize(("ratio", "lines"), [(1.6, 0), (1.5, 1), (9.0, 0)])
def test_what_should_be_large_is_guarded_the_other_way(tmp_path: Path, ratio: float, lines: int) -> None:
    """A ratio with a least target is worse when it falls."""
    accept([make(at_least=True)], tmp_path / "expected.json")
    assert len(check([make(ratio=ratio, at_least=True)], tmp_path / "expected.json")) == lines


def test_what_was_not_measured_or_is_new_is_no_regression(tmp_path: Path) -> None:
    """Another size is not compared, and accepting one part leaves the others as they were."""
    path = tmp_path / "expected.json"
    accept([make(), make("b")], path)
    accept([make("b", ratio=3.0)], path)
    assert check([make(size="1M", ratio=99), make("c", ratio=99), make("b", ratio=3.5)], path) == []
    assert [(one["name"], one["ratio"]) for one in json.loads(path.read_text())] == [("a", 2.0), ("b", 3.0)]


def test_rows_come_back_from_their_file(tmp_path: Path) -> None:
    """A later run of one part keeps the rows of the others, whichever way their targets count."""
    rows = [make(), make("b", ratio=9.0), make("c", at_least=True), make("d", ratio=9.0, at_least=True)]
    write_rows(rows, tmp_path / "bench.json")
    assert read_rows(tmp_path / "bench.json") == rows
    new = make("b", ratio=1.0)
    assert replace_rows(rows, [new]) == [rows[0], new, *rows[2:]]


def test_curves_are_drawn_of_percentiles_at_several_sizes(tmp_path: Path) -> None:
    """p50 and p99 against the number of papers; what has one size, or is no percentile, is no curve."""
    rows = [make("search, p50", size) for size in ("1M", "100k")] + [make("top", "1M"), make("other, p99", "1M")]
    assert find_curves(rows) == {"search, p50": [(100_000, 2000.0), (1_000_000, 2000.0)]}
    pytest.importorskip("matplotlib")
    assert draw(rows, tmp_path / "a.svg")
    assert draw(rows, tmp_path / "b.svg")
    assert "search, p50" in (tmp_path / "a.svg").read_text()
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
