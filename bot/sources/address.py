"""Reads where posts come from: a folder, a git repository and a folder in it, or live sources; asks none of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit, urlunsplit

LIVE: Literal["live"] = "live"
SCHEMES = ("https", "http", "ssh", "file")
_SCP = re.compile(r"\w[\w.+-]*@\w[\w.-]*:[^:-][^:]*")  # git@example.org:team/posts.git, as ssh spells it
_LOGIN = re.compile(r"[^/:@#]*:(?!:)[^@]*@")  # ada:secret@example.org:posts.git, which ssh does not take
_HOST = re.compile(r"[a-z0-9_.:][a-z0-9_.:-]*")  # none that a program could take for an option
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


class AddressError(ValueError):
    """What is wrong with an address, without repeating it: there may be a password in it."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository, and the folder in it where posts are ("" for all of it).

    `url` is what git is given, without a password: that and its user are apart, so that neither is printed or ends up
    in a list of processes. `str` is how people see it.
    """

    url: str
    folder: str = ""
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the address without user and password."""
        return f"{self.name}#{self.folder}" if self.folder else self.name

    @property
    def name(self) -> str:
        """The repository's address alone, as people see it."""
        return re.sub(r"^(\w+://)?[^/@]*@", r"\1", self.url) if self.scheme != "file" else self.url

    @property
    def scheme(self) -> str:
        """How it is reached: https, http, ssh or file."""
        scheme, separator, _ = self.url.partition("://")
        return scheme if separator else ("file" if self.url.startswith("/") else "ssh")


Address = Path | Repository | Literal["live"]


def parse_address(text: str) -> Address:
    """Read what POSTS_SOURCE may be; a path is a repository if it has a # or ends in .git. AddressError if it can't be.

    Examples: /srv/posts, https://example.org/site.git#content/posts, git@example.org:site.git, live (in any case).
    """
    if text.lower() == LIVE:
        return LIVE
    try:
        if "://" in text or _SCP.match(text):
            return parse_repository(text)
        path = Path(text).expanduser()
        is_folder = path.exists() and not _is_bare(path)
        if not is_folder:
            _refuse_login(text)
        return path if is_folder or not _names_repository(text) else parse_repository(text)
    except RuntimeError:  # a home of nobody
        raise AddressError("it begins with ~ and a user that is not known here") from None


def _names_repository(text: str) -> bool:
    return "#" in text or "::" in text or text.rstrip("/").endswith(".git")


def _refuse_login(text: str) -> None:
    """Refuse what has a password in it and is no URL: as the name of a path it would be printed."""
    if _LOGIN.match(text) and not Path(text.partition("#")[0]).exists():
        raise AddressError("a password can be in an https or http URL only; ssh takes a key: user@host:path")


def _is_bare(path: Path) -> bool:
    return path.suffix == ".git" and (path / "HEAD").is_file()


def parse_repository(text: str) -> Repository:
    """Read the address of a git repository: https, http, ssh (both spellings), file or a path, then # and a folder."""
    if _CONTROLS.search(text):
        raise AddressError("it has a control character in it")
    place, _, fragment = text.partition("#")
    folder = _parse_folder(unquote(fragment))
    if "://" in place:
        return _parse_url(place, folder)
    if "::" in place:
        raise AddressError("git's remote helpers (name::address) are not supported")
    if _SCP.fullmatch(place):
        return Repository(place, folder)
    _refuse_login(text)
    if not place:
        raise AddressError("there is no repository before the #")
    return Repository(str(Path(place).expanduser().absolute()), folder)


def _parse_folder(text: str) -> str:
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if ".." in parts or _CONTROLS.search(text):
        raise AddressError("the folder after the # must be inside of the repository")
    return "/".join(parts)


def _parse_url(url: str, folder: str) -> Repository:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError("it is no URL") from None
    if parts.scheme not in SCHEMES:
        raise AddressError(f"a repository's URL begins with {', '.join(SCHEMES[:-1])} or {SCHEMES[-1]}")
    if parts.scheme == "file":
        if host or not parts.path.startswith("/"):
            raise AddressError("a file URL has three slashes, such as file:///srv/posts.git")
        return Repository(unquote(parts.path), folder)
    if not _HOST.fullmatch(host) or parts.path in ("", "/") or parts.query:
        raise AddressError("a repository's URL has a host and a path, and no ?")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user.startswith("-") or _CONTROLS.search(user + password):
        raise AddressError("its user or password has a sign that it can't have")
    place = f"[{host}]" if ":" in host else host
    place = f"{place}:{port}" if port else place
    if parts.scheme == "ssh":
        if password:
            raise AddressError("ssh takes a key, not a password")
        return Repository(urlunsplit(("ssh", f"{user}@{place}" if user else place, parts.path, "", "")), folder)
    return Repository(urlunsplit((parts.scheme, place, parts.path, "", "")), folder, user, password)
