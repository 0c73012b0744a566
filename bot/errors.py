"""The errors a person gets to read; each message says what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field


class BotError(Exception):
    """Anything this program refuses with a message meant for people."""


class ConfigError(BotError):
    """A setting is missing or wrong."""


class SourceError(BotError):
    """A source of posts could not be read."""


@dataclass(frozen=True, slots=True)
class Words:
    """A value of a UserError that has words of ours in it; `str` of it is the English."""

    text: str
    values: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format(**self.values)


class UserError(BotError):
    """A request that cannot be met as asked: an unknown category, a paper that is not stored.

    `text` is English, a literal with `{names}` for the `values`, so that whoever shows it can say it in another
    language; `str` of the error is the English.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text, self.values = text, values


class PostError(BotError):
    """A daily post that cannot be used at all: which file, which line, why."""

    def __init__(self, cause: str, line: int = 1, path: str | None = None) -> None:
        super().__init__(f"{path or 'post'}:{line}: {cause}")
        self.cause, self.line, self.path = cause, line, path
