"""Asks web servers for facts, politely and within bounds; what the answers mean is for each source to say.

get ─► turn at the pace ─► request, redirects ─► accepted status ─► Answer
 ▲                              │ 429, 5xx, no answer, an answer that broke off
 └── Retry-After or back-off ◄──┘ ─► tries used up, or anything else ─► SourceError
"""

from __future__ import annotations

import asyncio
import os
import random
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import ClientHandlerType, ClientMiddlewareType, ClientRequest, ClientResponse
from yarl import URL

from bot import __version__
from bot.errors import SourceError
from bot.http_date import parse_http_date

Params = Mapping[str, str] | Sequence[tuple[str, str]]
LIMIT_BYTES, TIMEOUT_SECONDS, TRIES = 8_000_000, 30.0, 4
MOST_REDIRECTS = 3
LONGEST_WAIT = 120.0  # seconds that a Retry-After is followed
LONGEST_REST = 86_400.0  # seconds that a server is left alone, whatever it asks for
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0  # seconds between tries, doubled each time
NEXT = "it is asked again with the next post"
_CHUNK = 65_536
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; names of headers are in lower case, the body is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Pace:
    """Lets one request through at a time, and the next one `seconds` after it has ended; share one for one limit.

    With `closes` each asks for its connection to be closed, so that several hosts never have more than one together.
    """

    def __init__(self, seconds: float, *, closes: bool = False) -> None:
        self._seconds, self.closes = seconds, closes
        self._lock = asyncio.Lock()
        self._ended: float | None = None

    @asynccontextmanager
    async def turn(
        self, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep, clock: Callable[[], float] = time.monotonic
    ) -> AsyncIterator[None]:
        """Wait for the turn, and hold it until the request in it has ended, well or not."""
        async with self._lock:
            if self._ended is not None and (wait := self._ended + self._seconds - clock()) > 0:
                await sleep(wait)
            try:
                yield
            finally:
                self._ended = clock()


class _AgainError(Exception):
    """A try that failed in a way that may pass; `wait` is what the server asked for, in seconds."""

    def __init__(self, cause: str, wait: float = 0.0) -> None:
        super().__init__(cause)
        self.wait = wait


class Wire:
    """The one client for all sources: one session, one User-Agent. Close it, or open it with `async with`.

    `proxy` names the proxy for a URL. Sleep, chance, clock (seconds) and now are the world's, a test may have its own.
    """

    def __init__(
        self,
        *,
        contact: str | None = None,
        proxy: Callable[[str], str | None] = lambda url: None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._agent = format_agent(find_contact() if contact is None else contact)
        self._proxy, self._sleep, self._chance, self._clock, self._now = proxy, sleep, chance, clock, now
        self._session: aiohttp.ClientSession | None = None
        self._closed: dict[str, float] = {}  # by host and port: until when, of the clock, it asks to be left alone

    async def __aenter__(self) -> Self:
        """Return itself; the session opens with the first request."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.close()

    async def close(self) -> None:
        """Close every connection; the next request would open new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def get(
        self,
        url: str,
        *,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        pace: Pace | None = None,
        accept: Collection[int] = (200,),
        limit: int = LIMIT_BYTES,
        seconds: float = TIMEOUT_SECONDS,
        tries: int = TRIES,
    ) -> Answer:
        """Return the first answer with an accepted status; SourceError names the host and the cause, never the query.

        `seconds` are for each try with its redirects, not for waiting in between; `limit` is of the decompressed body.
        A server that asked for a longer wait than is followed is not asked again before.
        """
        address = _parse(url, params)
        if (rest := self._closed.get(address.authority, 0.0) - self._clock()) > 0:
            raise _refuse(address, f"asked to be left alone for another {rest:,.0f} seconds")
        failed = ""
        for attempt in range(tries):
            try:
                return await self._try(address, headers or {}, pace, accept, limit, seconds)
            except _AgainError as error:
                failed = str(error)
                if error.wait > LONGEST_WAIT:
                    self._closed[address.authority] = self._clock() + min(error.wait, LONGEST_REST)
                    raise _refuse(address, f"{failed} and asks to wait for {error.wait:,.0f} seconds") from None
                if attempt + 1 < tries:
                    await self._sleep(error.wait + self._choose_pause(attempt))
        raise _refuse(address, f"{failed} ({tries} tries)" if tries > 1 else failed)

    def _choose_pause(self, attempt: int) -> float:
        """Choose how long to wait after a try, in seconds: doubled each time, a random half of it left out."""
        return min(FIRST_PAUSE * 2.0**attempt, LONGEST_PAUSE) * (1 + self._chance()) / 2

    async def _try(
        self,
        address: URL,
        headers: Mapping[str, str],
        pace: Pace | None,
        accept: Collection[int],
        limit: int,
        seconds: float,
    ) -> Answer:
        left, pace = seconds, pace or Pace(0)
        if pace.closes:
            headers = {**headers, "Connection": "close"}
        for _ in range(MOST_REDIRECTS + 1):
            async with pace.turn(self._sleep, self._clock):
                began = self._clock()
                answer = await self._request(address, headers, accept, limit, left)
                left = max(left - (self._clock() - began), 0.001)
            if answer.status in accept:
                return answer
            if answer.status not in _REDIRECTS:
                raise self._judge(address, answer)
            address = _follow(address, answer)
        raise _refuse(address, f"redirects more than {MOST_REDIRECTS} times")

    async def _request(
        self, address: URL, headers: Mapping[str, str], accept: Collection[int], limit: int, seconds: float
    ) -> Answer:
        """Ask once; a body that nobody will look at is not read."""
        try:
            async with (
                asyncio.timeout(seconds),
                self._open().get(
                    address,
                    headers=headers,
                    allow_redirects=False,
                    proxy=self._proxy(str(address)),
                    middlewares=(_let_out_once(),),
                ) as response,
            ):
                body = await _read(response, limit, address) if response.status in accept else b""
                found = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status, found, body)
        except TimeoutError:
            raise _AgainError("did not answer in time") from None
        except (aiohttp.ClientError, OSError, zlib.error) as error:
            raise _AgainError(_explain(error)) from None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers={"User-Agent": self._agent, "Accept-Encoding": "gzip"},
                auto_decompress=False,  # the limit has to hold while a body grows, see _read
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session

    def _judge(self, address: URL, answer: Answer) -> _AgainError | SourceError:
        cause = f"answered {answer.status}"
        if answer.status == 429 or answer.status >= 500:
            return _AgainError(cause, parse_retry_after(answer.headers.get("retry-after"), self._now()))
        return _refuse(address, cause)


def _let_out_once() -> ClientMiddlewareType:
    """Return what refuses a request's repeat: aiohttp makes one where the line was cut, heeding no pace."""
    is_out = False

    async def pass_on(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        nonlocal is_out
        if is_out:
            raise aiohttp.ServerDisconnectedError
        is_out = True
        return await handler(request)

    return pass_on


def parse_retry_after(text: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After header asks for, a number or a date (RFC 9110, 10.2.3); 0 for none."""
    if text and text.strip().isdecimal():
        return float(text.strip()[:9])
    moment = parse_http_date(text)
    return max((moment - now).total_seconds(), 0.0) if moment else 0.0


def find_contact() -> str:
    """Return the first URL that the installed package names for itself, empty when it has none."""
    try:
        urls = metadata.metadata("hotpapers").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    return urls[0].rpartition(",")[2].strip() if urls else ""


def format_agent(contact: str) -> str:
    """Format the User-Agent: who asks, in which version, and where its owner is found."""
    return f"hotpapers/{__version__} (+{contact})" if contact else f"hotpapers/{__version__}"


def _parse(url: str, params: Params) -> URL:
    try:
        address = URL(url)
        if address.scheme in ("http", "https") and address.host:
            return address.extend_query(params) if params else address
    except ValueError:
        pass
    raise SourceError("the address of a source is not valid: it must be http:// or https:// and a host")


def _follow(address: URL, answer: Answer) -> URL:
    """Return where a redirect leads; it has to stay at the host, and within TLS."""
    try:
        target = address.join(URL(answer.headers.get("location", "")))
    except ValueError:
        target = URL("")
    upgraded = (address.scheme, target.scheme) == ("http", "https")
    if not (target.host == address.host and (upgraded or target.origin() == address.origin())):
        raise _refuse(address, "redirects to another address")
    return target.with_user(None) if target.user else target


async def _read(response: aiohttp.ClientResponse, limit: int, address: URL) -> bytes:
    """Read a body, decompressed piece by piece, so that neither a long one nor a bomb fills the memory."""
    packed = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packed not in ("gzip", "x-gzip", "identity", ""):
        raise _refuse(address, "packed its answer in a way that was not asked for")
    body, unzip = bytearray(), Unzip() if "gzip" in packed else None
    async for chunk in response.content.iter_chunked(_CHUNK):
        body += unzip.feed(chunk, limit + 1 - len(body)) if unzip else chunk
        if len(body) > limit:
            raise _refuse(address, f"sent more than {limit:,} bytes")
    if unzip and not unzip.is_whole:
        raise _AgainError("broke off its answer")
    return bytes(body)


class Unzip:
    """Unpacks gzip that comes in pieces, whose members may be several; zlib.error for what is no gzip."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self.is_whole = True  # nothing is, and so is what ended with a member

    def feed(self, chunk: bytes, most: int) -> bytes:
        """Return what a piece unpacks to, no more than `most` bytes, one or more; the rest is lost then."""
        found = bytearray()
        while chunk and len(found) < most:
            found += self._member.decompress(chunk, max_length=most - len(found))
            chunk, self.is_whole = self._member.unused_data, self._member.eof
            if self.is_whole:
                self._member = zlib.decompressobj(wbits=31)
        return bytes(found)


def _explain(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return "has no valid TLS certificate"
        case aiohttp.ClientHttpProxyError():
            return "could not be reached through the proxy"
        case aiohttp.ClientConnectorDNSError():
            return "could not be found (the name is not known, or there is no network)"
        case aiohttp.ClientConnectionError() if isinstance(error, OSError):
            return f"could not be reached ({os.strerror(error.errno) if error.errno else type(error).__name__})"
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientPayloadError() | OSError():
            return "broke off its answer"
    return "sent an answer that is not valid HTTP"


def _refuse(address: URL, cause: str) -> SourceError:
    host = address.host if address.is_default_port() else f"{address.host}:{address.port}"
    return SourceError(f"{host} {cause}; {NEXT}")
