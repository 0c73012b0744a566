"""A message as a value: what Discord gets, and what the preview page shows in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from discord import MessageFlags, ui


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with a message; a `ui.File("attachment://name")` in its view shows it."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """Either pushed (`content` and a `View` of buttons) or an answer (a `LayoutView`, no content).

    A pushed message suppresses link embeds, pings at most the role `mention`, and is announced to nobody when it
    `is_silent`; an answer is private to who asked, pings nobody and may bring a file.
    """

    view: ui.View | ui.LayoutView | None
    content: str | None = None
    attachment: Attachment | None = None
    mention: str | None = None
    is_silent: bool = False

    def to_payload(self) -> dict[str, Any]:
        """Return the message as the JSON object Discord's API takes."""
        components = self.view.to_components() if self.view else []
        mentions: dict[str, Any] = {"parse": []} | ({"roles": [self.mention]} if self.mention else {})
        payload: dict[str, Any] = {"components": components, "allowed_mentions": mentions}
        if self.content is None:
            return payload | {"flags": MessageFlags(components_v2=True, ephemeral=True).value}
        flags = MessageFlags(suppress_embeds=True, suppress_notifications=self.is_silent)
        return payload | {"content": self.content, "flags": flags.value}
