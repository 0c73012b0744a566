"""What every part of the server shares: the world, the gateway, the interactions and the record of what happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.discord_server.bodies import Request
from tests.discord_server.faults import Fault
from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import Interaction, Interactions, format_interaction
from tests.discord_server.pace import Pace
from tests.discord_server.payloads import format_message
from tests.discord_server.specification import Specification
from tests.discord_server.state import Channel, Message, World

GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 12, 1 << 15


class Core:
    """The state behind all routes; every change ends in `pulse`, which `until` waits for."""

    def __init__(
        self,
        world: World,
        *,
        specification: Specification | None = None,
        pace: Pace | None = None,
        deadline_seconds: float = 3.0,
        token_seconds: float = 900.0,
        nonce_seconds: float = 300.0,
    ) -> None:
        self.world, self.specification, self.pace = world, specification, pace or Pace()
        self.nonce_seconds = nonce_seconds
        self.interactions = Interactions(deadline_seconds, token_seconds)
        self.gateway = Gateway(world, self.pulse)
        self.requests: list[Request] = []
        self.refusals: list[Request] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.nonces: dict[str, Message] = {}
        self.origin = ""
        self._pulsed: asyncio.Event = asyncio.Event()
        self._timers: set[asyncio.TimerHandle] = set()

    @property
    def unanswered(self) -> list[Interaction]:
        """The interactions that nobody answered in time."""
        return self.interactions.unanswered

    @property
    def invalid_requests(self) -> int:
        """How many answers count towards Discord's ban of an address: 401, 403 and 429."""
        own = [request.status for request in self.refusals]
        return sum(status in (401, 403, 429) for status in own) + sum(
            fault.struck for fault in self.faults if fault.status in (401, 403, 429)
        )

    def pulse(self) -> None:
        """Wake everyone who waits for something to happen."""
        self._pulsed.set()
        self._pulsed = asyncio.Event()

    async def until(self, happened: Callable[[], object], seconds: float = 10.0) -> bool:
        """Wait until something has happened; tell whether it did within the time."""
        ends = asyncio.get_running_loop().time() + seconds
        while not happened():
            left = ends - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            try:
                await asyncio.wait_for(self._pulsed.wait(), left)
            except TimeoutError:
                return bool(happened())
        return True

    def open_interaction(self, interaction: Interaction) -> None:
        """Send an interaction to the bot and start its clock."""
        self.interactions.add(interaction)
        self.gateway.publish("INTERACTION_CREATE", format_interaction(interaction, self.world), guild=interaction.guild)
        loop = asyncio.get_running_loop()

        def expire() -> None:
            self._timers.discard(timer)
            if self.interactions.mark_late(interaction):
                self.pulse()

        timer = loop.call_later(self.interactions.deadline_seconds, expire)
        self._timers.add(timer)

    def cancel_timers(self) -> None:
        """Stop every clock."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def publish_message(self, event: str, message: Message) -> None:
        """Tell the gateway about a message, hiding its text from who may not read it."""
        if message.seen_by is not None:
            return
        channel, bot = message.channel, self.world.bot
        payload = format_message(message, self.world)
        if channel.guild is not None:
            payload["guild_id"] = str(channel.guild.id)
        intent = DIRECT_MESSAGES if channel.guild is None else GUILD_MESSAGES
        hidden = channel.guild is not None and message.author is not bot and bot.id not in message.mentions.users
        cover: dict[str, Any] = {"content": "", "embeds": [], "attachments": [], "components": []} if hidden else {}
        self.gateway.publish(event, payload, guild=channel.guild, intent=intent, unless=MESSAGE_CONTENT, cover=cover)

    def publish_channel(self, event: str, channel: Channel, payload: dict[str, Any]) -> None:
        """Tell the gateway about a channel or thread."""
        self.gateway.publish(event, payload, guild=channel.guild, intent=1)
