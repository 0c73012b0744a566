"""Reads the labels on posts and accounts of Bluesky: which of them may not be shown to everyone, and which are bots'.

Source: https://atproto.com/guides/labels; the values are the protocol's own and those of Bluesky's moderation, which
an AppView sends with every answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.sources.bluesky_record import get_dict, get_list, parse_time

HIDING = frozenset(
    {
        "!hide", "!warn", "!no-unauthenticated", "!no-promote", "!takedown", "!suspend",
        "porn", "sexual", "sexual-figurative", "nudity", "nudity-nonconsensual",
        "graphic-media", "gore", "nsfl", "corpse", "self-harm", "torture", "csam", "dmca-violation", "doxxing",
        "intolerant", "intolerance", "extremist", "threat", "rude", "icon-kkk", "icon-nazi", "icon-intolerant",
        "spam", "scam", "impersonation", "misleading", "misinformation", "unsafe-link", "illicit", "security",
        "inauthentic", "engagement-farming",
    }
)  # fmt: skip
"""With these a post is counted but not quoted. `!no-unauthenticated` is what people choose who want to be seen by
members only; of the others, a client that can't cover a post until it is asked for shows none."""

BOT = "bot"  # since 2026 an account can say of itself that it is automated, in a self-label of its profile


def is_hidden(view: Mapping[str, object], now: datetime) -> bool:
    """Tell whether a label of a post, of its author or of its own making asks not to show it to everyone."""
    given = [*get_list(view, "labels"), *get_list(view.get("author"), "labels")]
    own = get_list(get_dict(view.get("record"), "labels"), "values")
    return not HIDING.isdisjoint(find_labels([*given, *own], now))


def is_bot(view: Mapping[str, object], did: str, now: datetime) -> bool:
    """Tell whether a post's author says of itself that it is automated; what others say does not count here."""
    labels = get_list(view.get("author"), "labels")
    own = [label for label in labels if isinstance(label, dict) and label.get("src") == did]
    return BOT in find_labels(own, now)


def find_labels(labels: Iterable[object], now: datetime) -> frozenset[str]:
    """Return the values of the labels in force: not taken back by a later one, and not past their time."""
    valid: dict[tuple[str, str, str], str] = {}
    for label in labels:
        value = label.get("val") if isinstance(label, dict) else None
        if not isinstance(label, dict) or not isinstance(value, str):
            continue
        identity = (str(label.get("src")), str(label.get("uri")), value)
        expires = parse_time(label.get("exp"))
        if label.get("neg") is True or (expires is not None and expires <= now):
            valid.pop(identity, None)
        else:
            valid[identity] = value
    return frozenset(valid.values())
