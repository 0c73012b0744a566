"""A git repository of posts that tests push to, as a site's author would, and a web server for it."""

from __future__ import annotations

import asyncio
import os
import subprocess
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from tests.posts import make_entry, make_post

AUTHOR = {
    f"GIT_{role}_{name}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for name in ("NAME", "EMAIL")
}  # fmt: skip


@dataclass
class Site:
    """A bare repository at `bare`, and the author's own copy of it at `work`; posts are in content/posts."""

    folder: Path
    name: str = "site.git"
    work: Path = field(init=False)
    bare: Path = field(init=False)

    def __post_init__(self) -> None:
        self.bare, self.work = self.folder / self.name, self.folder / "work"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.run("init", "-q", "--bare", "-b", "main", str(self.bare), where=self.folder)
        self.run("init", "-q", "-b", "main", str(self.work), where=self.folder)
        self.run("remote", "add", "origin", str(self.bare))

    def run(self, *arguments: str, where: Path | None = None) -> str:
        """Run git in the author's copy, or elsewhere, as somebody with no configuration."""
        done = subprocess.run(
            ["git", *arguments],  # noqa: S607
            cwd=where or self.work,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "GIT_CONFIG_NOSYSTEM": "1", **AUTHOR},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, *days: str, folder: str = "content/posts", papers: int = 2) -> None:
        """Write posts into the author's copy."""
        for day in days:
            path = self.work / folder / f"{day}---Hot-Papers.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            ids = [f"{day[2:4]}{day[5:7]}.{int(day[8:]):02}{number:03}" for number in range(1, papers + 1)]
            path.write_text(make_post(*(make_entry(n, f"Title {id}", id) for n, id in enumerate(ids, 1)), day=day))

    def push(self, *arguments: str, message: str = "posts") -> str:
        """Commit all and push; return the commit."""
        self.run("add", "-A")
        self.run("commit", "-q", "--allow-empty", "-m", message)
        self.run("push", "-q", *arguments, "origin", "HEAD")
        return self.run("rev-parse", "HEAD")

    def list(self, where: Path | None = None) -> list[str]:
        """Return the files of the newest commit of the bare repository."""
        return self.run("ls-tree", "-r", "--name-only", "HEAD", where=where or self.bare).splitlines()


@dataclass
class WebSite:
    """A site on the web: with a password, if one is set, and with answers that never end, if it `stalls`."""

    site: Site
    password: str = ""
    stalls: bool = False
    url: str = ""
    requests: list[str] = field(default_factory=list)
    stalled: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as git's own server does."""
        self.requests.append(f"{request.method} {request.path_qs}")
        wanted = b64encode(f"ada:{self.password}".encode()).decode()
        if self.password and request.headers.get("Authorization") != f"Basic {wanted}":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="posts"'})
        if self.stalls and request.path.endswith("git-upload-pack") and b"command=fetch" in await request.read():
            self.stalled.set()
            response = web.StreamResponse(headers={"Content-Type": "application/x-git-upload-pack-result"})
            await response.prepare(request)
            await response.write(b"000dpackfile\n")
            await asyncio.sleep(60)
        return await self._run(request, await request.read())

    async def _run(self, request: web.Request, body: bytes) -> web.Response:
        environment = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.site.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REMOTE_USER": "ada",
            "PATH_INFO": request.path,
            "QUERY_STRING": request.query_string,
            "REQUEST_METHOD": request.method,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        process = await asyncio.create_subprocess_exec(
            "git", "http-backend", stdin=-1, stdout=-1, env=environment, cwd=self.site.folder
        )
        output, _ = await process.communicate(body)
        head, _, content = output.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        return web.Response(status=int(headers.pop("Status", "200").split()[0]), headers=headers, body=content)


@asynccontextmanager
async def serve(site: Site, *, dumb: bool = False, password: str = "") -> AsyncIterator[WebSite]:
    """Serve a site at `url`; a dumb server serves its files and knows nothing of git."""
    found = WebSite(site, password)
    app = web.Application(client_max_size=100_000_000)
    if dumb:
        site.run("update-server-info", where=site.bare)
        app.router.add_static("/", site.folder)
    else:
        app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{site.name}"
    try:
        yield found
    finally:
        await runner.cleanup()
