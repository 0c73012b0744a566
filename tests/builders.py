"""Makes small values for tests, and checks what must hold in any database of ours."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from storage.models import Appearance, Day, Edition, Mention, Paper
from storage.store import TextIndex

NOW = datetime(2021, 4, 14, 12, 0, tzinfo=UTC)
TODAY = date(2021, 4, 13)


def find_topics(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return categories and their archives, without the taxonomy's aliases."""
    return tuple(dict.fromkeys([*categories, *(category.partition(".")[0] for category in categories)]))


INDEX = TextIndex(topics=find_topics, readable=lambda text: text.replace("$\\alpha$", "α"))


def make_appearance(
    arxiv_id: str = "2104.00001",
    score: float = 100,
    *,
    day: date = TODAY,
    rank: int = 1,
    title: str = "On testing",
    authors: tuple[str, ...] = ("Ada Lovelace",),
    categories: tuple[str, ...] = ("cs.LG",),
    abstract: str = "We test.",
    mentions: tuple[Mention, ...] = (),
) -> Appearance:
    """Make a paper in a day's ranking."""
    paper = Paper(arxiv_id, None, title, authors, categories, abstract)
    return Appearance(paper, day, rank, NOW, (("retweets", int(score)), ("favorites", 0)), score, mentions)


def make_edition(day: date, papers: Iterable[Appearance | tuple[str, float]] = (), text: str = "") -> Edition:
    """Make a day of papers, given whole or as (arXiv id, score), ranked in the order given."""
    made = [p if isinstance(p, Appearance) else make_appearance(*p) for p in papers]
    ranked = tuple(
        Appearance(a.paper, day, rank, a.observed_at, a.engagement, a.score, a.mentions)
        for rank, a in enumerate(made, 1)
    )
    slug = f"hot-papers-{day}"
    content = hashlib.sha256(f"{ranked} {text}".encode("utf-8", "surrogatepass")).hexdigest()
    return Edition(Day(day, day, slug, f"Hot Papers {day}", NOW, "a/post.md", content, len(ranked)), ranked)


def make_days(count: int, papers: int = 5) -> list[Edition]:
    """Make days in a row with different papers, so that each can be told from the others."""
    return [
        make_edition(
            TODAY + timedelta(days=number),
            [
                make_appearance(
                    f"2104.{number:03d}{place:02d}", 100 * number + place, title=f"Study {number} of {place}"
                )
                for place in range(papers)
            ],
        )
        for number in range(count)
    ]


def find_damage(path: Path) -> list[str]:
    """Return what is wrong with a database: its pages, its keys, or anything derived that differs from its source."""
    with closing(sqlite3.connect(path)) as connection:
        found = [text for (text,) in connection.execute("PRAGMA integrity_check") if text != "ok"]
        found += [f"key {row}" for row in connection.execute("PRAGMA foreign_key_check")]
        for table in ():
            try:
                connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                found.append(f"{table}: {error}")
        for name, sql in _DERIVED.items():
            found += [f"{name} {row}" for row in connection.execute(sql)]
    return found


_DERIVED = {
    "paper_count": """
        SELECT day FROM days
        WHERE paper_count <> (SELECT count(*) FROM appearances AS a WHERE a.day = days.day)
    """,
    "topic_index lacks": """
        SELECT a.id, j.value FROM appearances AS a JOIN json_each(a.topics) AS j
        EXCEPT SELECT i.appearance_id, t.name FROM topic_index AS i JOIN topics AS t ON t.id = i.topic_id
    """,
    "topic_index has left over": """
        SELECT i.appearance_id, t.name, i.day, i.score, i.rank, i.arxiv_id
        FROM topic_index AS i JOIN topics AS t ON t.id = i.topic_id
        EXCEPT SELECT a.id, j.value, a.day, a.score, a.rank, p.arxiv_id
        FROM appearances AS a JOIN papers AS p ON p.id = a.paper_id JOIN json_each(a.topics) AS j
    """,
    "topics.size": """
        SELECT name FROM topics
        WHERE size <> (SELECT count(*) FROM topic_index AS i WHERE i.topic_id = topics.id)
    """,
    "best_id": """
        SELECT arxiv_id FROM papers WHERE best_id IS NOT
        (SELECT id FROM appearances WHERE paper_id = papers.id ORDER BY score DESC, rank, day DESC LIMIT 1)
    """,
    "current_id": """
        SELECT arxiv_id FROM papers WHERE current_id IS NOT
        (SELECT id FROM appearances WHERE paper_id = papers.id ORDER BY trim(abstract) = '', day DESC LIMIT 1)
    """,
}
