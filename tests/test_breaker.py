"""The breaker: how many refusals there may be, whose they are, and when it goes on."""

from __future__ import annotations

import asyncio

import pytest

from bot.delivery.breaker import TOKEN_PAUSE_SECONDS, WINDOW_SECONDS, Breaker, BreakerLane
from bot.delivery.transport import HELD, TransportError


class Seconds:
    """A clock that only goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock() -> Seconds:
    """The time."""
    return Seconds()


@pytest.fixture
def breaker(clock: Seconds) -> Breaker:
    """A breaker that takes 30 refusals of channels, 30 of members and 40 of others."""
    return Breaker(100, clock)


def is_held(lane: BreakerLane) -> bool:
    """Tell whether nothing is to be asked in a lane."""
    try:
        lane.check()
    except TransportError as error:
        assert (error.kind, error.is_final, error.may_have_arrived) == (HELD, False, False)
        return True
    return False


def note(lane: BreakerLane, status: int, times: int = 1, scope: str | None = None) -> None:
    """Note an answer several times."""
    for _ in range(times):
        lane.note(status, scope)


def count_until_held(lane: BreakerLane, status: int) -> int:
    """Note an answer until the lane is held, and return how often."""
    times = 0
    while not is_held(lane):
        lane.note(status)
        times += 1
    return times


def find_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the errors logged."""
    return [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(("full", "free"), [("member", "channel"), ("channel", "member")])
def test_refusals_stop_their_own_lane(breaker: Breaker, full: str, free: str) -> None:
    """A lane stops at 30 % of the limit, and the other goes on."""
    note(breaker.lane(full), 403, 29)
    assert not is_held(breaker.lane(full))
    note(breaker.lane(full), 403)
    assert is_held(breaker.lane(full)) and not is_held(breaker.lane(free))
    assert breaker.describe() == {
        "limit": 100,
        "used": {"channel": 0, "member": 0, "other": 0} | {full: 30},
        "held": [full],
        "token_refused": False,
    }


def test_limits_stop_both_lanes(breaker: Breaker) -> None:
    """429s are about the bot: whoever gets them, both lanes stop at 40 % of the limit."""
    note(breaker.lane("member"), 429, 30)
    note(breaker.lane("channel"), 429, 9, "user")
    assert not is_held(breaker.lane("member"))
    note(breaker.lane("channel"), 429, 1, "global")
    assert is_held(breaker.lane("member")) and is_held(breaker.lane("channel"))
    assert breaker.describe()["held"] == ["other"]


def test_what_is_no_refusal_is_not_counted(breaker: Breaker) -> None:
    """Good answers, unknown channels, bad bodies, outages and limits shared with others don't count."""
    for status in (200, 204, 302, 400, 404, 500, 503):
        note(breaker.lane("channel"), status, 100)
    note(breaker.lane("channel"), 429, 100, "shared")
    assert not is_held(breaker.lane("channel")) and not any(breaker.describe()["used"].values())


def test_everything_together_is_within_the_limit(clock: Seconds) -> None:
    """Whatever the limit, all budgets used up are no more than it, and each lets something through."""
    for limit in (50, 51, 99, 500, 8999, 9000):
        passed = []
        for name, status in (("channel", 403), ("member", 403), ("member", 429)):
            lane = Breaker(limit, clock).lane(name)
            passed.append(count_until_held(lane, status))
        assert 0.9 * limit < sum(passed) <= limit and min(passed) >= 10


def test_it_goes_on_when_half_is_free(breaker: Breaker, clock: Seconds, caplog: pytest.LogCaptureFixture) -> None:
    """Refusals are forgotten after ten minutes; a lane goes on at half of its budget, and each stop is said once."""
    lane = breaker.lane("member")
    for _ in range(30):
        clock.now += 10
        lane.note(403)
    assert len(find_errors(caplog)) == 1 and "members refuse" in find_errors(caplog)[0]
    clock.now = 5 + WINDOW_SECONDS + 10 * 14
    assert is_held(lane) and breaker.describe()["used"]["member"] == 16
    clock.now += 10
    assert not is_held(lane) and breaker.describe()["used"]["member"] == 15
    note(lane, 403, 14)
    assert not is_held(lane) and len(find_errors(caplog)) == 1
    note(lane, 403, 3)  # more than may be: answers that were on their way
    assert is_held(lane) and len(find_errors(caplog)) == 2
    clock.now += WINDOW_SECONDS
    assert not is_held(lane) and not any(breaker.describe()["used"].values())


def test_no_window_has_more_than_the_budget(breaker: Breaker, clock: Seconds) -> None:
    """A target that always refuses gets no more requests in any ten minutes than there may be refusals."""
    lane, asked = breaker.lane("channel"), list[float]()
    for _ in range(20_000):
        clock.now += 0.5
        if not is_held(lane):
            lane.note(403)
            asked.append(clock.now)
    assert len(asked) > 100
    assert max(sum(begin <= time < begin + WINDOW_SECONDS for time in asked) for begin in asked) <= 30


async def test_requests_on_their_way_are_counted_in(breaker: Breaker) -> None:
    """No more are on their way than may all be refused; who waits goes when one is answered, or learns it is over."""
    lane, on_their_way, most, held = breaker.lane("channel"), 0, 0, 0
    gate = asyncio.Event()

    async def ask() -> None:
        nonlocal on_their_way, most, held
        try:
            async with lane:
                on_their_way += 1
                most = max(most, on_their_way)
                try:
                    await gate.wait()
                finally:
                    on_their_way -= 1
                lane.note(403)
        except TransportError:
            held += 1

    asking = [asyncio.create_task(ask()) for _ in range(50)]
    await asyncio.sleep(0)
    asking[0].cancel()  # its place is another's
    asking[40].cancel()  # it waited for one
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(*asking, return_exceptions=True)
    assert (most, held, breaker.describe()["used"]["channel"]) == (30, 18, 30)


async def test_good_answers_make_room(breaker: Breaker) -> None:
    """Any number of requests pass one after another while none is refused."""
    lane = breaker.lane("member")

    async def ask() -> None:
        async with lane:
            await asyncio.sleep(0)
            lane.note(200)

    await asyncio.gather(*(ask() for _ in range(500)))
    assert not any(breaker.describe()["used"].values())


async def test_a_refused_token_is_tried_now_and_then(
    breaker: Breaker, clock: Seconds, caplog: pytest.LogCaptureFixture
) -> None:
    """After a 401 one request a minute is let through, until one is answered otherwise; said once."""
    channel, member = breaker.lane("channel"), breaker.lane("member")
    note(channel, 401, 3)
    tries = 0
    for _ in range(600):
        clock.now += 1
        for lane in (channel, member):
            if not is_held(lane):
                async with lane:
                    tries += 1
                    assert is_held(lane) and is_held(channel)  # nobody else tries meanwhile
                    lane.note(401)
    assert tries == 600 / TOKEN_PAUSE_SECONDS and breaker.describe()["token_refused"]
    assert len(find_errors(caplog)) == 1
    for status in (429, 500, 503):  # which say nothing of the token
        note(channel, status)
    assert is_held(member)
    clock.now += TOKEN_PAUSE_SECONDS
    async with member:
        member.note(403)  # refused, but not for the token
    assert not is_held(channel) and not breaker.describe()["token_refused"]
    async with channel:
        channel.note(401)
    assert is_held(member) and len(find_errors(caplog)) == 2


async def test_a_try_of_the_token_that_is_lost(breaker: Breaker, clock: Seconds) -> None:
    """A try that is not answered is followed by another after a minute."""
    lane = breaker.lane("channel")
    lane.note(401)
    clock.now += TOKEN_PAUSE_SECONDS
    with pytest.raises(TimeoutError):
        async with lane:
            raise TimeoutError
    assert is_held(lane)
    clock.now += TOKEN_PAUSE_SECONDS
    assert not is_held(lane)


def test_a_lane_that_is_not_there(breaker: Breaker) -> None:
    """Only what is sent to Discord has a budget."""
    with pytest.raises(KeyError):
        breaker.lane("page")
