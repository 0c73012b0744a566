"""Rate limits: a bucket per route and major parameter, and one over everything, with Discord's headers.

The limits given are enforced; by default they are so wide that no test meets them. `Pace.strict()` has Discord's.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.discord_server.bodies import Request

MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_id")
UNCOUNTED = ("/interactions/", "/webhooks/")  # not under the global limit, by Discord's documentation


@dataclass
class _Bucket:
    """What is left of a window, and when the next begins."""

    left: int
    ends: float


@dataclass(frozen=True)
class Limited:
    """A request that came too soon: seconds to wait, and whether everything waits."""

    seconds: float
    everywhere: bool


class Pace:
    """Counts requests; `routes` gives (requests, seconds) by "METHOD template", `everything` requests a second."""

    def __init__(
        self,
        *,
        default: tuple[int, float] = (10_000, 1.0),
        routes: dict[str, tuple[int, float]] | None = None,
        everything: int | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.default, self.routes, self.everything, self.clock = default, routes or {}, everything, clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self.limited = 0

    @classmethod
    def strict(cls) -> Pace:
        """Return limits like Discord's: 5 messages in 5 s to a channel, 50 requests a second in all."""
        messages = "/channels/{channel_id}/messages"
        return cls(default=(50, 1.0), routes={f"POST {messages}": (5, 5.0)}, everything=50)

    def take(self, request: Request) -> tuple[dict[str, str], Limited | None]:
        """Count a request; return the headers of its answer, and what limits it."""
        if self.everything is not None and not request.template.startswith(UNCOUNTED):
            seconds = self._spend(("*",), self.everything, 1.0)[1]
            if seconds is not None:
                return self._limit({}, Limited(seconds, True))
        limit, window = self.routes.get(str(request), self.default)
        major = [request.params[name] for name in MAJOR if name in request.params]
        bucket, seconds = self._spend((str(request), *major), limit, window)
        headers = self._format(request, bucket, limit)
        return (headers, None) if seconds is None else self._limit(headers, Limited(seconds, False))

    def _limit(self, headers: dict[str, str], limited: Limited) -> tuple[dict[str, str], Limited]:
        self.limited += 1
        scope = "global" if limited.everywhere else "user"
        more = {"Retry-After": f"{limited.seconds:.3f}", "X-RateLimit-Scope": scope, "Via": "1.1 test"}
        return headers | more | ({"X-RateLimit-Global": "true"} if limited.everywhere else {}), limited

    def _spend(self, key: tuple[str, ...], limit: int, window: float) -> tuple[_Bucket, float | None]:
        now = self.clock()
        bucket = self._buckets.get(key)
        if bucket is None or bucket.ends <= now:
            bucket = self._buckets[key] = _Bucket(limit, now + window)
        if bucket.left == 0:
            return bucket, bucket.ends - now
        bucket.left -= 1
        return bucket, None

    def _format(self, request: Request, bucket: _Bucket, limit: int) -> dict[str, str]:
        after = max(0.0, bucket.ends - self.clock())
        return {
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{time.time() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(str(request).encode()).hexdigest()[:32],
        }
