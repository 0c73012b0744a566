"""The gateway, version 10 in JSON: sessions, heartbeats, resuming, and events by intent and shard.

HELLO ► IDENTIFY ► READY (servers unavailable) ► GUILD_CREATE each ► events …
                              └─ line lost ─► RESUME ► what was missed ► RESUMED
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import secrets
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord_server.payloads import format_guild_create, format_user
from tests.discord_server.state import Guild, World

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME = 0, 1, 2, 3, 4, 6
RECONNECT, MEMBERS, INVALID_SESSION, HELLO, ACK = 7, 8, 9, 10, 11
GUILDS, PRIVILEGED = 1 << 0, 1 << 1 | 1 << 8 | 1 << 15
HEARTBEAT_MS, EVENTS_A_MINUTE, MOST_MISSED = 41_250, 120, 5_000
UNKNOWN_OP, NOT_AUTHENTICATED, BAD_TOKEN, ALREADY, BAD_SEQUENCE, TOO_FAST = 4001, 4003, 4004, 4005, 4007, 4008
BAD_SHARD, BAD_INTENTS, FORBIDDEN_INTENTS = 4010, 4013, 4014


class Line:
    """One websocket, written by one task in order, compressed as the client asked."""

    def __init__(self, socket: web.WebSocketResponse, raw: web.Request) -> None:
        self.socket, self.raw = socket, raw
        self._packer = _get_packer(raw.query.get("compress"))
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.received: deque[float] = deque(maxlen=EVENTS_A_MINUTE)

    async def write(self) -> None:
        """Send what is queued, for as long as the line holds."""
        with contextlib.suppress(ConnectionError):
            while True:
                text = json.dumps(await self.queue.get())
                if self._packer is None:
                    await self.socket.send_str(text)
                else:
                    await self.socket.send_bytes(self._packer(text.encode()))

    def is_too_fast(self, now: float) -> bool:
        """Count a payload received; tell whether it is one too many within a minute."""
        full = len(self.received) == EVENTS_A_MINUTE and now - self.received[0] < 60
        self.received.append(now)
        return full


class Session:
    """What one IDENTIFY began; it outlives its line and keeps what the client has missed."""

    def __init__(self, intents: int, shard: tuple[int, int], line: Line) -> None:
        self.id, self.intents, self.shard = secrets.token_hex(16), intents, shard
        self.line: Line | None = line
        self.sequence = 0
        self._sent: deque[dict[str, Any]] = deque(maxlen=MOST_MISSED)

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Number an event and send it, or keep it for the client's return."""
        self.sequence += 1
        payload = {"op": DISPATCH, "t": event, "s": self.sequence, "d": data}
        self._sent.append(payload)
        if self.line is not None:
            self.line.queue.put_nowait(payload)

    def serves(self, guild: Guild | None) -> bool:
        """Tell whether events of a server, or of none, belong to this shard."""
        number, count = self.shard
        return ((guild.id >> 22) % count if guild is not None else 0) == number

    def replay(self, line: Line, sequence: int) -> None:
        """Go on over a new line, with everything after a sequence number first."""
        self.line = line
        for payload in self._sent:
            if payload["s"] > sequence:
                line.queue.put_nowait(payload)
        self.send("RESUMED", {})


class Gateway:
    """All sessions of the bot; `identifies` and `resumes` count, `muted` stops the answers to heartbeats."""

    def __init__(self, world: World, pulse: Callable[[], None]) -> None:
        self.world, self._pulse = world, pulse
        self.sessions: dict[str, Session] = {}
        self.lines: set[Line] = set()
        self.identifies, self.resumes = 0, 0
        self.muted = False
        self.refuses = False
        self.url = ""

    @property
    def connected(self) -> list[Session]:
        """The sessions that have a line now."""
        return [session for session in self.sessions.values() if session.line is not None]

    def publish(
        self,
        event: str,
        data: dict[str, Any],
        *,
        guild: Guild | None = None,
        intent: int = 0,
        unless: int = 0,
        cover: dict[str, Any] | None = None,
    ) -> None:
        """Send an event to every session whose shard and intents fit, covered where it lacks `unless`."""
        for session in self.sessions.values():
            if session.serves(guild) and session.intents & intent == intent:
                session.send(event, data if session.intents & unless else data | (cover or {}))

    async def drop(self, code: int | None = None) -> None:
        """Close every line with a code, or cut it without one; sessions can be resumed."""
        for line in list(self.lines):
            if code is not None:
                await line.socket.close(code=code)
            elif line.raw.transport is not None:
                line.raw.transport.abort()

    def ask_to_reconnect(self) -> None:
        """Send op 7 to everyone."""
        for line in self.lines:
            line.queue.put_nowait({"op": RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Send op 9 to everyone; what can't be resumed is forgotten."""
        for line in self.lines:
            line.queue.put_nowait({"op": INVALID_SESSION, "d": resumable})
        if not resumable:
            self.sessions.clear()

    async def serve(self, raw: web.Request) -> web.StreamResponse:
        """Hold one line from HELLO to its end."""
        if self.refuses:
            return web.Response(status=503)
        socket = web.WebSocketResponse(compress=False, timeout=1.0)
        await socket.prepare(raw)
        line = Line(socket, raw)
        self.lines.add(line)
        writer = asyncio.create_task(line.write())
        try:
            line.queue.put_nowait({"op": HELLO, "d": {"heartbeat_interval": HEARTBEAT_MS}})
            await self._listen(line)
        finally:
            self._forget(line)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return socket

    def _forget(self, line: Line) -> None:
        self.lines.discard(line)
        for session in self.sessions.values():
            if session.line is line:
                session.line = None
        self._pulse()

    async def _listen(self, line: Line) -> None:
        loop = asyncio.get_running_loop()
        async for message in line.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            code = TOO_FAST if line.is_too_fast(loop.time()) else self._receive(line, json.loads(message.data))
            if code:
                await line.socket.close(code=code)

    def _receive(self, line: Line, payload: dict[str, Any]) -> int:
        """Do what a payload asks; return the code to close with, 0 to go on."""
        op, data = payload.get("op"), payload.get("d")
        known = any(session.line is line for session in self.sessions.values())
        if op == HEARTBEAT:
            if not self.muted:
                line.queue.put_nowait({"op": ACK})
        elif op == IDENTIFY and isinstance(data, dict):
            return ALREADY if known else self._identify(line, data)
        elif op == RESUME and isinstance(data, dict):
            return ALREADY if known else self._resume(line, data)
        elif op in (PRESENCE, VOICE, MEMBERS):
            return 0 if known else NOT_AUTHENTICATED
        else:
            return UNKNOWN_OP
        return 0

    def _identify(self, line: Line, data: dict[str, Any]) -> int:
        intents, shard = data.get("intents"), tuple(data.get("shard") or (0, 1))
        if str(data.get("token", "")).removeprefix("Bot ") != self.world.token:
            return BAD_TOKEN
        if not isinstance(intents, int) or intents < 0 or intents >= 1 << 26:
            return BAD_INTENTS
        if intents & PRIVILEGED & ~self.world.privileged_intents:
            return FORBIDDEN_INTENTS
        if len(shard) != 2 or not 0 <= shard[0] < shard[1]:
            return BAD_SHARD
        self.identifies += 1
        session = Session(intents, shard, line)
        self.sessions[session.id] = session
        self._welcome(session)
        self._pulse()
        return 0

    def _welcome(self, session: Session) -> None:
        bot = self.world.bot
        mine = [one for one in self.world.guilds.values() if one.installed and session.serves(one)]
        session.send(
            "READY",
            {
                "v": 10,
                "user": format_user(bot) | {"verified": True, "mfa_enabled": True, "email": None},
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in mine],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "session_type": "normal",
                "private_channels": [],
                "shard": list(session.shard),
                "application": {"id": str(bot.id), "flags": 0},
            },
        )
        for guild in mine if session.intents & GUILDS else []:
            if not guild.unavailable:
                session.send("GUILD_CREATE", format_guild_create(guild, self.world))

    def _resume(self, line: Line, data: dict[str, Any]) -> int:
        session = self.sessions.get(str(data.get("session_id")))
        if session is None or data.get("token") != self.world.token:
            line.queue.put_nowait({"op": INVALID_SESSION, "d": False})
            return 0
        if int(data.get("seq") or 0) > session.sequence:
            return BAD_SEQUENCE
        self.resumes += 1
        session.replay(line, int(data.get("seq") or 0))
        self._pulse()
        return 0


def _get_packer(name: str | None) -> Callable[[bytes], bytes] | None:
    """Return what compresses for the transport a client asked for; one stream for the whole line."""
    if name == "zlib-stream":
        packer = zlib.compressobj()
        return lambda text: packer.compress(text) + packer.flush(zlib.Z_SYNC_FLUSH)
    return _get_zstd() if name == "zstd-stream" else None


def _get_zstd() -> Callable[[bytes], bytes] | None:
    """Return a zstd stream from the package or from Python 3.14, as the client; plain text where neither is there."""
    with contextlib.suppress(ImportError):
        zstandard = importlib.import_module("zstandard")
        frame = zstandard.ZstdCompressor().compressobj()
        return lambda text: frame.compress(text) + frame.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    with contextlib.suppress(ImportError):
        stream = importlib.import_module("compression.zstd").ZstdCompressor()
        return lambda text: stream.compress(text, stream.FLUSH_BLOCK)
    return None
