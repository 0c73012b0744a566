"""Reads messages and posts out of Discord's answers: whose they are, and what their buttons say they are for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from bot.delivery.transport import Posted, Sent


class Message(NamedTuple):
    """A message of a history; `number` is its id, which tells its time."""

    number: int
    author: str
    posted: Posted


class Post(NamedTuple):
    """A thread, which may be a post of the forum that is its parent."""

    number: int
    owner: str
    parent: str


class PostPage(NamedTuple):
    """Some threads, whether there are more, and when the first of them was put away."""

    posts: list[Post]
    has_more: bool
    earliest: datetime | None


def parse_message(channel_id: str, found: Any) -> Message:
    """Read a message; of an answer of another shape ValueError, LookupError, TypeError or AttributeError is raised."""
    custom_ids = list_custom_ids(found.get("components") or ())
    sent = Sent(channel_id, str(found["id"]))
    return Message(int(found["id"]), str(found["author"]["id"]), Posted(sent, custom_ids))


def parse_posts(found: Any) -> PostPage:
    """Read a list of threads; errors as of `parse_message`."""
    threads = found["threads"]
    posts = [Post(int(one["id"]), str(one.get("owner_id")), str(one["parent_id"])) for one in threads]
    times = [datetime.fromisoformat(one["thread_metadata"]["archive_timestamp"]) for one in threads]
    return PostPage(posts, bool(found.get("has_more")), min(times, default=None))


def list_custom_ids(components: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the custom ids of a message's components, however deep."""
    return tuple(str(one["custom_id"]) for one in _walk(components) if one.get("custom_id"))


def _walk(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        yield component
        yield from _walk(component.get("components", ()))
        if isinstance(component.get("accessory"), Mapping):
            yield component["accessory"]
