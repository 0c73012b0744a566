"""Two weeks of posts in a row, one source after the other failing: what each day has follows from a few plain rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from pathlib import Path

import pytest

from bot.collecting.collection import Sources, explain_pause
from bot.collecting.post_file import name_file
from bot.digest.post import parse
from bot.digest.timetable import find_moment
from bot.errors import SourceError
from bot.live import Live
from bot.sources.source import Item, Reading
from storage.store import Store
from tests.collecting import CATEGORIES, Newsroom, announce, list_ids, make_paper, share, tell_story, vote
from tests.fakes import Clock

FIRST, DAYS = date(2026, 11, 15), 15  # Sunday to Sunday, with a weekend and Thanksgiving, which leaves out Thursday
PAUSES = {20: "weekend", 21: "weekend", 26: "Thanksgiving", 27: "weekend", 28: "weekend"}
COUNTING = ("huggingface", "hackernews", "bluesky")


@dataclass
class Fortnight:
    """Of each day's ten papers four are hot at once and two find their readers three days later."""

    room: Newsroom
    announced: dict[int, date] = field(default_factory=dict)
    printed: dict[int, date] = field(default_factory=dict)

    def list_hot(self, day: date) -> set[int]:
        """Return what is hot by the moment of a day's post."""
        at_once = {number for number, since in self.announced.items() if number % 10 in (1, 2, 3, 4) and since <= day}
        late = {number for number, since in self.announced.items() if number % 10 in (5, 6)}
        return at_once | {number for number in late if self.announced[number] <= day - timedelta(days=3)}

    def list_expected(self, day: date, failing: str) -> set[int]:
        """Return what the post of a day has to have, while a source fails."""
        expected = self.list_hot(day) - self.printed.keys()
        if failing == "huggingface":  # then only one paper in five is counted at all, and at most two a day are hot
            return {number for number in expected if number % 10 in (1, 2)}
        return expected

    def begin(self, day: date, failing: str) -> None:
        """Let a day come."""
        numbers = [(day - FIRST).days * 10 + 10 + number for number in range(10)]
        self.announced |= dict.fromkeys(numbers, day)
        made = datetime.combine(day + timedelta(days=1), time(9), UTC)
        hot = sorted(self.list_hot(day))
        self.room.say(
            arxiv=Reading(announcements=tuple(announce(*numbers, day=day))),
            huggingface=Reading(items=tuple(vote(one, 200 - one, made=made) for one in hot)),
            hackernews=Reading(items=tuple(_at(tell_story(one, 300), made) for one in hot if one % 10 == 1)),
            bluesky=Reading(items=tuple(_at(share(one, 400), made) for one in hot if one % 10 == 2)),
        )
        if self.room.details:
            self.room.details.records.clear()
            for number, since in self.announced.items():
                submitted = since - timedelta(days=2 if since.weekday() == 6 else 0)  # on Friday for Sunday's
                self.room.details.add(make_paper(number), datetime.combine(submitted, time(15), UTC))
        for name, origin in self.room.origins.items():
            origin.error = "it is down" if name == failing else ""

    async def live(self, day: date, failing: str) -> list[int]:
        """Let a day come; return the papers of its post."""
        self.begin(day, failing)
        outcome = await self.room.collect(day, find_moment(day) + timedelta(minutes=5))
        assert outcome.path
        assert parse(outcome.path.read_text()) == outcome.post
        assert outcome.missing == ({failing: "it is down"} if failing else {})
        return list_ids(outcome)


def _at(item: Item, made: datetime) -> Item:
    return replace(item, created_at=made)


@pytest.mark.parametrize("failing", [("",), ("arxiv", *COUNTING, "")])
async def test_a_fortnight_of_posts(store: Store, tmp_path: Path, failing: tuple[str, ...]) -> None:
    """Each day has the papers that are hot by then and were in no post before, or the reason why there is none."""
    fortnight, turns = Fortnight(Newsroom(store, tmp_path)), cycle(failing)
    for day in (FIRST + timedelta(days=number) for number in range(DAYS)):
        if day.day in PAUSES:
            assert explain_pause(day, find_moment(day)) == f"arXiv announced nothing on {day} ({PAUSES[day.day]})"
            continue
        out = next(turns)
        chosen = await fortnight.live(day, out)
        assert set(chosen) == fortnight.list_expected(day, out)
        fortnight.printed |= dict.fromkeys(chosen, day)
    assert len(list(tmp_path.glob("*.md"))) == DAYS - len(PAUSES)
    assert set(fortnight.printed) == fortnight.list_hot(FIRST + timedelta(days=DAYS - 1))


async def test_a_running_program_does_it_by_itself(store: Store, tmp_path: Path) -> None:
    """Looked at every hour, with each source failing in turn: the same posts, and nobody is asked on days without."""
    room, clock = Newsroom(store, tmp_path / "posts"), Clock(find_moment(FIRST) - timedelta(hours=24))
    fortnight, turns = Fortnight(room), cycle(("arxiv", *COUNTING, ""))
    await store.candidates.announce(announce(9, day=FIRST - timedelta(days=3)), clock())

    @asynccontextmanager
    async def lend() -> AsyncIterator[Sources]:
        yield Sources(tuple(room.origins.values()), room.details, CATEGORIES)

    fortnight.begin(FIRST, "")
    async with Live(store, tmp_path / "papers.db", room.folder, lend, clock) as live:
        for day in (FIRST + timedelta(days=number) for number in range(DAYS)):
            out, asked = "", room.asked
            if day.day not in PAUSES:
                fortnight.begin(day, out := next(turns))
            for hour in range(25):
                clock.now = find_moment(day) + timedelta(hours=hour - 24, minutes=5)
                if hour or day != FIRST:
                    await live.make()
            path = room.folder / name_file(day)
            assert path.exists() == (day.day not in PAUSES)
            if day.day in PAUSES:
                assert room.asked == asked
                continue
            post = parse(path.read_text())
            numbers = {int(one.paper.arxiv_id.partition(".")[2]) for one in post.papers}
            assert numbers == fortnight.list_expected(day, out)
            assert post.front_matter.get("missing", []) == ([out] if out else [])
            fortnight.printed |= dict.fromkeys(numbers, day)


async def test_a_day_without_any_source_is_made_up_for(store: Store, tmp_path: Path) -> None:
    """Nothing that can be counted: no post and no trace; what was hot then is in the next post."""
    fortnight = Fortnight(Newsroom(store, tmp_path))
    await fortnight.live(FIRST, "")
    fortnight.room.fail(*COUNTING)
    with pytest.raises(SourceError):
        await fortnight.room.collect(FIRST + timedelta(days=1), find_moment(FIRST + timedelta(days=1)))
    for number in (20, 21, 22, 23, 24):
        fortnight.announced[number] = FIRST + timedelta(days=1)
    assert set(await fortnight.live(FIRST + timedelta(days=2), "")) == {21, 22, 23, 24, 31, 32, 33, 34}
