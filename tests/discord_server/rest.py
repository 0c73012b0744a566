"""REST, version 10: one way for every request through faults, limits, routes and checks, in that order.

read ► record ► fault before? ► rate limit? ► token? ► route ► check ► fault after? ► answer
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.discord_server import (
    routes_channels,
    routes_commands,
    routes_guilds,
    routes_interactions,
    routes_threads,
)
from tests.discord_server.bodies import Request, read_request
from tests.discord_server.core import Core
from tests.discord_server.faults import When
from tests.discord_server.pace import Limited
from tests.discord_server.refusals import INVALID_FORM, Refusal
from tests.discord_server.replies import Reply, send_json

BASE = "/api/v10"
Handler = Callable[[Core, Request], Any]
ROUTES: list[tuple[str, str, Handler]] = [
    *routes_guilds.ROUTES,
    *routes_commands.ROUTES,
    *routes_channels.ROUTES,
    *routes_threads.ROUTES,
    *routes_interactions.ROUTES,
]
_OPEN = ("/gateway", routes_interactions.CALLBACK, routes_interactions.WEBHOOK)  # need no token of the bot
_FAULTY_FORM = (INVALID_FORM, 50006, 50109, 40005)


class Rest:
    """Discord's REST interface over the shared state."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def add_routes(self, app: web.Application) -> None:
        """Register every route; anything else is recorded as a violation."""
        for method, template, handler in ROUTES:
            app.router.add_route(method, BASE + template, self._make(template, handler))
        app.router.add_get("/attachments/{tail:.*}", self._send_upload)
        app.router.add_route("*", "/{tail:.*}", self._refuse_unknown)

    def _make(self, template: str, handler: Handler) -> Callable[[web.Request], Any]:
        async def serve(raw: web.Request) -> web.StreamResponse:
            return await self._serve(raw, template, handler)

        return serve

    async def _serve(self, raw: web.Request, template: str, handler: Handler) -> web.StreamResponse:
        fault = await self._find_fault(raw, "before")
        if fault is not None:
            return fault
        response = await self._answer(raw, template, handler)
        self._core.pulse()
        return await self._find_fault(raw, "after") or response

    async def _find_fault(self, raw: web.Request, when: When) -> web.Response | None:
        for fault in self._core.faults:
            if fault.match(raw.method, raw.path.removeprefix(BASE), when):
                replaced = await fault.apply(raw)
                if replaced is not None:
                    return replaced
        return None

    async def _answer(self, raw: web.Request, template: str, handler: Handler) -> web.Response:
        core = self._core
        try:
            request = await read_request(raw, template)
        except Refusal as refusal:
            core.violations.append(f"{raw.method} {template}: {refusal}")
            return send_json(refusal.to_json(), refusal.status)
        core.requests.append(request)
        headers, limited = core.pace.take(request)
        if limited is not None:
            request.status = 429
            core.refusals.append(request)
            return send_json(_format_limit(limited), 429, headers)
        reply = self._run(request, handler)
        request.status, request.answer = reply.status, reply.body
        if reply.status == 204:
            return web.Response(status=204, headers=headers)
        return send_json(reply.body, reply.status, headers)

    def _run(self, request: Request, handler: Handler) -> Reply:
        core = self._core
        try:
            self._authorize(request)
            found = handler(core, request)
        except Refusal as refusal:
            request.code = refusal.code
            core.refusals.append(request)
            if refusal.code in _FAULTY_FORM:
                core.violations.append(f"{request}: {refusal}")
            return Reply(refusal.status, refusal.to_json())
        except (LookupError, TypeError, ValueError, AttributeError) as error:  # a body no rule was made for
            core.violations.append(f"{request}: not understood: {error!r}")
            return Reply(400, {"message": "Invalid Form Body", "code": INVALID_FORM})
        reply = found if isinstance(found, Reply) else Reply(204 if found is None else 200, found)
        if core.specification is not None:
            core.violations += core.specification.find_request_violations(
                request.method, request.template, request.body
            )
        return reply

    def _authorize(self, request: Request) -> None:
        if request.template.startswith(_OPEN[1:]) or request.template == _OPEN[0]:
            return
        if request.headers.get("Authorization") != f"Bot {self._core.world.token}":
            raise Refusal(401, 0, "401: Unauthorized")
        if not request.headers.get("User-Agent", "").startswith("DiscordBot ("):
            self._core.violations.append(f"{request}: the User-Agent is not as Discord asks")

    async def _send_upload(self, raw: web.Request) -> web.Response:
        content = self._core.world.uploads.get(raw.path)
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _refuse_unknown(self, raw: web.Request) -> web.Response:
        self._core.violations.append(f"{raw.method} {raw.path}: no such route")
        return send_json({"message": "404: Not Found", "code": 0}, 404)


def _format_limit(limited: Limited) -> dict[str, Any]:
    return {
        "message": "You are being rate limited.",
        "retry_after": round(limited.seconds, 3),
        "global": limited.everywhere,
    }
