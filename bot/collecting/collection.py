"""Makes the post of a day out of live sources, once, and writes it; what was begun is completed by the next run.

    day ─► announced? due? ─► gather ─► scores ─► choose ─► the day in the store ─► file
            └► why not         (a day that has scores is not gathered or scored again,
                                one that is in the store is only written)

A day's papers are scored 24 hours after arXiv announced them, at 20:00 US Eastern, and never again.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Literal

from bot.collecting.choosing import DAYS, Window
from bot.collecting.details import Details, pick
from bot.collecting.gathering import Gathered, Tell, gather
from bot.collecting.hearing import Ear
from bot.collecting.making import make_post
from bot.collecting.origins import Origin
from bot.collecting.post_file import Neighbours, check_file, is_untouched, name_file, write_post
from bot.collecting.scoring import find_scores
from bot.digest import calendar, post
from bot.digest.layout import INCOMPLETE, MISSING, count_older, is_made_here
from bot.digest.plural import count
from bot.digest.post import DailyPost
from bot.digest.timetable import find_moment
from bot.errors import SourceError, UserError
from bot.ingest import ingest, ingest_text
from bot.sources.source import Reading
from bot.sources.wire import NEXT
from storage.candidates import ARXIV
from storage.live_models import Score
from storage.lock import resolve
from storage.models import Edition
from storage.store import Store

NAMES = (ARXIV, "huggingface", "hackernews", "bluesky")
UNASKED = "it was not to be asked"
_COLLECTED = "collected"
_log = logging.getLogger(__name__)


async def no_rest() -> None:
    """Need no rest: what is asked has no pace."""


class NothingError(SourceError):
    """Nothing could be counted at all; `missing` are the sources that were asked for it in vain."""

    def __init__(self, text: str, missing: Collection[str]) -> None:
        super().__init__(text)
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a post is made of: all that is read, who knows papers by id, the categories, who hears Bluesky.

    `rest` waits until somebody else may ask what was asked here.
    """

    origins: tuple[Origin, ...]
    details: Details | None
    categories: Collection[str]
    ear: Ear | None = None
    rest: Callable[[], Awaitable[None]] = no_rest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of collecting a day: a file that was written or is as it was, or the reason why there is none.

    `missing` are sources and why they said nothing, "" when that was said when the post was made; `incomplete` those
    of which only a part could be read; `notes` all that is odd.
    """

    day: date
    status: Literal["written", "unchanged", "nothing"]
    path: Path | None = None
    post: DailyPost | None = None
    reason: str = ""
    missing: Mapping[str, str] = field(default_factory=dict)
    incomplete: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def older(self) -> int:
        """How many of the post's papers are older ones."""
        return count_older(self.post.front_matter, len(self.post.papers)) if self.post else 0


@dataclass(frozen=True, slots=True)
class _Scored:
    """A day's scores, with what there is to say of where they are from."""

    scores: list[Score]
    scored_at: datetime
    missing: Mapping[str, str]
    incomplete: tuple[str, ...]
    notes: tuple[str, ...] = ()


def explain_pause(day: date, now: datetime) -> str:
    """Return why a day has no post, "" when it has one: "arXiv announced nothing today (Thanksgiving)"."""
    pause = calendar.find_pause(day)
    if pause is None:
        return ""
    today = calendar.get_day(now)
    told = "announces" if day > today else "announced"
    return f"arXiv {told} nothing {'today' if day == today else f'on {day}'} ({pause.reason})"


async def collect(
    store: Store,
    sources: Sources,
    day: date,
    folder: Path,
    now: datetime,
    *,
    overwrite: bool = False,
    tell: Tell = _log.info,
) -> Outcome:
    """Make the post of a day of arXiv's announcements and write it to a folder, unless that is done already.

    The post is also stored as a day of its own, as are those that the folder has: no paper is in two. UserError when
    the day is not over yet or something else is in its place; SourceError when nothing could be counted: nothing is
    written then.
    """
    if reason := explain_pause(day, now):
        return Outcome(day, "nothing", reason=reason)
    if find_moment(day) > now:
        raise UserError(
            f"The papers of {day} are scored 24 hours after arXiv's announcement: there is a post from "
            f"{find_moment(day):%Y-%m-%d %H:%M} UTC on."
        )
    path = await asyncio.to_thread(resolve, folder) / name_file(day)
    await asyncio.to_thread(check_file, path, overwrite)
    await _read_neighbours(store, path, now, tell)
    known = await _find_edition(store, day, overwrite)
    outcome = _tell_again(known) if known else await _make(store, sources, day, path, now, tell)
    assert outcome.post is not None  # noqa: S101 - both have one
    is_new = await asyncio.to_thread(write_post, path, outcome.post, overwrite=overwrite)
    return replace(outcome, status="written" if is_new else "unchanged", path=path)


async def _read_neighbours(store: Store, path: Path, now: datetime, tell: Tell) -> None:
    """Read the posts that are in the folder already, since a paper of theirs is not to be in another one.

    With a new database this is also how the day's own post is known, when it was written before the old one was lost.
    """
    report = await ingest(store, [Neighbours(path)], lambda: now)
    read = report.count("new") + report.count("updated")
    if read or report.has_failed:
        failed = report.count("failed") + report.count("partial")
        tell(
            f"{count(read, 'post')} read from {path.parent}"
            + (f", {failed:,} of the files there could not be" if failed else "")
        )


async def _find_edition(store: Store, day: date, overwrite: bool) -> Edition | None:
    """Return the day's post if it was made already; UserError when the day has somebody else's."""
    known = await store.days.get(day)
    if known is None:
        return None
    if not is_made_here(known.front_matter):
        if overwrite:
            return None
        raise UserError(
            f"{day} has a post already, which was not made here: {known.source}. "
            "`hotpapers collect --overwrite` replaces it."
        )
    edition = Edition(known, tuple(await store.papers.of_day(known.day)))
    is_as_made = not overwrite or is_untouched(post.format(post.make_post(edition)))
    return edition if is_as_made else None  # one that was edited by hand, and read since, is made anew


def _tell_again(edition: Edition) -> Outcome:
    """Return what came of a day whose post is in the store."""
    made, header = post.make_post(edition), edition.day.front_matter
    missing = dict.fromkeys(_read_names(header.get(MISSING)), "")
    return Outcome(made.day, "unchanged", None, made, "", missing, _read_names(header.get(INCOMPLETE)))


def _read_names(value: object) -> tuple[str, ...]:
    return tuple(name for name in value if isinstance(name, str)) if isinstance(value, list) else ()


async def _make(store: Store, sources: Sources, day: date, path: Path, now: datetime, tell: Tell) -> Outcome:
    """Make a day's post and keep it in the store."""
    window = Window.before(day)
    scored = await _find_scored(store, day) or await _score(store, sources, window, now, tell)
    tell(f"{count(len(scored.scores), 'paper has', 'papers have')} counts; the hottest are looked up")
    picked = await pick(store, sources.details, scored.scores, window, sources.categories, now)
    if picked.trouble:
        tell(f"arxiv: details are lacking: {picked.trouble}")
    if picked.trouble and not (picked.chosen.recent or picked.chosen.older):
        cause = _end(picked.trouble)
        raise SourceError(f"There is no post of {day} yet, since nobody says what its papers are: {cause}")
    incomplete = {*scored.incomplete, *([ARXIV] if picked.trouble and ARXIV not in scored.missing else [])}
    made, left_out = await make_post(
        store, day, picked, scored.scored_at, *_find_times(window), _sort(scored.missing), _sort(incomplete)
    )
    await _keep(store, made, path, now)
    if not made.papers:
        left_out = (*left_out, f"no paper is in the post of {day}: none that has counts is new and in ARXIV_CATEGORIES")
    notes = (*scored.notes, *([picked.trouble] if picked.trouble else []), *picked.notes, *left_out)
    return Outcome(day, "written", path, made, "", scored.missing, _sort(incomplete), notes)


async def _find_scored(store: Store, day: date) -> _Scored | None:
    """Return the scores that an earlier run left, with what it said of them."""
    scores = await store.scores.of_day(day)
    if not scores:
        return None
    state = await store.cursors.get(_COLLECTED, day.isoformat())
    missing, incomplete = json.loads(state) if state else await _recall(store, day)
    return _Scored(scores, scores[0].scored_at or find_moment(day), missing, tuple(incomplete))


async def _recall(store: Store, day: date) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what was missing and incomplete when a day's post was made, as the post that is to be replaced says."""
    known = await store.days.get(day)
    header = known.front_matter if known and is_made_here(known.front_matter) else {}
    return dict.fromkeys(_read_names(header.get(MISSING)), ""), _read_names(header.get(INCOMPLETE))


async def _score(store: Store, sources: Sources, window: Window, now: datetime, tell: Tell) -> _Scored:
    """Gather what all sources say, and score it once and for all; SourceError when nothing was counted."""
    since, until = _find_times(window)
    gathered = await gather(store, sources.origins, since.date(), until.date(), now, tell)
    scores = await find_scores(store, gathered.readings, since, until, now)
    if not scores:
        raise NothingError(_explain_nothing(window.until, gathered), _sort(gathered.missing))
    asked = {origin.name for origin in sources.origins}
    missing = {name: UNASKED for name in NAMES if name not in asked and name != ARXIV}
    missing |= {name: cause for name, cause in gathered.missing.items() if name != ARXIV}
    incomplete = {name for name, reading in gathered.readings.items() if reading.is_partial}
    notes = list(gathered.notes)
    verdict, cause = await _judge_announcements(store, window.until, gathered, now)
    if verdict == MISSING:
        missing[ARXIV] = cause
        incomplete -= {ARXIV}
    elif cause:
        notes.append(f"{ARXIV}: {cause}")
        incomplete |= {ARXIV} if verdict else set()
    missing = {name: missing[name] for name in _sort(missing)}
    scored = _Scored(scores, now, missing, _sort(incomplete), tuple(notes))
    # Said before the scores are there, so that whoever finds them finds this, too.
    state = json.dumps([missing, list(scored.incomplete)])
    await store.cursors.set(_COLLECTED, window.until.isoformat(), state, now)
    await store.scores.put(window.until, scores, now)
    return scored


def _explain_nothing(day: date, gathered: Gathered) -> str:
    causes = "; ".join(f"{name}: {cause}" for name, cause in gathered.missing.items())
    why = _end(causes or "no source has anything about papers of these days")
    return f"There is no post of {day}, since nothing could be counted, and nothing was written. {why}"


def _end(causes: str) -> str:
    """Return causes as the end of a sentence, without the word of the next post: this one is tried again."""
    return f"{causes.replace(f'; {NEXT}', '').rstrip('.')}."


async def _judge_announcements(store: Store, day: date, gathered: Gathered, now: datetime) -> tuple[str, str]:
    """Return whether arXiv's announcement of a day is missing or incomplete, or "", and what to say of it."""
    reading = gathered.readings.get(ARXIV)
    failed = "" if reading else gathered.missing.get(ARXIV, UNASKED)
    days = {one.announced_on for one in await store.candidates.announced(day, day + timedelta(days=DAYS))}
    if day in days:
        return "", f"{failed} (what it announced had been read before)" if failed and failed != UNASKED else ""
    if failed:
        return MISSING, failed
    if days or _is_over(day, reading, now):
        told = (
            f"its announcement of {day} was not read while it was there: papers are dated by when they were submitted"
        )
        return INCOMPLETE, told
    return MISSING, f"its feeds do not have the announcement of {day}"


def _is_over(day: date, reading: Reading | None, now: datetime) -> bool:
    """Tell whether feeds that were read as they should be can't have a day's announcement any more.

    They have it for a day: from the next one on they are of another announcement or, on weekends and holidays, empty.
    """
    return reading is not None and not reading.is_partial and calendar.get_day(now) > day + timedelta(days=1)


def _find_times(window: Window) -> tuple[datetime, datetime]:
    """Return from when to when something has to be made to count for the papers of a window."""
    return datetime.combine(window.since, time.min, UTC), find_moment(window.until)


def _sort(names: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in NAMES if name in names)


async def _keep(store: Store, made: DailyPost, path: Path, now: datetime) -> None:
    """Keep a post as a day of the store, which ends what an interrupted run has to go by."""
    text = post.format(made)
    report = await ingest_text(store, text.encode("utf-8"), str(path), now)
    kept = await store.days.get(made.day)
    if kept is None or kept.content_hash != post.parse(text).content_hash:
        told = "; ".join(cause for file in report.files for _, cause in file.errors)
        raise SourceError(f"The post of {made.day} could not be stored: {told}")
    await store.cursors.delete(_COLLECTED, made.day.isoformat())
