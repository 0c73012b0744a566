"""The errors a person gets to read; each message says what is wrong and what to do."""

from __future__ import annotations


class BotError(Exception):
    """Anything this program refuses with a message meant for people."""


class ConfigError(BotError):
    """A setting is missing or wrong."""


class SourceError(BotError):
    """A source of posts could not be read."""


class UserError(BotError):
    """A request that cannot be met as asked: an unknown category, a paper that is not stored."""


class PostError(BotError):
    """A daily post that cannot be used at all: which file, which line, why."""

    def __init__(self, cause: str, line: int = 1, path: str | None = None) -> None:
        super().__init__(f"{path or 'post'}:{line}: {cause}")
        self.cause, self.line, self.path = cause, line, path
