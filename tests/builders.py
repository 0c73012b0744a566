"""Makes small values for tests, and checks what must hold in any database of ours."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from storage.models import Appearance, Breakdown, Day, Edition, Mention, Paper
from storage.shelves import make_key
from storage.store import TextIndex
from storage.words import describe

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
    breakdown: Breakdown | None = None,
) -> Appearance:
    """Make a paper in a day's ranking."""
    paper = Paper(arxiv_id, None, title, authors, categories, abstract)
    return Appearance(paper, day, rank, NOW, (("retweets", int(score)), ("favorites", 0)), score, mentions, breakdown)


def make_edition(day: date, papers: Iterable[Appearance | tuple[str, float]] = (), text: str = "") -> Edition:
    """Make a day of papers, given whole or as (arXiv id, score), ranked in the order given."""
    made = [p if isinstance(p, Appearance) else make_appearance(*p) for p in papers]
    ranked = tuple(
        Appearance(a.paper, day, rank, a.observed_at, a.engagement, a.score, a.mentions, a.breakdown)
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
        found += find_index_damage(connection)
        for name, sql in _DERIVED.items():
            found += [f"{name} {row}" for row in connection.execute(sql)]
    return found


def find_index_damage(connection: sqlite3.Connection) -> list[str]:
    """Return where the search index differs from one that is made anew, in plain Python, from the appearances."""
    keys: dict[int, dict[str, int]] = {}
    for day, of_day in groupby(connection.execute(_BY_HEAT), itemgetter(0)):
        ranked = [paper for _, paper in of_day]
        for place, paper in enumerate(ranked, 1):
            keys.setdefault(paper, {})[day] = make_key(date.fromisoformat(day), place, len(ranked))
    shelf, counts, shelves = set(), Counter[str](), Counter[tuple[int, str]]()
    words: dict[str, set[int]] = {}
    for paper, *texts, topics in connection.execute(_TEXTS):
        described = describe(*texts, json.loads(topics))
        for day, key in keys[paper].items():
            shelf.add((key, paper, described.length, described.repeated, described.single, day))
            counts.update(described.tokens)
            shelves.update({(key >> 35, "papers"): 1, (key >> 35, "words"): described.length})
            for token in described.tokens:
                words.setdefault(token, set()).add(key)
    kept = """SELECT s.key, s.paper_id, s.length, s.repeated, o.single, a.day FROM shelf AS s
              LEFT JOIN shelf_rest AS o ON o.key = s.key
              LEFT JOIN appearances AS a ON a.paper_id = s.paper_id AND a.key = s.key"""
    pairs: list[tuple[str, object, object]] = [
        ("shelf", shelf, set(connection.execute(kept))),
        ("rest", {row[0] for row in shelf}, {key for (key,) in connection.execute("SELECT key FROM shelf_rest")}),
        ("terms", set(counts.items()), set(connection.execute("SELECT term, df FROM terms"))),
        ("unindexed", [], connection.execute("SELECT day FROM unindexed").fetchall()),
        (
            "shelves",
            {n: (shelves[n, "papers"], shelves[n, "words"]) for n in range(8)},
            {n: tuple(sums) for n, *sums in connection.execute("SELECT * FROM shelves")},
        ),
        (
            "levels",
            {(term, df.bit_length()) for term, df in counts.items() if term[0] == "^"},
            set(connection.execute("SELECT term, level FROM terms WHERE level IS NOT NULL")),
        ),
    ]
    connection.execute("CREATE VIRTUAL TABLE temp.posted USING fts5vocab('main', 'words', 'instance')")
    posted: dict[str, set[int]] = {}
    for token, key in connection.execute("SELECT term, doc FROM posted"):
        posted.setdefault(token, set()).add(key)
    pairs.append(("words", words, posted))
    return [f"{name} differs from its source" for name, wanted, found in pairs if wanted != found]


_BY_HEAT = "SELECT day, paper_id FROM appearances ORDER BY day, score DESC, rank"
_TEXTS = """
SELECT p.id, coalesce(a.readable_title, a.title), a.authors, coalesce(a.readable_abstract, a.abstract), a.topics
FROM papers AS p JOIN appearances AS a ON a.id = p.current_id
"""

_DERIVED = {
    "is_live": """
        SELECT day FROM days WHERE is_live <> EXISTS
        (SELECT 1 FROM appearances AS a WHERE a.day = days.day AND a.breakdown IS NOT NULL)
    """,
    "paper_count": """
        SELECT day FROM days
        WHERE paper_count <> (SELECT count(*) FROM appearances AS a WHERE a.day = days.day)
    """,
    "topic_index lacks": """
        SELECT a.id, j.value FROM appearances AS a JOIN json_each(a.topics) AS j
        EXCEPT SELECT i.appearance_id, t.name FROM topic_index AS i JOIN topics AS t ON t.id = i.topic_id
    """,
    "topic_index has left over": """
        SELECT i.appearance_id, t.name, i.day, i.score, i.rank, i.arxiv_id, i.percentile
        FROM topic_index AS i JOIN topics AS t ON t.id = i.topic_id
        EXCEPT SELECT a.id, j.value, a.day, a.score, a.rank, p.arxiv_id,
            (SELECT sum((b.score, -b.rank) < (a.score, -a.rank)) * 1.0 / count(*) FROM appearances AS b
             WHERE b.day = a.day)
        FROM appearances AS a JOIN papers AS p ON p.id = a.paper_id JOIN json_each(a.topics) AS j
    """,
    "topics.size": """
        SELECT name FROM topics
        WHERE size <> (SELECT count(*) FROM topic_index AS i WHERE i.topic_id = topics.id)
    """,
    "best_id": """
        SELECT arxiv_id FROM papers WHERE best_id IS NOT
        (SELECT id FROM appearances WHERE paper_id = papers.id
         ORDER BY breakdown IS NULL, score DESC, rank, day DESC LIMIT 1)
    """,
    "current_id": """
        SELECT arxiv_id FROM papers WHERE current_id IS NOT
        (SELECT id FROM appearances WHERE paper_id = papers.id ORDER BY trim(abstract) = '', day DESC LIMIT 1)
    """,
}
