"""Compares what is in every channel with what the database says of it, message by message and paper by paper.

It reads both as a stranger would: the messages as Discord has them, the rows by plain SQL.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.town import PAPER, Town
from bot.delivery.identity import find_identity
from storage.models import Subscription, Target
from tests.discord_server import World
from tests.discord_server.payloads import format_message
from tests.discord_server.posts import CROSSPOSTED
from tests.discord_server.state import FORUM, Channel, Message
from tests.fakes import find_markers

KINDS = ("doubled", "lost", "wrongly failed", "uncertain", "mismatched", "steps undone", "uncorrected", "violations")
_ROWS = """
SELECT d.id, d.subscription_id, t.kind, t.platform_id AS target, d.occasion, d.part, d.generation, d.state,
       d.channel_id, d.message_id, d.attempts, d.last_error, d.planned_at, d.first_attempt_at, d.last_attempt_at,
       d.finished_at
FROM deliveries AS d JOIN targets AS t ON t.id = d.target_id ORDER BY d.subscription_id, d.occasion, d.part
"""
_PAPERS = """
SELECT dp.delivery_id, p.arxiv_id FROM delivery_papers AS dp JOIN papers AS p ON p.id = dp.paper_id
ORDER BY dp.delivery_id, dp.position
"""
_GIVEN = """
SELECT t.kind, t.platform_id, p.arxiv_id
FROM given AS g JOIN papers AS p ON p.id = g.paper_id JOIN targets AS t ON t.id = g.target_id
"""
_OPEN_STEPS = "SELECT delivery_id, kind, state, last_error FROM steps WHERE state <> 'done'"
_OPEN = "SELECT state, count(*) FROM deliveries WHERE state IN ('pending', 'sending', 'uncertain') GROUP BY state"
Row = dict[str, Any]


@dataclass
class Audit:
    """What was found: how many deliveries there are, and of each kind of defect a line each with its channel."""

    deliveries: int = 0
    messages: int = 0
    defects: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    rows: list[Row] = field(default_factory=list)

    def add(self, kind: str, channel: object, text: str) -> None:
        """Note a defect in a channel."""
        self.defects[kind].append((str(channel), text))

    @property
    def is_clean(self) -> bool:
        """Whether there is none."""
        return not any(self.defects.values())

    def count(self) -> dict[str, int]:
        """Return how many defects there are of each kind."""
        return {kind: len(found) for kind, found in self.defects.items()}


def read_rows(path: Path, sql: str) -> list[Row]:
    """Read rows beside the running bot."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql)]


def count_open(path: Path) -> Counter[str]:
    """Return how many deliveries are in each state that is not the last, and how many steps are to be done."""
    found = Counter({row["state"]: row["count(*)"] for row in read_rows(path, _OPEN)})
    found["steps"] = sum(row["state"] == "pending" for row in _read_steps(path))
    return +found


def find_waiting(path: Path, orders: Sequence[Subscription]) -> list[int]:
    """Return the subscriptions for which nothing is promised yet."""
    promised = {row["subscription_id"] for row in read_rows(path, "SELECT DISTINCT subscription_id FROM deliveries")}
    return [order.id or 0 for order in orders if order.id not in promised]


def _read_steps(path: Path) -> list[Row]:
    """Read the steps that are not done; a database without any has none."""
    try:
        return read_rows(path, _OPEN_STEPS)
    except sqlite3.OperationalError:
        return []


def audit(town: Town, violations: Iterable[str]) -> Audit:
    """Compare everything; the bot has ended."""
    found = Audit()
    for line in violations:
        found.add("violations", "", line)
    found.rows = read_rows(town.path, _ROWS)
    found.deliveries = len(found.rows)
    messages = {(str(one.channel.id), str(one.id)): one for one in _list_messages(town)}
    found.messages = len(messages)
    _check_states(found, town)
    _check_pairs(found, messages)
    _check_papers(found, town, messages)
    _check_steps(found, town, messages)
    for message in town.find_uncorrected():
        found.add("uncorrected", message.channel.id, f"message {message.id} is not as the posts are now")
    return found


def _list_messages(town: Town) -> Iterator[Message]:
    for channel in town.world.channels.values():
        yield from (one for one in channel.messages.values() if one.author is town.world.bot)


def _name(row: Row) -> str:
    return f"delivery {row['id']} ({row['state']}, {row['last_error']}, attempts {row['attempts']})"


def _place(row: Row) -> str:
    return str(row["channel_id"] or row["target"])


def _check_states(found: Audit, town: Town) -> None:
    """Every subscription has its digest, all parts in a row, and all are sent."""
    parts: dict[tuple[int, str], list[int]] = defaultdict(list)
    for row in found.rows:
        parts[row["subscription_id"], row["occasion"]].append(row["part"])
        if row["state"] == "failed":
            found.add("wrongly failed", row["target"], _name(row))
        elif row["state"] == "uncertain":
            found.add("uncertain", row["target"], _name(row))
        elif row["state"] != "sent":
            found.add("lost", row["target"], _name(row))
    for (number, occasion), held in parts.items():
        if held != list(range(1, len(held) + 1)):
            found.add("mismatched", number, f"subscription {number} has parts {held} of {occasion}")
    planned = Counter(number for number, _ in parts)
    for order in town.orders:
        if planned[order.id or 0] == 0:
            found.add("lost", order.target.id, f"subscription {order.id} was never promised anything")
        elif planned[order.id or 0] > 1:
            found.add("doubled", order.target.id, f"subscription {order.id} had {planned[order.id or 0]} occasions")


def _check_pairs(found: Audit, messages: dict[tuple[str, str], Message]) -> None:
    """Each message has one row, each row one message with its marker, and no marker is there twice."""
    markers = {key: find_markers(one.components) for key, one in messages.items()}
    copies = Counter(marker for some in markers.values() for marker in some)
    claims = Counter((row["channel_id"], row["message_id"]) for row in found.rows if row["state"] == "sent")
    for key in messages.keys() - claims.keys():
        kind = "doubled" if any(copies[marker] > 1 for marker in markers[key]) else "mismatched"
        found.add(kind, key[0], f"message {key[1]} is no delivery's")
    for row in found.rows:
        key = (row["channel_id"], row["message_id"])
        if row["state"] != "sent":
            continue
        identity = find_identity(Target(row["kind"], row["target"]), row["subscription_id"], row["occasion"],
                                 row["part"], row["generation"])  # fmt: skip
        if key not in messages or claims[key] > 1:
            found.add("lost", _place(row), f"{_name(row)} says message {key[1]}, which is not there or another's")
        elif markers[key] != {identity}:
            found.add("mismatched", _place(row), f"{_name(row)} names message {key[1]}, which carries {markers[key]}")


def _check_papers(found: Audit, town: Town, messages: dict[tuple[str, str], Message]) -> None:
    """A message shows the papers of its delivery; no target sees one twice; those sent are those given."""
    papers: dict[int, list[str]] = defaultdict(list)
    for row in read_rows(town.path, _PAPERS):
        papers[row["delivery_id"]].append(row["arxiv_id"])
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in (row for row in found.rows if row["state"] == "sent"):
        message = messages.get((row["channel_id"], row["message_id"]))
        links = PAPER.findall(str(format_message(message, town.world)["content"])) if message else []
        if links != papers[row["id"]]:
            found.add("mismatched", _place(row), f"{_name(row)} promised {papers[row['id']]} and shows {links}")
        shown[row["kind"], row["target"]] += links
    given = {(row["kind"], row["platform_id"], row["arxiv_id"]) for row in read_rows(town.path, _GIVEN)}
    for (kind, target), links in shown.items():
        twice = [paper for paper, count in Counter(links).items() if count > 1]
        if twice:
            found.add("doubled", target, f"was shown {twice} twice")
        if {paper for *whose, paper in given if whose == [kind, target]} != set(links):
            found.add("mismatched", target, "the papers given are not those of the messages sent")


def _check_steps(found: Audit, town: Town, messages: dict[tuple[str, str], Message]) -> None:
    """What follows a message was done: published, a thread opened, a forum's post tagged and its parts in it."""
    orders = {order.id: order for order in town.orders}
    first: dict[tuple[int, str], str] = {}
    last: dict[tuple[int, str], int] = {}
    for row in (row for row in found.rows if row["state"] == "sent"):
        message, order = messages.get((row["channel_id"], row["message_id"])), orders.get(row["subscription_id"])
        if message is None or order is None:
            continue
        occasion = (row["subscription_id"], row["occasion"])
        home = first.setdefault(occasion, row["channel_id"])
        if home != row["channel_id"] or last.get(occasion, 0) >= message.id:
            found.add("mismatched", _place(row), f"{_name(row)} is not with the parts before it, or comes before them")
        last[occasion] = message.id
        for text in _find_undone(message, order, row["part"], town.world.channels.get(int(order.target.id))):
            found.add("steps undone", _place(row), f"{_name(row)}: {text}")
    for row in _read_steps(town.path):
        found.add("steps undone", "", f"step {row['kind']} of delivery {row['delivery_id']} is {row['state']}"
                                      f" ({row['last_error']})")  # fmt: skip


def _find_undone(message: Message, order: Subscription, part: int, target: Channel | None) -> Iterator[str]:
    if order.is_published and not message.flags & CROSSPOSTED:
        yield "not published"
    if order.has_thread and part == 1 and message.thread is None:
        yield "no thread"
    if target is not None and target.kind == FORUM:
        if message.channel.parent_id != target.id:
            yield "not in a post of the forum"
        elif [str(tag) for tag in message.channel.applied_tags] != [order.tag]:
            yield "without its tag"


def tell(found: Audit, world: World, log: dict[str, list[str]], most: int = 8) -> str:
    """Return the stories of the first defects of each kind: the row, and what was asked of its channel."""
    lines: list[str] = []
    for kind, defects in found.defects.items():
        for channel, text in defects[:most]:
            lines.append(f"\n{kind}: channel {channel or '–'}: {text}")
            rows = [row for row in found.rows if channel in (row["channel_id"], row["target"])]
            lines += [f"    row {row}" for row in rows[:4]]
            places = {channel, *(str(row[key]) for row in rows for key in ("channel_id", "target"))}
            places |= {str(direct.id) for user, direct in world.dms.items() if str(user) in places}
            told = [line for place in places if place in log and place for line in log[place]]
            lines += [f"    {line}" for line in sorted(told, key=lambda line: float(line.split()[0]))[:60]]
        if len(defects) > most:
            lines.append(f"\n{kind}: and {len(defects) - most} more")
    return "\n".join(lines)
