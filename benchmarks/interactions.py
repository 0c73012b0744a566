"""Measures commands from a member's side: the bot as a process of its own, Discord played by the tests' server.

    member ─► server ─► gateway ─► bot: who asks, limiter, store, page ─► HTTP ─► server ─► member
                                    └── measured: all of it, from the press of Enter to the answer

The floor is a command with nothing to find: /paper with words that are no arXiv id, answered by one line. So both
have the way there and back, and only what the answer itself costs makes the difference.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing
from itertools import cycle
from pathlib import Path
from random import Random
from time import perf_counter

from benchmarks.frame import Row, make_row, measure_pairs
from benchmarks.search import Filters, Vocabulary
from bot.answers.options import ALL, PERIODS
from tests.bot_process import Place, run_bots, run_server
from tests.discord_server.state import World

TARGET = 3.5
_EMPTY = ("paper", {"id": "nothing"})
_WARM_UP = 10
_OPTIONS = {"topics": "category", "since": "since", "author": "author"}
Asked = tuple[str, dict[str, str]]
Ask = Callable[[Asked], Awaitable[float]]


async def measure_interactions(path: Path, size: str, scratch: Path, repeats: int) -> list[Row]:
    """Measure /search with questions of every kind and /top with every period; the library is copied, as bots write."""
    searches, tops = choose_searches(path, repeats), choose_tops(repeats)
    folder = scratch / f"interactions-{size}"
    (folder / "posts").mkdir(parents=True)
    shutil.copyfile(path, folder / "bot.db")
    place = Place(World())
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(run_server(place))
        start = await stack.enter_async_context(run_bots(server, folder))
        await start(POSTS_SOURCE=str(folder / "posts"), REQUESTS_PER_MINUTE="100000")

        async def ask(asked: Asked) -> float:
            begun = perf_counter()
            answer = await server.run_command(place.ada, *asked, channel=place.general)
            seconds = perf_counter() - begun
            assert answer.original is not None, asked
            return seconds

        rows = [await _measure(ask, name, asked, size) for name, asked in (("/search", searches), ("/top", tops))]
    shutil.rmtree(folder)
    return rows


async def _measure(ask: Ask, name: str, questions: list[Asked], size: str) -> Row:
    for _, question in zip(range(_WARM_UP), cycle(questions), strict=False):
        await ask(_EMPTY)
        await ask(question)
    following = iter(questions)
    pairs = await measure_pairs(lambda: ask(_EMPTY), lambda: ask(next(following)), len(questions))
    return make_row(f"{name}, end to end", size, pairs, TARGET)


def choose_searches(path: Path, repeats: int) -> list[Asked]:
    """Return questions of each kind, mixed."""
    with closing(sqlite3.connect(path)) as connection:
        classes = Vocabulary(connection).make_classes(repeats)
    questions = [question for asked in classes.values() for question in asked]
    Random(0).shuffle(questions)
    return [("search", {"query": words} | _format_filters(filters)) for words, filters in questions]


def choose_tops(repeats: int) -> list[Asked]:
    """Return rankings of each period, of all of arXiv and of a few categories."""
    categories = ("", "cs.LG", "math.AG", "cs, stat.ML")
    wanted = [(period, category) for period in (*PERIODS, ALL) for category in categories] * repeats
    Random(0).shuffle(wanted)
    return [("top", {"period": period} | ({"category": one} if one else {})) for period, one in wanted]


def _format_filters(filters: Filters) -> dict[str, str]:
    """Write filters as the options of the command."""
    return {_OPTIONS[name]: value[0] if name == "topics" else str(value) for name, value in filters.items()}
