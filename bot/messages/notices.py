"""Short private answers: what went wrong and what to do, what was done, what there is, how to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from discord import ui

from bot.digest.taxonomy import render_category
from bot.messages.limits import TEXT, measure
from bot.messages.message import Message
from bot.messages.rows import render_category_id
from bot.messages.safe import render_name, render_prose
from bot.messages.wording import format_filter, format_number_of, format_span, format_weekdays
from storage.models import Subscription

_COMMANDS = {
    "top": "the hottest papers of a day, week, month or year",
    "search": "papers by words, names or an arXiv link",
    "categories": "what there is to choose from",
}


def render_notice(*lines: str) -> Message:
    """Return a short answer of our own words, one line each; strangers' text must be harmless already."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(_cut_lines(lines))))
    return Message(view=view)


def render_error(problem: str, what_to_do: str = "", *, reference: str = "") -> Message:
    """Return what went wrong, what to do about it, and a reference to quote to whoever runs the bot.

    `problem` may repeat what a member typed: it is made harmless here.
    """
    lines = [render_prose(problem, 1500) or "That did not work.", what_to_do]
    if reference:
        lines.append(f"-# If it happens again, tell whoever runs this bot: {render_name(reference, 20)}")
    return render_notice(*lines)


def render_old_button() -> Message:
    """Return the answer to a button that this version cannot read any more."""
    return render_notice("This button is from another version of the bot. Use /top or /search instead.")


def render_paper_gone(arxiv_id: str) -> Message:
    """Return the answer to a button whose paper is no longer stored; `arxiv_id` is a valid one."""
    page = f"[its page on arXiv](https://arxiv.org/abs/{arxiv_id})"
    return render_notice(f"This paper is no longer stored here. Read {page}, or try /search with its title.")


def render_day_gone(day_name: str) -> Message:
    """Return the answer to a button whose day is no longer stored; `day_name` as `format_day` writes it."""
    return render_notice(f"The post of {day_name} is no longer stored here. Try /top for what is.")


def render_subscribed(subscription: Subscription) -> Message:
    """Return what was ordered: which papers, how many, when; and how to change it."""
    names = format_filter([render_name(name, 24) for name in subscription.categories], shown=25)
    when = f"{format_weekdays(subscription.weekdays)} at {subscription.at:%H:%M}"
    return render_notice(
        f"Done. You get the hottest papers of {names} by DM.",
        f"-# {format_number_of(subscription.count, 'paper')} at most, {when} ({subscription.timezone})",
    )


def render_categories(counts: Sequence[tuple[str, int]], first: date, last: date) -> Message:
    """Return the categories there are, with how many papers each had from `first` to `last`.

    As many as fit, in the order given; how many are left out is said.
    """
    lines = ["### Categories", f"-# papers that were hot, {format_span(first, last)}"]
    rows = [_render_category_row(category, count) for category, count in counts]
    if not rows:
        rows = ["None yet: no post has been read. They appear here with the first one."]
    return render_notice(*lines, *rows)


def render_help(command_ids: Mapping[str, int] | None = None) -> Message:
    """Return how to begin; with the ids Discord gave the commands their names can be clicked."""
    ids = command_ids or {}
    lines = [f"{_render_command(name, ids.get(name))} – {does}" for name, does in _COMMANDS.items()]
    return render_notice(
        "### Hot papers",
        "The papers on arXiv that people share most, ranked every day.",
        *lines,
        "-# Numbers under a digest open abstracts that only you see. Answers are private too.",
    )


def _render_command(name: str, command_id: int | None) -> str:
    return f"</{name}:{command_id}>" if command_id else f"**/{name}**"


def _render_category_row(category: str, count: int) -> str:
    name = render_name(render_category(category), 60)
    return f"**{render_category_id(category)}** {name} · {count:,}"


def _cut_lines(lines: Sequence[str]) -> str:
    """Join lines that are not empty, whole ones only, up to what one message holds."""
    kept: list[str] = []
    size = 0
    present = [line for line in lines if line]
    for line in present:
        size += measure(line) + 1
        if size > TEXT - 40:
            kept.append(f"-# {len(present) - len(kept):,} more")
            break
        kept.append(line)
    return "\n".join(kept) or "Nothing to show."
