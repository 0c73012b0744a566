"""Reads Bluesky's values, which are whatever somebody's program wrote: identities, times, texts, links to papers.

Any value may have any type; what is not as the lexicons say is as if it were absent. Who asks for them is elsewhere.
Source: the lexicons app.bsky.feed.post, app.bsky.richtext.facet and app.bsky.embed.*, https://atproto.com/specs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.sources.links import parse_link

COLLECTION = "app.bsky.feed.post"
MOST_PAPERS = 20  # of one post; 300 characters have room for fewer
MOST_TEXT, MOST_NAME, MOST_HANDLE = 3_000, 640, 253  # characters: the lexicons' limits, in bytes there
WEB = "https://bsky.app/profile"
_MOST_ADDRESS = 2_048
_MOST_FACETS = 500
_DID = re.compile(r"did:[a-z]{1,20}:[A-Za-z0-9._:%-]{1,240}")
_RKEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HANDLE = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}", re.IGNORECASE)
_LANG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_URI = re.compile(rf"at://({_DID.pattern})/{re.escape(COLLECTION)}/({_RKEY.pattern})")
# Second precision is the least that a datetime of atproto has; what Python reads beyond (week dates …) is not one.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,20})?(?:Z|[+-]\d\d:\d\d)?", re.IGNORECASE)


def parse_json(raw: str | bytes) -> object:
    """Return what a text in JSON says; ValueError when it is none, or nested beyond reason."""
    try:
        return json.loads(raw)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def get_dict(value: object, key: str) -> dict[str, object]:
    """Return what a value has under a key when both are objects, else an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def get_list(value: object, key: str) -> list[object]:
    """Return the list that an object has under a key, else an empty one."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def get_text(value: object, key: str, limit: int) -> str:
    """Return the text that an object has under a key, without what no text can hold, cut at a limit of characters."""
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, str):
        return ""
    return found[:limit].encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def get_count(value: object, key: str) -> int | None:
    """Return the count that an object has under a key, None when it says none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 1 << 53 else None


def format_uri(did: object, rkey: object) -> str | None:
    """Return the at-uri of a post, None when an author or a key is not one."""
    if isinstance(did, str) and isinstance(rkey, str) and _DID.fullmatch(did) and _RKEY.fullmatch(rkey):
        return f"at://{did}/{COLLECTION}/{rkey}"
    return None


def parse_uri(uri: object) -> tuple[str, str] | None:
    """Return the author's DID and the key in a post's at-uri, None when it is anything else."""
    match = _URI.fullmatch(uri) if isinstance(uri, str) else None
    return (match[1], match[2]) if match else None


def parse_handle(value: object) -> str:
    """Return a handle in lower case, empty for one that is not valid (handle.invalid is how Bluesky says so)."""
    if not isinstance(value, str) or len(value) > MOST_HANDLE or not _HANDLE.fullmatch(value):
        return ""
    return "" if value.lower().endswith(".invalid") else value.lower()


def format_url(did: str, rkey: str, handle: str = "") -> str:
    """Return the page of a post at bsky.app; an author without a valid handle is found by the DID."""
    return f"{WEB}/{handle or did}/post/{rkey}"


def parse_time(value: object) -> datetime | None:
    """Return an atproto datetime in UTC (one without a zone is taken as UTC), None when it is none."""
    if not isinstance(value, str) or len(value) > 64 or not _TIME.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value.upper())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def bound_time(claimed: datetime | None, seen: datetime, most: timedelta) -> datetime:
    """Return when a post was made: what its author's program claims, unless it is after `seen` or `most` before it."""
    return claimed if claimed is not None and seen - most <= claimed <= seen else seen


def find_lang(record: object) -> str | None:
    """Return the first language that a record says it is in, None when it says none."""
    langs = get_list(record, "langs")
    return next((lang for lang in langs[:3] if isinstance(lang, str) and _LANG.fullmatch(lang)), None)


def find_papers(record: object) -> tuple[str, ...]:
    """Return the arXiv ids, without version, that a post links to: each once, in order, at most MOST_PAPERS.

    Its links are in its facets and its card, also one beside a quoted post; the text itself only shows them, cut.
    A link to alphaXiv, ar5iv, Hugging Face's papers or a DOI counts when its address has the arXiv id in it.
    """
    found = (parse_link(link) for link in _find_links(record))
    return tuple(dict.fromkeys(paper for paper in found if paper))[:MOST_PAPERS]


def _find_links(record: object) -> Iterator[str]:
    for facet in get_list(record, "facets")[:_MOST_FACETS]:
        for feature in get_list(facet, "features")[:_MOST_FACETS]:
            if isinstance(feature, dict) and feature.get("$type") == "app.bsky.richtext.facet#link":
                yield from _get_address(feature)
    embed = get_dict(record, "embed")
    for card in (embed, get_dict(embed, "media")):  # the second: recordWithMedia, a card beside a quoted post
        yield from _get_address(get_dict(card, "external"))


def _get_address(value: dict[str, object]) -> Iterator[str]:
    address = value.get("uri")
    if isinstance(address, str) and len(address) <= _MOST_ADDRESS:
        yield address
