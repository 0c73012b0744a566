"""One request as the routes see it, read from aiohttp's: JSON, or multipart with `payload_json` and files."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_server.refusals import Refusal


@dataclass(eq=False)
class Request:
    """A request of the client: `template` is the route's path in Discord's specification; later, what it got."""

    method: str
    template: str
    path: str
    params: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None
    files: dict[str, bytes] = field(default_factory=dict)
    at: float = field(default_factory=time.monotonic)
    status: int = 0
    code: int = 0
    answer: Any = None

    def get_id(self, name: str) -> int:
        """Return an id of the path; 0, which nothing has, where it is none."""
        text = self.params[name]
        return int(text) if text.isdecimal() else 0

    def get_int(self, name: str, default: int, least: int, most: int) -> int:
        """Return a number of the query, which Discord refuses outside its range."""
        text = self.query.get(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise Refusal(400, 50035, "Invalid Form Body")
        return int(text)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


async def read_request(raw: web.Request, template: str) -> Request:
    """Read a request with its body; a body that is no JSON is refused with 50109."""
    query, headers = dict(raw.query), dict(raw.headers)
    found = Request(raw.method, template, raw.path, dict(raw.match_info), query, headers)
    if raw.content_type == "multipart/form-data":
        await _read_parts(raw, found)
    elif raw.can_read_body:
        found.body = _parse(await raw.read())
    return found


async def _read_parts(raw: web.Request, found: Request) -> None:
    async for part in await raw.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        content = bytes(await part.read())
        if part.name == "payload_json":
            found.body = _parse(content)
        elif part.filename:
            name = part.filename if part.filename not in found.files else f"{len(found.files)}_{part.filename}"
            found.files[name] = content
    found.body = {} if found.body is None else found.body


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        raise Refusal.of(50109) from None
