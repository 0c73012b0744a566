"""Selects as Discord has them, built from actions; the values chosen go to the router with the action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from discord import ChannelType, SelectOption, ui

from bot.messages.actions import Action
from bot.messages.custom_id import encode

MOST_OPTIONS = 25  # of one select: https://discord.com/developers/docs/components/reference#string-select
_POSTABLE = [ChannelType.text, ChannelType.news, ChannelType.forum]


@dataclass(frozen=True, slots=True)
class Pick:
    """One option of a select: `label` is shown, at most 100 characters; `value` is sent; `is_chosen` already."""

    label: str
    value: str
    is_chosen: bool = False
    note: str = ""


def render_select(
    action: Action, picks: Sequence[Pick], placeholder: str, *, least: int = 1, most: int = 1
) -> ui.ActionRow[Any]:
    """Return a row with a select of 1 to 25 options, of which `least` to `most` may be chosen."""
    options = [_render_option(pick) for pick in picks[:MOST_OPTIONS]]
    select: ui.Select[Any] = ui.Select(
        custom_id=encode(action),
        placeholder=placeholder[:150],
        min_values=least,
        max_values=min(most, len(options)),
        options=options,
    )
    return ui.ActionRow(select)


def render_channel_select(action: Action, placeholder: str, *, most: int = 1) -> ui.ActionRow[Any]:
    """Return a row with a select of the server's text, announcement and forum channels."""
    select: ui.ChannelSelect[Any] = ui.ChannelSelect(
        custom_id=encode(action), placeholder=placeholder[:150], channel_types=_POSTABLE, max_values=most
    )
    return ui.ActionRow(select)


def render_role_select(action: Action, placeholder: str) -> ui.ActionRow[Any]:
    """Return a row with a select of one of the server's roles, or none."""
    # Nothing is chosen already: discord.py writes the id as a number there, against Discord's specification.
    select: ui.RoleSelect[Any] = ui.RoleSelect(custom_id=encode(action), placeholder=placeholder[:150], min_values=0)
    return ui.ActionRow(select)


def _render_option(pick: Pick) -> SelectOption:
    note = pick.note[:100] or None
    return SelectOption(label=pick.label[:100], value=pick.value, default=pick.is_chosen, description=note)
