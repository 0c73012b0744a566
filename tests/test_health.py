"""The promises of the health page: it tells machines what is wrong, by part, and counts what happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from bot.errors import ConfigError
from bot.health import Metrics, create_app, serve_health

WELL = {"gateway": "ok", "database": "ok", "scheduler": "ok"}


async def find_well() -> Mapping[str, str]:
    return WELL


@asynccontextmanager
async def serving(port: int = 0) -> AsyncIterator[str]:
    """Serve the page as the bot does and lend its address."""
    said: asyncio.Queue[str] = asyncio.Queue()
    task = asyncio.ensure_future(serve_health(port, find_well, Metrics(), said.put_nowait))
    first = asyncio.ensure_future(said.get())
    try:
        await asyncio.wait({task, first}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            await task
        yield first.result().split()[2]
    finally:
        first.cancel()
        task.cancel()
        with suppress(asyncio.CancelledError, ConfigError):
            await task


def read_figures(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Return every figure by its name and labels."""
    families = text_string_to_metric_families(metrics.render().decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


async def test_the_page_is_on_loopback_and_says_where() -> None:
    """The address it says is answered, with the health and the figures, until it is cancelled."""
    async with serving() as address, ClientSession() as session:
        assert address.startswith("http://127.0.0.1:")
        async with session.get(address) as answer:
            assert (answer.status, await answer.json()) == (200, WELL)
            assert answer.headers["Cache-Control"] == "no-store"
        async with session.get(address.replace("healthz", "metrics")) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
            assert "hotpapers_gateway_connected 0.0" in await answer.text()


async def test_a_port_that_is_taken_names_the_setting() -> None:
    """Two bots on one machine: the second says which variable to change."""
    async with serving() as address:
        port = int(address.split(":")[2].split("/")[0])
        with pytest.raises(ConfigError, match="the port is taken; set HEALTH_PORT"):
            await serve_health(port, find_well, Metrics(), print)


async def test_what_is_wrong_is_said_by_part() -> None:
    """One part that is not ok makes the whole unhealthy, and the others keep their word."""

    async def check() -> Mapping[str, str]:
        return WELL | {"gateway": "not connected"}

    async with TestClient(TestServer(create_app(check, Metrics()))) as client:
        answer = await client.get("/healthz")
        assert answer.status == 503
        assert await answer.json() == WELL | {"gateway": "not connected"}


async def test_a_check_that_fails_or_hangs_is_unhealthy() -> None:
    """The page always answers, and names the failure without its text."""

    async def fail() -> Mapping[str, str]:
        raise OSError("a path nobody needs to know")

    async def hang() -> Mapping[str, str]:
        await asyncio.Event().wait()
        return WELL

    for check, said in ((fail, "OSError"), (hang, "no answer in 0.05 s")):
        async with TestClient(TestServer(create_app(check, Metrics(), check_seconds=0.05))) as client:
            answer = await client.get("/healthz")
            assert (answer.status, await answer.json()) == (503, {"check": said})


async def test_commands_are_counted_and_timed() -> None:
    """By command and outcome; one that came too late is counted as such as well."""
    metrics = Metrics()
    metrics.note_command("top", 0.02, "ok")
    metrics.note_command("top", 4.0, "over")
    figures = read_figures(metrics)
    assert figures["hotpapers_commands_total", "top", "ok"] == 1
    assert figures["hotpapers_commands_total", "top", "over"] == 1
    assert figures["hotpapers_interactions_late_total",] == 1
    assert figures["hotpapers_command_seconds_count", "top"] == 2
    assert figures["hotpapers_command_seconds_bucket", "top", "0.025"] == 1


async def test_digests_are_counted_and_how_late_they_were() -> None:
    """Every state is there from the start; one that was sent early is not late."""
    metrics = Metrics()
    before = read_figures(metrics)
    assert [before["hotpapers_digests_total", state] for state in ("due", "sent", "failed", "uncertain")] == [0] * 4
    metrics.note_digest("due")
    metrics.note_sent(90)
    metrics.note_sent(-1)
    figures = read_figures(metrics)
    assert (figures["hotpapers_digests_total", "due"], figures["hotpapers_digests_total", "sent"]) == (1, 2)
    assert figures["hotpapers_delivery_lateness_seconds_sum",] == 90


async def test_figures_of_the_moment_are_set() -> None:
    """Connection, servers, the last ingest and the queue's age show what was last said of them."""
    metrics = Metrics()
    metrics.note_ingest(datetime(2026, 1, 1, tzinfo=UTC))
    metrics.guilds.set(3)
    metrics.gateway_connected.set(1)
    metrics.note_queue_age(12)
    metrics.note_waiting(7)
    metrics.note_rate_limited()
    figures = read_figures(metrics)
    assert figures["hotpapers_ingest_last_timestamp_seconds",] == 1_767_225_600
    assert [figures[f"hotpapers_{name}",] for name in ("guilds", "gateway_connected", "queue_age_seconds")] == [
        3,
        1,
        12,
    ]
    assert figures["hotpapers_rate_limited_total",] == 1
    assert figures["hotpapers_digests_waiting",] == 7
    metrics.note_queue_age(-3)
    assert read_figures(metrics)["hotpapers_queue_age_seconds",] == 0
    assert figures["process_resident_memory_bytes",] > 1e6


async def test_two_bots_in_one_process_count_apart() -> None:
    """The figures are the bot's own, not the process's."""
    one, other = Metrics(), Metrics()
    one.note_command("top", 0.1, "ok")
    assert ("hotpapers_commands_total", "top", "ok") not in read_figures(other)
