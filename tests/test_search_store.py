"""Searching and completing: what is found, in which order, and that any input is only ever data."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import SlowError
from storage.match import MOST_WORDS, parse_question, split_words
from storage.models import Appearance
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, make_appearance, make_days, make_edition

YESTERDAY = TODAY - timedelta(days=1)

HOSTILE = [
    *("", " ", "\0", "a\0b", '"', '""', "'", "*", "a*", "* *", "-", "--", "^", "^a", "(", ")", "()", "a)", ":", "+"),
    *("NEAR(", "NEAR(a b, 5)", "NEAR", "AND", "OR", "NOT", "a AND", "a OR OR b", "NOT a", "title:", "title:a", "-a"),
    *("{title abstract}:a", "paper_text", "rank:1", "col:", "a.b.c", "a/b\\c", "%", "_", "a_b", ";--", 'cs.LG"'),
    *(
        "\ud800",
        "\ud83c x",
        "\n\t",
        "🎉",
        "👩‍👩‍👧",
        "日本語",
        "e\u0301",
        "\u0301",
        "①",
        "𝒪",
        "ﬁ",
        "İ",
        "ß",
        "\u202e",
        "\ufeff",
    ),
    *("x" * 4000, "a " * 2000, '"' * 4000, "-".join("a" * 2000), "*" * 4000, "(" * 4000, "é" * 4000, "🎉" * 1000),
]


async def put(store: Store, *papers: Appearance) -> None:
    """Store one day of papers."""
    await store.days.put([make_edition(TODAY, papers)], [], NOW)


async def find(store: Store, words: str, **filters: object) -> list[str]:
    """Return the ids of what a search finds, best first."""
    return [a.paper.arxiv_id for a in await store.search.find(words, **filters)]  # type: ignore[arg-type]


@pytest.fixture
async def library(store: Store) -> Store:
    """Four papers that differ in where they say what."""
    await put(
        store,
        make_appearance("1.1", 100, title="Graph attention", authors=("Petar Veličković", "Yoshua Bengio")),
        make_appearance("1.2", 90, title="Tables", abstract="A graph of attention.", categories=("stat.ML",)),
        make_appearance("1.3", 80, title="Self-supervised speech", authors=("Ada Graph",), categories=("eess.AS",)),
        make_appearance("1.4", 70, title="Bounds of $\\alpha$", abstract="", categories=("math.AG",)),
    )
    return store


async def test_all_words_must_be_there_in_any_field(library: Store) -> None:
    """Words are joined, wherever each of them is; title counts over authors, authors over abstract."""
    assert await find(library, "graph") == ["1.1", "1.3", "1.2"]
    assert await find(library, "ATTENTION graph") == ["1.1", "1.2"]
    assert await find(library, "graph velickovic") == ["1.1"]
    assert await find(library, "graph absent") == []


@pytest.mark.parametrize("words", ["velickovic", "Veličković", "VELIČKOVIĆ", "Velic\u030ckovic\u0301"])
async def test_diacritics_make_no_difference(library: Store, words: str) -> None:
    """A name is found however its accents are typed."""
    assert await find(library, words) == ["1.1"]


async def test_hyphens_hold_words_together(library: Store) -> None:
    """Self-supervised finds the two words only where they stand together."""
    await library.days.put([make_edition(YESTERDAY, [make_appearance("1.5", title="Supervised self")])], [], NOW)
    assert await find(library, "self-supervised") == ["1.3"]
    assert set(await find(library, "self supervised")) == {"1.3", "1.5"}


async def test_readable_text_is_what_is_searched(library: Store) -> None:
    """A formula is found by what a reader sees, and shown as it was printed."""
    (found,) = await library.search.find("α")
    assert found.paper.title == "Bounds of $\\alpha$"
    assert await find(library, "alpha") == []


async def test_filters_narrow_what_is_found(library: Store) -> None:
    """Topics, one of which is enough, archives and authors each leave out what does not match."""
    assert await find(library, "graph", topics=("stat.ML",)) == ["1.2"]
    assert await find(library, "graph", topics=("stat", "cs")) == ["1.1", "1.2"]
    assert await find(library, "graph", topics=("stat.M",)) == []
    assert await find(library, "stat") == []
    assert await find(library, "graph", topics=("???",)) == []
    assert await find(library, "graph", author="Bengio") == ["1.1"]
    assert await find(library, "", author="graph") == ["1.3"]


async def test_an_author_is_found_by_the_ways_names_are_written(library: Store) -> None:
    """Initials, reversed order, several names; but not a name made of two people's."""
    for author in ("Y. Bengio", "bengio, yoshua", "Bengio & Velickovic", "P. Velickovic and Y. Bengio"):
        assert await find(library, "", author=author) == ["1.1"], author
    assert await find(library, "", author="Ada Bengio") == []
    assert await find(library, "", author="...") == []


async def test_dates_choose_the_appearance_shown(store: Store) -> None:
    """A paper is found if it appeared within the dates, and shown by its best appearance in them."""
    days = [make_edition(TODAY - timedelta(days=n), [("1.1", score)]) for n, score in enumerate([5, 9, 7])]
    await store.days.put(days, [], NOW)

    async def scores(since: int | None, until: int | None) -> list[float]:
        bounds = [None if n is None else TODAY - timedelta(days=n) for n in (since, until)]
        return [a.score for a in await store.search.find("testing", since=bounds[0], until=bounds[1])]

    assert await scores(None, None) == [9]
    assert await scores(0, None) == [5]
    assert await scores(None, 2) == [7]
    assert await scores(2, 1) == [9]
    assert await scores(9, 5) == []


async def test_engagement_lifts_what_is_equally_relevant(store: Store) -> None:
    """Of two papers with the same words the more shared one comes first; pages follow one another."""
    await put(store, *(make_appearance(f"1.{n}", score) for n, score in enumerate([3, 5000, 40])))
    assert await find(store, "testing") == ["1.1", "1.2", "1.0"]
    assert await find(store, "testing", limit=1, offset=1) == ["1.2"]
    assert await find(store, "testing", limit=0) == []


async def test_a_title_is_completed(library: Store) -> None:
    """All words must be in the title, the last may be unfinished; the title comes as printed."""
    assert await library.search.complete("gra") == [("1.1", "Graph attention")]
    assert await library.search.complete("attention GR") == [("1.1", "Graph attention")]
    assert await library.search.complete("b") == [("1.4", "Bounds of $\\alpha$")]
    assert await library.search.complete("graph attention ") == [("1.1", "Graph attention")]
    assert await library.search.complete("grap ") == []
    assert await library.search.complete("self-sup", limit=0) == []


async def test_a_title_is_suggested_once_however_many_days_it_was_hot(store: Store) -> None:
    """Nor does it take the place of others; accents may be typed in either form."""
    hot = make_appearance("1.1", 900, title="Graph Étude")
    others = [make_appearance(f"2.{n}", n, title=f"Graph study {n}") for n in range(1, 5)]
    days = [make_edition(TODAY - timedelta(days=n), [hot]) for n in range(1, 30)]
    await store.days.put([make_edition(TODAY, [hot, *others]), *days], [], NOW)
    for typed in ("gra", "graph "):
        found = [arxiv_id for arxiv_id, _ in await store.search.complete(typed, limit=4)]
        assert found == ["1.1", "2.4", "2.3", "2.2"]
    assert len(await store.search.complete("gra")) == 5
    assert await store.search.complete("graph e\u0301tude") == [("1.1", "Graph Étude")]
    assert await store.search.complete("E\u0301tude\u0301") == [("1.1", "Graph Étude")]


async def test_a_paper_that_changes_its_text_is_found_by_the_new_one(library: Store) -> None:
    """The newest text is searched, but one without an abstract does not displace one that has it."""
    tomorrow = TODAY + timedelta(days=1)
    renamed = make_edition(
        tomorrow, [make_appearance("1.1", title="Renamed"), make_appearance("1.2", title="Bare", abstract="")]
    )
    await library.days.put([renamed], [], NOW)
    assert await find(library, "renamed") == ["1.1"]
    assert await find(library, "graph attention") == ["1.2"]
    assert await find(library, "bare") == []
    await library.days.put([make_edition(tomorrow)], [], NOW)
    assert await find(library, "graph attention") == ["1.1", "1.2"]


@pytest.fixture(scope="module")
def shelf() -> Iterator[tuple[asyncio.Runner, Store]]:
    """A store kept open over many examples, with the loop it lives in."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        store = runner.run(Store.open(Path(folder, "papers.db"), INDEX))
        runner.run(store.days.put(make_days(3), [], NOW))
        yield runner, store
        runner.run(store.close())


async def ask_everything(store: Store, text: str) -> None:
    """Use a text wherever one can be typed; every answer must be a list."""
    for found in (
        await store.search.find(text),
        await store.search.find(f"study {text}"),
        await store.search.find("study", author=text),
        await store.search.find("study", topics=(text,), since=TODAY),
        await store.search.complete(text),
        await store.papers.top(topics=(text,)),
    ):
        assert isinstance(found, list)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_only_data(shelf: tuple[asyncio.Runner, Store], text: str) -> None:
    """Operators, wildcards, quotes, emoji, thousands of characters: results or none, never an error."""
    runner, store = shelf
    runner.run(ask_everything(store, text))


@given(st.text(max_size=60) | st.text(alphabet="\"'*()^:{}+-.,;&NEARODT aé\0", max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_input_is_only_data(shelf: tuple[asyncio.Runner, Store], text: str) -> None:
    """Whatever is typed gives results or none, never an error."""
    runner, store = shelf
    runner.run(ask_everything(store, text))


@given(st.text(max_size=5000))
def test_a_query_is_bounded(text: str) -> None:
    """However long the input, the query has a bounded number of words of bounded length."""
    words = [word for piece in split_words(text) for word in piece]
    assert len(words) <= MOST_WORDS
    assert all(word.isalnum() and len(word) <= 64 for word in words)


def test_only_punctuation_asks_for_nothing() -> None:
    """Words without a letter or digit find nothing, rather than everything an author wrote."""
    assert parse_question("?! ...") is None
    assert parse_question("?!", author="Bengio") is None
    assert parse_question("", topics=("cs.LG",)) is None


async def test_a_question_that_takes_too_long_is_broken_off(tmp_path: Path) -> None:
    """Past its time a question ends with an error of its own, and the connections answer the next one."""
    endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    async with await Store.open(tmp_path / "papers.db", INDEX) as store:
        for _ in range(3):
            with pytest.raises(SlowError, match=r"longer than 0\.05 s"):
                await store._database.run(lambda connection: connection.execute(endless).fetchall(), 0.05)
        assert await store.search.find("anything") == []


async def test_a_question_sees_one_moment(library: Store) -> None:
    """What is read in several steps is of one moment, whatever is stored in between; the next question sees the new."""
    both_read, stored = threading.Event(), threading.Event()

    def look_twice(connection: sqlite3.Connection) -> list[int]:
        counts = [connection.execute("SELECT count(*) FROM papers").fetchone()[0]]
        both_read.set()
        assert stored.wait(10)
        return [*counts, connection.execute("SELECT count(*) FROM papers").fetchone()[0]]

    looking = asyncio.create_task(library._database.run(look_twice, 20))
    await asyncio.to_thread(both_read.wait, 10)
    await library.days.put([make_edition(YESTERDAY, [make_appearance("1.9")])], [], NOW)
    stored.set()
    assert await looking == [4, 4]
    assert await library.papers.count() == 5
