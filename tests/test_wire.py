"""The promises of asking the web: politely, within bounds, at the pace that was agreed on, and saying what failed."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from bot import __version__
from bot.errors import SourceError
from bot.sources.wire import FIRST_PAUSE, LONGEST_REST, LONGEST_WAIT, TRIES, Pace, Wire, parse_retry_after

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class World:
    """A clock that only sleeping moves, a server's address, and when each request began and ended."""

    url: str = ""
    time: float = 100.0
    slept: list[float] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self.slept.append(seconds)
        self.time += seconds
        await asyncio.sleep(0)

    def wire(self) -> Wire:
        """Return a wire that lives in this world."""
        return Wire(sleep=self.sleep, chance=lambda: 1.0, clock=lambda: self.time, now=lambda: NOW)


@asynccontextmanager
async def serve(*answers: Handler | web.Response) -> AsyncIterator[World]:
    """Serve some answers, one after the other, the last for ever."""
    world, left = World(), list(answers)

    async def answer(request: web.Request) -> web.StreamResponse:
        world.requests.append(request)
        chosen = left.pop(0) if len(left) > 1 else left[0]
        if not isinstance(chosen, web.Response):
            return await chosen(request)
        return web.Response(status=chosen.status, body=chosen.body, headers=chosen.headers)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield world
    finally:
        await runner.cleanup()


def respond(status: int = 200, body: bytes = b"ok", **headers: str) -> web.Response:
    return web.Response(
        status=status, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


async def test_an_answer_is_whole() -> None:
    """Status, headers in lower case and the body come back; the server hears who asks and what for."""
    async with serve(respond(body=b"found", ETag='"1"')) as world, world.wire() as wire:
        answer = await wire.get(
            f"{world.url}/list", params=[("id", "2104.1"), ("q", "a b&c")], headers={"If-None-Match": '"0"'}
        )
    assert (answer.status, answer.headers["etag"], answer.body) == (200, '"1"', b"found")
    request = world.requests[0]
    assert request.headers["User-Agent"].startswith(f"hotpapers/{__version__}")
    assert request.headers["If-None-Match"] == '"0"' and "Cookie" not in request.headers
    assert dict(request.query) == {"id": "2104.1", "q": "a b&c"}


async def test_the_contact_is_named() -> None:
    """Who is asked too much can find whom to write to."""
    async with serve(respond()) as world, Wire(contact="https://example.org/bot") as wire:
        await wire.get(world.url)
    assert world.requests[0].headers["User-Agent"] == f"hotpapers/{__version__} (+https://example.org/bot)"


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_what_may_pass_is_asked_again(status: int) -> None:
    """After a pause that doubles; when the tries are used up, the error has host, status and what happens next."""
    async with serve(respond(status)) as world, world.wire() as wire:
        with pytest.raises(SourceError, match=rf"^127\.0\.0\.1:\d+ answered {status} \({TRIES} tries\); it is asked"):
            await wire.get(world.url)
        assert world.slept == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE]
    assert len(world.requests) == TRIES
    async with serve(respond(status), respond()) as world, world.wire() as wire:
        assert (await wire.get(world.url)).status == 200


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_what_will_not_pass_is_not_asked_again(status: int) -> None:
    """A refusal is one; it is an answer only to those who said that they take it."""
    async with serve(respond(status, b"why")) as world, world.wire() as wire:
        with pytest.raises(SourceError, match=f"answered {status};"):
            await wire.get(world.url)
        assert len(world.requests) == 1
        assert (await wire.get(world.url, accept=(200, status))).body == b"why"


async def test_an_accepted_error_is_an_answer_at_once() -> None:
    """A status that is asked for is never tried again."""
    async with serve(respond(500, b"page")) as world, world.wire() as wire:
        assert (await wire.get(world.url, accept=(500,))).body == b"page"
    assert world.slept == []


async def test_retry_after_is_followed() -> None:
    """In seconds or as a date; a wait beyond the bound is refused at once, saying so."""
    soon = (NOW + timedelta(seconds=30)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    answers = (respond(429, Retry_After="7"), respond(503, Retry_After=soon), respond())
    async with serve(*answers) as world, world.wire() as wire:
        await wire.get(world.url)
    assert world.slept == [7 + FIRST_PAUSE, 30 + 2 * FIRST_PAUSE]
    async with serve(respond(429, Retry_After="3600")) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="answered 429 and asks to wait for 3,600 seconds"):
            await wire.get(world.url)
    assert len(world.requests) == 1 and world.slept == []


async def test_a_server_that_asks_for_a_long_wait_is_left_alone_for_it() -> None:
    """Whatever else is asked of it meanwhile; a day at most."""
    async with serve(respond(429, Retry_After="9999999"), respond()) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="answered 429"):
            await wire.get(world.url)
        await world.sleep(LONGEST_REST - 10)
        with pytest.raises(SourceError, match="asked to be left alone for another 10 seconds"):
            await wire.get(f"{world.url}/other")
        assert len(world.requests) == 1
        await world.sleep(11)
        assert (await wire.get(world.url)).status == 200


async def test_a_line_that_is_cut_costs_one_request_a_try() -> None:
    """No more than the pace allows reach the server, nor does anything repeat them below it."""
    seen = []

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        seen.append(reader)
        writer.transport.abort()

    world = World()
    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server, world.wire() as wire:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(SourceError, match=rf"{TRIES} tries"):
            await wire.get(address)
    assert len(seen) == TRIES


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("²", 0),
        (" 12 ", 12),
        ("9" * 50, 999_999_999),
        ("Sat, 21 Nov 2026 12:00:09 GMT", 9),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read(text: str | None, seconds: float) -> None:
    """What is no wait is none, and a date that has passed is none either."""
    assert parse_retry_after(text, NOW) == seconds


async def test_a_silent_server_is_left() -> None:
    """One that never answers, and one that never ends its answer, cost the time limit each time."""

    async def stall(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b"x")
            await asyncio.sleep(0.05)
        return response

    for handler in (stall, drip):
        async with serve(handler) as world, world.wire() as wire:
            with pytest.raises(SourceError, match=r"did not answer in time \(2 tries\)"):
                await wire.get(world.url, seconds=0.2, tries=2)


async def test_a_broken_connection_is_tried_again() -> None:
    """An answer that breaks off is no answer; the next one may be whole."""

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    async with serve(cut, respond()) as world, world.wire() as wire:
        assert (await wire.get(world.url)).body == b"ok"
    async with serve(cut) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="broke off its answer"):
            await wire.get(world.url)


async def test_nobody_there_is_said() -> None:
    """A port where nobody listens, after all tries; the query is in no error."""
    async with World().wire() as wire:
        with pytest.raises(SourceError, match=r"^127\.0\.0\.1:9 could not be reached \(Connection refused\)") as caught:
            await wire.get("http://127.0.0.1:9/list?key=secret", params={"token": "hidden"})
    assert "secret" not in str(caught.value) and "hidden" not in str(caught.value)


@pytest.mark.parametrize("url", ["ftp://example.org/x", "example.org", "http://", "http://[::1", "file:///etc/passwd"])
async def test_only_the_web_is_asked(url: str) -> None:
    """What is no address of the web is refused without being asked."""
    async with World().wire() as wire:
        with pytest.raises(SourceError, match="must be http:// or https://"):
            await wire.get(url)


async def test_a_body_is_bounded() -> None:
    """One that is too long is not read to its end, packed or not; what fits is unpacked, in members or whole."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    async with serve(respond(body=b"x" * 1001)) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="sent more than 1,000 bytes"):
            await wire.get(world.url, limit=1000)
    async with serve(respond(body=bomb, Content_Encoding="gzip")) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="sent more than 1,000 bytes"):
            await wire.get(world.url, limit=1000)
        assert len((await wire.get(world.url, limit=50_000_000)).body) == 50_000_000
    members = gzip.compress(b"one") + gzip.compress(b"two")
    async with serve(respond(body=members, Content_Encoding="gzip")) as world, world.wire() as wire:
        assert (await wire.get(world.url)).body == b"onetwo"


@pytest.mark.parametrize(
    ("body", "encoding", "cause"),
    [
        (b"no gzip", "gzip", "broke off|not valid"),
        (gzip.compress(b"x" * 1000, mtime=0)[:-9], "gzip", "broke off"),
        (b"x", "br", "packed its answer in a way that was not asked for"),
    ],
    ids=("no gzip", "cut", "not asked for"),
)
async def test_a_body_that_can_not_be_unpacked_is_an_error(body: bytes, encoding: str, cause: str) -> None:
    """Cut gzip, no gzip, and what nobody asked for."""
    async with serve(respond(body=body, Content_Encoding=encoding)) as world, world.wire() as wire:
        with pytest.raises(SourceError, match=cause):
            await wire.get(world.url)


async def test_redirects_stay_at_the_host() -> None:
    """Three are followed there; to another host, port or protocol none is, nor a fourth."""
    hop = respond(302, Location="/next?page=2")
    async with serve(hop, hop, hop, respond()) as world, world.wire() as wire:
        assert (await wire.get(f"{world.url}/first?page=1")).body == b"ok"
        assert [request.path_qs for request in world.requests] == ["/first?page=1", *["/next?page=2"] * 3]
    async with serve(hop) as world, world.wire() as wire:
        with pytest.raises(SourceError, match="redirects more than 3 times"):
            await wire.get(world.url)
    for target in ("http://127.0.0.1:9/", "http://localhost/", "ftp://127.0.0.1/", "//example.org/", "http://[", ""):
        async with serve(respond(301, Location=target)) as world, world.wire() as wire:
            with pytest.raises(SourceError, match="redirects"):
                await wire.get(world.url)
        assert len(world.requests) <= 4


async def test_a_pace_is_kept_by_all_who_share_it() -> None:
    """One request at a time, the next so long after the end of the last; retries and redirects are requests, too."""
    spans: list[tuple[float, float]] = []
    answers = [respond(503), respond(302, Location="/x"), respond(), respond(), respond()]

    async def work(request: web.Request) -> web.StreamResponse:
        began = world.time
        await asyncio.sleep(0.01)
        world.time += 0.5
        spans.append((began, world.time))
        return answers[len(spans) - 1]

    pace = Pace(3)
    async with serve(work) as world, world.wire() as wire:
        await asyncio.gather(*(wire.get(world.url, pace=pace) for _ in range(3)))
    assert len(spans) == 5
    assert all(began - ended >= 3 - 1e-6 for (_, ended), (began, _) in pairwise(spans))


async def test_a_failed_request_counts_for_the_pace() -> None:
    """Who could not be reached is not asked sooner for it."""
    world, pace = World(), Pace(3)
    async with world.wire() as wire:
        for _ in range(2):
            with pytest.raises(SourceError):
                await wire.get("http://127.0.0.1:9/", pace=pace, tries=1)
    assert world.slept == [3]


async def test_no_wait_is_longer_than_it_may_be() -> None:
    """The bound itself is still followed."""
    async with serve(respond(429, Retry_After=f"{LONGEST_WAIT:.0f}"), respond()) as world, world.wire() as wire:
        await wire.get(world.url)
    assert world.slept == [LONGEST_WAIT + FIRST_PAUSE]


async def test_a_wire_closes_its_connections() -> None:
    """After the end of its block there is nothing left open, and it may be used before that without limit."""
    async with serve(respond()) as world:
        wire = world.wire()
        for _ in range(3):
            await wire.get(world.url)
        await wire.close()
        await wire.close()
        await wire.get(world.url)
        await wire.close()
    assert len(world.requests) == 4
