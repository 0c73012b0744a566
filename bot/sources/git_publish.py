"""Commits posts to a repository and pushes them; what is done when somebody else pushes at the same time.

newest commit there ─► its tree with our files in it ─► commit ─► push ─► done
 ▲                      └► no different: done                      │ somebody was faster
 └────────────────────────────── a pause ◄─────────────────────────┘ ─► tries used up, or refused: SourceError

A file of the same name that is not ours stays as it is, and is named; what is ours, the caller says.
The tree is made in git's store: no file of the repository is ever written out.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bot.digest.post import MAX_BYTES
from bot.errors import SourceError
from bot.sources.git_clone import REF, USUAL_BRANCHES, Clone, Tip
from bot.sources.git_program import REMOTE_SECONDS, GitError
from bot.sources.posts import Published

TRIES = 6
FIRST_PAUSE = 0.5  # seconds, doubled each time
AUTHOR = {
    f"GIT_{role}_{name}": value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in (("NAME", "Hot Papers"), ("EMAIL", "hotpapers@localhost"))
}
# What a push says when the branch has moved meanwhile, or somebody is moving it now.
_OVERTAKEN = re.compile(
    r"\[rejected\]|non-fast-forward|fetch first|stale info|cannot lock ref|failed to update ref|incorrect old value"
    r"|reference already exists|failed to lock|shallow update not allowed"
)


async def publish(clone: Clone, paths: Sequence[Path], message: str, is_ours: Callable[[bytes], bool]) -> Published:
    """Commit files to the repository's folder and push, over files there that are ours. The caller holds the clone."""
    files = await asyncio.to_thread(_read_all, paths)
    cause = ""
    for attempt in range(TRIES):
        if attempt:
            await asyncio.sleep(FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
        try:
            return await _try(clone, files, message, is_ours)
        except GitError as error:
            cause = str(error)
            if not _OVERTAKEN.search(error.output):
                break
            cause = f"others pushed at the same time, {attempt + 1} times"
    raise SourceError(f"{clone.repository.name}: the posts could not be pushed: {cause}")


async def _try(clone: Clone, files: Mapping[str, bytes], message: str, is_ours: Callable[[bytes], bool]) -> Published:
    tip = await clone.update()
    if tip is None and not clone.objects.is_dir():
        await clone.init()
    kept = await _find_others(clone, tip, files, is_ours) if tip else ()
    tree = await _write_tree(clone, tip, {name: raw for name, raw in files.items() if name not in kept})
    if tip and tree == await _ask(clone, "rev-parse", f"{tip.commit}^{{tree}}"):
        return Published(tip.commit, kept)
    parent = ("-p", tip.commit) if tip else ()
    text = message.replace("\0", " ").encode("utf-8", "replace")
    commit = await _ask(clone, "commit-tree", tree, *parent, "-F", "-", given=text)
    await _push(clone, commit, tip)
    await clone.git.run("update-ref", REF, commit, clone=clone.objects)
    return Published(commit, kept)


async def _find_others(
    clone: Clone, tip: Tip, files: Mapping[str, bytes], is_ours: Callable[[bytes], bool]
) -> tuple[str, ...]:
    """Return the names under which the newest commit has something else that is not ours, be it no file at all."""
    folder = clone.repository.folder
    names = {_join(folder, name): name for name in files}
    listing = await clone.git.run("ls-tree", "-z", "-l", "--full-tree", tip.commit, "--", *names, clone=clone.objects)
    found = []
    for entry in listing.split(b"\0")[:-1]:
        facts, _, path = entry.partition(b"\t")
        mode, _, oid, size = facts.decode("ascii").split()
        name = names[path.decode("utf-8", "surrogateescape")]
        is_file = mode.startswith("100") and int(size) <= MAX_BYTES
        there = await clone.git.run("cat-file", "blob", oid, clone=clone.objects) if is_file else b""
        if not is_file or (there != files[name] and not is_ours(there)):
            found.append(name)
    return tuple(found)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


async def _write_tree(clone: Clone, tip: Tip | None, files: Mapping[str, bytes]) -> str:
    """Write the newest commit's tree with the files in it, and return its name."""
    index = clone.place / "index"
    index.unlink(missing_ok=True)
    folder = clone.repository.folder
    entries = []
    for name, raw in files.items():
        oid = await _ask(clone, "hash-object", "-w", "--no-filters", "--stdin", given=raw)
        entries += ["--cacheinfo", f"100644,{oid},{_join(folder, name)}"]
    await clone.git.run("read-tree", tip.commit if tip else "--empty", clone=clone.objects, index=index)
    # Unlike with --index-info, a file where the folder should be is an error here, and not replaced.
    await clone.git.run("update-index", "--add", *entries, clone=clone.objects, index=index)
    return (await clone.git.run("write-tree", clone=clone.objects, index=index)).decode("ascii").strip()


async def _push(clone: Clone, commit: str, tip: Tip | None) -> None:
    branch = tip.ref if tip else f"refs/heads/{USUAL_BRANCHES[0]}"
    if branch == "HEAD":
        raise GitError("it is on no branch: set a default branch there")
    asked = ("push", "--quiet", "--porcelain", "--no-verify", "--", clone.repository.url, f"{commit}:{branch}")
    await clone.git.run(*asked, clone=clone.objects, seconds=REMOTE_SECONDS)


async def _ask(clone: Clone, *arguments: str, given: bytes | None = None) -> str:
    output = await clone.git.run(*arguments, clone=clone.objects, given=given, extra=AUTHOR)
    return output.decode("ascii").strip()


def _read_all(paths: Sequence[Path]) -> dict[str, bytes]:
    """Read the files by name; two of one name would be one in the folder."""
    if len({path.name for path in paths}) != len(paths):
        raise SourceError("two of the posts to push have the same name")
    return {path.name: path.read_bytes() for path in paths}
