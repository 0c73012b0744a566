"""The papers a member saved: kept, shown a page at a time, taken out, and given as a file.

Everything here is the caller's own: no action names a member.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers.desk import Desk
from bot.answers.values import Caller, Reply
from bot.digest.bibtex import format_bibtex
from bot.errors import UserError
from bot.messages.actions import ExportSaved, RemoveSaved, Save, SavedAction, SavedPage, Unsave
from bot.messages.lists import PAPERS_PER_PAGE
from bot.messages.message import Message
from bot.messages.notices import render_paper_gone
from bot.messages.saved import render_dropped, render_export, render_kept, render_saved


async def answer_saved(desk: Desk, caller: Caller, page: int) -> Message:
    """Answer a page (from 1) of the caller's saved papers, the last where there are no longer so many."""
    members, owner = desk.store.members, caller.target
    total, gone = await members.count_saved(owner), await members.count_gone(owner)
    shown = min(page, max(1, -(-total // PAPERS_PER_PAGE)))
    papers = await members.saved(owner, PAPERS_PER_PAGE, (shown - 1) * PAPERS_PER_PAGE)
    return render_saved(papers, page=shown, total=total, gone=gone)


async def press(action: SavedAction, desk: Desk, caller: Caller, values: Sequence[str]) -> Reply:
    """Act on the caller's saved papers; `values` are the arXiv ids chosen to be removed."""
    match action:
        case Save(arxiv_id):
            return Reply(await _save(arxiv_id, desk, caller))
        case Unsave(arxiv_id):
            await desk.store.members.unsave(caller.target, arxiv_id)
            return Reply(render_dropped(arxiv_id), replaces=True)
        case SavedPage(page):
            return Reply(await answer_saved(desk, caller, page), replaces=True)
        case RemoveSaved(page):
            for arxiv_id in values[:PAPERS_PER_PAGE]:
                await desk.store.members.unsave(caller.target, arxiv_id)
            return Reply(await answer_saved(desk, caller, page), replaces=True)
        case ExportSaved():
            return Reply(await _export(desk, caller))


async def _save(arxiv_id: str, desk: Desk, caller: Caller) -> Message:
    members, owner, most = desk.store.members, caller.target, desk.limits.saved_papers
    if await members.is_saved(owner, arxiv_id):
        return render_kept(arxiv_id, is_new=False)
    if await members.count_saved(owner) + await members.count_gone(owner) >= most:
        raise UserError("You saved {most} papers, which is all there is room for. Remove some in /saved.", most=most)
    if await members.save(owner, arxiv_id, caller.now):
        return render_kept(arxiv_id, is_new=True)
    if await members.is_saved(owner, arxiv_id):  # by another press in the meantime
        return render_kept(arxiv_id, is_new=False)
    return render_paper_gone(arxiv_id)


async def _export(desk: Desk, caller: Caller) -> Message:
    papers = await desk.store.members.saved(caller.target, desk.limits.saved_papers)
    if not papers:
        raise UserError("You have not saved any papers yet. The button Save under a paper's details does.")
    return render_export(format_bibtex([appearance.paper for appearance in papers]), len(papers))
