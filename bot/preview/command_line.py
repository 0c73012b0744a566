"""Reads a typed command such as `/search query:graph neural networks since:2021-01-01`.

Discord's own client does this before a bot hears of it, so only the page needs it. What an option's
value means is left to the answers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from bot.answers.values import Command, Option
from bot.errors import UserError

EXAMPLES = {"query": "graph neural networks", "id": "2104.04767", "category": "cs.CV", "day": "2021-04-13"}


def parse_command(text: str, commands: Sequence[Command]) -> tuple[str, dict[str, str]]:
    """Return the command's name and its options' values, by option name.

    `option:value` may stand anywhere; a value ends at the next known option, or at its closing quote. Words
    that belong to no option are the first required option's value. Raise UserError, saying what to type.
    """
    word, rest = (*text.split(maxsplit=1), "", "")[:2]
    if not word.startswith("/"):
        raise UserError(f"Commands start with a slash. Type {_format_names(commands)}.")
    command = _find_command(word[1:].lower(), commands)
    options, loose = _split_options(rest, command)
    if loose:
        options[_choose_loose_option(command, options, loose)] = loose
    values = {name: _find_choice(command, name, value) for name, value in options.items() if value}
    for option in command.options:
        if option.required and option.name not in values:
            raise UserError(
                f"/{command.name} needs {option.name}: {_format_hint(option)}. For example: {format_example(command)}"
            )
    return command.name, values


def format_example(command: Command) -> str:
    """Return a line that runs: the command with its required options filled in."""
    required = (option for option in command.options if option.required)
    return " ".join([f"/{command.name}", *(f"{each.name}:{_choose_example(each)}" for each in required)])


def _choose_example(option: Option) -> str:
    return option.choices[0].value if option.choices else EXAMPLES.get(option.name, "something")


def _find_command(name: str, commands: Sequence[Command]) -> Command:
    for command in commands:
        if command.name == name:
            return command
    near = get_close_matches(name, [command.name for command in commands], n=1)
    if near:
        raise UserError(f"There is no /{name}. Did you mean /{near[0]}?")
    raise UserError(f"There is no /{name}. Type {_format_names(commands)}.")


def _split_options(rest: str, command: Command) -> tuple[dict[str, str], str]:
    """Return the options named in the text and what is left over, its white space tidied."""
    names = "|".join(re.escape(option.name) for option in command.options) or r"(?!)"
    marks = re.compile(rf'(?<!\S)(?:({names}):\s*(?:"([^"]*)"(?!\S))?|"[^"]*"(?!\S))', re.IGNORECASE)
    named = [mark for mark in marks.finditer(rest) if mark[1]]
    options: dict[str, str] = {}
    loose = [rest[: named[0].start()] if named else rest]
    ends = [*(mark.start() for mark in named[1:]), len(rest)]
    for mark, end in zip(named, ends, strict=False):
        name, tail = mark[1].lower(), rest[mark.end() : end]
        if name in options:
            raise UserError(f"{name}: is given twice. Keep one of them.")
        options[name] = tail.strip() if mark[2] is None else mark[2].strip()
        loose += [] if mark[2] is None else [tail]
    return options, " ".join(" ".join(loose).split())


def _choose_loose_option(command: Command, options: dict[str, str], loose: str) -> str:
    """Return the option that words without a name belong to: the first required one, if it is still free."""
    for option in command.options:
        if option.required and option.name not in options:
            return option.name
    names = [option.name for option in command.options]
    near = get_close_matches(loose.partition(":")[0].lower(), names, n=1, cutoff=0.5)
    if ":" in loose and near:
        raise UserError(f"/{command.name} has no option “{loose.partition(':')[0]}”. Did you mean {near[0]}: ?")
    if not names:
        raise UserError(f"/{command.name} takes no options. Remove “{loose}”.")
    offers = ", ".join(f"{name}:" for name in names)
    raise UserError(f"Say which option “{loose}” is for. /{command.name} takes {offers}")


def _find_choice(command: Command, name: str, value: str) -> str:
    """Return the value to send; an option with choices accepts theirs only, by name or value in any case."""
    choices = next(option.choices for option in command.options if option.name == name)
    if not choices:
        return value
    for choice in choices:
        if value.lower() in (choice.value.lower(), choice.name.lower()):
            return choice.value
    offers = ", ".join(choice.value for choice in choices)
    raise UserError(f"“{value}” is not a {name}. Choose one of: {offers}")


def _format_hint(option: Option) -> str:
    hint = option.description.rstrip(".")
    return hint[:1].lower() + hint[1:]


def _format_names(commands: Iterable[Command]) -> str:
    return " or ".join(format_example(command) for command in commands) or "a command"
