"""The whole server on a free port of loopback: start, stop, and everything a test asks it."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.discord_server.driver import Driver
from tests.discord_server.happenings import Happenings
from tests.discord_server.payloads import format_message
from tests.discord_server.rest import BASE, Rest
from tests.discord_server.state import Channel

MOST_UPLOADED = 32 * 1024 * 1024


class Server(Driver, Happenings):
    """A Discord for one bot. `async with Server(world) as server:` then point the bot at `server.base`."""

    _runner: web.AppRunner | None = None

    @property
    def base(self) -> str:
        """The REST address, as Discord's https://discord.com/api/v10."""
        return self.origin + BASE

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self, port: int = 0) -> None:
        """Listen on loopback, on a free port unless one is given (to come back after an outage)."""
        app = web.Application(client_max_size=MOST_UPLOADED)
        app.router.add_get("/gateway", self.gateway.serve)
        Rest(self).add_routes(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        port = self._runner.addresses[0][1]
        self.origin, self.gateway.url = f"http://127.0.0.1:{port}", f"ws://127.0.0.1:{port}/gateway"

    async def stop(self) -> None:
        """Cut every line and stop listening; the world stays as it is."""
        self.cancel_timers()
        await self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def connected(self, seconds: float = 15.0) -> bool:
        """Wait for the bot to identify or resume; tell whether it did."""
        return await self.until(lambda: self.gateway.connected, seconds)

    def messages(self, channel: Channel | int) -> list[dict[str, Any]]:
        """Return the messages everyone sees in a channel, oldest first."""
        found = channel if isinstance(channel, Channel) else self.world.channels[channel]
        return [format_message(one, self.world) for _, one in sorted(found.messages.items())]
