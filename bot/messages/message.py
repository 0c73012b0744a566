"""A message as a value: what Discord gets, and what the preview page shows in its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from discord import MessageFlags, ui


@dataclass(frozen=True, slots=True)
class Message:
    """Either pushed (`content` and a `View` of buttons) or an answer (a `LayoutView`, no content).

    A pushed message suppresses link embeds; an answer is private to who asked. Neither pings anyone.
    """

    view: ui.View | ui.LayoutView | None
    content: str | None = None

    def to_payload(self) -> dict[str, Any]:
        """Return the message as the JSON object Discord's API takes."""
        components = self.view.to_components() if self.view else []
        payload: dict[str, Any] = {"components": components, "allowed_mentions": {"parse": []}}
        if self.content is None:
            return payload | {"flags": MessageFlags(components_v2=True, ephemeral=True).value}
        return payload | {"content": self.content, "flags": MessageFlags(suppress_embeds=True).value}
