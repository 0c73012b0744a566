"""What was just done about a member's digest, and what is asked before it is removed or everything deleted.

The digest's settings are `subscriptions`' work; what is done, and whether it worked, is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.digest.selection import Digest
from bot.messages.actions import DeleteData, OpenDigest, PauseDigest, RemoveDigest, ResumeDigest
from bot.messages.buttons import render_button, render_link_button
from bot.messages.extras import add_buttons
from bot.messages.language import say, say_count
from bot.messages.lists import Row, render_papers
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.safe import render_name
from bot.messages.subscriptions import describe, render_how_to_open, render_next
from bot.messages.summary import render_heading, render_reason, render_summary
from storage.models import Subscription


def render_outcome(state: str, reason: str, *, is_first: bool = False, is_repeat: bool = False) -> list[str]:
    """Return what came of sending a member's digest now, as harmless lines: what it is, then what to do.

    `state` and `reason` are as sending says; the `reason` of "nothing" is the end of a sentence, harmless already.
    """
    match state:
        case "sent" if is_repeat:
            return [say("This one was sent already: look into your direct messages.")]
        case "sent" if is_first:
            return [say("Done. Your first digest is in your direct messages.")]
        case "sent":
            return [say("Sent: look into your direct messages.")]
        case "nothing":
            return [say("There is nothing to send now: {reason}.", reason=reason or say("no paper fits"))]
        case "failed" if reason == "DMs closed":
            again = say("Then /subscribe tries again, and so does **Resume** in /subscriptions.")
            return [say("**I may not write to you**, so your digest is paused."), f"{render_how_to_open()} {again}"]
        case "failed":
            return [say("Discord did not take it this time. Your digest stays; try **Send me one now** in a while.")]
    return [say("It may have arrived: look into your direct messages. If not, try **Send me one now** in a while.")]


def render_done(
    subscription: Subscription,
    lines: Sequence[str],
    *,
    now: datetime,
    is_guess: bool = False,
    url: str | None = None,
    has_post: bool = True,
) -> Message:
    """Return what was done (harmless lines), what the digest is now and when it comes next, and a way to its settings.

    `is_guess` says that the time zone was guessed; `url` leads to what was sent. `has_post`: for the next there is one.
    """
    guess = say("-# The time zone is a guess from your language. Change it in the settings.") if is_guess else ""
    buttons = [render_button(say("Settings"), OpenDigest(subscription.id or 0))]
    if url:
        buttons.append(render_link_button(say("Open it"), url))
    coming = "" if subscription.is_paused else render_next(subscription, now, has_post=has_post)
    return add_buttons(render_notice(*lines, *describe(subscription, now), coming, guess), buttons)


def render_stopped(subscription: Subscription) -> Message:
    """Return that nothing more comes, with a way back."""
    number = subscription.id or 0
    buttons = [
        render_button(say("Undo"), ResumeDigest(number), primary=True),
        render_button(say("Settings"), OpenDigest(number)),
        render_button(say("Remove"), RemoveDigest(number)),
    ]
    lines = say("Stopped. No more digests come."), say("-# Your choice of categories is kept.")
    return add_buttons(render_notice(*lines), buttons)


def render_remove_question(subscription: Subscription, now: datetime) -> Message:
    """Return the question whether to remove a digest, a member's or a channel's, for good."""
    number = subscription.id or 0
    buttons = [
        render_button(say("Remove it"), RemoveDigest(number, is_sure=True), primary=True),
        render_button(say("Keep it"), OpenDigest(number)),
    ]
    if not subscription.is_paused:
        buttons.insert(1, render_button(say("Pause"), PauseDigest(number)))
    if subscription.target.kind == "channel":
        asked = say("Remove the digest for {channel}?", channel=f"<#{subscription.target.id}>")
    else:
        asked = say("Remove your digest?")
    return add_buttons(render_notice(asked, *describe(subscription, now)), buttons)


def render_removed(category: str = "") -> Message:
    """Return that a digest is gone; `category` is the last that was taken out of it."""
    said = say("{category} was the last one: your digest is removed.", category=render_name(category, 24))
    return render_notice(said if category else say("Your digest is removed."), say("/subscribe begins a new one."))


def render_none() -> Message:
    """Return that there is no digest yet, and how to begin one."""
    message = render_notice(
        say("You have no digest yet."),
        say("/subscribe and a category, such as cs.CV, and its hottest papers come to you by direct message."),
    )
    return add_buttons(message, [render_button(say("Delete my data"), DeleteData())])


def render_preview(digest: Digest) -> Message:
    """Return privately what a digest would hold now, its first ten papers, or why it would be empty."""
    if not digest.papers:
        return render_notice(say("There is nothing to send now: {reason}.", reason=render_reason(digest)))
    rows = [Row(number, appearance, with_day=False) for number, appearance in enumerate(digest.papers, 1)]
    notes = [render_summary(digest), say("a preview: only you see it, and nothing was sent")]
    return render_papers(render_heading(digest), notes, rows)


def render_delete_question() -> Message:
    """Return the question whether to delete all that is kept of a member."""
    return add_buttons(
        render_notice(
            say("### Delete all that is kept about you?"),
            say("Your digest and its settings, your saved papers, and the record of what you were sent."),
            say("-# This cannot be undone. Do nothing to keep it."),
        ),
        [render_button(say("Delete everything"), DeleteData(is_sure=True), primary=True)],
    )


def render_deleted(digests: int, saved: int) -> Message:
    """Return what was deleted, in numbers."""
    return render_notice(
        say("Deleted. Nothing about you is kept any more. This was:"),
        say("-# your digest and its settings") if digests else "",
        say_count(saved, "-# {n} saved paper", "-# {n} saved papers") if saved else "",
        say("-# the record of what you were sent"),
        say("-# your name under digests you may have set up in servers; those go on"),
    )
