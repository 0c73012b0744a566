"""What is heavy loads only when it is used, and a day of work stays in the memory that it found."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from benchmarks.frame import clear_caches
from benchmarks.memory import Life, live
from benchmarks.posts import copy_samples
from bot.app import open_store
from tests.bot_process import SAMPLES

ROOT = Path(__file__).parents[1]
HEAVY = (
    "matplotlib",
    "playwright",
    "hypothesis",
    "feedparser",
    "ftfy",
    "selectolax",
    "pylatexenc",
    "unicodeit",
    "tqdm",
    "aiohttp.web",
)
STARTS = {
    "bot": "import bot.cli, bot.app, bot.running",
    "ingest": f"""
from bot.cli import cli
try:
    cli.main(["ingest", {str(SAMPLES)!r}], standalone_mode=False)
except SystemExit:
    pass
""",
}
HOURS, WARM_HOURS = 12, 6
# For each hour. Keeping the messages alone would be 10 KB; Python and SQLite, which keep the newest of what they were
# given, do up to 45 KB at random, however many hours it were.
MOST_KEPT = 5_000


@pytest.mark.parametrize(("start", "allowed"), [("bot", ()), ("ingest", ("tqdm", "pylatexenc", "unicodeit"))])
def test_what_is_heavy_loads_only_when_it_is_used(start: str, allowed: tuple[str, ...], tmp_path: Path) -> None:
    """A bot that starts has none of it loaded; reading posts in order takes no HTML parser and no charset tables."""
    script = f"{STARTS[start]}\nimport sys; print('loaded:', *sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "DATABASE_URL": f"sqlite:///{tmp_path / 'bot.db'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = done.stdout.rpartition("loaded:")[2].split()
    assert set(loaded) <= set(allowed)


async def test_hours_of_work_leave_nothing_in_memory(tmp_path: Path) -> None:
    """Questions, changed posts, corrections and digests of some hours leave nothing of their size behind."""
    posts = copy_samples(tmp_path / "posts", copies=1)
    async with open_store(tmp_path / "bot.db") as store:
        life = Life(store, posts, readers=96, questions=8, correct_hours=1)
        tracemalloc.start()
        try:
            before, after = await live(life, measure_kept, hours=HOURS, warm_hours=WARM_HOURS)
        finally:
            tracemalloc.stop()
    assert life.transport.sent >= 4 * HOURS
    assert life.answered == 8 * (HOURS + WARM_HOURS)
    assert (after - before) / HOURS < MOST_KEPT


def measure_kept() -> float:
    """Return how many bytes allocated since tracing began are kept elsewhere than in what functions remember."""
    clear_caches()
    gc.collect()
    return float(tracemalloc.get_traced_memory()[0])
