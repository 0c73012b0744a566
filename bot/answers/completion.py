"""Suggestions for an option while it is typed; the first is always usable, and nothing typed is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.answers import channels, members
from bot.answers.desk import Desk
from bot.answers.search import complete_search
from bot.answers.values import MAX_CHOICE, MAX_CHOICES, Caller, Choice
from bot.digest.clock import complete_clock, complete_timezones
from bot.digest.taxonomy import find_categories
from bot.messages.language import say
from bot.messages.limits import cut_units
from bot.messages.wording import format_date

_DAYS = ("every day", "weekdays", "weekends", "mon wed fri", "tue thu", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SINCE = ("7 days", "30 days", "90 days", "365 days")


async def complete(
    desk: Desk, name: str, option: str, text: str, caller: Caller, options: Mapping[str, str]
) -> list[Choice]:
    """Suggest at most 25 values of at most 100 characters for an option of a command."""
    typed = cut_units(" ".join(text.split()), MAX_CHOICE)
    match name, option:
        case "unsubscribe", "category":
            return await members.complete_unsubscribe(desk, typed, caller)
        case _, "category":
            return [Choice(one.label, one.id) for one in find_categories(typed, MAX_CHOICES)]
        case _, "categories":
            return _complete_list(typed)
        case ("search", "query") | ("paper", "id"):
            return await complete_search(desk.store, typed)
        case "search", "since":
            return await _complete_since(desk, typed)
        case _, "time":
            return [Choice(clock, clock) for clock in complete_clock(typed, MAX_CHOICES)]
        case _, "timezone":
            return [Choice(label, zone) for label, zone in complete_timezones(typed, caller.now, MAX_CHOICES)]
        case _, "days":
            return [Choice(say(days), days) for days in _find_starting(_DAYS, typed)]
        case _, "tag":
            return _complete_tag(desk, typed, caller, options)
        case _, "digest":
            return await channels.complete_digest(desk, typed, caller)
    return []


def _complete_list(typed: str) -> list[Choice]:
    """Suggest the last of several categories, after those that were typed already."""
    before, comma, last = typed.rpartition(",")
    kept = before.strip() + ", " if comma else ""
    found = [f"{kept}{one.id}" for one in find_categories(last.strip(), MAX_CHOICES)]
    return [Choice(value, value) for value in found if len(value) <= MAX_CHOICE]


async def _complete_since(desk: Desk, typed: str) -> list[Choice]:
    """Suggest spans with the day they begin on."""
    latest = await desk.store.days.latest()
    if latest is None:
        return []
    choices = [Choice(typed, typed)] if typed and typed not in _SINCE else []
    for span in _find_starting(_SINCE, typed):
        first = latest.day - timedelta(days=int(span.split()[0]))
        choices.append(Choice(say("{span}, since {day}", span=say(span), day=format_date(first)), span))
    return choices


def _complete_tag(desk: Desk, typed: str, caller: Caller, options: Mapping[str, str]) -> list[Choice]:
    """Suggest the tags of the forum that was chosen, or of the one this is asked in."""
    guild_id, channel_id = caller.place.guild_id, options.get("channel") or caller.place.channel_id
    if desk.venue is None or guild_id is None or channel_id is None:
        return []
    channel = desk.venue.find_channel(guild_id, channel_id)
    tags = channel.tags if channel else ()
    return [Choice(name[:MAX_CHOICE], tag_id) for tag_id, name in tags if typed.lower() in name.lower()][:MAX_CHOICES]


def _find_starting(known: Iterable[str], typed: str) -> list[str]:
    return [one for one in known if one.startswith(typed.lower())]
