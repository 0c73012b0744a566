"""Proves that digests come exactly once: the real bot, killed again and again, against a Discord full of faults.

Everything is on loopback and ends by itself; only the bots that were started here are ended. The other scenarios
measure how exactly digests are on time: `--burst` many at once, `--idle` one each few seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

from benchmarks.audit import Audit, count_open, tell
from benchmarks.storm import Storm
from benchmarks.survival import Run, choose_points, open_run, survive
from benchmarks.town import Town, build_street, build_town
from bot.app import get_now
from bot.settings import Settings
from tests.discord_server import Pace
from tests.discord_server.state import TEXT

BURST_TARGET, IDLE_TARGET = 1.15, 5.0
IDLE_DIGESTS, IDLE_STEP, LEAD_SECONDS = 20, 3.1, 20  # no whole seconds, so that every moment of a tick is met


async def measure_faults(given: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], bool]:
    """Run the storm; return its figures and whether all is well."""
    rng = Random(given.seed)
    town = await build_town(folder, given.deliveries, rng)
    pace = given.pace or Settings().sends_per_second
    storm = Storm(rng, rate=given.rate, direct=town.direct)
    environment = {"SENDS_PER_SECOND": str(pace), **({"POLL_SECONDS": "5"} if given.correct else {})}
    bound = 300 + 20 * given.kills + 6 * given.deliveries / pace
    async with open_run(town, storm, environment=environment, bound=bound) as run:
        points = choose_points(given.kills, rng)
        found = await survive(run, points, given.deliveries, corrects=given.correct, unreadable=given.unreadable)
    print(tell(found, town.world, storm.log))
    for text in [*run.troubles, *(f"{count} × {line}" for line, count in run.errors.most_common(5))]:
        print(f"\n{text}")
    figures = {
        "deliveries": found.deliveries,
        "messages": found.messages,
        "kills": sum(storm.killed.values()),
        **{f"killed: {point}": count for point, count in sorted(storm.killed.items())},
        **{f"fault: {kind}": count for kind, count in sorted(storm.struck.items())},
        **found.count(),
        "errors in the log": sum(run.errors.values()),
        "seconds": round(run.seconds, 1),
    }
    return figures, found.is_clean and not run.troubles and figures["kills"] >= given.kills


async def measure_burst(given: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], bool]:
    """Let many channels be due in the same minute; return how long the pace made them take, and what else did."""
    pace, count = given.pace or Settings().sends_per_second, given.burst
    due = get_now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    due += timedelta(minutes=1) if (due - get_now()).total_seconds() < LEAD_SECONDS + count / 100 else timedelta()
    town = await build_street(folder, [due] * count)
    found, arrived, run = await _run_street(town, due.timestamp(), pace, 90 + 3 * count / pace)
    seconds = arrived[-1] - arrived[0] if arrived else math.inf
    ratio = seconds / (count / pace)
    figures = {
        "channels": count,
        "messages": len(arrived),
        "first after due, s": round(arrived[0] - due.timestamp(), 2) if arrived else None,
        "first to last, s": round(seconds, 2),
        "seconds / (messages / pace)": round(ratio, 3),
        "429s": run.server.pace.limited,
        **found.count(),
    }
    is_well = found.is_clean and not run.troubles and ratio <= BURST_TARGET and run.server.pace.limited == 0
    return figures, is_well


async def measure_idle(given: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], bool]:
    """Let one digest be due each few seconds; return how late they come."""
    begin = get_now().replace(microsecond=0) + timedelta(seconds=LEAD_SECONDS)
    dues = [begin + timedelta(seconds=number * IDLE_STEP) for number in range(IDLE_DIGESTS)]
    town = await build_street(folder, dues)
    pace = given.pace or Settings().sends_per_second
    found, _, run = await _run_street(town, begin.timestamp(), pace, IDLE_DIGESTS * IDLE_STEP + LEAD_SECONDS + 60)
    late = []
    for order, due in zip(town.orders, dues, strict=True):
        messages = town.world.channels[int(order.target.id)].messages.values()
        late += [message.created - due.timestamp() for message in messages]
    cuts = quantiles(late, n=100, method="inclusive") if len(late) > 1 else [math.inf] * 99
    figures = {
        "digests": len(dues),
        "messages": len(late),
        "late p50, s": round(cuts[49], 2),
        "late p99, s": round(cuts[98], 2),
        "earliest, s": round(min(late, default=math.inf), 2),
        **found.count(),
    }
    return figures, found.is_clean and not run.troubles and cuts[98] < IDLE_TARGET and min(late, default=-1) >= 0


async def _run_street(town: Town, begin: float, pace: int, bound: float) -> tuple[Audit, list[float], Run]:
    """Run one bot through a street's due moments; return what was found and when messages arrived, sorted."""
    environment = {"SENDS_PER_SECOND": str(pace)}
    async with open_run(town, Storm(Random(0), 0.0), pace=Pace.strict(), environment=environment, bound=bound) as run:
        bot = await run.start()
        await bot.until("connected as", 60)
        if town.world.clock() > begin:
            run.troubles.append("the bot was not ready before the first was due")
        if not await run.wait_for_all():
            run.troubles.append(f"after {run.seconds:.0f} s not all is done: {dict(count_open(town.path))}")
        await run.stop()
        found = run.audit()
    print(tell(found, town.world, run.storm.log), *run.troubles, sep="\n")
    arrived = sorted(one.created for channel in town.list_channels(TEXT) for one in channel.messages.values())
    return found, arrived, run


def format_figures(figures: dict[str, Any]) -> str:
    """Lay figures out as text, one a line."""
    width = max(map(len, figures))
    return "\n".join(f"{name.ljust(width)}  {value!s:>10}" for name, value in figures.items())


def main() -> None:
    """Read the command line and run; exit code 1 for any defect or missed target."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--deliveries", type=int, default=300, help="how many digests are due at once")
    parser.add_argument("--kills", type=int, default=12, help="how often the bot is killed")
    parser.add_argument("--seed", type=int, default=1, help="of all chance")
    parser.add_argument("--pace", type=int, help="messages a second (the bot's default)")
    parser.add_argument("--rate", type=float, default=0.08, help="share of the requests that a fault strikes")
    parser.add_argument("--correct", action="store_true", help="posts are corrected twice meanwhile")
    parser.add_argument("--unreadable", action="store_true", help="some channels' history can't be read for a while")
    parser.add_argument(
        "--burst", type=int, help="instead: so many channels due in one minute, Discord's limits strict"
    )
    parser.add_argument("--idle", action="store_true", help="instead: one digest due each few seconds for a minute")
    given = parser.parse_args()
    measure = measure_burst if given.burst else measure_idle if given.idle else measure_faults
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        figures, is_well = asyncio.run(measure(given, Path(folder)))
    print(f"\n{format_figures(figures)}\n{'all is well' if is_well else 'DEFECTS'}")
    print(json.dumps({**figures, "ok": is_well}))
    sys.exit(0 if is_well else 1)


if __name__ == "__main__":
    main()
