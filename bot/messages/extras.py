"""Adds a row of buttons below an answer that is otherwise complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from discord import ui

from bot.messages.buttons import Button
from bot.messages.message import Message


def add_buttons(message: Message, buttons: Sequence[Button]) -> Message:
    """Return an answer with at most five buttons more; it must have room for them (six components)."""
    if buttons and isinstance(message.view, ui.LayoutView):
        row: ui.ActionRow[Any] = ui.ActionRow(*buttons)
        message.view.add_item(row)
    return message
