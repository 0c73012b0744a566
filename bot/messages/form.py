"""A form as a value: what Discord calls a modal, a few fields to type in and a button to send them."""

from __future__ import annotations

from dataclasses import dataclass

from discord import ui

from bot.messages.actions import Action
from bot.messages.custom_id import encode

FIELD = "value"  # the custom id of a form's one field


@dataclass(frozen=True, slots=True)
class Form:
    """One question: `action` is done with what is typed.

    `title` and `label` have at most 45 characters, `hint` (below the label) 100, `value` (filled in) and what is
    typed `limit`.
    """

    title: str
    action: Action
    label: str
    hint: str = ""
    value: str = ""
    limit: int = 100

    def render(self) -> ui.Modal:
        """Return the form as Discord has it."""
        modal = ui.Modal(title=self.title[:45], custom_id=encode(self.action))
        field: ui.TextInput[ui.Modal] = ui.TextInput(
            custom_id=FIELD, default=self.value[: self.limit] or None, max_length=self.limit
        )
        modal.add_item(ui.Label(text=self.label[:45], description=self.hint[:100] or None, component=field))
        return modal
