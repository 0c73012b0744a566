"""Runs the real bot, `python -m bot run`, in a process of its own against the Discord for tests, and a place for it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.discord_server import Server, World, read_specification
from tests.discord_server.permissions import MANAGE_GUILD
from tests.discord_server.state import ANNOUNCEMENT, FORUM

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
SPECIFICATION = ROOT.parent / "shared" / "discord" / "openapi.json"


class BotProcess:
    """One bot; `output` is all it has printed. It is killed when the test ends."""

    command: tuple[str, ...] = ("-m", "bot", "run")

    def __init__(self, server: Server, folder: Path, **environment: str) -> None:
        self._server, self._folder = server, folder
        self._environment = environment
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self.output = ""

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    def cut(self) -> None:
        """End the bot as a power cut would, without waiting for its end."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    async def start(self, *, wait: bool = True) -> None:
        """Start the bot, and wait until it is connected and has read its posts."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "DISCORD_TOKEN": self._server.world.token,
            "DISCORD_API_BASE": self._server.base,
            "DATABASE_URL": f"sqlite:///{self._folder / 'bot.db'}",
            "POSTS_SOURCE": str(SAMPLES),
            **self._environment,
        }
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, *self.command), cwd=self._folder, env=environment, stdout=PIPE, stderr=STDOUT
        )
        self._reading = asyncio.create_task(self._read(self._process))
        if wait:
            await self.until("connected as")

    async def until(self, text: str, seconds: float = 30.0) -> None:
        """Wait until the bot has printed a text."""
        async with asyncio.timeout(seconds):
            while text not in self.output:
                if self._reading and self._reading.done():
                    raise AssertionError(f"the bot ended:\n{self.output}")
                await asyncio.sleep(0.02)

    async def stop(self, number: int = signal.SIGTERM, seconds: float = 15.0) -> int:
        """Send the bot a signal and return its exit code."""
        assert self._process is not None
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.wait(seconds)

    async def wait(self, seconds: float = 15.0) -> int:
        """Wait for the bot to end by itself and return its exit code."""
        assert self._process is not None and self._reading is not None
        code = await asyncio.wait_for(self._process.wait(), seconds)
        await self._reading
        return code

    async def kill(self) -> None:
        """End the bot as a power cut would."""
        if self._process is not None and self._process.returncode is None:
            await self.stop(signal.SIGKILL)

    def find_errors(self) -> list[str]:
        """Return the lines of its log that tell of errors."""
        return [line for line in self.output.splitlines() if " ERROR " in line or "Traceback" in line]

    async def _read(self, process: Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.output += line.decode()


# The program with its waits shortened before anything reads them: as many attempts, lookups and restarts in less time.
_HURRY = """
from datetime import timedelta
from bot.delivery import transport
assert transport.TIMEOUT_SECONDS
transport.TIMEOUT_SECONDS = 3.0
from bot.delivery import patience
assert patience.REST
patience.REST = timedelta(seconds=0.5)
from bot import sending
assert sending.RECONCILE_SECONDS and sending.TICK_SECONDS
sending.RECONCILE_SECONDS = sending.TICK_SECONDS = 0.5
from bot.cli import main
main()
"""


class HurriedBot(BotProcess):
    """The same bot, which gives a request 3 s instead of 20 and looks for work twice a second."""

    command = ("-c", _HURRY, "run")


Start = Callable[..., Awaitable[BotProcess]]


class Place:
    """One server with an admin, two members, and the channels digests may go to."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.admin = world.add_user("grace")
        self.ada = world.add_user("ada")
        self.bob = world.add_user("bob", locale="de")
        self.guild = world.add_guild(members=[self.admin, self.ada, self.bob], roles={"admins": MANAGE_GUILD})
        role = next(role for role in self.guild.roles.values() if role.name == "admins")
        self.guild.members[self.admin.id].roles.append(role.id)
        self.general = self.guild.get_channel("general")
        self.news = world.add_channel(self.guild, "news", ANNOUNCEMENT)
        self.forum = world.add_channel(self.guild, "forum", FORUM, tags=["Papers", "Else"], requires_tag=True)


@asynccontextmanager
async def run_server(place: Place) -> AsyncIterator[Server]:
    """Run a Discord; it must be left without a violation or an interaction nobody answered."""
    specification = read_specification(SPECIFICATION) if SPECIFICATION.exists() else None
    async with Server(place.world, specification=specification) as server:
        yield server
        assert server.violations == []
        assert server.unanswered == []


@asynccontextmanager
async def run_bots(server: Server, folder: Path) -> AsyncIterator[Start]:
    """Give a function that starts bots, in `folder` unless told; they are killed in the end and must log no error."""
    started: list[BotProcess] = []

    async def begin(folder: Path = folder, **environment: str) -> BotProcess:
        bot = BotProcess(server, folder, **environment)
        stack.push_async_callback(bot.kill)
        await bot.start()
        started.append(bot)
        return bot

    async with AsyncExitStack() as stack:
        yield begin
        for bot in started:
            assert bot.find_errors() == [], bot.output


async def wait_for_posts(bot: BotProcess) -> None:
    """Wait until the bot has read the samples."""
    await bot.until("new or changed post")
