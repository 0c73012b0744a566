"""Settings from the environment and a `.env` file: read once, frozen, passed to whoever needs them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from bot.errors import ConfigError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Settings:
    """What may differ between two installations; `.env.example` explains each value and its default."""

    database: Path = Path("hotpapers.db")
    posts_source: Path | None = None
    preview_host: str = "127.0.0.1"
    preview_port: int = 8080
    log_level: str = "INFO"
    log_format: str = "text"

    @classmethod
    def from_env(cls, folder: Path) -> Settings:
        """Read the environment, then `.env` in `folder` for what it lacks; ConfigError names the variable."""
        env = {**_read_file(folder / ".env"), **os.environ}
        source = _get(env, "POSTS_SOURCE", "")
        return cls(
            database=_parse_database(_get(env, "DATABASE_URL", "sqlite:///hotpapers.db")),
            posts_source=Path(source).expanduser() if source else None,
            preview_host=_get(env, "PREVIEW_HOST", "127.0.0.1"),
            preview_port=_parse_port("PREVIEW_PORT", _get(env, "PREVIEW_PORT", "8080")),
            log_level=_choose("LOG_LEVEL", _get(env, "LOG_LEVEL", "INFO").upper(), LOG_LEVELS),
            log_format=_choose("LOG_FORMAT", _get(env, "LOG_FORMAT", "text").lower(), LOG_FORMATS),
        )


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


def _parse_port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ConfigError(f"{name} is not valid: it must be a port number, 0 to 65535 (0: any free one)")
    return int(text)


def _choose(name: str, value: str, accepted: tuple[str, ...]) -> str:
    if value not in accepted:
        raise ConfigError(f"{name} is not valid: it must be one of {', '.join(accepted)}")
    return value
