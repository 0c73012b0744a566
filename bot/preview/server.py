"""Serves the preview page: its few files, its API, and the guard before both.

The files are read once and looked up by name, so a path from outside never reaches the file system.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import mimetypes
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from aiohttp import web

from bot.errors import ConfigError
from bot.preview.api import Answers, Api
from bot.preview.guard import guard
from bot.preview.schedule import Digests, ScheduleApi

STATIC = Path(__file__).parent / "static"
MAX_BODY = 16 * 1024  # bytes: a command of 4,000 characters, four bytes each
TIMEOUT_SECONDS = 15.0
PORTS_TRIED = 50


def create_app(
    answers: Answers,
    *,
    clock: Callable[[], datetime],
    notice: str | None = None,
    digests: Digests | None = None,
    find_trouble: Callable[[], str] = str,
    host: str = "127.0.0.1",
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> web.Application:
    """Return the page's application over some answers, and over the page's own digests if it has any.

    `clock` gives aware UTC times; `notice` says which data is shown, `find_trouble` why no digests are sent from
    here ("" when they are); `host` is the name it is reached under, beside the loopback names.
    """
    app = web.Application(client_max_size=MAX_BODY, middlewares=[guard(host, timeout_seconds)])
    app.add_routes(Api(answers, clock, notice, has_schedule=digests is not None).routes())
    if digests is not None:
        app.add_routes(ScheduleApi(digests, answers, clock, find_trouble).routes())
    files = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.is_file()}

    async def get_page(request: web.Request) -> web.Response:
        return respond_file(request, "index.html", files["index.html"])

    async def get_file(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in files:
            raise web.HTTPNotFound(text="There is no such file.")
        return respond_file(request, name, files[name])

    app.add_routes([web.get("/", get_page), web.get("/static/{name}", get_file)])
    return app


def respond_file(request: web.Request, name: str, content: bytes) -> web.Response:
    """Return a file of the page; the browser keeps it and asks each time whether it changed."""
    tag = hashlib.sha256(content).hexdigest()[:16]
    headers = {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}
    if any(match.value == tag for match in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    kind = "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0]
    return web.Response(body=content, content_type=kind or "application/octet-stream", charset="utf-8", headers=headers)


async def start(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen on the port or the next free one (0: any); return the runner, to clean up, and the port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    for candidate in [port] if port == 0 else range(port, min(port + PORTS_TRIED, 65536)):
        try:
            await web.TCPSite(runner, host, candidate).start()
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                continue
            await runner.cleanup()
            raise ConfigError(
                f"cannot listen on {host}:{candidate}: {error.strerror}; set PREVIEW_HOST and PREVIEW_PORT"
            ) from error
        return runner, runner.addresses[0][1]
    await runner.cleanup()
    raise ConfigError(f"no free port from {port} on; set PREVIEW_PORT to another one")


async def serve(
    answers: Answers,
    *,
    clock: Callable[[], datetime],
    notice: str | None = None,
    digests: Digests | None = None,
    find_trouble: Callable[[], str] = str,
    host: str = "127.0.0.1",
    port: int = 8080,
    say: Callable[[str], object] = print,
) -> None:
    """Serve the page until cancelled; `say` gets its address, and a word if the port was taken."""
    app = create_app(answers, clock=clock, notice=notice, digests=digests, find_trouble=find_trouble, host=host)
    runner, actual = await start(app, host, port)
    try:
        if port not in (0, actual):
            say(f"Port {port} is taken, so this is on {actual}.")
        say(f"Hot Papers preview: {format_url(host, actual)} (Ctrl-C stops it)")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def format_url(host: str, port: int) -> str:
    """Return the address to open in a browser; listening everywhere is reached through loopback."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - compared, not bound
    return f"http://{name}:{port}/"
