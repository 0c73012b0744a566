"""The promises of the commands about what was sent: what is listed, and what it takes to deliver once more."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import subprocess
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.delivery.identity import find_identity
from bot.errors import UserError
from bot.messages.actions import OpenDay
from bot.messages.custom_id import decode_marker, encode
from bot.settings import Settings
from storage.models import Delivery, Subscription, Target
from storage.store import Store
from tests.builders import INDEX, NOW, TODAY, make_edition

ROOT = Path(__file__).parents[1]
CHANNEL, MEMBER = Target("channel", "20"), Target("member", "700000000000000001")
OCCASION = "2021-04-14"
T = TypeVar("T")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with a post and two digests, of which nothing was sent."""

    async def fill(store: Store) -> None:
        await store.days.put([make_edition(TODAY, [("2104.00001", 9), ("2104.00002", 8)])], [], NOW)
        await store.subscriptions.add(Subscription(CHANNEL, guild_id="1"))
        await store.subscriptions.add(Subscription(MEMBER, channel_kind="dm"))

    do(tmp_path / "papers.db", fill)
    return tmp_path / "papers.db"


def do(database: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    """Do something with a store and close it."""

    async def run() -> T:
        async with await Store.open(database, INDEX) as store:
            return await work(store)

    return asyncio.run(run())


def promise(database: Path, number: int = 1, target: Target = CHANNEL, **changes: Any) -> int:
    """Promise a digest of one paper as planning does, its marker in its button."""
    made = Delivery(number, target, OCCASION, (TODAY,), ("2104.00001",), "")
    made = replace(made, **changes)
    button = {"type": 2, "custom_id": encode(OpenDay(TODAY), find_marker(made))}
    message = {"content": "### Hot papers · Tue 13 Apr 2021\nmore", "components": [{"type": 1, "components": [button]}]}
    made = replace(made, payload=json.dumps({"message": message, "post": None}))
    (delivery_id,) = do(database, lambda store: store.deliveries.add([made], NOW))
    return delivery_id


def find_marker(made: Delivery, generation: int = 1) -> str:
    return find_identity(made.target, made.subscription_id, made.occasion, made.part, generation)


def settle(database: Path, number: int, state: str) -> None:
    """Bring a promise to a state."""

    async def work(store: Store) -> None:
        await store.deliveries.claim(number, NOW)
        match state:
            case "pending":
                await store.deliveries.mark_pending(number, "outage", NOW + timedelta(minutes=1))
            case "sent":
                await store.deliveries.mark_sent(number, "20", "77", NOW)
            case "failed":
                await store.deliveries.mark_failed(number, "refused", NOW)
            case "uncertain":
                await store.deliveries.mark_uncertain(number, "outage", NOW)

    do(database, work)


def get(database: Path, number: int) -> Delivery:
    found = do(database, lambda store: store.deliveries.get(number))
    assert found is not None
    return found


def call(database: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, obj=Settings(database=database))


def list_rows(database: Path, *arguments: str) -> list[dict[str, Any]]:
    result = call(database, "deliveries", *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = json.loads(result.output)["deliveries"]
    return found


def test_deliveries_are_listed_newest_first(database: Path) -> None:
    """Each message has a line: what it is, where it goes, how it fared and where it is."""
    settle(database, promise(database), "sent")
    settle(database, promise(database, 2, MEMBER), "pending")
    heading, newest, oldest = call(database, "deliveries").output.splitlines()
    assert heading.split("  ")[0] == "id"
    assert newest.split()[:7] == ["2", "2", f"member:{MEMBER.id}", OCCASION, "1", "pending", "1"]
    assert "outage" in newest and newest.endswith("-")
    assert oldest.split()[:7] == ["1", "1", "channel:20", OCCASION, "1", "sent", "1"]
    assert oldest.endswith("2021-04-14 12:00:00  2021-04-14 12:00:00  https://discord.com/channels/1/20/77")


def test_deliveries_are_chosen_by_digest_and_state(database: Path) -> None:
    """--subscription, --state and --limit narrow the list, of which --json has every figure."""
    settle(database, promise(database), "sent")
    settle(database, promise(database, occasion="2021-04-15"), "failed")
    settle(database, promise(database, 2, MEMBER), "sent")
    assert [row["id"] for row in list_rows(database)] == [3, 2, 1]
    assert [row["id"] for row in list_rows(database, "--subscription", "1")] == [2, 1]
    assert [row["id"] for row in list_rows(database, "--state", "failed")] == [2]
    assert [row["id"] for row in list_rows(database, "--limit", "1")] == [3]
    (row,) = list_rows(database, "--state", "sent", "--subscription", "2")
    assert (row["target"], row["papers"], row["generation"], row["finished_at"], row["link"]) == (
        *(f"member:{MEMBER.id}", ["2104.00001"], 1, "2021-04-14T12:00:00+00:00"),
        "https://discord.com/channels/@me/20/77",
    )


def test_an_empty_list_says_what_it_means(database: Path) -> None:
    """Nothing sent yet, and nothing of what was asked for, are told apart; JSON has an empty list."""
    assert "Nothing was sent yet" in call(database, "deliveries").output
    assert "No delivery of digest 7 that is failed." in (
        call(database, "deliveries", "--subscription", "7", "--state", "failed").output
    )
    assert list_rows(database) == []
    assert call(database, "deliveries", "--state", "lost").exit_code == 2


@pytest.mark.parametrize(
    ("state", "said"),
    [("sent", "twice"), ("failed", "It was given up on: refused."), ("uncertain", "look first")],
)
def test_a_delivery_is_promised_once_more(database: Path, state: str, said: str) -> None:
    """With --yes the same message waits to be sent again, under a name of its own in each of its buttons."""
    number = promise(database)
    settle(database, number, state)
    result = call(database, "redeliver", str(number), "--yes")
    assert result.exit_code == 0, result.output
    assert said in result.output and "Hot papers · Tue 13 Apr 2021" in result.output
    assert "at its next look" in result.output
    again = get(database, number)
    assert (again.state, again.generation, again.attempts, again.message_id) == ("pending", 2, 0, None)
    (button,) = json.loads(again.payload)["message"]["components"][0]["components"]
    assert decode_marker(button["custom_id"]) == find_marker(again, 2)
    assert again.papers == ("2104.00001",)


def test_what_sending_again_costs_is_said_before(database: Path) -> None:
    """The former message is corrected no more, and of several parts only one is sent again."""
    number = promise(database)
    promise(database, part=2, occasion="other")
    settle(database, number, "sent")
    said = call(database, "redeliver", str(number), "--yes").output
    assert "corrected no more" in said and "parts" not in said
    parts = [replace(get(database, number), occasion="2021-04-16", part=part, generation=1) for part in (1, 2)]
    first, _ = do(database, lambda store: store.deliveries.add(parts, NOW))
    settle(database, first, "failed")
    result = CliRunner().invoke(cli, ["redeliver", str(first)], obj=Settings(database=database))
    assert isinstance(result.exception, UserError) and "one of 2 parts" in result.output
    assert "corrected no more" not in result.output


def test_a_third_time_has_a_name_of_its_own_too(database: Path) -> None:
    """Each time it is delivered the message can be told from those before."""
    number = promise(database)
    for generation in (2, 3):
        settle(database, number, "sent")
        assert call(database, "redeliver", str(number), "--yes").exit_code == 0
        again = get(database, number)
        assert (again.generation, find_marker(again, generation) in again.payload) == (generation, True)


@pytest.mark.parametrize("state", ["pending", "sending"])
def test_what_is_on_its_way_is_left_alone(database: Path, state: str) -> None:
    """A message that is still to be sent is not promised again."""
    number = promise(database)
    settle(database, number, state)
    result = call(database, "redeliver", str(number), "--yes")
    assert isinstance(result.exception, UserError)
    assert f"still on its way ({state})" in str(result.exception)
    assert get(database, number).generation == 1


def test_what_cannot_be_delivered_again_is_refused(database: Path) -> None:
    """An unknown delivery, one of a removed digest and one without a mark of its own each have their reason."""
    number = promise(database)
    settle(database, number, "sent")
    known = get(database, number)
    unmarked = replace(known, occasion="first", payload='{"message": {"content": "x"}, "post": null}')
    recognised = replace(known, occasion="2021-04-15", payload='{"message": null, "post": null}')
    bare, unknown = do(database, lambda store: store.deliveries.add([unmarked, recognised], NOW))
    for one in (bare, unknown):
        settle(database, one, "sent")
    refused = str(call(database, "redeliver", str(unknown), "--yes").exception)
    assert "recognised after a restore" in refused and "can't be sent again" in refused
    assert "There is no delivery 99" in str(call(database, "redeliver", "99", "--yes").exception)
    assert "no mark" in str(call(database, "redeliver", str(bare), "--yes").exception)
    do(database, lambda store: store.subscriptions.delete(1, NOW))
    assert "was removed" in str(call(database, "redeliver", str(number), "--yes").exception)
    assert [get(database, one).state for one in (number, bare)] == ["sent", "sent"]


def test_a_paused_digest_is_said_to_wait(database: Path) -> None:
    """What is promised for a digest that is paused goes out once it goes on, and that is said."""
    number = promise(database)
    settle(database, number, "failed")
    paused = Subscription(CHANNEL, guild_id="1", paused_at=NOW, pause_reason="asked", id=1)
    do(database, lambda store: store.subscriptions.update(paused))
    assert "once its digest goes on" in call(database, "redeliver", str(number), "--yes").output


def test_without_a_terminal_nothing_is_delivered_unasked(database: Path) -> None:
    """A script must say --yes; else it is refused with exit code 2 and nothing changes."""
    number = promise(database)
    settle(database, number, "sent")
    result = subprocess.run(
        [sys.executable, "-m", "bot", "redeliver", str(number)],
        cwd=database.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{database}"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (result.returncode, "--yes" in result.stderr) == (2, True)
    assert get(database, number).state == "sent"


@pytest.mark.parametrize(("typed", "state"), [("y\n", "pending"), ("n\n", "sent"), ("\n", "sent")])
def test_it_asks_first(database: Path, typed: str, state: str) -> None:
    """At a terminal it shows what it is and asks; only a yes delivers it."""
    number = promise(database)
    settle(database, number, "sent")
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        result = subprocess.run(
            [sys.executable, "-m", "bot", "redeliver", str(number)],
            cwd=database.parent,
            env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": f"sqlite:///{database}"},
            stdin=theirs,
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert result.returncode == 0, result.stderr
    assert "https://discord.com/channels/1/20/77" in result.stdout
    assert ("Nothing was changed." in result.stdout) == (state == "sent")
    assert get(database, number).state == state
