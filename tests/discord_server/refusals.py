"""Discord's error answers: HTTP status, its own code, and for a refused body the nested `errors` object."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

_MESSAGES = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10066: (404, "Unknown application command permissions"),
    40005: (413, "Request entity too large"),
    40033: (400, "This message has already been crossposted"),
    40060: (400, "Interaction has already been acknowledged"),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40094: (400, "This interaction has hit the maximum number of follow up messages"),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50021: (400, "Cannot execute action on a system message"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50033: (400, "Invalid Recipient(s)"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160004: (400, "A thread has already been created for this message"),
}
INVALID_FORM = 50035


class Problem(NamedTuple):
    """One thing wrong in a body: where (keys and indexes), Discord's name for it, a sentence."""

    path: tuple[str | int, ...]
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'body'}: {self.message}"


class Refusal(Exception):  # noqa: N818 - Discord's word for it, and no error of ours
    """An error answer of Discord's."""

    def __init__(self, status: int, code: int, message: str, problems: Iterable[Problem] = ()) -> None:
        self.status, self.code, self.message, self.problems = status, code, message, list(problems)
        super().__init__(f"{status} {code} {message}" + "".join(f"; {problem}" for problem in self.problems))

    @classmethod
    def of(cls, code: int) -> Refusal:
        """Return the refusal of a known code."""
        status, message = _MESSAGES[code]
        return cls(status, code, message)

    def to_json(self) -> dict[str, Any]:
        """Return the body of the answer."""
        body: dict[str, Any] = {"message": self.message, "code": self.code}
        if self.problems:
            body["errors"] = _nest(self.problems)
        return body


def check(problems: Iterable[Problem]) -> None:
    """Refuse a body (50035) that has any problem, naming all of them."""
    found = list(problems)
    if found:
        raise Refusal(400, INVALID_FORM, "Invalid Form Body", found)


@contextlib.contextmanager
def nested(*path: str | int) -> Iterator[None]:
    """Name the problems found inside by where the checked part lies in the body."""
    try:
        yield
    except Refusal as refusal:
        refusal.problems = [Problem((*path, *inner), code, message) for inner, code, message in refusal.problems]
        raise


def _nest(problems: list[Problem]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, code, message in problems:
        node = tree
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})
    return tree
