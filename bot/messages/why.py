"""Why a digest came, or did not: five lines in the order in which a digest comes about, then Next and what to do.

    ✓ source reached ─► ✓ post for the day ─► ✗ papers chosen ─► ✓ permission ─► ✗ sent

What is true is found elsewhere; here it is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from bot.messages.digest_notes import NO, YES, name_permissions, render_failure
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.subscriptions import render_how_to_open
from bot.messages.wording import format_day, render_moment
from storage.models import Subscription

Cause = Literal[
    "asked",
    "left the server",
    "channel gone",
    "permission",
    "DMs closed",
    "failing",
    "tag",
    "source",
    "no post",
    "nothing new",
    "failed",
    "uncertain",
    "on its way",
    "not due",
    "sent",
]


@dataclass(frozen=True, slots=True)
class Step:
    """Whether one step was taken, and when that was or was found out, if it is known."""

    is_ok: bool
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """How the last digest of a subscription fared, step by step; `cause` is the first thing to know of it.

    `day` is the newest post's, `paper_count` how many papers were chosen of it, or would be; `nothing` is why none,
    the end of a harmless sentence. `missing` are permissions, `failure` is what sending said, `url` leads to the
    last message that was sent. `next_at` is the next time it is due, None of a paused one; `is_waiting` says that
    it is due already and goes out when it can.
    """

    subscription: Subscription
    source: Step
    post: Step
    papers: Step
    permission: Step
    sent: Step
    cause: Cause
    day: date | None = None
    paper_count: int = 0
    nothing: str = ""
    missing: tuple[str, ...] = field(default=())
    failure: str = ""
    url: str | None = None
    next_at: datetime | None = None
    is_waiting: bool = False


def render_why(why: Why) -> Message:
    """Return why a digest came or did not, as an answer of its own."""
    if why.subscription.target.kind != "channel":
        return render_notice(say("### Why your digest came, or did not"), *render_lines(why))
    channel = f"<#{why.subscription.target.id}>"
    return render_notice(say("### Why the digest for {channel} came, or did not", channel=channel), *render_lines(why))


def render_lines(why: Why) -> list[str]:
    """Return the five lines, each with ✓ or ✗ and its time, then when it comes next and what to do: all harmless."""
    return [
        _mark(why.source, say("source reached") if why.source.is_ok else say("source not reached")),
        _mark(why.post, _render_post(why)),
        _mark(why.papers, _render_papers(why)),
        _mark(why.permission, _render_permission(why)),
        _mark(why.sent, _render_sent(why)),
        say("Next: {moment}", moment=_render_next(why)),
        say("What to do: {advice}", advice=_render_advice(why)),
    ]


def _mark(step: Step, words: str) -> str:
    when = f" · <t:{int(step.moment.timestamp())}:f>" if step.moment else ""
    return f"{YES if step.is_ok else NO} {words}{when}"


def _render_post(why: Why) -> str:
    if why.day is None:
        return say("no post yet")
    day = format_day(why.day)
    return say("post of {day}", day=day) if why.post.is_ok else say("no new post since {day}", day=day)


def _render_papers(why: Why) -> str:
    if why.papers.is_ok:
        return say_count(why.paper_count, "{n} paper chosen", "{n} papers chosen")
    return say("no papers chosen: {reason}", reason=why.nothing) if why.nothing else say("no papers chosen")


def _render_permission(why: Why) -> str:
    if why.permission.is_ok:
        return say("permission to post") if why.subscription.target.kind == "channel" else say("permission to write")
    if why.missing:
        return say("permission missing: {permissions}", permissions=name_permissions(why.missing))
    if why.subscription.target.kind == "channel":
        return say("no permission: the channel is gone, or this app can't see it")
    return say("no permission: your direct messages are closed to this app")


def _render_sent(why: Why) -> str:
    if why.sent.is_ok:
        return say("[sent]({url})", url=why.url) if why.url else say("sent")
    if why.failure == "uncertain":
        return say("perhaps sent: Discord's answer was lost")
    if why.failure:
        return say("not sent: {problem}", problem=render_failure(why.failure))
    if why.url:
        return say("not sent; the [last one]({url}) was before", url=why.url)
    return say("not sent")


def _render_next(why: Why) -> str:
    if why.subscription.is_paused:
        return say("none while it is paused")
    if why.is_waiting:
        return say("as soon as there is something to send")
    return render_moment(why.next_at) if why.next_at else say("never: no day of the week is chosen")


def _render_advice(why: Why) -> str:
    """Return what to do about the cause; a channel's and a member's digest differ where the settings do."""
    is_channel = why.subscription.target.kind == "channel"
    settings = "/digest edit" if is_channel else "/subscriptions"
    match why.cause:
        case "asked":
            return say("it is paused. **Resume** in {settings} lets it go on.", settings=settings)
        case "left the server":
            return say(
                "this app was removed from the server. **Resume** in {settings} lets it go on.", settings=settings
            )
        case "channel gone":
            return say("the channel is gone. Choose **Move to another channel** in {settings}.", settings=settings)
        case "permission":
            return _render_permission_advice(why)
        case "DMs closed":
            return f"{render_how_to_open()} {say('Then press **Resume** in {settings}.', settings=settings)}"
        case "failing":
            return say("sending it failed again and again. **Resume** in {settings} tries again.", settings=settings)
        case "tag":
            return say("this forum wants a tag for every post. Choose one in {settings}.", settings=settings)
    return _render_patience(why, settings)


def _render_permission_advice(why: Why) -> str:
    names = name_permissions(why.missing)
    if why.missing and why.subscription.is_paused:
        return say("give this app {permissions} in the channel's settings, then press **Resume**.", permissions=names)
    if why.missing:
        return say("give this app {permissions} in the channel's settings, Permissions.", permissions=names)
    return say("the permissions are all there now. **Resume** in {settings} lets it go on.", settings="/digest edit")


def _render_patience(why: Why, settings: str) -> str:
    """Return what to do where nothing is wrong with the digest itself."""
    match why.cause:
        case "source":
            return say("nothing here. Whoever runs this bot must see to the source of its posts.")
        case "no post":
            return say("nothing. It goes out when the next post arrives.")
        case "nothing new":
            return say("nothing, or choose more categories or how hot papers must be in {settings}.", settings=settings)
        case "failed":
            return say("see what is said beside “not sent”, then send it again from {settings}.", settings=settings)
        case "uncertain":
            return say("look whether it is there. If not, send it again from {settings}.", settings=settings)
        case "on its way":
            return say("nothing. It goes out within minutes.")
        case "not due":
            return say("nothing. It is not due yet; {settings} sends one at once.", settings=settings)
    return say("nothing, all is well.")
