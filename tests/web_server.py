"""A web server on this machine that answers as a test wants, for sources that ask over HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sources.wire import Answer, Wire

HASTY, PATIENT = 0.2, 20.0  # seconds for one try
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Web:
    """A server and a client of it: `base` is the server's address, `asked` the queries of its requests so far.

    `slept` are the client's waits in seconds; it has waited for none of them.
    """

    def __init__(self, patience: float) -> None:
        self.base = ""
        self.asked: list[dict[str, str]] = []
        self.slept: list[float] = []
        self.wire: Wire = _ImpatientWire(patience, contact="", sleep=self._sleep, chance=lambda: 1.0)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class _ImpatientWire(Wire):
    """A client that waits for one try only so long, in seconds."""

    def __init__(self, patience: float, **options: object) -> None:
        super().__init__(**options)  # type: ignore[arg-type]
        self._patience = patience

    async def get(self, url: str, **options: object) -> Answer:
        """Ask as its parent does."""
        return await super().get(url, **{"seconds": self._patience, **options})  # type: ignore[arg-type]


@asynccontextmanager
async def serve(handler: Handler, patience: float = PATIENT) -> AsyncIterator[Web]:
    """Open a server whose every answer is the handler's, and a client."""
    world = Web(patience)

    async def answer(request: web.Request) -> web.StreamResponse:
        world.asked.append({"path": request.path, **request.query})
        return await handler(request)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server, world.wire:
        world.base = str(server.make_url("/api"))
        yield world


def send(value: object, status: int = 200, **headers: str) -> web.Response:
    """Return an answer with a value as JSON, or with bytes as they are."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def _send_endlessly(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while not (request.transport is None or request.transport.is_closing()):
        try:
            await response.write(b"[" + b" " * 65_535)
        except ConnectionError:
            break
    return response


async def _never_answer(request: web.Request) -> web.StreamResponse:
    while not (request.transport is None or request.transport.is_closing()):
        await asyncio.sleep(0.01)
    return web.Response()


async def _break_off(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"[")
    assert request.transport
    request.transport.close()
    return response


def _always(value: bytes, status: int = 200, **headers: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        return send(value, status, **headers)

    return answer


FAULTS: dict[str, tuple[Handler, str]] = {  # how a server can fail, and what has to be said of it
    "500": (_always(b"", 500), "answered 500"),
    "403": (_always(b"", 403), "answered 403"),
    "429 for an hour": (_always(b"", 429, **{"Retry-After": "3600"}), "asks to wait for 3,600 seconds"),
    "429 for a minute, always": (_always(b"", 429, **{"Retry-After": "60"}), "answered 429 (4 tries)"),
    "time-out": (_never_answer, "did not answer in time"),
    "endless body": (_send_endlessly, "sent more than 8,000,000 bytes"),
    "broken off": (_break_off, "broke off its answer"),
    "web page": (_always(b"<!doctype html><title>Sign in</title>"), "is a web page, not JSON"),
    "truncated JSON": (_always(b'[{"paper": {"id": "2608.0'), "is not JSON"),
    "nothing": (_always(b""), "is not JSON"),
    "deeply nested": (_always(b"[" * 200_000), "is nested too deeply"),
    "deeply nested objects": (_always(b'{"hits":' * 200_000), "is nested too deeply"),
    "NaN": (_always(b'[{"paper": {"id": "2608.00001", "upvotes": NaN}}]'), "NaN"),
    "Latin-1": (_always('["é"]'.encode("latin-1")), "is not text in UTF-8"),
    "null": (_always(b"null"), "is null"),
    "a number with many digits": (_always(b"1" * 10_000), "is a number"),
    "garbage in a list": (_always(b"[\"{'paper': {}}\", 1, null, [], {}]"), ""),
    "garbage in an object": (_always(b'{"hits": ["{\'title\': 1}", 1, null, []]}'), ""),
}
