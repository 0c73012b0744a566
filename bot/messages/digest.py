"""The pushed digest: plain content and rows of buttons, in as many parts as it takes.

Plain content and not Components V2, because a push notification shows only content
(discord-api-docs #7854). Choosing the papers and sending the parts are others' work.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from discord import ui

from bot.digest.gist import choose_gist
from bot.digest.selection import Digest
from bot.messages.buttons import Button, add_rows, choose_get_by_dm, render_button, render_number_buttons
from bot.messages.custom_id import OpenDay
from bot.messages.figures import format_metrics
from bot.messages.limits import CONTENT, PAPERS_PER_PART, measure
from bot.messages.message import Message
from bot.messages.rows import render_authors, render_byline, render_title_link, take_abstract
from bot.messages.safe import render_name, render_prose
from bot.messages.summary import render_heading, render_summary
from bot.messages.wording import format_date, format_range
from storage.models import Appearance, Day

TITLE_LIMIT = 240
GIST_PAPERS = 5  # a digest of at most so many papers has room for a sentence on each
GIST_LIMITS = (220, 160, 120, 90)  # characters; the longest with which all fit one message is taken
DAY_BUTTONS = 3  # days of a catch-up that get a button, the latest ones


@dataclass(frozen=True, slots=True)
class _Line:
    """One paper of a digest as it will be shown."""

    number: int
    appearance: Appearance
    text: str


def render_digest(digest: Digest, *, marker: str = "") -> list[Message]:
    """Return a digest's messages in the order to send them, none when there is nothing to send.

    Each has at most 10 papers and 2,000 characters. `marker` (0–22 of A-Z a-z 0-9 _ -) goes into every
    button, so that a message can be recognised later.
    """
    if not digest.papers:
        return []
    parts = _choose_parts(digest)
    return [
        Message(view=_render_view(digest, part, marker, is_last=part is parts[-1]), content=_join(digest, part))
        for part in parts
    ]


def _choose_parts(digest: Digest) -> list[list[_Line]]:
    """Split a digest into parts; shorter gists are tried before a second part is."""
    limits = GIST_LIMITS if len(digest.papers) <= GIST_PAPERS else (0,)
    for gist_limit in limits:
        parts = list(_split(digest, [_render_line(n, a, gist_limit) for n, a in _number(digest.papers)]))
        if len(parts) == 1:
            break
    return parts


def _number(papers: Sequence[Appearance]) -> Iterator[tuple[int, Appearance]]:
    return enumerate(papers, start=1)


def _render_line(number: int, appearance: Appearance, gist_limit: int) -> _Line:
    title = f"**{number}** {render_title_link(appearance.paper, TITLE_LIMIT)}"
    byline = render_byline(appearance, render_authors(appearance.paper.authors, 1))
    gist = render_gist(appearance, gist_limit) if gist_limit else ""
    return _Line(number, appearance, "\n".join(filter(None, (title, gist, byline))))


def render_gist(appearance: Appearance, limit: int) -> str:
    """Return the sentence of an abstract that says what is new, one harmless line, "" for an empty abstract."""
    return render_prose(choose_gist(take_abstract(appearance.paper), limit), limit)


def _split(digest: Digest, lines: list[_Line]) -> Iterator[list[_Line]]:
    part: list[_Line] = []
    for line in lines:
        if part and (len(part) == PAPERS_PER_PART or measure(_join(digest, [*part, line])) > CONTENT):
            yield part
            part = []
        part.append(line)
    yield part


def _join(digest: Digest, part: list[_Line]) -> str:
    first, last = part[0].number, part[-1].number
    heading, summary = render_heading(digest), render_summary(digest)
    head = f"### {heading}\n-# {summary}" if first == 1 else f"-# {heading} · continued"
    foot = f"-# {format_range(first, last)}: abstract, only you see it · titles: arXiv · figure: "
    figure = render_name(format_metrics(digest.papers), 60)
    return "\n".join((head, *(line.text for line in part), foot + figure))


def _render_view(digest: Digest, part: list[_Line], marker: str, *, is_last: bool) -> ui.View:
    view = ui.View(timeout=None)
    numbers = render_number_buttons([(line.number, line.appearance) for line in part], marker)
    add_rows(view, [numbers[:5], numbers[5:], _render_digest_buttons(digest, marker) if is_last else []])
    return view


def _render_digest_buttons(digest: Digest, marker: str) -> list[Button]:
    days = digest.days[-DAY_BUTTONS:]
    buttons = [render_button(_choose_day_label(day, len(digest.days)), OpenDay(day.day), marker) for day in days]
    order = choose_get_by_dm(digest.subscription, marker)
    return [*buttons, render_button("Get this by DM", order, marker)] if order else buttons


def _choose_day_label(day: Day, days: int) -> str:
    if days > 1:
        return f"All of {format_date(day.day).rpartition(' ')[0]}"
    return f"All {day.paper_count:,} papers" if day.paper_count > 1 else "The whole day"
