"""Fills a database of made-up papers with everyone who may follow them: 10,000 channels and 100,000 members by default.

All are due at the same moment for the newest day, had their digest of the day before, and were given papers for weeks:
as many rows of what was given are made up as are asked for, ten papers a day and recipient.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from benchmarks.corpus import CATEGORIES

# Three hours in three zones that are the same moment, nine in UTC.
CLOCKS = (("09:00:00", "UTC"), ("18:00:00", "Asia/Tokyo"), ("14:30:00", "Asia/Kolkata"))
_WEIGHTS = [1 / number for number in range(1, len(CATEGORIES) + 1)]
_SUBSCRIPTION = """
INSERT INTO subscriptions (
    target_id, categories, count, at, timezone, weekdays, created_at, created_edition, only, channel_kind, guild_id,
    created_by, mention, has_thread, is_published, has_quiet_line, language
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_YESTERDAY = """
INSERT INTO deliveries (
    subscription_id, target_id, recipient, occasion, part, generation, state, editions, last_edition, revisions,
    payload, planned_at, finished_at
) SELECT id, target_id, iif(channel_kind = 'dm', 'member', 'channel'), ?1, 1, 1, 'sent', ?2, ?3, '[1]', '{}', ?4, ?4
FROM subscriptions
"""
# Paper by paper, as the key has them; who was given which is spread by a product that no period divides.
_GIVEN = """
INSERT INTO given (paper_id, target_id, given_at)
SELECT p.id, t.id, ?1 FROM (SELECT DISTINCT paper_id AS id FROM appearances WHERE day BETWEEN ?2 AND ?3) AS p
CROSS JOIN targets AS t WHERE (t.id * 7919 + p.id * 104729) % 1000 < ?4 ORDER BY p.id, t.id
"""
HISTORY_DAYS = 30


@dataclass(frozen=True, slots=True)
class Crowd:
    """A filled database: when all are due, how many there are, and how many rows say what they were given."""

    path: Path
    now: datetime
    recipients: int
    given: int


def fill(source: Path, path: Path, channels: int, members: int, given: int) -> Crowd:
    """Copy a database of papers to `path` and fill it, with about `given` rows of papers given."""
    shutil.copyfile(source, path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        connection.execute("BEGIN")
        days = [
            date.fromisoformat(day) for (day,) in connection.execute("SELECT day FROM days ORDER BY day DESC LIMIT 3")
        ]
        now = datetime.combine(days[0] + timedelta(days=1), time(9), UTC)
        _add_targets(connection, channels, members)
        connection.executemany(_SUBSCRIPTION, _list_subscriptions(channels, members, days[-1]))
        before = now - timedelta(days=1)
        edition = days[1].isoformat()
        connection.execute(_YESTERDAY, (before.date().isoformat(), json.dumps([edition]), edition, before.isoformat()))
        made = _add_given(connection, channels + members, days[0], given, before)
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
        return Crowd(path, now, channels + members, made)


def _add_targets(connection: sqlite3.Connection, channels: int, members: int) -> None:
    kinds = [("channel", channels, 10**17), ("member", members, 2 * 10**17)]
    rows = ((kind, str(first + number)) for kind, count, first in kinds for number in range(count))
    connection.executemany("INSERT INTO targets (kind, platform_id) VALUES (?, ?)", rows)


def _list_subscriptions(channels: int, members: int, edition: date) -> Iterator[tuple[object, ...]]:
    """Yield rows as uneven as people's choices: a third wants everything, the others mostly the common categories."""
    random = Random(0)
    created = datetime.combine(edition + timedelta(days=1), time(12), UTC).isoformat()
    for number in range(channels + members):
        is_channel = number < channels
        wanted = [] if random.random() < 0.3 else random.choices(CATEGORIES, _WEIGHTS, k=random.randint(1, 3))
        at, zone = CLOCKS[0] if random.random() < 0.6 else random.choice(CLOCKS[1:])
        yield (
            *(number + 1, "\n".join(dict.fromkeys(wanted)), random.choice((5, 10, 10, 10, 15)), at, zone),
            *("[0, 1, 2, 3, 4, 5, 6]", created, edition.isoformat()),
            random.choices(("all", "hot", "very hot"), (85, 10, 5))[0],
            random.choices(("text", "announcement", "forum"), (90, 7, 3))[0] if is_channel else "dm",
            *((str(10**16 + number // 5), str(3 * 10**17 + number // 5)) if is_channel else (None, None)),
            str(4 * 10**17 + number) if is_channel and random.random() < 0.05 else None,
            *(is_channel and random.random() < 0.1, is_channel and random.random() < 0.05, random.random() < 0.2),
            "de" if random.random() < 0.1 else "en",
        )


def _add_given(connection: sqlite3.Connection, recipients: int, newest: date, given: int, at: datetime) -> int:
    """Give every recipient the same share of the papers of the weeks before the newest day."""
    first, last = newest - timedelta(days=HISTORY_DAYS), newest - timedelta(days=1)
    asked = (first.isoformat(), last.isoformat())
    query = "SELECT count(DISTINCT paper_id) FROM appearances WHERE day BETWEEN ? AND ?"
    ((papers,),) = connection.execute(query, asked)
    share = min(1000, round(1000 * given / max(1, papers * recipients)))
    return connection.execute(_GIVEN, (at.isoformat(), *asked, share)).rowcount
