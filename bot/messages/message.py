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
        if self.content is not None:
            return format_pushed(components, self.content, self.mention, is_silent=self.is_silent)
        flags = MessageFlags(components_v2=True, ephemeral=True).value
        return {"components": components, "allowed_mentions": _format_mentions(self.mention), "flags": flags}


def format_pushed(
    components: list[dict[str, Any]], content: str, mention: str | None, *, is_silent: bool
) -> dict[str, Any]:
    """Return the payload of a pushed message of which only the parts are there."""
    flags = MessageFlags(suppress_embeds=True, suppress_notifications=is_silent).value
    mentions = _format_mentions(mention)
    return {"components": components, "allowed_mentions": mentions, "content": content, "flags": flags}


def _format_mentions(mention: str | None) -> dict[str, Any]:
    return {"parse": []} | ({"roles": [mention]} if mention else {})
