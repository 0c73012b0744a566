"""What the bot knows of the servers it is in, and the one thing it asks: whether somebody may still manage one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import bot.commands.venue as venue_module
from bot.answers.venue import READ_HISTORY, SEND, VIEW
from bot.commands.venue import DiscordVenue
from tests.bot_process import Place
from tests.discord_server import Fault, Server
from tests.discord_server.permissions import SEND_MESSAGES
from tests.discord_server.sample_bot import SampleBot, redirect


@pytest.fixture
async def venue(server: Server, place: Place, discord_address: None) -> AsyncIterator[DiscordVenue]:
    """What a connected bot knows."""
    place.guild.system_channel_id = place.general.id
    await redirect(server.base)
    async with SampleBot() as client:
        running = asyncio.create_task(client.start(server.world.token))
        assert await server.connected()
        await client.wait_until_ready()
        yield DiscordVenue(client)
        await client.close()
        await asyncio.wait_for(running, 5)


async def test_the_system_channel_is_found_with_what_may_be_done_there(
    server: Server, place: Place, venue: DiscordVenue
) -> None:
    """As it is now; a server that has none, or that the bot is not in, has none to tell."""
    guild_id = str(place.guild.id)
    found = venue.find_system_channel(guild_id)
    assert found is not None and found == venue.find_channel(guild_id, str(place.general.id))
    assert {VIEW, SEND, READ_HISTORY} <= found.permissions
    place.general.deny(place.guild.everyone, SEND_MESSAGES)
    server.update_channel(place.general)
    async with asyncio.timeout(5):
        while SEND in (venue.find_system_channel(guild_id) or found).permissions:
            await asyncio.sleep(0.01)
    assert venue.find_system_channel("1") is None and not venue.is_present("1") and not venue.is_present("x")
    assert venue.is_present(guild_id)


async def test_a_server_in_an_outage_is_not_seen(server: Server, place: Place, venue: DiscordVenue) -> None:
    """It is still one of the bot's, but nothing can be said of it until it is back."""
    guild_id = str(place.guild.id)
    server.start_outage(place.guild)
    async with asyncio.timeout(5):
        while venue.is_present(guild_id):
            await asyncio.sleep(0.01)
    server.end_outage(place.guild)
    async with asyncio.timeout(5):
        while not venue.is_present(guild_id):
            await asyncio.sleep(0.01)


async def test_an_overseer_is_a_member_who_may_manage_the_server(place: Place, venue: DiscordVenue) -> None:
    """The owner and whoever has a role for it; not others, nor who has left, nor who was never there."""
    guild_id = str(place.guild.id)
    assert await venue.find_overseer(guild_id, str(place.admin.id))
    assert await venue.find_overseer(guild_id, str(place.guild.owner.id))
    assert not await venue.find_overseer(guild_id, str(place.ada.id))
    assert not await venue.find_overseer("1", str(place.admin.id))
    assert not await venue.find_overseer(guild_id, "x")
    del place.guild.members[place.admin.id]
    assert not await venue.find_overseer(guild_id, str(place.admin.id))


async def test_an_answer_that_does_not_come_is_no(
    server: Server, place: Place, venue: DiscordVenue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told what they might no longer be meant to know; and nothing waits long for it."""
    monkeypatch.setattr(venue_module, "TIMEOUT_SECONDS", 0.2)
    for fault in (Fault("/members/", hang_seconds=2), Fault("/members/", status=403, times=1)):
        server.faults.append(fault)
        assert not await venue.find_overseer(str(place.guild.id), str(place.admin.id))
        assert fault.struck
