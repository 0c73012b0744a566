"""Asks Discord over plain HTTP what the doctor wants to know: no gateway, no session, nothing changed there.

ask ─► answer · refusal (ProbeError with its status)
 └► no answer, 5xx, 429 ─► a short pause ─► ask again, three times in all ─► ProbeError
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import aiohttp

from bot import __version__
from bot.doctor_discord import Application, ProbeError
from bot.http_date import parse_http_date
from bot.invite import PERMISSIONS

TIMEOUT_SECONDS = 10.0
TRIES = 3
LONGEST_PAUSE = 5.0
NOT_DISCORD = "the answer is not Discord's"
USER_AGENT = f"DiscordBot (hotpapers, {__version__})"
ADMINISTRATOR, VIEW_CHANNEL, READ_MESSAGE_HISTORY = 1 << 3, 1 << 10, 1 << 16
ALL = (1 << 64) - 1
_NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True, slots=True)
class _Answer:
    body: Any
    date: datetime | None


class DiscordProbe:
    """Asks as the bot of a token; open it with `async with`. It keeps what it learned of servers while it is open."""

    def __init__(
        self,
        base: str,
        token: str,
        proxy: str | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._base, self._token, self._proxy, self._pause = base, token, proxy, pause
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._guilds: dict[str, dict[str, Any]] = {}
        self._bot_id: str | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection pool."""
        headers = {"Authorization": f"Bot {self._token}", "User-Agent": USER_AGENT}
        self._session = aiohttp.ClientSession(headers=headers, timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def get_application(self) -> Application:
        """Return the application the token is of."""
        answer = await self._ask("/applications/@me")
        with _understood():
            found = answer.body
            return Application(str(found["id"]), str(found["name"]), int(found.get("flags") or 0), answer.date)

    async def list_commands(self, application_id: str, guild_id: int | None) -> frozenset[str]:
        """Return the names of the commands installed everywhere, or in one server."""
        where = f"/guilds/{guild_id}" if guild_id else ""
        answer = await self._ask(f"/applications/{application_id}{where}/commands")
        with _understood():
            return frozenset(str(command["name"]) for command in answer.body)

    async def get_channel_permissions(self, channel_id: str) -> frozenset[str]:
        """Return the names of the permissions the bot has in a channel of a server, of those in the invitation."""
        channel = (await self._ask(f"/channels/{channel_id}")).body
        with _understood():
            guild = await self._get_guild(str(channel["guild_id"]))
            bits = add_up(guild, guild["me"], channel.get("permission_overwrites") or [])
        return frozenset(one.name for one in PERMISSIONS if bits & one.bit)

    async def _get_guild(self, guild_id: str) -> dict[str, Any]:
        """Return a server with its roles and, under "me", the bot's own member."""
        if guild_id not in self._guilds:
            if self._bot_id is None:
                self._bot_id = str((await self._ask("/users/@me")).body["id"])
            guild = (await self._ask(f"/guilds/{guild_id}")).body
            me = (await self._ask(f"/guilds/{guild_id}/members/{self._bot_id}")).body
            self._guilds[guild_id] = {**guild, "me": {**me, "user_id": self._bot_id}}
        return self._guilds[guild_id]

    async def _ask(self, path: str) -> _Answer:
        """GET a path; ProbeError when it is refused, or when nobody answers after some tries."""
        problem = ProbeError("no answer")
        for attempt in range(1, TRIES + 1):
            try:
                return await self._get(path)
            except _Again as again:
                problem = again.problem
                if attempt < TRIES:
                    await self._pause(min(again.seconds or 0.5 * attempt, LONGEST_PAUSE))
        raise problem

    async def _get(self, path: str) -> _Answer:
        if self._session is None:
            raise RuntimeError("the probe is not open")
        try:
            # No redirects: the token is for this address only.
            async with self._session.get(self._base + path, proxy=self._proxy, allow_redirects=False) as response:
                if response.status == 200:
                    theirs = parse_http_date(response.headers.get("Date"))
                    return _Answer(await response.json(content_type=None), theirs)
                problem = ProbeError(f"HTTP {response.status}", response.status)
                if response.status == 429 or response.status >= 500:
                    raise _Again(ProbeError(f"HTTP {response.status}"), _parse_wait(response.headers))
                raise problem
        except ValueError:
            raise ProbeError(NOT_DISCORD) from None
        except _NO_ANSWER as error:
            raise _Again(ProbeError(f"no answer ({type(error).__name__})")) from None


class _Again(Exception):  # noqa: N818 - a turn of the loop above, and no error of ours
    """It may work in some seconds; `problem` is what it comes to if not."""

    def __init__(self, problem: ProbeError, seconds: float = 0.0) -> None:
        super().__init__(str(problem))
        self.problem, self.seconds = problem, seconds


def add_up(guild: Mapping[str, Any], member: Mapping[str, Any], overwrites: Iterable[Mapping[str, Any]]) -> int:
    """Return the permission bits of a member in a channel with these overwrites, by Discord's own order.

    https://discord.com/developers/docs/topics/permissions#permission-overwrites: roles add up; then the channel's
    overwrites of everyone, of the member's roles together, of the member, each denying before it allows.
    """
    held = {str(guild["id"]), *map(str, member["roles"])}
    bits = 0
    for role in guild["roles"]:
        bits |= int(role["permissions"]) if str(role["id"]) in held else 0
    if str(guild["owner_id"]) == member["user_id"] or bits & ADMINISTRATOR:
        return ALL
    by_id = {str(one["id"]): (int(one["allow"]), int(one["deny"])) for one in overwrites}
    for ids in ({str(guild["id"])}, held - {str(guild["id"])}, {member["user_id"]}):
        found = [by_id[one] for one in ids if one in by_id]
        for _, deny in found:
            bits &= ~deny
        for allow, _ in found:
            bits |= allow
    return bits if bits & VIEW_CHANNEL else 0


@contextmanager
def _understood() -> Iterator[None]:
    """Raise ProbeError for an answer that is not made as Discord's are."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError):
        raise ProbeError(NOT_DISCORD) from None


def _parse_wait(headers: Mapping[str, str]) -> float:
    with suppress(ValueError):
        return max(0.0, float(headers.get("Retry-After", "0")))
    return 0.0
