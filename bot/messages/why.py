"""Why a digest came, or did not: five lines in the order in which a digest comes about, then Next and what to do.

    ✓ source reached ─► ✓ post for the day ─► ✗ papers chosen ─► ✓ permission ─► ✗ sent
                                                                                  └► published, thread, corrected

What is true is found elsewhere; here it is said. What to do about it is `advice`'s work.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.digest.calendar import Reason
from bot.digest.timetable import Quiet
from bot.messages.advice import render_advice
from bot.messages.causes import Cause, Step, Why
from bot.messages.digest_notes import NO, NOT_YET, YES, name_permissions
from bot.messages.language import say, say_count
from bot.messages.message import Message
from bot.messages.notices import render_notice
from bot.messages.troubles import render_trouble
from bot.messages.wording import format_day, format_list, render_coming, render_moment, render_source
from storage.models import Step as FollowUp

_COMING: tuple[Cause, ...] = ("not due", "not today", "no post", "on its way")
_HARMLESS: tuple[Cause, ...] = (*_COMING, "nothing new")  # nothing is wrong where it is not sent for these


def render_why(why: Why) -> Message:
    """Return why a digest came or did not, as an answer of its own."""
    if not why.is_channel:
        return render_notice(say("### Why your digest came, or did not"), *render_lines(why))
    channel = f"<#{why.subscription.target.id}>"
    return render_notice(say("### Why the digest for {channel} came, or did not", channel=channel), *render_lines(why))


def render_lines(why: Why) -> list[str]:
    """Return the five lines, each with ✓ or ✗ and its time, what followed, when it comes next and what to do.

    What is not sent though nothing is wrong has a · in place of the ✗. All are harmless.
    """
    return [
        _mark(why.source, say("source reached") if why.source.is_ok else say("source not reached")),
        _mark(why.post, _render_post(why)),
        *_render_live(why),
        _mark(why.papers, _render_papers(why)),
        _mark(why.permission, _render_permission(why)),
        _mark(why.sent, _render_sent(why), NOT_YET if why.cause in _HARMLESS else NO),
        *dict.fromkeys(_render_follow_up(one) for one in why.follow_ups),
        say("Next: {moment}", moment=_render_next(why)),
        say("What to do: {advice}", advice=render_advice(why)),
    ]


def _mark(step: Step, words: str, undone: str = NO) -> str:
    when = f" · <t:{int(step.moment.timestamp())}:f>" if step.moment else ""
    return f"{YES if step.is_ok else undone} {words}{when}"


def _render_post(why: Why) -> str:
    if why.day is None:
        return say("no post yet")
    day = format_day(why.day)
    if why.post.is_ok:
        return say("post of {day}", day=day)
    if why.is_before:
        return say("no post since this digest was set up or went on: that of {day} was there before", day=day)
    return say("no new post since {day}", day=day)


def _render_live(why: Why) -> list[str]:
    """Return what there is to know of a post that is made out of live sources, or why there is none."""
    lines = [_render_quiet(quiet) for quiet in why.quiet]
    if why.post.is_ok and why.made_without:
        lines.append(say("it was made without {sources}", sources=_list_names(why.made_without)))
    if why.post.is_ok and why.made_of_part:
        lines.append(say("it has only a part of what there is on {sources}", sources=_list_names(why.made_of_part)))
    return [f"-# {line}" for line in lines]


def _render_quiet(quiet: Quiet) -> str:
    reason = _render_reason(quiet.reason)
    if quiet.is_today:
        return say("arXiv announced nothing today ({reason})", reason=reason)
    return say("arXiv announced nothing on {day} ({reason})", day=format_day(quiet.day), reason=reason)


def _render_reason(reason: Reason) -> str:
    """Return why arXiv announces nothing; holidays of the United States alone have no other name."""
    match reason:
        case "weekend":
            return say("weekend")
        case "New Year's Day":
            return say("New Year's Day")
        case "Christmas Day":
            return say("Christmas Day")
        case "winter break":
            return say("winter break")
        case "staff day":
            return say("staff day")
        case "strike":
            return say("strike")
        case "outage":
            return say("outage")
    return reason


def _list_names(names: Sequence[str]) -> str:
    return format_list([render_source(name, 40) for name in names])


def _render_papers(why: Why) -> str:
    if why.papers.is_ok:
        papers = say_count(why.paper_count, "{n} paper chosen", "{n} papers chosen")
        if not why.caught_up:
            return papers
        return say_count(why.caught_up, "{papers}, a catch-up", "{papers}, a catch-up over {n} posts", papers=papers)
    return say("no papers chosen: {reason}", reason=why.nothing) if why.nothing else say("no papers chosen")


def _render_permission(why: Why) -> str:
    if why.permission.is_ok:
        return say("permission to post") if why.is_channel else say("permission to write")
    if why.missing:
        return say("permission missing: {permissions}", permissions=name_permissions(why.missing))
    if why.is_channel:
        return say("no permission: the channel is gone, or this app can't see it")
    if why.dms_until:
        return say("no permission: Discord stopped this app's direct messages for a while")
    return say("no permission: your direct messages are closed to this app")


def _render_sent(why: Why) -> str:
    match why.state:
        case "sent" if why.cause == "quiet":
            return say("[sent]({url}): a line that there is nothing new", url=why.url) if why.url else say("sent")
        case "sent":
            return say("[sent]({url})", url=why.url) if why.url else say("sent")
        case "uncertain" | "failed":
            return _add_sent(why, _render_mishap(why))
        case "pending" | "sending" if why.error:
            tries = say_count(why.attempts, "tried once", "tried {n} times")
            problem = render_trouble(why.error)
            return _add_sent(why, say("not sent yet: {problem}; {tries}", problem=problem, tries=tries))
    if why.cause == "checking":
        return say("not sent yet: what was posted before is read first")
    if why.cause in _COMING:
        return say("not yet; the [last one]({url}) was before", url=why.url) if why.url else say("not yet")
    if why.url:
        return say("not sent; the [last one]({url}) was before", url=why.url)
    return say("not sent")


def _render_mishap(why: Why) -> str:
    if why.state == "uncertain":
        if why.error == "permission":
            return say("perhaps sent: Discord's answer was lost, and this app can't read what is there")
        return say("perhaps sent: Discord's answer was lost")
    if why.cause != "late":
        return say("not sent: {problem}", problem=render_trouble(why.error))
    if why.error == "too late":
        return say("not sent within a day")
    return say("not sent within a day: {problem}", problem=render_trouble(why.error))


def _add_sent(why: Why, said: str) -> str:
    """Return what is said of a part, and how many before it are there."""
    if not why.sent_parts:
        return said
    return say_count(why.sent_parts, "{said} · {n} part is there", "{said} · {n} parts are there", said=said)


def _render_follow_up(step: FollowUp) -> str:
    """Return what came of one thing that was to follow the message."""
    words = _name_done(step.kind) if step.state == "done" else _name_undone(step.kind)
    if step.state == "done":
        return _mark(Step(True, step.planned_at if step.kind == "edit" else None), words)
    if step.last_error == "message deleted":
        return _mark(Step(False), say("the message was deleted since"))
    problem = render_trouble(step.last_error) if step.last_error else ""
    if step.state == "failed":
        return _mark(Step(False), say("{undone}: {problem}", undone=words, problem=problem) if problem else words)
    return _mark(Step(False), say("{undone} yet", undone=words))


def _name_done(kind: str) -> str:
    match kind:
        case "publish":
            return say("published to followers")
        case "thread":
            return say("thread opened")
    return say("changed since, as the post was corrected")


def _name_undone(kind: str) -> str:
    match kind:
        case "publish":
            return say("not published to followers")
        case "thread":
            return say("thread not opened")
    return say("the post was corrected, this message not")


def _render_next(why: Why) -> str:
    if why.subscription.is_paused:
        return say("none while it is paused")
    if why.cause == "DMs paused" and why.dms_until:
        return render_moment(why.dms_until)
    if why.cause == "retrying" or (why.is_retried and why.cause != "checking"):
        return render_moment(why.retry_at) if why.retry_at else say("within minutes")
    if why.cause == "on its way":
        return say("within minutes")
    if why.is_waiting:
        return say("as soon as there is something to send")
    if why.next_at:
        return render_coming(render_moment(why.next_at), has_post=why.has_post)
    return say("never: no day of the week is chosen")
