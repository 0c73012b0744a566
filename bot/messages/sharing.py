"""What a private answer looks like when it is shown to everyone: who shares it, and nothing that only one may turn.

Shared by @ada
the answer, without its pager
[Open my own copy] [Remove]
"""

from __future__ import annotations

from typing import Any

from discord import ui

from bot.messages.actions import (
    DayPage,
    OpenCopy,
    OpenPaper,
    QuestionAction,
    RemoveShared,
    Save,
    SearchPage,
    Share,
    TopPage,
)
from bot.messages.buttons import Button, render_button
from bot.messages.custom_id import decode
from bot.messages.extras import add_buttons
from bot.messages.language import say
from bot.messages.message import Message

_PAGES = (DayPage, TopPage, SearchPage)


def render_share_button(action: QuestionAction) -> Button:
    """Return the button that shows an answer to everyone."""
    return render_button(say("Show to everyone"), Share(action))


def render_save_button(action: OpenPaper) -> Button:
    """Return the button that keeps a paper in one's own list."""
    return render_button(say("Save"), Save(action.arxiv_id))


def render_shared(message: Message, action: QuestionAction, member_id: str) -> Message:
    """Return an answer as everyone sees it; `member_id` is who shares it, named but not pinged."""
    view = message.view
    if not isinstance(view, ui.LayoutView):
        raise TypeError("only an answer can be shared")
    for container in view.children:
        if isinstance(container, ui.Container):
            _drop_pager(container)
    rows = list(view.children)
    view.clear_items()
    for item in (ui.TextDisplay("-# " + say("Shared by {member}", member=f"<@{member_id}>")), *rows):
        view.add_item(item)
    copy = render_button(say("Open my own copy"), OpenCopy(action))
    return add_buttons(message, [copy, render_button(say("Remove"), RemoveShared(int(member_id)))])


def _drop_pager(container: ui.Container[Any]) -> None:
    for row in list(container.children):
        if isinstance(row, ui.ActionRow) and any(_turns_page(button) for button in row.children):
            container.remove_item(row)


def _turns_page(button: ui.Item[Any]) -> bool:
    return isinstance(button, ui.Button) and isinstance(decode(button.custom_id or ""), _PAGES)
