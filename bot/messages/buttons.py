"""Buttons as Discord has them, built from actions; what pressing one does is decided by the router."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from discord import ButtonStyle, ComponentType, ui

from bot.messages.actions import Action, GetByDM, GetSameByDM, OpenPaper
from bot.messages.custom_id import can_encode, encode
from bot.messages.language import say
from storage.models import Appearance, Subscription

Button = ui.Button[Any]


class Press(NamedTuple):
    """A button before it is one of Discord's: what it says, at most 80 characters, and its custom id."""

    label: str
    custom_id: str


def make_button(press: Press) -> Button:
    """Return the button that something to press becomes."""
    return ui.Button(label=press.label[:80], custom_id=press.custom_id, style=ButtonStyle.secondary)


def format_rows(rows: Iterable[Sequence[Press]]) -> list[dict[str, Any]]:
    """Return what `to_components` of a view with these rows of buttons returns, without making one."""
    return [
        {
            "type": ComponentType.action_row.value,
            "components": [
                {
                    "type": ComponentType.button.value,
                    "style": ButtonStyle.secondary.value,
                    "disabled": False,
                    "label": press.label[:80],
                    "custom_id": press.custom_id,
                }
                for press in row
            ],
        }
        for row in rows
        if row
    ]


def render_button(label: str, action: Action, marker: str = "", *, primary: bool = False) -> Button:
    """Return a button that does `action`; `label` is at most 80 characters (Discord's limit)."""
    style = ButtonStyle.primary if primary else ButtonStyle.secondary
    return ui.Button(label=label[:80], custom_id=encode(action, marker), style=style)


def render_link_button(label: str, url: str) -> Button:
    """Return a button that opens `url`: https, at most 512 characters (Discord's limit)."""
    return ui.Button(label=label[:80], url=url, style=ButtonStyle.link)


def render_number_buttons(numbered: Iterable[tuple[int, Appearance]], marker: str = "") -> list[Button]:
    """Return a button for each numbered paper, as `list_number_presses` has them."""
    return [make_button(press) for press in list_number_presses(numbered, marker)]


def list_number_presses(numbered: Iterable[tuple[int, Appearance]], marker: str = "") -> list[Press]:
    """Return a button for each numbered paper; digits only, so that five fit beside each other on a phone.

    A paper that is there twice gets one button: Discord refuses a message with one custom id twice.
    """
    presses: dict[str, Press] = {}
    for number, appearance in numbered:
        custom_id = _encode_paper(appearance.paper.arxiv_id, appearance.day, marker)
        if custom_id is not None:
            presses.setdefault(custom_id, Press(str(number), custom_id))
    return list(presses.values())


@lru_cache(maxsize=512)  # the papers of a day are in many digests
def _encode_paper(arxiv_id: str, day: date, marker: str) -> str | None:
    action = OpenPaper(arxiv_id, day)
    return encode(action, marker) if can_encode(action) else None


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
