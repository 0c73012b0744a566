"""Measures how long the bot takes to start, against the plain imports of what it cannot do without.

Both are processes of their own with compiled files to load. The bot is ready once it would talk to Discord: its
database is open, and it says that there is nobody at the address it was given.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from time import perf_counter

from benchmarks.frame import Row, make_row, measure_pairs

TARGET = 1.5
REQUIRED = "import discord, discord.app_commands, apscheduler.schedulers.asyncio, frontmatter, aiosqlite, aiohttp"
_NOBODY = "http://127.0.0.1:9/api/v10"
_READY = b"can't be reached"


async def measure_startup(scratch: Path, repeats: int) -> list[Row]:
    """Measure the bot up to Discord, and a command that prints and ends."""
    environment = make_environment(scratch)

    async def import_required() -> float:
        return await _run(["-c", REQUIRED], environment)

    async def start_bot() -> float:
        return await _run(["-m", "bot", "run"], environment, until=_READY)

    async def print_status() -> float:
        return await _run(["-m", "bot", "status"], environment)

    rows = []
    for name, subject in (("start of the bot, up to Discord", start_bot), ("start of a command", print_status)):
        await measure_pairs(import_required, subject, 1)  # compiles
        pairs = await measure_pairs(import_required, subject, max(3, repeats // 2))
        rows.append(make_row(name, "process", pairs, TARGET))
    return rows


def make_environment(scratch: Path) -> dict[str, str]:
    """Return the settings of a bot that is alone, with a place for compiled files."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {
        "PYTHONPYCACHEPREFIX": str(scratch / "compiled"),
        "DATABASE_URL": f"sqlite:///{scratch / 'start.db'}",
        "DISCORD_TOKEN": "MTA.x.y",
        "DISCORD_API_BASE": _NOBODY,
        "HEALTH_PORT": "",
    }


async def _run(arguments: list[str], environment: dict[str, str], until: bytes = b"") -> float:
    """Run Python; return the seconds until it ended, or until it has written something."""
    start = perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    assert process.stdout is not None
    written = b""
    while not (until and until in written) and (more := await process.stdout.read(4096)):
        written += more
    seconds = perf_counter() - start
    if until:
        assert until in written, written.decode()
        process.terminate()
    await process.wait()
    return seconds
