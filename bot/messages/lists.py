"""A page of papers: ten to a page, each with a button to its details, and buttons to the pages around it.

    heading, notes            Components of a full page: 1 container + 1 head + 10 × 3 (section, text, button)
    1 title          [1]      + 1 foot + 3 (row, two buttons) = 36 of Discord's 40, which leaves room
    -# cs.CV · …              for a row that shares the page.
    ‹ Previous   Next ›

What is on the page is decided elsewhere; `rankings` says in words what the page is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from discord import ui

from bot.digest.latex import render_readable
from bot.messages.actions import Action, OpenPaper
from bot.messages.buttons import choose_open_paper, render_button, render_pager
from bot.messages.figures import format_metrics
from bot.messages.found import choose_snippet, find_words, parse_words, render_found
from bot.messages.language import format_integer, say
from bot.messages.limits import TEXT, measure
from bot.messages.message import Message
from bot.messages.rows import render_author, render_authors, render_byline, render_link, render_title, take_abstract
from bot.messages.safe import render_name, render_prose
from bot.messages.wording import format_date
from storage.models import Appearance, Paper

PAPERS_PER_PAGE = 10
_LIMITS = ((240, 180), (200, 140), (140, 100), (100, 60), (60, 0))  # a title's and a snippet's, longest first


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page is in a longer list: `number` counts from 1; what opens the pages before and after."""

    number: int = 1
    previous: Action | None = None
    following: Action | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One paper on a page: its number, and whether its day is worth saying."""

    number: int
    appearance: Appearance
    with_day: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What to show in bold, folded: words wherever they are, names only among the authors."""

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


def render_papers(
    heading: str,
    notes: Sequence[str],
    rows: Sequence[Row],
    *,
    page: Page | None = None,
    words: Sequence[str] = (),
    names: Sequence[str] = (),
    when_empty: str = "",
) -> Message:
    """Return one page of at most 10 papers; `heading`, `notes` and `when_empty` are harmless already.

    `words` are shown in bold, with the piece of the abstract they are in, `names` where authors are. A page
    without papers says `when_empty`, which ends with what to try.
    """
    rows = rows[:PAPERS_PER_PAGE]
    head = "\n".join([f"### {heading}", *(f"-# {note}" for note in notes)])
    foot = _render_foot(rows) if rows else when_empty or say("Nothing here.")
    texts = _choose_texts(rows, Found(parse_words(words), parse_words(names)), TEXT - measure(head) - measure(foot))
    children: list[ui.Item[Any]] = [ui.TextDisplay(head), *_render_sections(rows, texts), ui.TextDisplay(foot)]
    pager = render_pager(page.previous, page.following) if page else None
    if pager:
        children.append(pager)
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(*children))
    return Message(view=view)


def _render_foot(rows: Sequence[Row]) -> str:
    figure = render_name(format_metrics(tuple(row.appearance for row in rows)), 60)
    return say("-# buttons: abstract and more · titles: arXiv · figure: {figure}", figure=figure)


def _choose_texts(rows: Sequence[Row], found: Found, room: int) -> list[str]:
    """Return each row's text, cut no shorter than it takes for all of them to fit `room`."""
    for title_limit, snippet_limit in _LIMITS:
        texts = [_render_row(row, found, title_limit, snippet_limit) for row in rows]
        if sum(map(measure, texts)) <= room:
            break
    return texts


def _render_row(row: Row, found: Found, title_limit: int, snippet_limit: int) -> str:
    paper = row.appearance.paper
    title = render_found(render_title(paper, title_limit), found.words)
    day = (format_date(row.appearance.day),) if row.with_day else ()
    lines = [
        f"**{row.number}** {render_link(title, paper)}",
        _render_snippet(paper, found.words, snippet_limit),
        render_byline(row.appearance, _render_authors(paper, found.words | found.names), *day),
    ]
    return "\n".join(filter(None, lines))


def _render_snippet(paper: Paper, words: frozenset[str], limit: int) -> str:
    if not words or not limit:
        return ""
    abstract = " ".join(render_readable(take_abstract(paper)).split())
    return render_found(render_prose(choose_snippet(abstract, words, limit), limit + 10), words)


def _render_authors(paper: Paper, words: frozenset[str]) -> str:
    """Return the first author, with the one the searcher named beside, and how many more there are."""
    hits = [len(list(find_words(author, words))) for author in paper.authors[1:]]
    if not any(hits):
        return render_found(render_authors(paper.authors, 1), words)
    named = paper.authors[1 + hits.index(max(hits))]
    more = len(paper.authors) - 2
    names = render_found(", ".join(map(render_author, (paper.authors[0], named))), words)
    return names + (f" +{format_integer(more)}" if more else "")


def _render_sections(rows: Sequence[Row], texts: Sequence[str]) -> Iterator[ui.Item[Any]]:
    """Yield each row beside its button; a paper there twice has it once, as a custom id may not come twice."""
    seen: set[OpenPaper] = set()
    for row, text in zip(rows, texts, strict=True):
        action = choose_open_paper(row.appearance)
        if action is None or action in seen:
            yield ui.TextDisplay(text)
        else:
            seen.add(action)
            yield ui.Section(text, accessory=render_button(str(row.number), action))
