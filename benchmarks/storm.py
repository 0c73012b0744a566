"""Everything that goes wrong between the bot and Discord, by chance or at a named moment, and a record of it.

request ─► arrived? ─► effect ─► done? ─► answered?        each "?" is a moment to kill the bot at,
              └ fault before        └ fault after          or to strike with a fault
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from aiohttp import web

from tests.discord_server import Fault, Server
from tests.discord_server.faults import When, cut

POINTS = ("arrived", "done", "answered", "looking", "connected", "any moment")
MOST_COUNTED, COUNTED_SECONDS = 150, 600.0  # answers that count towards Discord's ban: what is struck stays far below
_DELIVERS = re.compile(r"^/channels/(?P<channel>\d+)(?P<rest>/.*)?$|^/guilds/\d+/threads/active$")
_LOOKS = re.compile(r"/messages(/\d+)?$|/threads/(active|archived/public)$")
_PAGE = "<html><title>Attention Required! | Cloudflare</title></html>"
_BEFORE = ("lost", "reset", "500", "502", "503", "504", "429", "429 global", "403 page", "404 page", "refused")
_AFTER = ("lost, done", "reset, done", "500, done", "502, done", "504, done", "slow", "hang")
_REFUSALS = ((403, 50013), (404, 10003), (403, 50001))
_CLOSED = (403, 50007)  # what a direct conversation refuses with


@dataclass(eq=False)
class Storm:
    """Strikes `rate` of the requests that deliver; `hang_seconds` is longer than the client waits, `hangs` how often.

    `only` narrows what goes wrong by chance to some kinds; `direct` are the channels of conversations. `log` tells of
    each channel what was asked and done there.
    """

    rng: Random
    rate: float = 0.08
    hang_seconds: float = 22.0
    hangs: int = 6
    only: frozenset[str] = frozenset((*_BEFORE, *_AFTER))
    direct: frozenset[str] = frozenset()
    struck: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    log: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    asked: int = 0
    unreadable: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._armed, self._quota = "", 0
        self._kill: Callable[[], None] = lambda: None
        self._refused: set[str] = set()
        self._counted: deque[float] = deque()
        self._began = monotonic()
        self.happened = asyncio.Event()

    def break_over(self, server: Server) -> None:
        """Begin to strike a server's requests."""
        server.faults += [_Bolt(self, "before"), _Bolt(self, "after")]

    def calm(self) -> None:
        """Let nothing go wrong any more; what is asked is still recorded."""
        self.rate, self._armed = 0.0, ""

    def arm(self, point: str, quota: int, kill: Callable[[], None]) -> None:
        """Kill at a point, once so many more requests were made."""
        self._armed, self._quota, self._kill = point, self.asked + quota, kill
        self.happened = asyncio.Event()

    @property
    def has_asked_enough(self) -> bool:
        """Whether as many requests were made as the point to kill at waits for."""
        return self.asked >= self._quota

    def kill(self, point: str) -> None:
        """Kill now, and count it under a point; once for each arming."""
        if not self.happened.is_set():
            self.happened.set()
            self.killed[point] += 1
            self._armed = ""
            self.note("", f"killed: {point}")
            self._kill()

    def note(self, channel: str, text: str) -> None:
        """Write down what happened, for one channel or, without one, for all."""
        self.log[channel].append(f"{monotonic() - self._began:8.3f} {text}")

    def choose(self, method: str, path: str, when: When) -> Fault | None:
        """Choose what befalls a request now, None for nothing."""
        found = _DELIVERS.match(path)
        if found is None:
            return None
        channel = found["channel"] or "threads"
        if when == "before":
            self.asked += 1
        self.note(channel, f"{when:6} {method} {path}")
        fault = self._choose_kill(method, path, when) or self._choose_fault(channel, method, when)
        if fault is not None:
            self.note(channel, f"       struck by {fault}")
        return fault

    def _choose_kill(self, method: str, path: str, when: When) -> Fault | None:
        looks = method == "GET" and _LOOKS.search(path) is not None
        wanted = {"arrived": "before", "done": "after", "answered": "after"}.get(self._armed)
        if self._armed == "looking":
            fits = looks and (when == "before" or self.rng.random() < 0.5)
        else:
            fits = method == "POST" and wanted == when and self.asked >= self._quota
        return _Kill(self, self._armed, when) if fits else None

    def _choose_fault(self, channel: str, method: str, when: When) -> Fault | None:
        rate = 0.7 if channel in self.unreadable and method == "POST" and self.rate else self.rate / 2
        if not self.rate or self.rng.random() >= rate:
            return None
        kinds = [kind for kind in (_BEFORE if when == "before" else _AFTER) if kind in self.only]
        kind = self.rng.choice(kinds) if kinds else ""
        if channel in self.unreadable:
            kind = "" if when == "before" else "lost, done"
        fault = self._make(kind, channel) if kind else None
        if fault is not None:
            fault.name = kind
            self.struck[kind] += 1
        return fault

    def _make(self, kind: str, channel: str) -> _Named | None:
        if kind == "hang":
            self.hangs -= 1
            return _Named(hang_seconds=self.hang_seconds, lost=True) if self.hangs >= 0 else None
        if kind == "slow":
            return _Named(hang_seconds=self.rng.uniform(0.1, 1.5))
        if kind == "refused":
            return self._make_refusal(channel)
        if kind in ("429", "429 global"):
            return self._make_limit(everywhere=kind == "429 global") if self._count() else None
        if kind in ("403 page", "404 page"):
            return _Named(status=int(kind[:3]), body=_PAGE) if self._count() else None
        if kind[:3].isdecimal():
            return _Named(status=int(kind[:3]), body=self.rng.choice((_PAGE, "", "upstream connect error")))
        return _Named(lost=True, reset=kind.startswith("reset"))

    def _make_refusal(self, channel: str) -> _Named | None:
        """Refuse once in a channel: one that does so again and again is in trouble indeed."""
        if channel in self._refused or not self._count():
            return None
        self._refused.add(channel)
        status, code = _CLOSED if channel in self.direct else self.rng.choice(_REFUSALS)
        return _Named(status=status, body={"message": "Missing Access", "code": code})

    def _make_limit(self, *, everywhere: bool) -> _Named:
        found = Fault.rate_limit(round(self.rng.uniform(0.2, 1.2), 2), everywhere=everywhere)
        return _Named(status=429, body=found.body, headers=found.headers)

    def _count(self) -> bool:
        """Tell whether one more answer may be struck that Discord would count towards a ban."""
        now = monotonic()
        while self._counted and now - self._counted[0] > COUNTED_SECONDS:
            self._counted.popleft()
        if len(self._counted) >= MOST_COUNTED:
            return False
        self._counted.append(now)
        return True


@dataclass(eq=False)
class _Named(Fault):
    """A fault with a name to tell of it."""

    name: str = ""

    def __str__(self) -> str:
        code = f", code {self.body['code']}" if isinstance(self.body, dict) and "code" in self.body else ""
        return self.name + code


class _Bolt(Fault):
    """Asks the storm about every request, before or after its effect."""

    def __init__(self, storm: Storm, when: When) -> None:
        super().__init__(when=when)
        self._storm, self._chosen = storm, Fault()

    def match(self, method: str, path: str, when: When) -> bool:
        """Tell whether something befalls a request; `apply` follows at once."""
        chosen = self._storm.choose(method, path, when) if when == self.when else None
        self._chosen = chosen or self._chosen
        return chosen is not None

    async def apply(self, raw: web.Request) -> web.Response | None:
        """Do what was chosen."""
        return await self._chosen.apply(raw)


class _Kill(Fault):
    """Kills the bot at a point, and does to its request what a dead client leaves behind."""

    def __init__(self, storm: Storm, point: str, when: When) -> None:
        super().__init__(when=when)
        self._storm, self._point = storm, point

    def __str__(self) -> str:
        return f"a kill: {self._point}"

    async def apply(self, raw: web.Request) -> web.Response | None:
        """Kill; a request that has arrived may have its effect all the same, or lose it."""
        storm = self._storm
        if self._point == "answered":
            asyncio.get_running_loop().call_later(storm.rng.choice((0, 0, 0.001, 0.004)), storm.kill, self._point)
            return None
        storm.kill(self._point)
        if self.when == "before" and storm.rng.random() < 0.5:
            return None
        cut(raw)
        return web.Response()


async def shake(server: Server, storm: Storm) -> None:
    """Break the gateway's lines again and again, in every way it knows, until the storm is calm."""
    gateway = server.gateway
    while storm.rate:
        await asyncio.sleep(storm.rng.uniform(4, 12))
        kind = storm.rng.choice(("drop", "close", "reconnect", "invalid session"))
        if not storm.rate or not gateway.connected:
            continue
        storm.struck[f"gateway: {kind}"] += 1
        if kind in ("drop", "close"):
            await gateway.drop(4000 if kind == "close" else None)
        elif kind == "reconnect":
            gateway.ask_to_reconnect()
        else:
            gateway.invalidate()
