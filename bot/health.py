"""How the bot is doing, for machines: a page on loopback with its health and its figures.

    GET /healthz   200 {"gateway": "ok", …}, 503 when anything is not: each part with "ok" or why not
    GET /metrics   figures in Prometheus' text format

What is checked and counted, and when, is for those who know.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.errors import ConfigError

if TYPE_CHECKING:
    from aiohttp import web

HOST = "127.0.0.1"
CHECK_SECONDS = 5.0
DIGEST_STATES = ("due", "sent", "failed", "uncertain")
_COMMAND_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)  # Discord gives up after three seconds
_LATENESS_BUCKETS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 6 * 3600.0)
Check = Callable[[], Awaitable[Mapping[str, str]]]
_log = logging.getLogger(__name__)


class Metrics:
    """The figures of one bot, in a registry of their own; all times in seconds."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        ProcessCollector(registry=registry)  # memory, time and open files of this process
        self.commands_total = Counter(
            "hotpapers_commands_total", "Commands and presses answered", ("command", "outcome"), registry=registry
        )
        self.command_seconds = Histogram(
            "hotpapers_command_seconds",
            "Time to answer one",
            ("command",),
            buckets=_COMMAND_BUCKETS,
            registry=registry,
        )
        self.interactions_late_total = Counter(
            "hotpapers_interactions_late_total",
            "Interactions that were over before they were answered",
            registry=registry,
        )
        self.gateway_connected = Gauge(
            "hotpapers_gateway_connected", "1 while connected to Discord's gateway", registry=registry
        )
        self.guilds = Gauge("hotpapers_guilds", "Servers the bot is in", registry=registry)
        self.ingest_last_timestamp_seconds = Gauge(
            "hotpapers_ingest_last_timestamp_seconds", "When posts were last read, in unix time", registry=registry
        )
        self.source_last_answer_timestamp_seconds = Gauge(
            "hotpapers_source_last_answer_timestamp_seconds",
            "When a live source last answered, in unix time",
            ("source",),
            registry=registry,
        )
        self.source_silent = Gauge(
            "hotpapers_source_silent",
            "1 while a live source says nothing for longer than its calendar allows",
            ("source",),
            registry=registry,
        )
        self.bluesky_heard_timestamp_seconds = Gauge(
            "hotpapers_bluesky_heard_timestamp_seconds", "Up to when Bluesky was heard, in unix time", registry=registry
        )
        self.posts_unpushed = Gauge("hotpapers_posts_unpushed", "Posts that POSTS_PUSH still lacks", registry=registry)
        self.digests_total = Counter(
            "hotpapers_digests_total", "Digests by what became of them", ("state",), registry=registry
        )
        for state in DIGEST_STATES:  # so that each is there, at zero, before it happens
            self.digests_total.labels(state)
        self.delivery_lateness_seconds = Histogram(
            "hotpapers_delivery_lateness_seconds",
            "Time from when a digest was due until it was sent",
            buckets=_LATENESS_BUCKETS,
            registry=registry,
        )
        self.rate_limited_total = Counter(
            "hotpapers_rate_limited_total", "Times Discord said to wait", registry=registry
        )
        self.digests_waiting = Gauge("hotpapers_digests_waiting", "Messages still to be sent", registry=registry)
        self.queue_age_seconds = Gauge(
            "hotpapers_queue_age_seconds", "Age of the oldest message still to be sent, 0 for none", registry=registry
        )

    def note_command(self, command: str, seconds: float, outcome: str) -> None:
        """Count a command that was answered; one whose outcome is "over" came too late."""
        self.commands_total.labels(command, outcome).inc()
        self.command_seconds.labels(command).observe(seconds)
        if outcome == "over":
            self.interactions_late_total.inc()

    def note_ingest(self, now: datetime) -> None:
        """Remember that posts were read."""
        self.ingest_last_timestamp_seconds.set(now.timestamp())

    def note_source(self, name: str, answered_at: datetime | None, is_silent: bool) -> None:
        """Remember when a live source last answered, and whether it should have since."""
        if answered_at is not None:
            self.source_last_answer_timestamp_seconds.labels(name).set(answered_at.timestamp())
        self.source_silent.labels(name).set(is_silent)

    def note_digest(self, state: str) -> None:
        """Count a digest: one of DIGEST_STATES."""
        self.digests_total.labels(state).inc()

    def note_due(self, count: int) -> None:
        """Count messages that were promised."""
        self.digests_total.labels("due").inc(count)

    def note_sent(self, seconds_late: float) -> None:
        """Count a digest as sent, so long after it was due."""
        self.note_digest("sent")
        self.delivery_lateness_seconds.observe(max(0.0, seconds_late))

    def note_rate_limited(self) -> None:
        """Count that Discord said to wait."""
        self.rate_limited_total.inc()

    def note_waiting(self, count: int) -> None:
        """Remember how many messages are still to be sent."""
        self.digests_waiting.set(count)

    def note_queue_age(self, seconds: float) -> None:
        """Remember how long ago the oldest message still to be sent was due; 0 when none is."""
        self.queue_age_seconds.set(max(0.0, seconds))

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry)


def create_app(check: Check, metrics: Metrics, *, check_seconds: float = CHECK_SECONDS) -> web.Application:
    """Return the page over a check, bounded in time, and some figures."""
    from aiohttp import web  # a server, which most bots are not

    async def get_health(request: web.Request) -> web.Response:
        found = await _run_check(check, check_seconds)
        is_healthy = all(state == "ok" for state in found.values())
        return web.json_response(found, status=200 if is_healthy else 503, headers={"Cache-Control": "no-store"})

    async def get_metrics(request: web.Request) -> web.Response:
        return web.Response(body=metrics.render(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    app = web.Application()
    app.add_routes([web.get("/healthz", get_health), web.get("/metrics", get_metrics)])
    return app


async def serve_health(port: int, check: Check, metrics: Metrics, say: Callable[[str], object]) -> None:
    """Serve the page on loopback until cancelled; `say` gets its address. ConfigError when the port can't be had.

    `check` returns "ok" or what is wrong by part. Port 0 takes any free one.
    """
    from aiohttp import web

    runner = web.AppRunner(create_app(check, metrics), access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            cause = "the port is taken" if error.errno == errno.EADDRINUSE else error.strerror
            raise ConfigError(f"The health page can't listen on {HOST}:{port}: {cause}; set HEALTH_PORT") from None
        say(f"Health page: http://{HOST}:{runner.addresses[0][1]}/healthz and /metrics")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _run_check(check: Check, seconds: float) -> dict[str, str]:
    """Return what the check found; one that fails or takes too long is unhealthy itself."""
    try:
        return dict(await asyncio.wait_for(check(), seconds))
    except TimeoutError:
        return {"check": f"no answer in {seconds:g} s"}
    except Exception as error:
        _log.warning("the health check failed", exc_info=error)
        return {"check": type(error).__name__}
