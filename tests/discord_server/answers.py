"""What a member sees after doing something: a live view on one interaction."""

from __future__ import annotations

from typing import Any

from tests.discord_server.component_rules import BUTTON, SELECTS, walk
from tests.discord_server.interactions import (
    CHOICES,
    DEFERRED,
    DEFERRED_UPDATE,
    MODAL_SHOWN,
    UPDATE,
    Interaction,
    is_loading,
)
from tests.discord_server.message_rules import find_texts
from tests.discord_server.payloads import format_message
from tests.discord_server.state import EPHEMERAL, Message, World


class Answer:
    """An interaction's outcome; it follows later edits and follow-ups."""

    def __init__(self, interaction: Interaction, world: World) -> None:
        self.interaction, self._world = interaction, world

    def __repr__(self) -> str:
        return f"<Answer type={self.interaction.answer_kind} text={self.text!r}>"

    @property
    def answered(self) -> bool:
        """Whether the bot answered in time at all."""
        return self.interaction.answered is not None

    @property
    def milliseconds(self) -> float:
        """How long the first answer took."""
        if self.interaction.answered is None:
            raise AssertionError("the interaction was never answered")
        return (self.interaction.answered - self.interaction.opened) * 1000

    @property
    def deferred(self) -> bool:
        """Whether the first answer only asked for time."""
        return self.interaction.answer_kind in (DEFERRED, DEFERRED_UPDATE)

    @property
    def updated(self) -> bool:
        """Whether the message that was pressed became the answer."""
        return self.interaction.answer_kind in (UPDATE, DEFERRED_UPDATE)

    @property
    def original(self) -> Message | None:
        """The message of the answer, if there is one that is finished and not deleted."""
        found = self.interaction.original
        return None if found is None or found.deleted or is_loading(found) else found

    @property
    def message(self) -> dict[str, Any] | None:
        """The answer's message as JSON."""
        return None if self.original is None else format_message(self.original, self._world)

    @property
    def ephemeral(self) -> bool:
        """Whether only this member sees it, also while it is being deferred."""
        found = self.interaction.original
        return found is not None and bool(found.flags & EPHEMERAL)

    @property
    def followups(self) -> list[dict[str, Any]]:
        """Later messages as JSON."""
        return [format_message(one, self._world) for one in self.interaction.followups if not one.deleted]

    @property
    def modal(self) -> dict[str, Any] | None:
        """The modal that opened, if one did."""
        return self._get_data(MODAL_SHOWN)

    @property
    def choices(self) -> list[dict[str, Any]]:
        """What completion offered."""
        return (self._get_data(CHOICES) or {}).get("choices") or []

    @property
    def text(self) -> str:
        """All markdown of the answer's message, a line for each piece."""
        return "" if self.message is None else "\n".join(text for text in find_texts(self.message) if text)

    @property
    def buttons(self) -> list[str]:
        """The labels of its buttons that can be pressed, in order."""
        return [one.get("label", "") for one in self._walk() if one["type"] == BUTTON and not one.get("disabled")]

    @property
    def selects(self) -> list[str]:
        """The custom ids of its selects, in order."""
        return [one["custom_id"] for one in self._walk() if one["type"] in SELECTS]

    def _walk(self) -> list[dict[str, Any]]:
        return [] if self.message is None else list(walk(self.message["components"]))

    def _get_data(self, kind: int) -> dict[str, Any] | None:
        answer = self.interaction.answer
        return answer.get("data") if answer is not None and answer["type"] == kind else None
