"""Short private answers: what went wrong and what to do, what was done, what there is, how to begin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from discord import ui

from bot.errors import UserError
from bot.messages.language import format_integer, say, say_error
from bot.messages.limits import TEXT, measure
from bot.messages.message import Message
from bot.messages.rows import render_category_id
from bot.messages.safe import render_name, render_prose
from bot.messages.wording import format_category, format_span


def render_notice(*lines: str) -> Message:
    """Return a short answer of our own words, one line each; strangers' text must be harmless already."""
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(_cut_lines(lines))))
    return Message(view=view)


def render_error(problem: str, what_to_do: str = "", *, reference: str = "") -> Message:
    """Return what went wrong, what to do about it, and a reference to quote to whoever runs the bot.

    `problem` may repeat what a member typed: it is made harmless here.
    """
    lines = [render_prose(problem, 1500) or say("That did not work."), what_to_do]
    if reference:
        quoted = render_name(reference, 20)
        lines.append(say("-# If it happens again, tell whoever runs this bot: {reference}", reference=quoted))
    return render_notice(*lines)


def render_refusal(error: UserError) -> Message:
    """Return what cannot be done as asked and what to do, in the language being spoken."""
    return render_error(say_error(error))


def render_old_button() -> Message:
    """Return the answer to a button that this version cannot read any more."""
    return render_notice(say("This button is from another version of the bot. Use /top or /search instead."))


def render_no_posts(*, for_owner: bool = False) -> Message:
    """Return that no post is stored yet, and to whom the bot belongs how to bring some in."""
    if for_owner:
        return render_notice(
            say("There are no posts yet. Bring some in with `hotpapers ingest FOLDER`, or set POSTS_SOURCE.")
        )
    return render_notice(say("No posts are here yet. They come by themselves."))


def render_paper_gone(arxiv_id: str) -> Message:
    """Return the answer to a button whose paper is no longer stored; `arxiv_id` is a valid one."""
    page = f"[{say('its page on arXiv')}](https://arxiv.org/abs/{arxiv_id})"
    return render_notice(
        say(
            "This paper is not stored here, or no longer. Read {page}, or try /search with its title.",
            page=page,
        )
    )


def render_day_gone(day_name: str) -> Message:
    """Return the answer to a button whose day is no longer stored; `day_name` as `format_day` writes it."""
    return render_notice(say("The post of {day} is no longer stored here. Try /top for what is.", day=day_name))


def render_categories(counts: Sequence[tuple[str, int]], first: date, last: date) -> Message:
    """Return the categories there are, with how many papers each had from `first` to `last`.

    As many as fit, in the order given; how many are left out is said.
    """
    lines = [say("### Categories"), say("-# papers that were hot, {days}", days=format_span(first, last))]
    rows = [_render_category_row(category, count) for category, count in counts]
    if not rows:
        rows = [say("None yet: no post has been read. They appear here with the first one.")]
    return render_notice(*lines, *rows)


def render_help(command_ids: Mapping[str, int] | None = None, *, for_admins: bool = False) -> Message:
    """Return how to begin; with the ids Discord gave the commands their names can be clicked.

    Without ids (the page) only what can be asked there is named, and what only admins may do only `for_admins`.
    """
    commands = {
        "top": say("the hottest papers of a day, week, month or year"),
        "search": say("papers by words, names or an arXiv link"),
        "saved": say("the papers you saved"),
        "categories": say("what there is to choose from"),
    }
    orders = {
        "subscribe": say("a digest of your own by DM, every day"),
        "subscriptions": say("when it comes, pause it, delete your data"),
    }
    servers = {
        "digest add": say("for admins: a daily digest in a channel"),
        "digest why": say("for admins: why one came, or did not"),
    }
    offered = commands | (orders if command_ids else {}) | (servers if for_admins else {})
    return render_notice(
        say("### Hot papers"),
        say("The papers on arXiv that people share most, ranked every day."),
        *(f"{_render_command(name, command_ids or {})} – {does}" for name, does in offered.items()),
        say("-# Numbers under a digest open abstracts that only you see. Answers are private too."),
    )


def _render_command(name: str, command_ids: Mapping[str, int]) -> str:
    """Return a command's name, to be clicked where Discord gave it an id; a group's commands share the group's."""
    command_id = command_ids.get(name.partition(" ")[0])
    return f"</{name}:{command_id}>" if command_id else f"**/{name}**"


def _render_category_row(category: str, count: int) -> str:
    name = render_name(format_category(category), 60)
    return f"**{render_category_id(category)}** {name} · {format_integer(count)}"


def _cut_lines(lines: Sequence[str]) -> str:
    """Join lines that are not empty, whole ones only, up to what one message holds."""
    kept: list[str] = []
    size = 0
    present = [line for line in lines if line]
    for line in present:
        size += measure(line) + 1
        if size > TEXT - 40:
            kept.append(f"-# {say('{n} more', n=format_integer(len(present) - len(kept)))}")
            break
        kept.append(line)
    return "\n".join(kept) or say("Nothing to show.")
