"""What kept a message from being sent, in a few words: the kinds that sending knows, as the end of a sentence."""

from __future__ import annotations

from bot.messages.language import say


def render_trouble(kind: str) -> str:
    """Return what is known of why a message was not sent, as harmless words; `kind` is what sending recorded.

    What was recorded after a colon is more than a reader needs.
    """
    match kind.partition(":")[0].strip():
        case "permission":
            return say("Discord said that a permission is missing")
        case "channel gone":
            return say("Discord said that the channel is gone")
        case "DMs closed":
            return say("Discord said that this app may not write to you")
        case "refused":
            return say("Discord refused the message")
        case "rate limited":
            return say("Discord asked for a pause")
        case "message deleted":
            return say("the message was deleted")
        case "quarantined":
            return say("Discord stopped this app's direct messages for a while")
        case "held back":
            return say("this app makes a pause, as Discord refused too much")
        case "paused":
            return say("it was paused")
        case "subscription removed":
            return say("its digest was removed before it was sent")
        case "too late":
            return say("it could not be sent within a day")
        case "not found, sent again":
            return say("Discord's answer was lost, and the message was not there")
    return say("Discord could not be reached")
