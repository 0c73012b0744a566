"""The papers a member saved: a page of them with what can be done about it, what was done, and the BibTeX file.

ten papers, their pager     36 of Discord's 40 components
Remove from the list ▾      + 2
[BibTeX file]               + 2
"""

from __future__ import annotations

from collections.abc import Sequence

from discord import ui

from bot.digest.cut import cut_text
from bot.digest.latex import render_readable
from bot.messages.actions import ExportSaved, RemoveSaved, Save, SavedPage, Unsave
from bot.messages.buttons import choose_open_paper, render_button
from bot.messages.characters import render_visible
from bot.messages.extras import add_buttons
from bot.messages.language import format_integer, say, say_count
from bot.messages.limits import measure
from bot.messages.lists import PAPERS_PER_PAGE, Page, Row, render_papers
from bot.messages.message import Attachment, Message
from bot.messages.notices import render_notice
from bot.messages.rows import ABSTRACT_READ
from bot.messages.selects import Pick, render_select
from storage.models import Appearance, Paper

FILE_NAME = "saved.bib"
_LABEL = 100  # characters of an option's label


def render_saved(papers: Sequence[Appearance], *, page: int, total: int, gone: int = 0) -> Message:
    """Return a page (from 1) of `total` saved papers; `gone` more were saved and are not stored any more."""
    first = (page - 1) * PAPERS_PER_PAGE
    rows = [Row(number, appearance) for number, appearance in enumerate(papers, first + 1)]
    pages = Page(
        page,
        SavedPage(page - 1) if page > 1 else None,
        SavedPage(page + 1) if first + len(papers) < total else None,
    )
    notes = [
        say_count(total, "{n} paper, saved last first", "{n} papers, saved last first") if total else "",
        say("page {n}", n=format_integer(page)) if page > 1 else "",
        say_count(gone, "{n} more is not stored here any more", "{n} more are not stored here any more")
        if gone
        else "",
    ]
    nothing = say("None yet. The button **Save** under a paper's details keeps it here.")
    message = render_papers(say("Saved papers"), list(filter(None, notes)), rows, page=pages, when_empty=nothing)
    picks = [Pick(_render_label(appearance.paper), appearance.paper.arxiv_id) for appearance in _list_known(papers)]
    if picks and isinstance(message.view, ui.LayoutView):
        message.view.add_item(render_select(RemoveSaved(page), picks, say("Remove from the list"), most=len(picks)))
    return add_buttons(message, [render_button(say("BibTeX file"), ExportSaved())]) if total else message


def _list_known(papers: Sequence[Appearance]) -> list[Appearance]:
    """Return the papers whose ids are arXiv's, each once: an option's value may be there once only."""
    return list({a.paper.arxiv_id: a for a in papers if choose_open_paper(a)}.values())


def _render_label(paper: Paper) -> str:
    """Return a title for an option, which shows no markdown."""
    title = render_visible(render_readable(paper.title[:ABSTRACT_READ])).strip() or f"arXiv {paper.arxiv_id}"
    short = cut_text(title, _LABEL)
    return short if measure(short) <= _LABEL else cut_text(title, _LABEL // 2)


def render_kept(arxiv_id: str, *, is_new: bool) -> Message:
    """Return that a paper is saved, with a way back."""
    said = say("Saved. /saved shows your list.") if is_new else say("You saved this before. /saved shows your list.")
    return add_buttons(render_notice(said), [render_button(say("Undo") if is_new else say("Remove"), Unsave(arxiv_id))])


def render_dropped(arxiv_id: str) -> Message:
    """Return that a paper is not among the saved ones any more, with a way back."""
    notice = render_notice(say("Removed from your saved papers."))
    return add_buttons(notice, [render_button(say("Save again"), Save(arxiv_id))])


def render_export(text: str, count: int) -> Message:
    """Return the saved papers as a file, BibTeX in UTF-8."""
    view = ui.LayoutView(timeout=None)
    said = say_count(count, "Your {n} saved paper as BibTeX.", "Your {n} saved papers as BibTeX.")
    view.add_item(ui.TextDisplay(said))
    view.add_item(ui.File(f"attachment://{FILE_NAME}"))
    return Message(view=view, attachment=Attachment(FILE_NAME, text.encode()))
