"""Discord's rules for the body of a message, new or edited, and whom it pings. Pure.

Sources: Discord's documentation of Create Message, Edit Message, Embed Limits and Allowed Mentions. Components are
checked by `component_rules`; whether the author may write there at all is for the routes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tests.discord_rules import measure
from tests.discord_server.component_rules import TEXT, find_component_problems, find_length_problems, walk
from tests.discord_server.refusals import Problem, Refusal, check
from tests.discord_server.state import EPHEMERAL, Mentions

SUPPRESS_EMBEDS, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 2, 1 << 12, 1 << 15
SENDABLE = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
MOST_CONTENT, MOST_FILES, MOST_BYTES, MOST_NONCE = 2000, 10, 10 * 1024 * 1024, 25
_LEGACY = ("content", "embeds", "poll", "sticker_ids")
_USER, _ROLE, _EVERYONE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>"), re.compile(r"@(?:everyone|here)\b")
_EMBED_TEXTS = {"title": 256, "description": 4096}


def check_message(body: dict[str, Any], files: dict[str, bytes]) -> None:
    """Refuse a message that Discord would not take; of an edit, pass the message as it would become."""
    if sum(map(len, files.values())) > MOST_BYTES:
        raise Refusal.of(40005)
    check(_find_problems(body, files))
    shown = any(body.get(key) for key in (*_LEGACY[1:], "components", "attachments")) or files
    if not shown and not (body.get("content") or "").strip():
        raise Refusal.of(50006)


def _find_problems(body: dict[str, Any], files: dict[str, bytes]) -> Iterator[Problem]:
    flags = body.get("flags") or 0
    yield from find_length_problems(body, "content", 0, MOST_CONTENT, (), required=False)
    yield from find_length_problems({"nonce": str(body.get("nonce") or "")}, "nonce", 0, MOST_NONCE, (), required=False)
    if flags & ~SENDABLE:
        yield Problem(("flags",), "BITFIELD_INVALID", f"{flags & ~SENDABLE} can't be set by a bot")
    if len(files) > MOST_FILES:
        yield Problem(("attachments",), "BASE_TYPE_MAX_LENGTH", f"Must be {MOST_FILES} or fewer in length.")
    if flags & COMPONENTS_V2:
        for key in (key for key in _LEGACY if body.get(key)):
            yield Problem((key,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", f"{key} with components v2")
    names = {str(one.get("filename")) for one in body.get("attachments") or []} | set(files)
    v2 = bool(flags & COMPONENTS_V2)
    yield from find_component_problems(body.get("components") or [], v2=v2, files=names)
    yield from _find_embed_problems(body.get("embeds") or [])
    yield from _find_mention_problems(body.get("allowed_mentions") or {})


def _find_embed_problems(embeds: list[dict[str, Any]]) -> Iterator[Problem]:
    if len(embeds) > 10:
        yield Problem(("embeds",), "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    for index, embed in enumerate(embeds):
        path = ("embeds", index)
        for key, most in _EMBED_TEXTS.items():
            yield from find_length_problems(embed, key, 0, most, path, required=False)
        for number, one in enumerate(embed.get("fields") or []):
            yield from find_length_problems(one, "name", 1, 256, (*path, "fields", number))
            yield from find_length_problems(one, "value", 1, 1024, (*path, "fields", number))
        if len(embed.get("fields") or []) > 25:
            yield Problem((*path, "fields"), "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if sum(measure(text) for embed in embeds for text in _get_embed_texts(embed)) > 6000:
        yield Problem(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _get_embed_texts(embed: dict[str, Any]) -> Iterable[str]:
    fields = [one.get(key) for one in embed.get("fields") or [] for key in ("name", "value")]
    rest = [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    return [str(text) for text in (embed.get("title"), embed.get("description"), *fields, *rest) if text]


def _find_mention_problems(allowed: dict[str, Any]) -> Iterator[Problem]:
    for key in ("users", "roles"):
        if key in (allowed.get("parse") or []) and allowed.get(key):
            text = f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.'
            yield Problem(("allowed_mentions",), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
        if len(allowed.get(key) or []) > 100:
            yield Problem(("allowed_mentions", key), "BASE_TYPE_MAX_LENGTH", "Must be 100 or fewer in length.")


def find_texts(body: dict[str, Any]) -> list[str]:
    """Return every piece of markdown that a message or its body shows."""
    shown = [one.get("content") or "" for one in walk(body.get("components") or []) if one.get("type") == TEXT]
    return [body.get("content") or "", *shown]


def find_mentions(body: dict[str, Any]) -> Mentions:
    """Return whom a body pings, by its texts and its `allowed_mentions` (all that is written, without one)."""
    text = "\n".join(find_texts(body))
    allowed = body.get("allowed_mentions")
    parse = ["users", "roles", "everyone"] if allowed is None else allowed.get("parse") or []
    named = {key: {int(one) for one in (allowed or {}).get(key) or []} for key in ("users", "roles")}
    users = [int(one) for one in dict.fromkeys(_USER.findall(text)) if "users" in parse or int(one) in named["users"]]
    roles = [int(one) for one in dict.fromkeys(_ROLE.findall(text)) if "roles" in parse or int(one) in named["roles"]]
    return Mentions(users, roles, "everyone" in parse and bool(_EVERYONE.search(text)))
