"""The pushed digest: plain content and rows of buttons, in as many parts as it takes.

Plain content and not Components V2, because a push notification shows only content
(discord-api-docs #7854). Choosing the papers and sending the parts are others' work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from discord import ui

from bot.digest.gist import choose_gist
from bot.digest.selection import Digest
from bot.messages.actions import OpenDay, OpenWhy, StopDigest
from bot.messages.buttons import Press, add_rows, choose_get_by_dm, format_rows, list_number_presses, make_button
from bot.messages.custom_id import encode
from bot.messages.figures import format_metrics
from bot.messages.language import format_integer, get_language, say
from bot.messages.limits import CONTENT, PAPERS_PER_PART, measure
from bot.messages.message import Message, format_pushed
from bot.messages.rows import render_authors, render_scored, render_title_link, take_abstract
from bot.messages.safe import render_name, render_prose
from bot.messages.summary import render_heading, render_reason, render_summary
from bot.messages.wording import format_day_of_year, format_range
from storage.models import Appearance, Breakdown, Day, Paper

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
    size: int  # with the line break before it


@dataclass(frozen=True, slots=True)
class _Frame:
    """What stands around the lines of every part; made once for a digest, as it is measured with each line."""

    ping: str
    heading: str
    summary: str
    figure: str
    lengths: dict[int, int] = field(default_factory=dict)  # by a part's first number


@dataclass(frozen=True, slots=True)
class _Laid:
    """One message of a digest before it is a view or a payload."""

    content: str
    rows: list[list[Press]]
    mention: str | None
    papers: tuple[Appearance, ...]


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
    return [
        Part(
            Message(
                view=_make_view(laid.rows),
                content=laid.content,
                mention=laid.mention,
                is_silent=is_silent,
            ),
            laid.papers,
        )
        for laid in _lay_out(digest, find_marker)
    ]


def render_payloads(
    digest: Digest, find_marker: Callable[[int], str], *, is_silent: bool = False
) -> list[tuple[dict[str, Any], tuple[Appearance, ...]]]:
    """Return the payloads of what `render_parts` returns, each with its papers, at a tenth of the cost.

    Discord's view is left out, which is for answering presses.
    """
    return [
        (format_pushed(format_rows(laid.rows), laid.content, laid.mention, is_silent=is_silent), laid.papers)
        for laid in _lay_out(digest, find_marker)
    ]


def _lay_out(digest: Digest, find_marker: Callable[[int], str]) -> Iterator[_Laid]:
    if not digest.papers:
        return
    frame = _make_frame(digest)
    parts = _choose_parts(digest, frame)
    for number, part in enumerate(parts, 1):
        yield _Laid(
            content=_join(frame, part),
            rows=_list_rows(digest, part, find_marker(number), is_last=number == len(parts)),
            mention=digest.subscription.mention if number == 1 else None,
            papers=tuple(line.appearance for line in part),
        )


def render_quiet(digest: Digest, marker: str = "") -> Message:
    """Return the line that says why a digest has nothing today; its buttons carry the marker.

    The first, which is there even when there is no day to open, says why at length.
    """
    heading, reason = render_heading(digest), render_reason(digest)
    number = digest.subscription.id
    why = [Press(say("Why?"), encode(OpenWhy(number), marker))] if number else []
    view = _make_view([[*why, *_list_digest_presses(digest, marker)]])
    return Message(view=view, content=say("-# {heading} · {reason}", heading=heading, reason=reason), is_silent=True)


def _make_frame(digest: Digest) -> _Frame:
    mention = digest.subscription.mention
    return _Frame(
        ping=f"<@&{mention}>" if mention else "",
        heading=render_heading(digest),
        summary=render_summary(digest),
        figure=render_name(format_metrics(digest.papers), 60),
    )


def _choose_parts(digest: Digest, frame: _Frame) -> list[list[_Line]]:
    """Split a digest into parts; shorter gists are tried before a second part is."""
    limits = GIST_LIMITS if len(digest.papers) <= GIST_PAPERS else (0,)
    for gist_limit in limits:
        parts = list(_split(frame, [_render_line(n, a, gist_limit) for n, a in _number(digest.papers)]))
        if len(parts) == 1:
            break
    return parts


def _number(papers: Sequence[Appearance]) -> Iterator[tuple[int, Appearance]]:
    return enumerate(papers, start=1)


def _render_line(number: int, appearance: Appearance, gist_limit: int) -> _Line:
    scored = (appearance.paper, appearance.score, appearance.breakdown)
    text, size = _render_paper(*scored, gist_limit, get_language())
    name = f"**{number}** "
    return _Line(number, appearance, name + text, len(name) + size + 1)


@lru_cache(maxsize=512)  # the papers of a day are in many digests
def _render_paper(
    paper: Paper, score: float, breakdown: Breakdown | None, gist_limit: int, language: str
) -> tuple[str, int]:
    """Return what follows a paper's number, and its size; the language is a parameter so that each has its own."""
    byline = render_scored(paper, score, breakdown, render_authors(paper.authors, 1))
    gist = _find_gist(paper, gist_limit) if gist_limit else ""
    text = "\n".join(filter(None, (render_title_link(paper, TITLE_LIMIT), gist, byline)))
    return text, measure(text)


def render_gist(appearance: Appearance, limit: int) -> str:
    """Return the sentence of an abstract that says what is new, one harmless line, "" for an empty abstract."""
    return _find_gist(appearance.paper, limit)


def _find_gist(paper: Paper, limit: int) -> str:
    return render_prose(choose_gist(take_abstract(paper), limit), limit)


def _split(frame: _Frame, lines: list[_Line]) -> Iterator[list[_Line]]:
    part: list[_Line] = []
    length = 0
    for line in lines:
        if part and (len(part) == PAPERS_PER_PART or length + line.size > CONTENT):
            yield part
            part = []
        if not part:
            length = _measure_frame(frame, line.number)
        part.append(line)
        length += line.size
    yield part


def _measure_frame(frame: _Frame, first: int) -> int:
    """Return how long a part is without its lines, with as many of them as there may be."""
    if first not in frame.lengths:  # for a part that begins there with shorter gists
        frame.lengths[first] = measure("\n".join(_render_frame(frame, first, first + PAPERS_PER_PART - 1)))
    return frame.lengths[first]


def _join(frame: _Frame, part: list[_Line]) -> str:
    head, foot = _render_frame(frame, part[0].number, part[-1].number)
    return "\n".join((head, *(line.text for line in part), foot))


def _render_frame(frame: _Frame, first: int, last: int) -> tuple[str, str]:
    if first == 1:
        head = "\n".join(filter(None, (frame.ping, f"### {frame.heading}", f"-# {frame.summary}")))
    else:
        head = say("-# {heading} · continued", heading=frame.heading)
    foot = say(
        "-# {numbers}: abstract, only you see it · titles: arXiv · figure: {figure}",
        numbers=format_range(first, last),
        figure=frame.figure,
    )
    return head, foot


def _list_rows(digest: Digest, part: list[_Line], marker: str, *, is_last: bool) -> list[list[Press]]:
    numbers = list_number_presses([(line.number, line.appearance) for line in part], marker)
    return [numbers[:5], numbers[5:], _list_digest_presses(digest, marker) if is_last else []]


def _make_view(rows: Sequence[Sequence[Press]]) -> ui.View:
    view = ui.View(timeout=None)
    add_rows(view, [[make_button(press) for press in row] for row in rows])
    return view


def _list_digest_presses(digest: Digest, marker: str) -> list[Press]:
    days = digest.days[-DAY_BUTTONS:]
    presses = [Press(_choose_day_label(day, len(digest.days)), encode(OpenDay(day.day), marker)) for day in days]
    if digest.subscription.target.kind == "member" and digest.subscription.id:
        return [*presses, Press(say("Stop these"), encode(StopDigest(digest.subscription.id), marker))]
    order = choose_get_by_dm(digest.subscription, marker)
    return [*presses, Press(say("Get this by DM"), encode(order, marker))] if order else presses


def _choose_day_label(day: Day, days: int) -> str:
    if days > 1:
        return say("All of {day}", day=format_day_of_year(day.day))
    if day.paper_count > 1:
        return say("All {n} papers", n=format_integer(day.paper_count))
    return say("The whole day")
