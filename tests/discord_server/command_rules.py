"""Discord's rules for application commands: names, descriptions, options, choices, contexts. Pure.

Source: Discord's documentation of Application Commands. Registered ids and versions are for the routes.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from tests.discord_rules import measure
from tests.discord_server.component_rules import Path, find_length_problems
from tests.discord_server.refusals import Problem

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
MOST = {CHAT: 100, USER: 15, MESSAGE: 15}
MOST_TOTAL = 8000
_LOCALE = re.compile(
    "id|da|de|en-GB|en-US|es-ES|es-419|fr|hr|it|lt|hu|nl|no|pl|pt-BR|ro|fi|sv-SE|vi|tr|cs|el|bg|ru|uk|hi|th|"
    "zh-CN|ja|zh-TW|ko"
)
_CHOICE_TYPES = (3, 4, 10)


def find_command_set_problems(commands: list[dict[str, Any]]) -> Iterator[Problem]:
    """Yield what is wrong with a whole set of commands, as a bulk overwrite sends it."""
    for index, command in enumerate(commands):
        yield from find_command_problems(command, (index,))
    kinds = Counter(command.get("type") or CHAT for command in commands)
    for kind, count in kinds.items():
        if count > MOST.get(kind, 0):
            yield Problem((), "APPLICATION_COMMANDS_TOO_MANY", f"{count} of type {kind}, {MOST.get(kind, 0)} allowed")
    names = Counter((command.get("type") or CHAT, command.get("name")) for command in commands)
    for (_, name), count in names.items():
        if count > 1:
            yield Problem((), "APPLICATION_COMMANDS_DUPLICATE_NAME", f"{name!r} is used twice")


def find_command_problems(command: dict[str, Any], path: Path = ()) -> Iterator[Problem]:
    """Yield what is wrong with one command."""
    kind = command.get("type") or CHAT
    if kind == CHAT:
        yield from _find_name_problems(command, path)
        yield from _find_text_problems(command, "description", 100, path)
        yield from _find_options_problems(command.get("options") or [], path, depth=0)
    else:
        yield from _find_text_problems(command, "name", 32, path)
        for key in (key for key in ("description", "options") if command.get(key)):
            yield Problem((*path, key), "APPLICATION_COMMAND_INVALID", f"A context menu command can't have {key}")
    for key, most in (("contexts", 2), ("integration_types", 1)):
        values = command.get(key)
        if values is not None and (
            not values or len(set(values)) < len(values) or not set(values) <= {*range(most + 1)}
        ):
            yield Problem((*path, key), "BASE_TYPE_CHOICES", f"{values} is not one of each of 0 to {most}")
    if _measure_total(command) > MOST_TOTAL:
        yield Problem(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MOST_TOTAL})")


def _pick_any(values: Iterable[int]) -> Iterator[tuple[int, ...]]:
    """Yield every choice of at least one of the values, each once."""
    known = list(values)
    for count in range(1, len(known) + 1):
        yield from combinations(known, count)


def _find_name_problems(named: dict[str, Any], path: Path) -> Iterator[Problem]:
    yield from _find_text_problems(named, "name", 32, path)
    for name in [named.get("name"), *(named.get("name_localizations") or {}).values()]:
        if name and (name != name.lower() or not all(_is_name_sign(sign) for sign in name)):
            yield Problem((*path, "name"), "APPLICATION_COMMAND_INVALID_NAME", f"Command name {name!r} is invalid")


def _is_name_sign(sign: str) -> bool:
    """Tell whether a sign fits Discord's pattern: letters, numbers, - _ ', Devanagari and Thai marks."""
    return (
        sign in "-_'"
        or unicodedata.category(sign)[0] in "LN"
        or unicodedata.name(sign, "").startswith(("DEVA", "THAI"))
    )


def _find_text_problems(values: dict[str, Any], key: str, most: int, path: Path) -> Iterator[Problem]:
    yield from find_length_problems(values, key, 1, most, path)
    translated = values.get(f"{key}_localizations") or {}
    for locale in translated:
        here = (*path, f"{key}_localizations")
        if not _LOCALE.fullmatch(locale):
            yield Problem(here, "BASE_TYPE_CHOICES", f"Locale {locale!r} is not one of Discord's")
        yield from find_length_problems(translated, locale, 1, most, here)


def _find_options_problems(options: list[dict[str, Any]], path: Path, *, depth: int) -> Iterator[Problem]:
    here = (*path, "options")
    if len(options) > 25:
        yield Problem(here, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    if len({option.get("name") for option in options}) < len(options):
        yield Problem(here, "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATED", "Option names must be unique")
    nested = [option.get("type") in (SUBCOMMAND, GROUP) for option in options]
    if any(nested) and not all(nested):
        yield Problem(here, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands and options can't be mixed")
    required = [bool(option.get("required")) for option in options]
    if required != sorted(required, reverse=True):
        yield Problem(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options must come first")
    for index, option in enumerate(options):
        yield from _find_option_problems(option, (*here, index), depth=depth)


def _find_option_problems(option: dict[str, Any], path: Path, *, depth: int) -> Iterator[Problem]:
    kind = option.get("type")
    yield from _find_name_problems(option, path)
    yield from _find_text_problems(option, "description", 100, path)
    if kind not in range(1, 12) or (kind == GROUP and depth > 0) or (kind == SUBCOMMAND and depth > 1):
        yield Problem((*path, "type"), "BASE_TYPE_CHOICES", f"Option type {kind} is not allowed here")
    if kind in (SUBCOMMAND, GROUP):
        yield from _find_options_problems(option.get("options") or [], path, depth=depth + 1 if kind == GROUP else 2)
        if kind == GROUP and not option.get("options"):
            yield Problem(path, "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "A group needs sub-commands")
    yield from _find_choice_problems(option, path)


def _find_choice_problems(option: dict[str, Any], path: Path) -> Iterator[Problem]:
    choices, here = option.get("choices") or [], (*path, "choices")
    if choices and option.get("autocomplete"):
        yield Problem(here, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Choices exclude autocomplete")
    if (choices or option.get("autocomplete")) and option.get("type") not in _CHOICE_TYPES:
        yield Problem(here, "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID", "Only texts and numbers have choices")
    yield from find_choices_problems(choices, here)


def find_choices_problems(choices: list[dict[str, Any]], path: Path) -> Iterator[Problem]:
    """Yield what is wrong with choices, of an option or of an answer to autocompletion."""
    if len(choices) > 25:
        yield Problem(path, "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length.")
    for index, choice in enumerate(choices):
        yield from _find_text_problems(choice, "name", 100, (*path, index))
        if isinstance(choice.get("value"), str) or choice.get("value") is None:
            yield from find_length_problems(choice, "value", 1, 100, (*path, index))


def _measure_total(command: dict[str, Any]) -> int:
    """Return the size Discord limits to 8,000: names, descriptions and values, the longest language of each."""
    total = 0
    for key in ("name", "description"):
        texts = [command.get(key) or "", *(command.get(f"{key}_localizations") or {}).values()]
        total += max(map(measure, texts))
    if isinstance(command.get("value"), str):
        total += measure(command["value"])
    return total + sum(_measure_total(one) for key in ("options", "choices") for one in command.get(key) or [])
