"""Components as Discord stores them: numbered, with its defaults, media resolved to the files attached. Pure."""

from __future__ import annotations

import copy
import itertools
from typing import Any

from tests.discord_server.component_rules import CONTAINER, FILE, GALLERY, SELECTS, SEPARATOR, THUMBNAIL, walk

_DEFAULTS: dict[int, dict[str, Any]] = {
    CONTAINER: {"accent_color": None, "spoiler": False},
    FILE: {"spoiler": False, "name": None, "size": None},
    SEPARATOR: {"spacing": 1, "divider": True},
    THUMBNAIL: {"description": None, "spoiler": False},
    **{kind: {"min_values": 1, "max_values": 1} for kind in SELECTS},
}


def store_components(components: list[dict[str, Any]], attachments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return a copy of components as a message keeps them; ids that were given stay."""
    stored = copy.deepcopy(components)
    taken = {one["id"] for one in walk(stored) if one.get("id")}
    free = (number for number in itertools.count(1) if number not in taken)
    for one in walk(stored):
        _complete(one, free.__next__, {attached["filename"]: attached for attached in attachments})
    return stored


def _complete(one: dict[str, Any], number: Any, attached: dict[str, dict[str, Any]]) -> None:
    one["id"] = one.get("id") or number()
    for key in [key for key, value in one.items() if value is None]:
        del one[key]
    for key, value in _DEFAULTS.get(one["type"], {}).items():
        one.setdefault(key, value)
    if one["type"] == FILE:
        one["file"], found = _resolve(one["file"], attached)
        one["name"], one["size"] = found.get("filename", one["name"]), found.get("size", one["size"])
    elif one["type"] == THUMBNAIL:
        one["media"], _ = _resolve(one["media"], attached)
    elif one["type"] == GALLERY:
        empty = {"description": None, "spoiler": False}
        one["items"] = [empty | item | {"media": _resolve(item["media"], attached)[0]} for item in one["items"]]


def _resolve(media: dict[str, Any], attached: dict[str, dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a medium with its real address, and the attachment it is, if it is one."""
    found = attached.get(str(media.get("url", "")).removeprefix("attachment://"), {})
    url = found.get("url", media.get("url"))
    base = {"id": found.get("id", "0"), "url": url, "proxy_url": url}
    return media | base | ({"attachment_id": found["id"]} if found else {}), found
