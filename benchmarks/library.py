"""Keeps a database of each size of made-up papers in the build folder: made once, used again while it is current."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from tqdm import tqdm

import storage
from benchmarks import corpus
from benchmarks.corpus import Corpus
from benchmarks.frame import format_size
from bot.app import open_store

_STORAGE = Path(storage.__file__).parent
# What decides the rows that a database of made-up papers holds.
_SOURCES = (Path(corpus.__file__), *sorted(_STORAGE.glob("migrations/*.sql")))
_MAKERS = tuple(_STORAGE / name for name in ("editions.py", "indexing.py", "words.py", "shelves.py"))
_DAYS_AT_ONCE = 100


async def get_database(build: Path, papers: int) -> Path:
    """Return the database of so many papers; making it takes about 0.4 ms a paper."""
    label = f"corpus-{format_size(papers)}"
    path = build / f"{label}-{_make_fingerprint()}.db"
    if not path.exists():
        part = path.with_suffix(".part")
        _clear(build, label)
        await _fill(part, papers)
        part.rename(path)
    return path


def _clear(build: Path, label: str) -> None:
    """Delete what an interrupted run or an older schema left of a size."""
    build.mkdir(parents=True, exist_ok=True)
    for old in build.glob(f"{label}-*"):
        old.unlink()


async def _fill(path: Path, papers: int) -> None:
    editions = Corpus().editions(papers)
    async with open_store(path) as store:
        with tqdm(total=papers, desc=f"making {format_size(papers)} papers", unit=" papers", disable=None) as bar:
            while batch := list(islice(editions, _DAYS_AT_ONCE)):
                await store.days.put(batch, [], now=datetime.now(UTC))
                bar.update(sum(len(edition.papers) for edition in batch))


def _make_fingerprint() -> str:
    digest = hashlib.sha256()
    for source in (*_SOURCES, *_MAKERS):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:8]
