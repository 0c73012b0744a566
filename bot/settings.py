"""Settings from the environment and a `.env` file: read once, frozen, passed to whoever needs them."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values

from bot.errors import ConfigError, UserError
from bot.sources.address import Address, AddressError, Repository, parse_address, parse_repository

T = TypeVar("T")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")
DISCORD_API_BASE = "https://discord.com/api/v10"
TOKEN_HELP = "copy one from https://discord.com/developers/applications, your application, Bot, Reset Token"  # noqa: S105

# What is collected for live posts: where papers that people share are from, as the posts of old have them.
ARXIV_CATEGORIES = (
    *("cs.LG", "cs.CV", "cs.CL", "cs.AI", "stat.ML", "eess.IV", "eess.AS", "cs.SD", "cs.GR", "cs.SI", "cs.CY"),
    *("cs.CR", "cs.RO", "cs.NE", "cs.MM", "cs.DC", "cs.HC", "cs.IR", "cs.SE", "quant-ph", "physics.soc-ph", "q-bio.NC"),
)
# Whole numbers: the smallest and the largest accepted, and their unit. The defaults are those of the fields.
_COUNTS = {
    "MAX_CATEGORIES": (1, 1_000, "categories"),
    "MAX_DIGESTS_PER_CHANNEL": (1, 100, "digests"),
    "MAX_SAVED_PAPERS": (1, 100_000, "papers"),
    "REQUESTS_PER_MINUTE": (1, 100_000, "requests"),
    "POLL_SECONDS": (1, 86_400, "seconds"),
    "KEEP_SERVER_DAYS": (0, 3_650, "days"),
    "KEEP_RECORDS_DAYS": (30, 3_650, "days"),
    "INVALID_REQUESTS_LIMIT": (50, 9_000, "requests"),  # Discord bans at 10,000 in ten minutes
    "SENDS_PER_SECOND": (1, 50, "messages"),  # 50 requests a second are all that Discord takes of one bot
}
# Where each live source is asked, and how.
_SERVICES = {
    **dict.fromkeys(("ARXIV_RSS_BASE", "ARXIV_API_BASE", "HF_API_BASE", "HN_API_BASE"), ("https", "http")),
    "BLUESKY_API_BASE": ("https", "http"),
    "JETSTREAM_URL": ("wss", "ws"),
}
_PROXIES = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)  # of a host's name
_TOKEN = re.compile(r"[\x21-\x2d\x2f-\x7e]+(?:\.[\x21-\x2d\x2f-\x7e]+){2}")  # printable, no spaces, two dots


@dataclass(frozen=True, slots=True)
class Settings:
    """What may differ between two installations; `.env.example` explains each value and its default.

    Token and proxies hold secrets, and so are left out when settings are printed; repositories leave out their own.
    `proxies` are the usual variables, by their names in lower case, for `find_proxy`.
    """

    database: Path = Path("hotpapers.db")
    posts_source: Address | None = None
    posts_push: Repository | None = None
    poll_seconds: int = 600
    arxiv_categories: tuple[str, ...] = ARXIV_CATEGORIES
    arxiv_rss_base: str = "https://rss.arxiv.org"
    arxiv_api_base: str = "https://export.arxiv.org/api"
    hf_api_base: str = "https://huggingface.co/api"
    hn_api_base: str = "https://hn.algolia.com/api/v1"
    bluesky_api_base: str = "https://public.api.bsky.app/xrpc"
    jetstream_url: str = "wss://jetstream2.us-east.bsky.network/subscribe"
    discord_token: str = field(default="", repr=False)
    discord_api_base: str = DISCORD_API_BASE
    discord_guild_id: int | None = None
    discord_proxy: str | None = field(default=None, repr=False)
    proxies: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    max_categories: int = 25
    max_digests_per_channel: int = 10
    max_saved_papers: int = 2000
    requests_per_minute: int = 100
    sends_per_second: int = 40
    keep_server_days: int = 30
    keep_records_days: int = 400
    invalid_requests_limit: int = 500
    health_port: int = 0
    preview_host: str = "127.0.0.1"
    preview_port: int = 8080
    log_level: str = "INFO"
    log_format: str = "text"

    @classmethod
    def from_env(cls, folder: Path) -> Settings:
        """Read the environment, then `.env` in `folder` for what it lacks; ConfigError names the variable."""
        env = {**_read_file(folder / ".env"), **os.environ}
        token = _parse_token(_get(env, "DISCORD_TOKEN", ""))
        base = _parse_base(_get(env, "DISCORD_API_BASE", DISCORD_API_BASE))
        return cls(
            database=_parse_database(_get(env, "DATABASE_URL", "sqlite:///hotpapers.db")),
            posts_source=_parse_address("POSTS_SOURCE", _get(env, "POSTS_SOURCE", ""), parse_address),
            posts_push=_parse_address("POSTS_PUSH", _get(env, "POSTS_PUSH", ""), parse_repository),
            arxiv_categories=_parse_categories(_get(env, "ARXIV_CATEGORIES", "")),
            discord_token=token,
            discord_api_base=base,
            discord_guild_id=_parse_id("DISCORD_GUILD_ID", _get(env, "DISCORD_GUILD_ID", "")),
            # Without a token nothing is asked of Discord, and a proxy that we can't use is nobody's problem.
            discord_proxy=find_proxy(env, base) if token else None,
            health_port=_parse_port("HEALTH_PORT", _get(env, "HEALTH_PORT", "0"), zero="off"),
            preview_host=_get(env, "PREVIEW_HOST", "127.0.0.1"),
            preview_port=_parse_port("PREVIEW_PORT", _get(env, "PREVIEW_PORT", "8080"), zero="any free one"),
            log_level=_choose("LOG_LEVEL", _get(env, "LOG_LEVEL", "INFO").upper(), LOG_LEVELS),
            log_format=_choose("LOG_FORMAT", _get(env, "LOG_FORMAT", "text").lower(), LOG_FORMATS),
            proxies={name: value for name in _PROXIES if (value := _get_either(env, name))},
            **_read_addresses(env, cls()),
            **_read_counts(env, cls()),
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed or logged."""
        proxies = [self.discord_proxy or "", *self.proxies.values()]
        passwords = [parts.password for proxy in proxies if (parts := _split(proxy)) and parts.password]
        repositories = [one for one in (self.posts_source, self.posts_push) if isinstance(one, Repository)]
        # A token may stand alone, in the place of the user.
        of_git = [one.password or one.username for one in repositories]
        return tuple(dict.fromkeys(filter(None, (self.discord_token, *passwords, *of_git))))


def find_proxy(env: Mapping[str, str], url: str) -> str | None:
    """Return the proxy that the usual variables name for a URL, None for none; this machine needs none.

    HTTPS_PROXY or HTTP_PROXY by the URL's scheme, else ALL_PROXY, unless NO_PROXY has the host; each also in lower
    case, which wins, as curl reads them. Raise ConfigError, without the value, for one that can't be used.
    """
    address = urlsplit(url)
    named = ((name, value) for name in (f"{address.scheme}_proxy", "all_proxy") if (value := _get_either(env, name)))
    name, value = next(named, ("", ""))
    host = address.hostname or ""
    if not value or _is_this_machine(host) or _is_excepted(host, address.port, _get_either(env, "no_proxy")):
        return None
    proxy = value if "://" in value else f"http://{value}"
    parts = _split(proxy)
    if parts is None or parts.scheme not in ("http", "https"):
        raise ConfigError(
            f"{name.upper()} is not valid: it must be http:// or https://, a host and a port (SOCKS is not supported)"
        )
    return proxy


def _get_either(env: Mapping[str, str], name: str) -> str:
    return _get(env, name, "") or _get(env, name.upper(), "")


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_excepted(host: str, port: int | None, excepted: str) -> bool:
    """Tell whether NO_PROXY has a host: by name, with or without a port, as part of a domain, or * for all."""
    names = [name.strip().lower().lstrip("*").lstrip(".") for name in excepted.split(",") if name.strip()]
    whole = (host, f"{host}:{port}")
    return any(not name or name in whole or host.endswith(f".{name}") for name in names)


def _split(url: str) -> SplitResult | None:
    """Split a URL that has a host, and a port in range if it has one; None for anything else."""
    try:
        parts = urlsplit(url)
        return parts if parts.hostname and (parts.port is None or parts.port) else None
    except ValueError:
        return None


def _read_file(path: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value is not None}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from None


def _get(env: Mapping[str, str], name: str, default: str) -> str:
    """Read one variable; set to nothing is the same as not set."""
    return env.get(name, "").strip() or default


def _parse_database(url: str) -> Path:
    scheme, _, path = url.partition(":///")
    if scheme != "sqlite" or not path or path == ":memory:":
        raise ConfigError(
            "DATABASE_URL is not valid: it must be sqlite:/// and a path, "
            "such as sqlite:///hotpapers.db or sqlite:////var/lib/hotpapers/hotpapers.db"
        )
    return Path(path).expanduser()


def _parse_address(name: str, text: str, parse: Callable[[str], T]) -> T | None:
    """Read an address of posts; the error never repeats it, as there may be a password in it."""
    try:
        return parse(text) if text else None
    except AddressError as error:
        raise ConfigError(f"{name} is not valid: {error}; .env.example shows what it may be") from None


def _parse_categories(text: str) -> tuple[str, ...]:
    """Read arXiv categories with commas or spaces between; an archive stands for all categories of it."""
    if not text:
        return ARXIV_CATEGORIES
    from bot.digest.taxonomy import CATEGORIES, parse_category

    try:
        wanted = [parse_category(name) for name in re.split(r"[\s,+]+", text) if name]
    except UserError as error:
        raise ConfigError(f"ARXIV_CATEGORIES is not valid: {error}") from None
    if not wanted:
        raise ConfigError("ARXIV_CATEGORIES is not valid: there is no category in it; leave it empty for the default")
    found = [id for name in wanted for id in ([name] if name in CATEGORIES else _find_members(name))]
    return tuple(dict.fromkeys(found))


def _find_members(archive: str) -> list[str]:
    from bot.digest.taxonomy import CATEGORIES

    return [id for id, category in CATEGORIES.items() if archive in category.archives]


def _read_addresses(env: Mapping[str, str], defaults: Settings) -> dict[str, Any]:
    """Read where the live sources are: mirrors and tests have their own."""
    found = {
        name.lower(): _parse_service(name, _get(env, name, getattr(defaults, name.lower())), schemes)
        for name, schemes in _SERVICES.items()
    }
    bluesky = found["bluesky_api_base"]
    return {**found, "bluesky_api_base": bluesky if bluesky.endswith("/xrpc") else f"{bluesky}/xrpc"}


def _parse_service(name: str, text: str, schemes: tuple[str, ...]) -> str:
    url = text.rstrip("/")
    if cause := _find_fault(url, schemes):
        example, article = getattr(Settings(), name.lower()), "an" if schemes[0].startswith("http") else "a"
        raise ConfigError(
            f"{name} is not valid: {cause}; it must be {article} {' or '.join(schemes)} URL, such as {example}"
        )
    return url


def _find_fault(url: str, schemes: tuple[str, ...]) -> str:
    """Return why a URL can't be that of a service, "" when it can, without repeating it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "it is no URL"
    if parts.scheme not in schemes or not parts.netloc:
        return f"it does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)} and a host"
    if "@" in parts.netloc:
        return "there can't be a user or password in it"
    if parts.query or parts.fragment:
        return "there can't be a ? or # in it"
    try:
        has_port = parts.port != 0
    except ValueError:
        has_port = False
    if not has_port:
        return "its port is no number from 1 to 65535"
    return "" if _is_host(parts.hostname or "") else "its host is no name that a host can have"


def _is_host(name: str) -> bool:
    """Tell whether a name, or an address, may be a host's: letters, digits and - between dots, 63 at most."""
    with suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    try:
        labels = name.encode("idna").decode("ascii").removesuffix(".").split(".")
    except UnicodeError:
        return False
    return all(_LABEL.fullmatch(label) for label in labels)


def _parse_token(text: str) -> str:
    """Return a token that may be one; the error never repeats it, as it may be one with a slip of the hand."""
    if text and not _TOKEN.fullmatch(text):
        raise ConfigError(
            "DISCORD_TOKEN is not valid: it must be a bot's token, three parts with dots between, without spaces or "
            f'"Bot " before it; {TOKEN_HELP}'
        )
    return text


def _parse_base(text: str) -> str:
    url = text.rstrip("/")
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or not re.search(r"/api/v\d{1,3}$", url):
        raise ConfigError(
            f"DISCORD_API_BASE is not valid: it must be an http or https URL that ends in /api/vN, "
            f"such as {DISCORD_API_BASE}"
        )
    return url


def _parse_id(name: str, text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[1-9][0-9]{4,18}", text):
        raise ConfigError(f"{name} is not valid: it must be a server's number (right-click the server, Copy Server ID)")
    return int(text)


def _parse_port(name: str, text: str, *, zero: str) -> int:
    if not (re.fullmatch(r"[0-9]{1,5}", text) and int(text) <= 65535):
        raise ConfigError(f"{name} is not valid: it must be a port number, 0 to 65535 (0: {zero})")
    return int(text)


def _read_counts(env: Mapping[str, str], defaults: Settings) -> dict[str, Any]:
    return {name.lower(): _parse_count(name, _get(env, name, str(getattr(defaults, name.lower())))) for name in _COUNTS}


def _parse_count(name: str, text: str) -> int:
    least, most, unit = _COUNTS[name]
    if not (re.fullmatch(r"[0-9]{1,9}", text) and least <= int(text) <= most):
        raise ConfigError(f"{name} is not valid: it must be a whole number of {unit}, {least} to {most}")
    return int(text)


def _choose(name: str, value: str, accepted: tuple[str, ...]) -> str:
    if value not in accepted:
        raise ConfigError(f"{name} is not valid: it must be one of {', '.join(accepted)}")
    return value
