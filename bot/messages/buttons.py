"""Buttons as Discord has them, built from actions; what pressing one does is decided by the router."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from discord import ButtonStyle, ui

from bot.messages.actions import Action, GetByDM, GetSameByDM, OpenPaper
from bot.messages.custom_id import can_encode, encode
from bot.messages.language import say
from storage.models import Appearance, Subscription

Button = ui.Button[Any]


def render_button(label: str, action: Action, marker: str = "", *, primary: bool = False) -> Button:
    """Return a button that does `action`; `label` is at most 80 characters (Discord's limit)."""
    style = ButtonStyle.primary if primary else ButtonStyle.secondary
    return ui.Button(label=label[:80], custom_id=encode(action, marker), style=style)


def render_link_button(label: str, url: str) -> Button:
    """Return a button that opens `url`: https, at most 512 characters (Discord's limit)."""
    return ui.Button(label=label[:80], url=url, style=ButtonStyle.link)


def render_number_buttons(numbered: Iterable[tuple[int, Appearance]], marker: str = "") -> list[Button]:
    """Return a button for each numbered paper; digits only, so that five fit beside each other on a phone.

    A paper that is there twice gets one button: Discord refuses a message with one custom id twice.
    """
    numbers: dict[OpenPaper, int] = {}
    for number, appearance in numbered:
        action = choose_open_paper(appearance)
        if action is not None:
            numbers.setdefault(action, number)
    return [render_button(str(number), action, marker) for action, number in numbers.items()]


def choose_open_paper(appearance: Appearance) -> OpenPaper | None:
    """Return what opens a paper's details as it stood on the day shown, None for an id that is none of arXiv's."""
    action = OpenPaper(appearance.paper.arxiv_id, appearance.day)
    return action if can_encode(action) else None


def choose_get_by_dm(subscription: Subscription, marker: str = "") -> GetByDM | GetSameByDM | None:
    """Return what orders this digest by DM: its categories where they fit, else the subscription itself.

    None when neither can be said: more categories than fit and no subscription stored yet.
    """
    by_categories = GetByDM(tuple(sorted(subscription.categories)))
    if can_encode(by_categories, marker):
        return by_categories
    return GetSameByDM(subscription.id) if subscription.id else None


def render_pager(previous: Action | None, following: Action | None) -> ui.ActionRow[Any] | None:
    """Return a row to the pages before and after, None when this page is all there is."""
    buttons = [
        render_button(label, action)
        for label, action in ((say("‹ Previous"), previous), (say("Next ›"), following))
        if action is not None
    ]
    return ui.ActionRow(*buttons) if buttons else None


def add_rows(view: ui.View, rows: Sequence[Sequence[Button]]) -> None:
    """Add rows of at most five buttons each to a view, leaving out empty ones; at most five rows."""
    for index, row in enumerate(row for row in rows if row):
        for button in row:
            button.row = index
            view.add_item(button)
