"""Measures searches while a bulk ingest runs in the same process, as in the running bot, against searches without one.

    search search search …            ─► idle p99
    search search search …            ─► p99 while it runs
      ingest: posts, a batch after another

What is ingested are new days, as posts in a folder, so that parsing is there too.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from time import perf_counter

from benchmarks.corpus import Corpus
from benchmarks.frame import Pair, Row, make_row
from benchmarks.search import LIMIT, Question, Vocabulary
from bot.app import open_store, take_turns
from bot.digest.post import format, make_post
from bot.ingest import ingest
from storage.models import Appearance
from storage.store import Store

TARGET = 3.0
ROUNDS, DAYS, PER_DAY = 3, 150, 50
_SEED = 7
_PAUSE_SECONDS = 0.002  # between two searches: members do not ask in one breath


async def measure_together(path: Path, size: str, scratch: Path) -> list[Row]:
    """Measure the p99 of searches of all kinds, idle and while posts come in; the library is copied for it."""
    copy = scratch / f"together-{size}.db"
    shutil.copyfile(path, copy)
    with closing(sqlite3.connect(copy)) as connection:
        vocabulary = Vocabulary(connection)
    classes = vocabulary.make_classes(20)
    questions = [question for asked in classes.values() for question in asked]
    vocabulary.random.shuffle(questions)
    folders = _write_posts(scratch / f"together-{size}", vocabulary.newest)
    pairs: list[Pair] = []
    with take_turns():
        async with open_store(copy) as store:
            for folder in folders:
                pairs.append(await _measure_round(store, questions, folder))
    copy.unlink()
    return [make_row("search, p99 while posts are ingested", size, pairs, TARGET)]


async def _measure_round(store: Store, questions: list[Question], folder: Path) -> Pair:
    idle = [await _ask(store, question) for question in questions]
    working = asyncio.create_task(ingest(store, [folder], lambda: datetime.now(UTC)))
    busy = []
    for question in cycle(questions):
        busy.append(await _ask(store, question))
        if working.done():
            break
    report = working.result()
    assert report.count("new") == DAYS and len(busy) > 100, (report.count("new"), len(busy))
    return quantiles(idle, n=100)[-1], quantiles(busy, n=100)[-1]


async def _ask(store: Store, question: Question) -> float:
    words, filters = question
    start = perf_counter()
    await store.search.find(words, limit=LIMIT, **filters)
    seconds = perf_counter() - start
    await asyncio.sleep(_PAUSE_SECONDS)
    return seconds


def _write_posts(folder: Path, newest: date) -> list[Path]:
    """Write a folder of posts for each round, of days after the newest, and return the folders."""
    editions = Corpus(_SEED).editions(ROUNDS * DAYS * PER_DAY, PER_DAY, newest + timedelta(days=1))
    folders = []
    for number, edition in enumerate(editions):
        target = folder / str(number // DAYS)
        target.mkdir(parents=True, exist_ok=True)
        renumbered = replace(edition, papers=tuple(map(_renumber, edition.papers)))
        (target / f"{edition.day.day}---Hot-Papers.md").write_bytes(format(make_post(renumbered)).encode())
        if target not in folders:
            folders.append(target)
    return folders


def _renumber(appearance: Appearance) -> Appearance:
    """Return an appearance of a paper that the library does not have: their years begin with a 9."""
    paper = appearance.paper
    return replace(appearance, paper=replace(paper, arxiv_id=f"9{paper.arxiv_id[1:]}"))
