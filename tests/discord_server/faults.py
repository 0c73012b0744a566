"""Faults on demand: rules matched against a request, and what each does to it, before or after the effect.

`before` the effect nothing has happened when the fault strikes; `after` it everything has, only the answer is lost.
"""

from __future__ import annotations

import asyncio
import re
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from tests.discord_server.replies import send_json

When = Literal["before", "after"]


@dataclass(eq=False)
class Fault:
    """A rule: for requests of a method whose path fits a pattern, wait, then answer with an error or cut the line.

    `times` is how often it strikes (None: for ever), `chance` decides each time, `struck` counts. Without `status`,
    `lost` or `reset` it only delays.
    """

    path: str = ""
    method: str = ""
    when: When = "before"
    times: int | None = 1
    chance: Callable[[], bool] = lambda: True
    hang_seconds: float = 0.0
    status: int | None = None
    body: dict[str, Any] | str = ""
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False
    reset: bool = False
    struck: int = 0

    @classmethod
    def rate_limit(cls, seconds: float, *, path: str = "", everywhere: bool = False, times: int | None = 1) -> Fault:
        """Return a 429, of one route or of everything."""
        body = {"message": "You are being rate limited.", "retry_after": seconds, "global": everywhere}
        headers = {
            "Retry-After": str(seconds),
            "Via": "1.1 test",
            "X-RateLimit-Scope": "global" if everywhere else "user",
        }
        return cls(path, status=429, body=body, headers=headers, times=times)

    def match(self, method: str, path: str, when: When) -> bool:
        """Tell whether this fault strikes a request now, and count it."""
        fits = self.when == when and self.method in ("", method) and re.search(self.path, path) is not None
        if not fits or (self.times is not None and self.struck >= self.times) or not self.chance():
            return False
        self.struck += 1
        return True

    async def apply(self, raw: web.Request) -> web.Response | None:
        """Do it; return the answer that replaces the real one, None when it was only delayed."""
        await asyncio.sleep(self.hang_seconds)
        if self.lost or self.reset:
            cut(raw, reset=self.reset)
            return web.Response()
        if self.status is None:
            return None
        if isinstance(self.body, dict):
            return send_json(self.body, self.status, self.headers)
        return web.Response(text=self.body, status=self.status, headers=self.headers)


def cut(raw: web.Request, *, reset: bool = False) -> None:
    """Close a connection without an answer, with a TCP reset when asked."""
    if raw.transport is None:
        return
    line = raw.transport.get_extra_info("socket")
    if reset and line is not None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raw.transport.abort()
