"""A Jetstream of our own on loopback with the faults of a real one, and a sink that keeps what it is given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import WSMsgType, web

from bot.sources.jetstream import Listener
from bot.sources.source import Item
from storage.errors import StorageError

NOW = datetime(2026, 11, 20, 21, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
SECOND_US = 1_000_000
AUTHOR = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"


def make_event(
    rkey: str,
    time_us: int,
    *papers: str,
    operation: str = "create",
    author: str = AUTHOR,
    created: str = "2026-11-20T20:00:00.000Z",
) -> dict[str, Any]:
    """Return an event of a post with a link to each paper, in a facet whose text is cut."""
    record = {
        "$type": "app.bsky.feed.post",
        "createdAt": created,
        "langs": ["en"],
        "text": "worth a read: arxiv.org/abs/26...",
        "facets": [
            {
                "features": [{"$type": "app.bsky.richtext.facet#link", "uri": f"https://arxiv.org/abs/{paper}"}],
                "index": {"byteStart": 14, "byteEnd": 33},
            }
            for paper in papers
        ],
    }
    commit: dict[str, Any] = {"rev": "1", "operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey}
    if operation != "delete":
        commit |= {"record": record, "cid": "bafyrei"}
    return {"did": author, "time_us": time_us, "kind": "commit", "commit": commit}


def uri_of(rkey: str, author: str = AUTHOR) -> str:
    """Return a post's at-uri."""
    return f"at://{author}/app.bsky.feed.post/{rkey}"


@dataclass
class Plan:
    """What one connection meets: a refusal, or so many frames and then an end; extra frames come before the first."""

    status: int = 101
    frames: int | None = None
    end: str = "close"  # or "drop": the socket is cut; "hang": nothing more comes
    extra: Sequence[str | bytes] = ()
    retry_after: str = ""


@dataclass
class FakeJetstream:
    """Repeats its events from the cursor on, those at the cursor twice, then goes on with what `tell` adds.

    A frame that is larger than the client takes is in `events` like any other; the n-th connection follows the n-th
    plan, later ones none.
    """

    events: list[tuple[int, str | bytes]] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    collections: list[list[str]] = field(default_factory=list)
    agents: list[str] = field(default_factory=list)
    sent: int = 0
    url: str = ""

    def tell(self, *events: dict[str, Any]) -> None:
        """Add events, which connections that are open are sent as well."""
        self.events += [(event["time_us"], json.dumps(event)) for event in events]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        self.queries.append(dict(request.query))
        self.collections.append(request.query.getall("wantedCollections", []))
        self.agents.append(request.headers.get("User-Agent", ""))
        plan = self.plans[len(self.queries) - 1] if len(self.queries) <= len(self.plans) else Plan(end="hang")
        if plan.status != 101:
            return web.Response(status=plan.status, headers={"Retry-After": plan.retry_after or "0"})
        socket = web.WebSocketResponse(timeout=1)
        await socket.prepare(request)
        reader = asyncio.create_task(self._read(socket))
        try:
            await self._serve(socket, request, plan)
        except ConnectionError:
            pass
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)
        return socket

    async def _read(self, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            assert message.type in (WSMsgType.PING, WSMsgType.PONG)

    async def _serve(self, socket: web.WebSocketResponse, request: web.Request, plan: Plan) -> None:
        for frame in plan.extra:
            await self._send(socket, frame)
        cursor, sent, at = int(request.query["cursor"]), 0, 0
        while plan.frames is None or sent < plan.frames:
            if at == len(self.events):
                if plan.end != "hang" and plan.frames is None:
                    break
                await asyncio.sleep(0.005)
                if socket.closed:
                    return
                continue
            time_us, frame = self.events[at]
            at += 1
            if time_us >= cursor:
                await self._send(socket, frame)
                sent += 1
        if plan.end == "hang":
            while not socket.closed:
                await asyncio.sleep(0.005)
        elif plan.end == "drop":
            assert request.transport is not None
            request.transport.abort()
        else:
            await socket.close(code=1001)

    async def _send(self, socket: web.WebSocketResponse, frame: str | bytes) -> None:
        await (socket.send_bytes(frame) if isinstance(frame, bytes) else socket.send_str(frame))
        self.sent += 1


@asynccontextmanager
async def serve(jetstream: FakeJetstream) -> AsyncIterator[FakeJetstream]:
    """Let a Jetstream be reached on a free port."""
    app = web.Application()
    app.router.add_get("/subscribe", jetstream.answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        jetstream.url = f"ws://127.0.0.1:{runner.addresses[0][1]}/subscribe"
        yield jetstream
    finally:
        await runner.cleanup()


@dataclass
class MemorySink:
    """Keeps what it is given; fails as often as told."""

    posts: dict[str, Item] = field(default_factory=dict)
    cursor: int | None = None
    gaps: list[tuple[datetime, datetime]] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    most: int = 0
    failures: int = 0
    fails: bool = False

    async def get_cursor(self) -> int | None:
        """Return the cursor."""
        return self.cursor

    async def find(self, uris: Collection[str]) -> Collection[str]:
        """Return those kept."""
        self._may_fail()
        self.asked += uris
        return self.posts.keys() & set(uris)

    async def delete(self, uris: Sequence[str]) -> None:
        """Forget posts."""
        self.deleted += uris
        for uri in uris:
            del self.posts[uri]

    async def add(self, posts: Sequence[Item]) -> None:
        """Keep posts."""
        self._may_fail()
        self.most = max(self.most, len(posts))
        self.added += [post.key for post in posts]
        self.posts.update({post.key: post for post in posts})

    async def save_cursor(self, us: int) -> None:
        """Keep the cursor."""
        self._may_fail()
        self.cursor = us

    async def note_gap(self, since: datetime, until: datetime) -> None:
        """Keep a gap."""
        self.gaps.append((since, until))

    def _may_fail(self) -> None:
        if self.fails:
            self.failures += 1
            raise StorageError("the disk is full")


@dataclass
class Listening:
    """A listener at work, its sink, and the pauses it made."""

    listener: Listener
    sink: MemorySink
    pauses: list[float]

    async def wait(self, condition: Callable[[], object]) -> None:
        """Wait until something is so; a test that waits in vain is stopped."""
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def listen(jetstream: FakeJetstream, sink: MemorySink, **options: Any) -> AsyncIterator[Listening]:
    """Let a listener listen, without pauses; it is cancelled at the end."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(0)

    options = {"now": lambda: NOW, "sleep": sleep, "chance": lambda: 1.0, "flush_seconds": 0.01, **options}
    listener = Listener(jetstream.url, sink, **options)
    task = asyncio.create_task(listener.run())
    try:
        yield Listening(listener, sink, pauses)
        assert not task.done(), task.exception()
    finally:
        task.cancel()
        await asyncio.wait([task])


def ago(**parts: float) -> int:
    """Return the time so long before now, in microseconds."""
    return NOW_US - timedelta(**parts) // timedelta(microseconds=1)
