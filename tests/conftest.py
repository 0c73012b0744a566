"""Fixtures every test may use."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from discord.gateway import DiscordWebSocket
from discord.http import Route

from storage.store import Store
from tests.bot_process import Place, Start, run_bots, run_server
from tests.builders import INDEX, find_damage
from tests.discord_server import Server, World

pytest_plugins = ["tests.deliveries"]
CORPUS = Path(__file__).parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real posts beside the checkout; a test that needs it is skipped where it is absent."""
    if not (CORPUS / "posts").is_dir():
        pytest.skip("the corpus of real posts is not beside this checkout")
    return CORPUS


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store in a file of its own; whatever a test did to it, nothing in it may be damaged."""
    async with await Store.open(tmp_path / "papers.db", INDEX) as opened:
        yield opened
    assert find_damage(tmp_path / "papers.db") == []


@pytest.fixture
def place() -> Place:
    """A world with one server in it."""
    return Place(World())


@pytest.fixture
async def server(place: Place) -> AsyncIterator[Server]:
    """The Discord for tests; every test must leave it without a violation or an interaction nobody answered."""
    async with run_server(place) as server:
        yield server


@pytest.fixture
async def start(server: Server, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts bots; their logs must hold no errors."""
    async with run_bots(server, tmp_path) as begin:
        yield begin


@pytest.fixture
def discord_address() -> Iterator[None]:
    """Give discord.py its own addresses back after a test."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    yield
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway
