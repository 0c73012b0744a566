"""The pushed digest: plain content and rows of buttons, in as many parts as it takes.

Plain content and not Components V2, because a push notification shows only content
(discord-api-docs #7854). Choosing the papers and sending the parts are others' work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from discord import ui

from bot.digest.gist import choose_gist
from bot.digest.selection import Digest
from bot.messages.actions import OpenDay, OpenWhy, StopDigest
from bot.messages.buttons import Button, add_rows, choose_get_by_dm, render_button, render_number_buttons
from bot.messages.figures import format_metrics
from bot.messages.language import format_integer, say
from bot.messages.limits import CONTENT, PAPERS_PER_PART, measure
from bot.messages.message import Message
from bot.messages.rows import render_authors, render_byline, render_title_link, take_abstract
from bot.messages.safe import render_name, render_prose
from bot.messages.summary import render_heading, render_reason, render_summary
from bot.messages.wording import format_day_of_year, format_range
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


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a digest, and the papers it gives."""

    message: Message
    papers: tuple[Appearance, ...]


def render_digest(digest: Digest) -> list[Message]:
    """Return a digest's messages in the order they would be sent, none when there is nothing to send."""
    return [part.message for part in render_parts(digest)]


def render_parts(
    digest: Digest, find_marker: Callable[[int], str] = lambda number: "", *, is_silent: bool = False
) -> list[Part]:
    """Return a digest's messages in the order to send them, each with its papers.

    Each has at most 10 papers and 2,000 characters. The marker (0–22 of A-Z a-z 0-9 _ -) of each part, counted
    from 1, goes into its every button, so that a message can be recognised later. Only the first part pings; what
    is silent is announced to nobody.
    """
    if not digest.papers:
        return []
    parts = _choose_parts(digest)
    return [
        Part(
            Message(
                view=_render_view(digest, part, find_marker(number), is_last=number == len(parts)),
                content=_join(digest, part),
                mention=digest.subscription.mention if number == 1 else None,
                is_silent=is_silent,
            ),
            tuple(line.appearance for line in part),
        )
        for number, part in enumerate(parts, 1)
    ]


def render_quiet(digest: Digest, marker: str = "") -> Message:
    """Return the line that says why a digest has nothing today; its buttons carry the marker.

    The first, which is there even when there is no day to open, says why at length.
    """
    heading, reason = render_heading(digest), render_reason(digest)
    number = digest.subscription.id
    why = [render_button(say("Why?"), OpenWhy(number), marker)] if number else []
    view = ui.View(timeout=None)
    add_rows(view, [[*why, *_render_digest_buttons(digest, marker)]])
    return Message(view=view, content=say("-# {heading} · {reason}", heading=heading, reason=reason), is_silent=True)


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
    if first == 1:
        ping = [f"<@&{digest.subscription.mention}>"] if digest.subscription.mention else []
        head = "\n".join([*ping, f"### {heading}", f"-# {summary}"])
    else:
        head = say("-# {heading} · continued", heading=heading)
    foot = say(
        "-# {numbers}: abstract, only you see it · titles: arXiv · figure: {figure}",
        numbers=format_range(first, last),
        figure=render_name(format_metrics(digest.papers), 60),
    )
    return "\n".join((head, *(line.text for line in part), foot))


def _render_view(digest: Digest, part: list[_Line], marker: str, *, is_last: bool) -> ui.View:
    view = ui.View(timeout=None)
    numbers = render_number_buttons([(line.number, line.appearance) for line in part], marker)
    add_rows(view, [numbers[:5], numbers[5:], _render_digest_buttons(digest, marker) if is_last else []])
    return view


def _render_digest_buttons(digest: Digest, marker: str) -> list[Button]:
    days = digest.days[-DAY_BUTTONS:]
    buttons = [render_button(_choose_day_label(day, len(digest.days)), OpenDay(day.day), marker) for day in days]
    if digest.subscription.target.kind == "member" and digest.subscription.id:
        return [*buttons, render_button(say("Stop these"), StopDigest(digest.subscription.id), marker)]
    order = choose_get_by_dm(digest.subscription, marker)
    return [*buttons, render_button(say("Get this by DM"), order, marker)] if order else buttons


def _choose_day_label(day: Day, days: int) -> str:
    if days > 1:
        return say("All of {day}", day=format_day_of_year(day.day))
    if day.paper_count > 1:
        return say("All {n} papers", n=format_integer(day.paper_count))
    return say("The whole day")
