"""Stands before every request of the preview page: who may ask, for how long, and what a failure tells.

The page has no password, since it listens on the loopback interface; what it must stop is other web pages in
the same browser: DNS rebinding (the Host header), forged posts (Origin and content type) and framing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bot.errors import BotError, UserError
from storage.errors import StorageError

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "hotpapers",
}


def is_own_host(header: str, configured: str) -> bool:
    """Tell whether a Host header names this server.

    Loopback names and the configured host do. When listening on every interface (0.0.0.0, ::), so does any
    address, but no other name: only a name can be rebound to us.
    """
    try:
        name = urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return False
    if name == "localhost" or name == configured.strip("[]").lower():
        return True
    address = _parse_address(name)
    if address is None:
        return False
    listening = _parse_address(configured.strip("[]"))
    return address.is_loopback or (listening is not None and listening.is_unspecified)


def _parse_address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def check_request(request: web.Request, configured_host: str) -> None:
    """Raise an HTTP error for a request that no page of ours would make."""
    host = request.headers.get("Host", "")
    if not is_own_host(host, configured_host):
        raise web.HTTPMisdirectedRequest(text="This page answers under its own address only.")
    if request.method == "POST":
        if request.headers.get("Origin") not in (f"http://{host}", f"https://{host}"):
            raise web.HTTPForbidden(text="Only this page may send commands.")
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType(text="Send application/json.")


def guard(configured_host: str, timeout_seconds: float) -> Middleware:
    """Return the middleware that checks requests, bounds their time and turns failures into short JSON."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            check_request(request, configured_host)
            async with asyncio.timeout(timeout_seconds):
                response = await handler(request)
        except Exception as error:
            response = answer_failure(request, error)
        response.headers.update(HEADERS)
        return response

    return middleware


def answer_failure(request: web.Request, error: Exception) -> web.Response:
    """Return what the page may know of a failure; a trace goes to the log only, under the same reference."""
    if isinstance(error, web.HTTPException):
        return web.json_response({"error": error.text or error.reason}, status=error.status)
    if isinstance(error, UserError):
        return web.json_response({"error": str(error)}, status=400)
    if isinstance(error, (BotError, StorageError)):
        log.warning("%s %s: %s", request.method, request.path, error)
        return web.json_response({"error": str(error)}, status=503)
    reference = secrets.token_hex(4)
    log.error("%s %s failed, reference %s", request.method, request.path, reference, exc_info=error)
    if isinstance(error, TimeoutError):
        return web.json_response({"error": "That took too long. Try again.", "reference": reference}, status=504)
    return web.json_response({"error": "Something went wrong here.", "reference": reference}, status=500)
