"""A member's own digest by DM: ordered, changed, paused, stopped and sent on demand; and all their data deleted.

    /subscribe ─► no digest yet ─► begin ─► send the first ─► DMs closed ─► paused, and how to open them
                └► add a category, and resume a paused one ───────┴─► sent, or nothing to send yet

Each member has one digest over all their categories. How a setting changes is `changes`' work, choosing and sending
a digest are the sender's; without one (the preview page) nothing is sent at once, only on schedule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.answers import digests
from bot.answers.changes import ALL_WORDS, add_categories, change, find_covering, remove_category
from bot.answers.desk import Desk
from bot.answers.prospects import find_fresh
from bot.answers.sending import DMS_CLOSED, expect, pause, resume, send
from bot.answers.values import MAX_CHOICE, MAX_CHOICES, Caller, Choice, Reply
from bot.answers.why import find_why
from bot.digest.clock import guess_timezone
from bot.digest.taxonomy import parse_category, render_category
from bot.errors import UserError
from bot.messages.actions import (
    AskDigest,
    ChangeDigest,
    CopyDigest,
    DigestAction,
    GetByDM,
    GetSameByDM,
    OpenDigest,
    OpenWhy,
    PauseDigest,
    PreviewDigest,
    RemoveDigest,
    ResumeDigest,
    SendDigest,
    StopDigest,
)
from bot.messages.alerts import render_dms_closed
from bot.messages.controls import render_form
from bot.messages.language import say
from bot.messages.message import Message
from bot.messages.orders import (
    render_delete_question,
    render_deleted,
    render_done,
    render_none,
    render_preview,
    render_remove_question,
    render_removed,
    render_stopped,
)
from bot.messages.subscriptions import render_panel
from bot.messages.why import render_lines
from storage.models import Subscription

MEMBER_COUNT = 5  # papers in a member's digest, unless they choose


async def run(name: str, options: Mapping[str, str], desk: Desk, caller: Caller) -> Message:
    """Answer /subscribe, /unsubscribe or /subscriptions."""
    typed = options.get("category", "")
    if name == "subscribe":
        return await _order((parse_category(typed),), desk, caller)
    known = await _find_digest(desk, caller)
    if name == "unsubscribe":
        return await _leave(typed, known, desk, caller)
    return await _show_panel(known, desk, caller) if known else render_none()


async def answer_order(action: GetByDM | GetSameByDM, desk: Desk, caller: Caller) -> Message:
    """Add a digest's categories to the caller's own; those of a channel's only, as a member's are nobody else's."""
    if isinstance(action, GetByDM):
        return await _order(tuple(map(parse_category, action.categories)), desk, caller)
    shown = await desk.store.subscriptions.get(action.subscription_id)
    if shown is None or shown.target.kind == "member":
        raise UserError("This digest is no longer there. /subscribe and a category begins one of your own.")
    return await _order(shown.categories, desk, caller)


async def press(
    action: DigestAction, subscription: Subscription, desk: Desk, caller: Caller, values: Sequence[str]
) -> Reply:
    """Act on the caller's own digest; what is done in the settings shows them anew."""
    match action:
        case OpenDigest():
            return await _replace_panel(subscription, desk, caller)
        case ChangeDigest(number, setting, value):
            wanted = [value] if value else values
            changed = await desk.store.subscriptions.change(
                number, lambda known: change(known, setting, wanted, desk.limits, caller.now)
            )
            return await _replace_panel(expect(changed), desk, caller)
        case AskDigest(_, setting):
            return Reply(form=render_form(subscription, setting))
        case PauseDigest():
            return await _replace_panel(await pause(subscription, "asked", desk, caller.now), desk, caller)
        case ResumeDigest():
            resumed, lines, _ = await resume(subscription, desk, caller)
            return await _replace_panel(resumed, desk, caller, lines)
        case StopDigest():
            return Reply(render_stopped(await pause(subscription, "asked", desk, caller.now)))
        case RemoveDigest(_, is_sure):
            if not is_sure:
                return Reply(render_remove_question(subscription, caller.now), replaces=True)
            return Reply(await _remove(subscription, desk, caller), replaces=True)
        case PreviewDigest():
            return Reply(render_preview(await digests.find_digest(desk.store, subscription)))
        case SendDigest(_, request):
            sent, lines, _ = await send(subscription, f"now:{request}", desk, caller)
            return await _replace_panel(sent, desk, caller, lines)
        case OpenWhy():
            why = render_lines(await find_why(desk, subscription, caller.now))
            return Reply(await _show_panel(subscription, desk, caller, why=why), replaces=True)
        case CopyDigest():
            raise UserError("Only a channel's digest can be copied to another channel.")


async def delete_data(is_sure: bool, desk: Desk, caller: Caller) -> Reply:
    """Delete all that is kept of the caller and say what it was; ask first unless they are sure."""
    if not is_sure:
        return Reply(render_delete_question())
    known = await desk.store.subscriptions.list(caller.target)
    members = desk.store.members
    saved = await members.count_saved(caller.target) + await members.count_gone(caller.target)
    await members.delete_all(caller.target, caller.now)
    return Reply(render_deleted(len(known), saved), replaces=True)


async def complete_unsubscribe(desk: Desk, text: str, caller: Caller) -> list[Choice]:
    """Suggest the caller's own categories that have what was typed in their id or name."""
    known = await _find_digest(desk, caller)
    labels = {one: f"{one} — {render_category(one)}" for one in known.categories} if known else {}
    typed = text.strip().casefold()
    found = [Choice(label[:MAX_CHOICE], one) for one, label in labels.items() if typed in label.casefold()]
    return found[:MAX_CHOICES]


async def find_news(desk: Desk, caller: Caller) -> Message | None:
    """Return that the caller's digest is paused for want of a way to them, None when it is not, or they know."""
    for known in await desk.store.subscriptions.list(caller.target):
        if _is_news(known):
            return render_dms_closed(known.id or 0)
    return None


async def note_told(desk: Desk, caller: Caller) -> None:
    """Remember that the caller knows that their digest is paused for want of a way to them."""
    for known in await desk.store.subscriptions.list(caller.target):
        if _is_news(known):
            await desk.store.subscriptions.change(
                known.id or 0, lambda latest: replace(latest, told_at=caller.now) if _is_news(latest) else latest
            )


def _is_news(subscription: Subscription) -> bool:
    return subscription.pause_reason == DMS_CLOSED and subscription.told_at is None


async def _find_digest(desk: Desk, caller: Caller) -> Subscription | None:
    """Return the caller's one digest, None when there is none."""
    known = await desk.store.subscriptions.list(caller.target)
    return known[0] if known else None


# Ordering


async def _order(categories: tuple[str, ...], desk: Desk, caller: Caller) -> Message:
    """Begin the caller's digest over these categories (none: all of arXiv), or add them to it."""
    known = await _find_digest(desk, caller)
    begun = None if known else await _begin(categories, desk, caller)
    if begun is None:
        return await _extend(expect(known or await _find_digest(desk, caller)), categories, desk, caller)
    lines, url = [say("Done: this is your digest. Discord brings it by direct message; this page shows it here.")], None
    if desk.sender:
        begun, lines, url = await send(begun, "first", desk, caller)
    return await _show_done(begun, lines, desk, caller, is_guess=True, url=url)


async def _begin(categories: tuple[str, ...], desk: Desk, caller: Caller) -> Subscription | None:
    """Store the caller's first digest; None when another request of theirs was faster."""
    newest = await desk.store.days.latest()
    new = Subscription(
        caller.target,
        count=MEMBER_COUNT,
        timezone=guess_timezone(caller.locale),
        created_at=caller.now,
        created_edition=newest.day if newest else None,
        channel_kind="dm" if caller.target.kind == "member" else caller.target.kind,
        language=caller.language,
    )
    chosen = change(new, "categories", categories, desk.limits, caller.now)
    return await desk.store.subscriptions.add_bounded(chosen, 1)


async def _extend(known: Subscription, categories: tuple[str, ...], desk: Desk, caller: Caller) -> Message:
    """Add categories to a digest, and let it go on if it was paused: who orders wants it."""
    lines, url = [_say_added(known.categories, categories)], None
    number = known.id or 0
    changed = expect(
        await desk.store.subscriptions.change(number, lambda latest: add_categories(latest, categories, desk.limits))
    )
    if changed.is_paused:
        changed, more, url = await resume(changed, desk, caller)
        lines += more
    return await _show_done(changed, lines, desk, caller, url=url)


def _say_added(known: Sequence[str], categories: Sequence[str]) -> str:
    """Return what comes of adding categories to those known, of which none is all of arXiv."""
    if not known:
        return say("Your digest is over all of arXiv already, which holds this too.")
    if not categories:
        return say("Done: your digest is over all of arXiv now.")
    new = [one for one in categories if find_covering(one, known) is None]
    if new:
        return say("Added to your digest: {categories}.", categories=", ".join(new))
    if len(categories) > 1:
        return say("All of these are in your digest already.")
    (one,) = categories
    if one in known:
        return say("{category} is in your digest already.", category=one)
    archive = find_covering(one, known)
    return say("{category} is in your digest already: it has all of {archive}.", category=one, archive=archive)


# Leaving


async def _leave(typed: str, known: Subscription | None, desk: Desk, caller: Caller) -> Message:
    """Take a category out of the caller's digest; without one ask whether to remove it."""
    if known is None:
        raise UserError("You have no digest. /subscribe and a category begins one.")
    if typed.strip().casefold() in ALL_WORDS:
        return render_remove_question(known, caller.now)
    category = parse_category(typed)
    if known.categories == (category,):
        return await _remove(known, desk, caller, category)
    changed = await desk.store.subscriptions.change(known.id or 0, lambda latest: remove_category(latest, category))
    return await _show_done(expect(changed), [say("Taken out: {category}.", category=category)], desk, caller)


async def _remove(subscription: Subscription, desk: Desk, caller: Caller, category: str = "") -> Message:
    await desk.store.subscriptions.delete(subscription.id or 0, caller.now)
    return render_removed(category)


# Showing


async def _replace_panel(subscription: Subscription, desk: Desk, caller: Caller, notes: Sequence[str] = ()) -> Reply:
    said = notes[:1] if subscription.pause_reason == DMS_CLOSED else notes  # the panel says itself what to do then
    return Reply(await _show_panel(subscription, desk, caller, said), replaces=True)


async def _show_panel(
    subscription: Subscription, desk: Desk, caller: Caller, notes: Sequence[str] = (), why: Sequence[str] = ()
) -> Message:
    number = subscription.id or 0
    if _is_news(subscription):
        await note_told(desk, caller)  # the panel says it
    last = (await desk.store.deliveries.last([number])).get(number)
    has_post = await _has_post(subscription, desk)
    return render_panel(
        subscription, last, now=caller.now, locale=caller.locale, notes=notes, why=why, has_post=has_post
    )


async def _show_done(
    subscription: Subscription,
    lines: Sequence[str],
    desk: Desk,
    caller: Caller,
    *,
    is_guess: bool = False,
    url: str | None = None,
) -> Message:
    has_post = await _has_post(subscription, desk)
    return render_done(subscription, lines, now=caller.now, is_guess=is_guess, url=url, has_post=has_post)


async def _has_post(subscription: Subscription, desk: Desk) -> bool:
    """Tell whether there is a post that a digest has not had."""
    return bool(await find_fresh(desk.store, [subscription]))
