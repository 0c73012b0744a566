"""Runs git for one repository: never a program, a filter or a hook that somebody else chose, and within bounds.

What git may do is said in three places: the environment (of which it gets only what it needs: no token of the bot's),
a configuration of our own in place of the user's and the machine's, and a time limit after which it and all that it
started are ended. A password goes by the environment, which others on the machine can't read, as they can arguments.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from bot.errors import SourceError
from bot.sources.address import Repository
from bot.sources.git_words import explain

OLDEST = (2, 32)  # the first that reads a configuration of our own
MOST_OUTPUT, MOST_ERRORS = 32_000_000, 64_000  # bytes; a tree can be built that lists without end
MOST_KEPT = 2_000_000_000  # bytes of a clone, all of which is on the disk beside the database
LOCAL_SECONDS, REMOTE_SECONDS, FETCH_SECONDS, CLOSE_SECONDS = 60.0, 60.0, 600.0, 5.0
_WATCH_SECONDS = 0.5
_CHUNK = 65_536
_PROTOCOLS = {"https": "https", "http": "http:https", "ssh": "ssh", "file": "file"}
_SSH = "-oBatchMode=yes -oConnectTimeout=20 -oServerAliveInterval=15 -oServerAliveCountMax=3 -oControlMaster=no"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
_KEPT = (
    *("PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"),
    *_PROXIES,
    *map(str.upper, _PROXIES),
)
# Nothing is ever checked out and the clone has no hooks; this also holds for a repository on this machine.
_CONFIGURATION = """\
# Written by Hot Papers, which reads it in place of the user's and the machine's.
[core]
\thooksPath = /dev/null
\tfsmonitor = false
\tsymlinks = false
\tattributesFile = /dev/null
\tdeltaBaseCacheLimit = 16m
\tbigFileThreshold = 16m
[protocol]
\tversion = 2
\tallow = never
[fetch]
\trecurseSubmodules = false
\tunpackLimit = 1
[push]
\trecurseSubmodules = no
\tgpgSign = false
[submodule]
\trecurse = false
[transfer]
\tbundleURI = false
[gc]
\tauto = 0
\tautoDetach = false
[maintenance]
\tauto = false
[pack]
\tthreads = 1
\twindowMemory = 64m
[index]
\tthreads = 1
[http]
\tlowSpeedLimit = 1000
\tlowSpeedTime = 45
[credential]
\thelper =
"""
_HELPER = """\
[credential "{place}"]
\thelper = "!f() {{ test \\"$1\\" = get && printf 'username=%s\\\\npassword=%s\\\\n' \
\\"$HOTPAPERS_GIT_USER\\" \\"$HOTPAPERS_GIT_PASSWORD\\"; }}; f"
"""


class GitError(Exception):
    """What git could not do: the cause in plain words, and all that it said (strangers may have written it)."""

    def __init__(self, cause: str, output: str = "") -> None:
        super().__init__(cause)
        self.output = output


class Git:
    """Git for one repository; `home` is a folder for its configuration, `outer` the environment of this process."""

    def __init__(self, repository: Repository, home: Path, outer: Mapping[str, str]) -> None:
        self._repository, self._home = repository, home
        # Two addresses of one repository, with a password and without, share a home.
        self._configuration = home / ("config.private" if repository.username else "config")
        self.environment = make_environment(repository, self._configuration, outer)
        self.lock: int | None = None  # a handle that git keeps open for as long as it runs
        self._is_prepared = False

    async def prepare(self) -> None:
        """Look for a git that is new enough, and write its configuration; SourceError says what to do."""
        if self._is_prepared:
            return
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = self._configuration.with_name(f"{self._configuration.name}.{os.getpid()}.part")
        written.write_text(make_configuration(self._repository), encoding="utf-8", errors="surrogateescape")
        written.replace(self._configuration)
        version = (await self.run("version")).decode("ascii", "replace")
        found = re.search(r"(\d+)\.(\d+)", version)
        if not found or (int(found[1]), int(found[2])) < OLDEST:
            raise SourceError(f"{version.strip()} is too old: posts in a repository need git 2.32 or newer")
        self._is_prepared = True

    async def run(
        self,
        *arguments: str,
        clone: Path | None = None,
        given: bytes | None = None,
        seconds: float = LOCAL_SECONDS,
        index: Path | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git, in a clone or in none, and return what it wrote; GitError when it fails, is too slow or too much."""
        where = ("--git-dir", str(clone)) if clone else ()
        environment = {**self.environment, **(extra or {}), **({"GIT_INDEX_FILE": str(index)} if index else {})}
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *where,
                *arguments,
                stdin=DEVNULL if given is None else PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=environment,
                cwd="/",  # a repository around the working folder is none of ours
                start_new_session=True,
                pass_fds=() if self.lock is None else (self.lock,),
            )
        except FileNotFoundError:
            raise SourceError(
                f"git is not installed, and {self._repository} can't be read without it: "
                "install it (apt install git), or name a folder of posts"
            ) from None
        except OSError as error:
            raise SourceError(f"git can't be run: {error.strerror or error}") from None
        output, errors = await _finish(process, given, seconds, clone)
        if process.returncode:
            said = (errors + output[:MOST_ERRORS]).decode("utf-8", "replace")  # a push tells why among its output
            raise GitError(explain(said), said)
        return output


async def _finish(process: Process, given: bytes | None, seconds: float, clone: Path | None) -> tuple[bytes, bytes]:
    """Return what a process wrote to its outputs; end it, and all that it started, when it goes beyond a bound."""
    watch = asyncio.create_task(_watch(clone))
    work = asyncio.create_task(_exchange(process, given))
    try:
        done, _ = await asyncio.wait({watch, work}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            raise GitError(f"it took longer than {seconds:g} seconds")
        for task in (watch, work):  # the bound first, in case both have ended
            if task in done:
                task.result()
        return work.result()
    finally:
        if not work.done() or work.cancelled() or work.exception():
            _kill(process)
        watch.cancel()
        work.cancel()
        await asyncio.gather(watch, work, return_exceptions=True)
        await _close(process)


async def _exchange(process: Process, given: bytes | None) -> tuple[bytes, bytes]:
    assert process.stdout is not None and process.stderr is not None  # noqa: S101 - both are pipes, see above
    output, errors, _ = await asyncio.gather(
        _read(process.stdout, MOST_OUTPUT), _read_start(process.stderr), _feed(process, given)
    )
    await process.wait()
    return output, errors


async def _close(process: Process) -> None:
    """Wait for the end of a process and of its outputs; one that would not end with it is left after a while."""
    if process.stdin is not None:
        process.stdin.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            for stream in filter(None, (process.stdout, process.stderr)):
                while await stream.read(_CHUNK):
                    pass
            await process.wait()
            await asyncio.sleep(0)  # for asyncio to take note


async def _feed(process: Process, given: bytes | None) -> None:
    if process.stdin is not None:
        with suppress(ConnectionError):  # it ended before it had read all
            process.stdin.write(given or b"")
            await process.stdin.drain()
        process.stdin.close()


async def _read(stream: asyncio.StreamReader, limit: int) -> bytes:
    found = bytearray()
    while chunk := await stream.read(_CHUNK):
        found += chunk
        if len(found) > limit:
            raise GitError(f"it lists more than {limit:,} bytes")
    return bytes(found)


async def _read_start(stream: asyncio.StreamReader) -> bytes:
    found = bytearray()
    while chunk := await stream.read(_CHUNK):
        found += chunk[: MOST_ERRORS - len(found)]
    return bytes(found)


async def _watch(clone: Path | None) -> None:
    """Raise GitError when a clone grows beyond what it may have."""
    while True:
        await asyncio.sleep(_WATCH_SECONDS)
        if clone is not None and measure(clone / "objects" / "pack") > MOST_KEPT:
            raise GitError(f"it has more than {MOST_KEPT:,} bytes")


def measure(folder: Path) -> int:
    """Return the bytes of the files in a folder, 0 when it is not there."""
    total = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # it may be gone by now
                total += entry.stat(follow_symlinks=False).st_size
    return total


def _kill(process: Process) -> None:
    """End a process and all that it started, which may outlive it; they are a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def make_environment(repository: Repository, configuration: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """Return the whole environment that git gets: of ours only what it needs to find programs, keys and a proxy."""
    kept = {name: outer[name] for name in _KEPT if name in outer}
    return {
        **kept,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(configuration),
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": _PROTOCOLS[repository.scheme],
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        # Who runs the bot may have a key of their own for it.
        "GIT_SSH_COMMAND": f"{outer.get('GIT_SSH_COMMAND') or 'ssh'} {_SSH}",
        "GIT_SSH_VARIANT": "ssh",
        "HOTPAPERS_GIT_USER": repository.username,
        "HOTPAPERS_GIT_PASSWORD": repository.password,
    }


def make_configuration(repository: Repository) -> str:
    """Return git's configuration for a repository; that a path was named is enough to read another user's."""
    text = _CONFIGURATION
    if repository.username:
        text += _HELPER.format(place=_quote("/".join(repository.url.split("/")[:3])))
    if repository.scheme == "file":
        text += f'[safe]\n\tdirectory = "{_quote(repository.url)}"\n\tdirectory = "{_quote(repository.url)}/.git"\n'
    return text


def _quote(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
