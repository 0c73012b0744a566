"""Measures common words against others that find the same papers: SQLite's exact bm25, and tantivy with the same blend.

Both get the very texts of the library. FTS5 has an ordinary table and orders by rank. Tantivy has each paper's words as
ours are counted, title over authors over abstract, and a fast field for heat: it multiplies bm25 by log2(2 + field),
and the field is such that this is the paper's own boost; all matches are scored. Both only have to name their papers,
while ours reads them, too. What they index is kept beside the library, as making it takes minutes.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any

from tqdm import tqdm

from benchmarks.frame import Contestant, Row, make_row, measure_pairs, measure_seconds
from benchmarks.search import LIMIT, Vocabulary
from bot.app import open_store
from storage.match import parse_question
from storage.shelves import Shelves
from storage.store import Store
from storage.ways import read_facts
from storage.words import AUTHORS_WEIGHT, TITLE_WEIGHT, find_words

TANTIVY_TARGET, EXACT_TARGET, EXACT_FROM = 1 / 5, 1 / 1000, 3_000_000
_VERY_COMMON = 5  # words
_HEAP = 256 * 1024 * 1024
_TEXTS = """
SELECT p.id, (SELECT min(key) FROM appearances WHERE paper_id = p.id), coalesce(a.readable_title, a.title), a.authors,
       coalesce(a.readable_abstract, a.abstract)
FROM papers AS p JOIN appearances AS a ON a.id = p.current_id ORDER BY p.id
"""
_EXACT = "SELECT rowid FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT ?"
Text = tuple[int, int, str, str, str]  # paper, key of its hottest day, title, authors, abstract
Find = Callable[[str], list[Any]]


async def measure_exact(path: Path, papers: int, size: str, repeats: int) -> list[Row]:
    """Measure very common words against `ORDER BY rank` over an ordinary FTS5 table."""
    with closing(sqlite3.connect(path)) as connection:
        words = Vocabulary(connection).common[-_VERY_COMMON:]
    target = EXACT_TARGET if papers >= EXACT_FROM else None
    table = _keep(path, "fts5", _make_table)
    with closing(sqlite3.connect(table)) as plain:
        find: Find = lambda word: plain.execute(_EXACT, (f'"{word}"', LIMIT)).fetchall()  # noqa: E731
        return [await _measure(path, "search against exact bm25, very common", size, find, words, repeats, target)]


async def measure_tantivy(path: Path, size: str, repeats: int) -> list[Row]:
    """Measure common words against tantivy, if it is installed."""
    try:
        import tantivy
    except ImportError:
        print("Not measured: tantivy is not installed (pip install -e '.[bench]').")
        return []
    with closing(sqlite3.connect(path)) as connection:
        words = Vocabulary(connection).common
    index = tantivy.Index.open(str(_keep(path, "tantivy", _make_index)))
    searcher, schema = index.searcher(), index.schema

    def find(word: str) -> list[Any]:
        query = tantivy.Query.term_query(schema, "words", word)
        found: list[Any] = searcher.search(query, LIMIT, count=False, weight_by_field="heat").hits
        return found

    rounds = max(repeats, 2 * len(words))
    return [await _measure(path, "search against tantivy, common", size, find, words, rounds, TANTIVY_TARGET)]


async def _measure(
    path: Path, name: str, size: str, find: Find, words: list[str], repeats: int, target: float | None
) -> Row:
    async with open_store(path) as store:
        for word in words:
            assert len(find(word)) == len(await store.search.find(word, limit=LIMIT)) == LIMIT, word
        pairs = await measure_pairs(_make_rival(find, words), _make_search(store, words), repeats)
    return make_row(name, size, pairs, target)


def _make_rival(find: Find, words: list[str]) -> Contestant:
    following = cycle(words)

    async def run() -> float:
        word, start = next(following), perf_counter()
        find(word)
        return perf_counter() - start

    return run


def _make_search(store: Store, words: list[str]) -> Contestant:
    following = cycle(words)
    return lambda: measure_seconds(store.search.find(next(following), limit=LIMIT))


def _keep(path: Path, kind: str, make: Callable[[Path, Path], None]) -> Path:
    """Return a rival's index of a library, made unless it is there; those of older libraries of the size go."""
    folder = path.parent / "rivals"
    kept = folder / f"{path.stem}.{kind}"
    if not kept.exists():
        folder.mkdir(exist_ok=True)
        for old in folder.glob(f"{path.stem.rpartition('-')[0]}-*.{kind}*"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        part = kept.with_name(f"{kept.name}.part")
        make(path, part)
        part.rename(kept)
    return kept


def _make_table(path: Path, target: Path) -> None:
    with closing(sqlite3.connect(target)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000;")
        connection.execute(
            "CREATE VIRTUAL TABLE plain USING fts5 (title, authors, abstract, "
            "tokenize = 'unicode61 remove_diacritics 2')"
        )
        rows = ((paper, *texts) for paper, _, *texts in _read(path))
        connection.executemany("INSERT INTO plain (rowid, title, authors, abstract) VALUES (?, ?, ?, ?)", rows)
        connection.execute("INSERT INTO plain (plain) VALUES ('optimize')")
        connection.commit()


def _make_index(path: Path, target: Path) -> None:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="whitespace", index_option="freq")
    builder.add_float_field("heat", fast=True)
    target.mkdir()
    writer = tantivy.Index(builder.build(), str(target)).writer(_HEAP, 1)
    shelves = _read_shelves(path)
    for _, key, title, authors, abstract in _read(path):
        words = [*find_words(title) * TITLE_WEIGHT, *find_words(authors) * AUTHORS_WEIGHT, *find_words(abstract)]
        writer.add_document(tantivy.Document(words=" ".join(words), heat=2.0 ** shelves.boosts([key])[0] - 2.0))
    writer.commit()
    writer.wait_merging_threads()


def _read_shelves(path: Path) -> Shelves:
    question = parse_question("any")
    assert question is not None
    with closing(sqlite3.connect(path)) as connection:
        return read_facts(connection, question).shelves


def _read(path: Path) -> Iterator[Text]:
    """Yield the papers of a library with their texts as they are searched."""
    with closing(sqlite3.connect(path)) as connection:
        yield from tqdm(connection.execute(_TEXTS), desc="indexing for a rival", unit=" papers", disable=None)
