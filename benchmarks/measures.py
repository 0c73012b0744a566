"""The measures there are: a new one is one line here, in the list of those that run once or of those per size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.fanout import measure_fanout
from benchmarks.frame import Row
from benchmarks.ingest import Archive, measure_ingest, measure_rescan
from benchmarks.interactions import measure_interactions
from benchmarks.mailing import measure_mailing
from benchmarks.memory import measure_memory
from benchmarks.other import measure_other
from benchmarks.rivals import measure_exact, measure_tantivy
from benchmarks.search import measure_search
from benchmarks.startup import measure_startup
from benchmarks.together import measure_together
from benchmarks.top import measure_top


@dataclass(frozen=True, slots=True)
class Shop:
    """What a measure that runs once works with: posts as an archive, a folder of its own, how often to repeat."""

    archive: Archive
    scratch: Path
    repeats: int


@dataclass(frozen=True, slots=True)
class Library:
    """What a measure that runs for each size works with: a database of so many made-up papers, not to be changed."""

    path: Path
    papers: int
    size: str
    scratch: Path
    repeats: int


ONCE: dict[str, Callable[[Shop], Awaitable[list[Row]]]] = {
    "ingest": lambda it: measure_ingest(it.archive, it.repeats),
    "rescan": lambda it: measure_rescan(it.archive, it.repeats * 5),
    "other": lambda it: measure_other(it.archive, it.scratch, min(it.repeats, 5)),
    "startup": lambda it: measure_startup(it.scratch, it.repeats),
    "memory": lambda it: measure_memory(it.scratch),
    "mailing": lambda it: measure_mailing(it.scratch, repeats=min(it.repeats, 3)),
}
SIZED: dict[str, Callable[[Library], Awaitable[list[Row]]]] = {
    "search": lambda it: measure_search(it.path, it.papers, it.size, rounds=3),
    "top": lambda it: measure_top(it.path, it.size, it.repeats),
    "exact": lambda it: measure_exact(it.path, it.papers, it.size, it.repeats),
    "tantivy": lambda it: measure_tantivy(it.path, it.size, it.repeats),
    "together": lambda it: measure_together(it.path, it.size, it.scratch),
    "interactions": lambda it: measure_interactions(it.path, it.size, it.scratch, it.repeats),
    "fanout": lambda it: measure_fanout(it.path, it.scratch, it.size, min(it.repeats, 3)),
}
