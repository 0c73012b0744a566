"""The pace of requests: even, fair between channels and members, and never in a hurry; in a time of its own."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest

from bot.delivery.pace import Pace


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: the time it would have waited has passed at once."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        """Let the time pass until the next timer."""
        assert timeout is not None, "everybody waits, and nobody would ever wake up"
        self.now += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    """A loop whose time is its selector's."""

    def __init__(self) -> None:
        self.selector = _Selector()
        super().__init__(self.selector)

    def time(self) -> float:
        """Return the time in seconds, from 0 on."""
        return self.selector.now


def run(scenario: Coroutine[Any, Any, Any]) -> Any:
    """Run a scenario in its own time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(scenario)


def stall(seconds: float) -> None:
    """Keep the loop from doing anything for a while."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, _Loop)
    loop.selector.now += seconds


class Road:
    """Those who go at a pace, and when each went."""

    def __init__(self, per_second: float) -> None:
        self.pace = Pace(per_second)
        self.went: list[tuple[str, int, float]] = []

    async def go(self, lane: str, number: int = 0) -> None:
        """Wait for a turn, and note it."""
        await self.pace.lane(lane).wait()
        self.went.append((lane, number, asyncio.get_running_loop().time()))

    def send(self, lane: str, count: int) -> list[asyncio.Task[None]]:
        """Set several on their way."""
        return [asyncio.create_task(self.go(lane, number)) for number in range(count)]

    @property
    def lanes(self) -> str:
        """The lanes of those who went, by their first letters."""
        return "".join(lane[0] for lane, _, _ in self.went)

    @property
    def times(self) -> list[float]:
        """When they went."""
        return [time for _, _, time in self.went]


def count_busiest(times: list[float], seconds: float = 1.0) -> int:
    """Return how many went in the busiest second."""
    return max(sum(begin <= time < begin + seconds - 1e-9 for time in times) for begin in times)


def test_turns_are_evenly_spaced_and_in_order() -> None:
    """Many at once are let through one by one, each a step after the one before, the first at once."""

    async def scenario() -> None:
        road = Road(40)
        await asyncio.gather(*road.send("channel", 100))
        assert [number for _, number, _ in road.went] == list(range(100))
        assert road.times[0] == 0 and road.times[-1] == pytest.approx(99 / 40)
        assert {round(after - before, 6) for before, after in pairwise(road.times)} == {0.025}

    run(scenario())


def test_a_slow_pace_is_kept_too() -> None:
    """Less than one in a second is a pace as any other."""

    async def scenario() -> None:
        road = Road(0.5)
        await asyncio.gather(*road.send("member", 3))
        assert road.times == [0, 2, 4]

    run(scenario())


@pytest.mark.parametrize("quiet", [0.01, 0.9, 3600])
def test_a_quiet_time_saves_nothing_up(quiet: float) -> None:
    """Who comes after a quiet time goes at once; those after it wait their step, in every second."""

    async def scenario() -> None:
        road = Road(40)
        await asyncio.gather(*road.send("channel", 30))
        await asyncio.sleep(quiet)
        await asyncio.gather(*road.send("channel", 80))
        assert min(after - before for before, after in pairwise(road.times)) == pytest.approx(0.025)
        assert count_busiest(road.times) == 40

    run(scenario())


@pytest.mark.parametrize("seconds", [0.03, 0.2, 5])
def test_a_stall_is_made_up_for_within_the_limit(seconds: float) -> None:
    """A loop that was held up catches up a little, and never sends more in a second than it may."""

    async def scenario() -> None:
        road = Road(40)
        going = road.send("channel", 200)
        for _ in range(4):
            await asyncio.sleep(0.7)
            stall(seconds)
        await asyncio.gather(*going)
        assert count_busiest(road.times) <= 40
        late = road.times[-1] - 199 / 40
        assert late <= 4 * max(seconds - 0.1, 0) + 0.1 + 1e-6

    run(scenario())


def test_channels_go_first_and_members_have_their_share() -> None:
    """While both wait three of four turns are channels'; after that the members have them all."""

    async def scenario() -> None:
        road = Road(40)
        await asyncio.gather(*road.send("member", 20), *road.send("channel", 12))
        assert road.lanes == "cccm" * 4 + "m" * 16

    run(scenario())


def test_a_channel_waits_for_one_member_at_most() -> None:
    """However many members wait, a channel that comes is the next, or the one after."""

    async def scenario() -> None:
        road = Road(40)
        members = road.send("member", 1000)
        for number in range(50):
            await asyncio.sleep(0.13)
            before = len(road.went)
            await road.go("channel", number)
            assert len(road.went) - before <= 2
        assert len(road.went) == 50 + road.lanes.count("m") and road.lanes.count("m") > 100
        for member in members:
            member.cancel()
        await asyncio.gather(*members, return_exceptions=True)

    run(scenario())


def test_who_gives_up_takes_no_turn() -> None:
    """Those who are cancelled while they wait leave no gap, at the front or in the middle of the queue."""

    async def scenario() -> None:
        road = Road(10)
        going = road.send("channel", 8)
        await asyncio.sleep(0.05)
        for number in (1, 4, 5):
            going[number].cancel()
        await asyncio.gather(*going, return_exceptions=True)
        assert [number for _, number, _ in road.went] == [0, 2, 3, 6, 7]
        assert road.times == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])

    run(scenario())


def test_a_turn_that_comes_too_late_is_the_next_ones() -> None:
    """Who is cancelled in the moment of their turn hands it on, and the next goes in that moment."""

    async def scenario() -> None:
        road, loop = Road(10), asyncio.get_running_loop()
        going = road.send("member", 4)
        await asyncio.sleep(0)
        loop.call_at(0.1, lambda: loop.call_soon(going[1].cancel))
        await asyncio.gather(*going, return_exceptions=True)
        assert [number for _, number, _ in road.went] == [0, 2, 3]
        assert road.times == pytest.approx([0, 0.1, 0.2])

    run(scenario())


def test_everybody_gives_up() -> None:
    """A pace that everybody left serves who comes later."""

    async def scenario() -> None:
        road = Road(10)
        going = road.send("channel", 3) + road.send("member", 3)
        await asyncio.sleep(0.05)
        for task in going:
            task.cancel()
        await asyncio.sleep(5)
        await road.go("member")
        assert road.times == pytest.approx([0, 5.05])

    run(scenario())


def test_a_hold_is_for_everybody() -> None:
    """During a hold nobody goes, in no lane; then all go on evenly, and a shorter hold shortens nothing."""

    async def scenario() -> None:
        road = Road(10)
        going = road.send("channel", 3) + road.send("member", 3)
        await asyncio.sleep(0.05)
        road.pace.lane("member").hold(7)
        road.pace.hold(1)
        await asyncio.sleep(3)
        assert len(road.went) == 1
        await asyncio.gather(*going, *road.send("channel", 1))
        assert road.times == pytest.approx([0, *(7.05 + step / 10 for step in range(6))])

    run(scenario())


def test_a_hold_is_for_those_who_come_in_a_quiet_time() -> None:
    """A hold that nobody waited through holds who comes before its end."""

    async def scenario() -> None:
        road = Road(10)
        road.pace.hold(2)
        await asyncio.sleep(1)
        await road.go("channel")
        assert road.times == [2]

    run(scenario())


def test_a_lane_that_is_not_there() -> None:
    """Only those lanes are there that have a place in the order."""
    with pytest.raises(KeyError):
        Pace(40).lane("page")
