"""What a message says that its post's correction left without a part of the digest, or with more than it shows."""

from __future__ import annotations

from discord import ui

from bot.digest.selection import Digest
from bot.messages.actions import OpenDay
from bot.messages.buttons import add_rows, render_button
from bot.messages.language import say, say_count
from bot.messages.limits import CONTENT, measure
from bot.messages.message import Message
from bot.messages.summary import render_heading


def render_left_over(digest: Digest, marker: str) -> Message:
    """Return the line in place of a part that a corrected digest no longer has, with a button to its newest day."""
    view = ui.View(timeout=None)
    days = [render_button(say("The whole day"), OpenDay(day.day), marker) for day in digest.days[-1:]]
    add_rows(view, [days])
    line = say("-# {heading} · corrected: what was here is no longer part of it", heading=render_heading(digest))
    return Message(view=view, content=line)


def add_more(content: str, count: int) -> str:
    """Return a message's text with the line that `count` papers have no room in it, where there is room for that."""
    line = say_count(
        count,
        "-# corrected: {n} more paper, in the whole day",
        "-# corrected: {n} more papers, in the whole day",
    )
    longer = f"{content}\n{line}"
    return longer if measure(longer) <= CONTENT else content
