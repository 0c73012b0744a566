"""What a route gives back when it is more than JSON with status 200, and how JSON is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Reply:
    """A status and a JSON body; a route that gives None answers 204, anything else 200."""

    status: int
    body: Any = None


def send_json(body: Any, status: int, headers: dict[str, str] | None = None) -> web.Response:
    """Return an HTTP answer whose type is exactly application/json, which the client insists on."""
    content_type = {"Content-Type": "application/json"}
    return web.Response(body=json.dumps(body).encode(), status=status, headers=(headers or {}) | content_type)
