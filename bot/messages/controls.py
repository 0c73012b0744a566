"""The settings of a digest as selects and forms: those that a member's digest and a channel's share.

A panel is put together from them elsewhere; what comes of a choice is decided by the router.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from discord import ui

from bot.digest.clock import complete_timezones
from bot.digest.taxonomy import render_category
from bot.errors import UserError
from bot.messages.actions import ChangeDigest
from bot.messages.form import Form
from bot.messages.language import say, say_count
from bot.messages.selects import MOST_OPTIONS, Pick, render_select
from bot.messages.wording import get_weekdays
from storage.models import Subscription

MOST_PAPERS = 25  # in one digest
CATEGORIES_LIMIT = 2000  # characters: more than all of arXiv's categories take

Select = ui.ActionRow[Any]


def render_time_select(subscription: Subscription) -> Select:
    """Return the select of the hour: every full one, and the time that is set."""
    clocks = sorted({*(time(hour) for hour in range(24)), subscription.at})
    picks = [Pick(f"{at:%H:%M}", f"{at:%H:%M}", at == subscription.at) for at in clocks]
    return render_select(_change(subscription, "time"), picks, say("Time"))


def render_zone_select(subscription: Subscription, now: datetime, guessed: Sequence[str] = ()) -> Select:
    """Return the select of the time zone, each with its clock at `now`: the one set, those guessed, the well-known."""
    likely = [(format_zone(zone, now), zone) for zone in dict.fromkeys((subscription.timezone, *guessed))]
    offered = {zone: name for name, zone in [*complete_timezones("", now, MOST_OPTIONS, _get_label()), *likely]}
    ordered = dict.fromkeys([*(zone for _, zone in likely), *offered])
    picks = [Pick(offered[zone], zone, zone == subscription.timezone) for zone in list(ordered)[:MOST_OPTIONS]]
    return render_select(_change(subscription, "timezone"), picks, say("Time zone"))


def render_weekday_select(subscription: Subscription) -> Select:
    """Return the select of the days of the week, several at once."""
    picks = [Pick(name, str(day), day in subscription.weekdays) for day, name in enumerate(get_weekdays())]
    return render_select(_change(subscription, "weekdays"), picks, say("Days of the week"), most=len(picks))


def render_count_select(subscription: Subscription) -> Select:
    """Return the select of how many papers there are at most."""
    picks = [
        Pick(say_count(count, "{n} paper at most", "{n} papers at most"), str(count), count == subscription.count)
        for count in range(1, MOST_PAPERS + 1)
    ]
    return render_select(_change(subscription, "count"), picks, say("How many papers"))


def render_only_select(subscription: Subscription) -> Select:
    """Return the select of how hot papers must be."""
    labels = {
        "all": say("All papers, the hottest first"),
        "hot": say("Only hot ones"),
        "very hot": say("Only very hot ones"),
    }
    picks = [Pick(label, only, only == subscription.only) for only, label in labels.items()]
    return render_select(_change(subscription, "only"), picks, say("How hot"))


def render_category_select(subscription: Subscription) -> Select | None:
    """Return the select of the categories to keep; None for all of arXiv, and for more than a select holds."""
    categories = subscription.categories
    if not 1 <= len(categories) <= MOST_OPTIONS:
        return None
    picks = [Pick(f"{one} — {render_category(one)}", one, is_chosen=True) for one in categories]
    return render_select(_change(subscription, "categories"), picks, say("Categories to keep"), most=len(picks))


def render_form(subscription: Subscription, setting: str) -> Form:
    """Return the form in which a setting is typed: time, timezone or categories; UserError for any other."""
    action = _change(subscription, setting)
    match setting:
        case "time":
            return Form(
                say("When it comes"), action, say("Time of day"), say("9, 9am, 21:30"), f"{subscription.at:%H:%M}"
            )
        case "timezone":
            hint = say("A city such as Tokyo, a zone such as Europe/Berlin, or +2")
            return Form(say("Where your clock is"), action, say("Time zone"), hint, subscription.timezone)
        case "categories":
            known = ", ".join(subscription.categories)
            hint = say("With commas between: cs.CV, stat. Write “all” for all of arXiv.")
            return Form(say("What it is about"), action, say("Categories"), hint, known, CATEGORIES_LIMIT)
    raise UserError("This setting is chosen, not typed. Open the settings again.")


def format_zone(zone: str, now: datetime) -> str:
    """Return a zone with its clock at `now`: "Europe/Berlin, now 14:05"."""
    found = {known: name for name, known in complete_timezones(zone, now, MOST_OPTIONS, _get_label())}
    return found.get(zone, zone)


def _get_label() -> str:
    """Return how a zone is shown with its clock, both still to be filled in."""
    return say("{zone}, now {clock}", zone="{zone}", clock="{clock}")


def _change(subscription: Subscription, setting: str) -> ChangeDigest:
    return ChangeDigest(subscription.id or 0, setting)
