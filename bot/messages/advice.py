"""What to do about a digest that came or did not, in a sentence: for each cause, where the settings are."""

from __future__ import annotations

from bot.messages.causes import Why
from bot.messages.digest_notes import name_permissions
from bot.messages.language import say
from bot.messages.subscriptions import render_how_to_open
from bot.messages.wording import format_weekdays

_READ_HISTORY = "Read Message History"


def render_advice(why: Why) -> str:
    """Return what to do about the cause; a channel's and a member's digest differ where the settings do."""
    settings = "/digest edit" if why.is_channel else "/subscriptions"
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
            return _render_permission(why)
        case "DMs closed":
            return f"{render_how_to_open()} {say('Then press **Resume** in {settings}.', settings=settings)}"
        case "failing":
            return say("sending it failed again and again. **Resume** in {settings} tries again.", settings=settings)
        case "tag":
            return say("this forum wants a tag for every post. Choose one in {settings}.", settings=settings)
        case "failed" | "late" | "uncertain" | "deleted" | "limping":
            return _render_mishap(why, settings)
    return _render_patience(why, settings)


def _render_permission(why: Why) -> str:
    names = name_permissions(why.missing)
    if why.missing and why.subscription.is_paused:
        return say(
            "give this app {permissions} in the channel's settings; then it goes on by itself.", permissions=names
        )
    if why.missing:
        return say("give this app {permissions} in the channel's settings, Permissions.", permissions=names)
    return say(
        "the permissions are all there now: it goes on by itself, or at once with **Resume** in {settings}.",
        settings="/digest edit",
    )


def _render_mishap(why: Why, settings: str) -> str:
    """Return what to do about a digest whose sending ended otherwise than it should."""
    match why.cause:
        case "failed":
            return say("see what is said beside “not sent”, then send it again from {settings}.", settings=settings)
        case "late":
            return say("nothing. Its papers come in the next one.")
        case "deleted":
            return say("nothing. It stays deleted; {settings} sends another one at once.", settings=settings)
        case "limping":
            return say("nothing. The digest is there, and the next one tries anew what failed.")
    if why.is_channel and (why.error == "permission" or _READ_HISTORY in why.missing):
        names = name_permissions([_READ_HISTORY])
        return say(
            "give this app {permissions} in the channel's settings: then it looks whether the digest is there, and "
            "sends it if not.",
            permissions=names,
        )
    return say("nothing: this app looks for it, and sends it if it is not there. Or look whether it is there yourself.")


def _render_patience(why: Why, settings: str) -> str:
    """Return what to do where nothing is wrong with the digest itself."""
    match why.cause:
        case "source":
            return say("nothing here. Whoever runs this bot must see to the source of its posts.")
        case "broken":
            return say("nothing here. It could not be made; whoever runs this bot finds the reason in its log.")
        case "no post":
            return say("nothing. It goes out when the next post arrives.")
        case "nothing new" | "quiet":
            return say("nothing, or choose more categories or how hot papers must be in {settings}.", settings=settings)
        case "DMs paused":
            return say("nothing here. Whoever runs this bot was told; your digest comes when it may write again.")
        case "checking":
            return _render_checking(why)
        case "on its way":
            return say("nothing. It goes out within minutes.")
        case "retrying":
            return _render_retrying(why)
        case "not today":
            days = format_weekdays(why.subscription.weekdays)
            return say(
                "nothing. It comes {weekdays}, and today is none of them; {settings} changes that.",
                weekdays=days,
                settings=settings,
            )
        case "not due":
            return say("nothing. It is not due yet; {settings} sends one at once.", settings=settings)
    return say("nothing, all is well.")


def _render_checking(why: Why) -> str:
    if why.is_channel and _READ_HISTORY in why.missing:
        return say(
            "give this app {permissions} in the channel's settings. It was away, or what it knows is from a backup, so "
            "it must see what was posted there meanwhile, or it would post it twice.",
            permissions=name_permissions([_READ_HISTORY]),
        )
    return say(
        "nothing. This app was away, or what it knows is from a backup: it first reads what it posted meanwhile, then "
        "goes on by itself."
    )


def _render_retrying(why: Why) -> str:
    if why.missing:
        return say(
            "give this app {permissions} in the channel's settings, Permissions.",
            permissions=name_permissions(why.missing),
        )
    match why.error:
        case "permission" | "channel gone":
            return say("look at the channel's settings, Permissions. It is tried again by itself.")
        case "DMs closed":
            return f"{render_how_to_open()} {say('It is tried again by itself.')}"
    return say("nothing. It is tried again by itself.")
