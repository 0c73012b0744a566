"""What the handlers of the page's API share: reading what was asked, and answering in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import web

from bot.answers.page import READER
from bot.answers.values import Caller, Choice
from bot.errors import UserError
from bot.messages.message import Message

__all__ = ["READER", "envelop", "format_choices", "get_text", "read_object", "respond"]

MAX_TEXT = 4000  # characters of a typed command; Discord's own limit for a message is the same with a boost


def respond(value: Mapping[str, Any]) -> web.Response:
    """Return a JSON response that nothing keeps."""
    return web.json_response(value, headers={"Cache-Control": "no-store"})


def envelop(message: Message, caller: Caller) -> dict[str, Any]:
    """Return a message as the page takes it: the very payload for Discord, and when it was made."""
    return {"payload": message.to_payload(), "at": caller.now.isoformat()}


def format_choices(choices: Iterable[Choice]) -> list[dict[str, str]]:
    """Return choices as JSON."""
    return [{"name": choice.name, "value": choice.value} for choice in choices]


def get_text(values: Mapping[str, Any], key: str, limit: int = MAX_TEXT) -> str:
    """Return the text under a key; raise UserError when it is missing, not text or too long."""
    value = values.get(key)
    if not isinstance(value, str):
        raise UserError(f"“{key}” is missing.")
    if len(value) > limit:
        raise UserError(f"That is {len(value):,} characters; at most {limit:,} fit.")
    return value.encode("utf-8", "replace").decode()  # JSON can smuggle half an emoji in


async def read_object(request: web.Request) -> dict[str, Any]:
    """Return a request's JSON object; raise UserError for any other body."""
    try:
        body = await request.json()
    except (ValueError, RecursionError):
        raise UserError("The request is not JSON.") from None
    if not isinstance(body, dict):
        raise UserError("The request is not a JSON object.")
    return body
