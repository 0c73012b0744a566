"""What Discord's error answers mean for a message: whether it is about the target, the message, the bot or the moment.

Codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes#json-json-error-codes
"""

from __future__ import annotations

from bot.delivery.transport import (
    CHANNEL_GONE,
    DMS_CLOSED,
    LIMITED,
    MESSAGE_GONE,
    NO_PERMISSION,
    OUTAGE,
    QUARANTINED,
    REFUSED,
    TransportError,
)

THREAD_ARCHIVED = 50083
DONE_ALREADY = (40033, 160004)  # crossposted already; a thread has been created for this message already
_FINAL = {
    10003: CHANNEL_GONE,
    10004: CHANNEL_GONE,  # the server is
    10008: MESSAGE_GONE,
    10013: DMS_CLOSED,  # there is no such user any more
    50001: NO_PERMISSION,
    50007: DMS_CLOSED,
    50013: NO_PERMISSION,
    50033: DMS_CLOSED,  # nobody who can be written to
    50278: DMS_CLOSED,  # no server in common
    THREAD_ARCHIVED: NO_PERMISSION,  # and closed: else it would open by itself
}
_PASSING = {
    20016: LIMITED,  # slow mode
    20022: LIMITED,  # announcements changed too often
    20026: QUARANTINED,  # held to be a spammer
    20028: LIMITED,  # writes to this channel
    20029: LIMITED,  # writes to this server
    30046: LIMITED,  # changes to messages older than an hour
    40003: QUARANTINED,  # conversations opened too fast
    40062: LIMITED,
    160006: LIMITED,  # threads open in this server, until one is put away
}


class DiscordError(TransportError):
    """A TransportError that Discord answered, with its `code` (0: none, so it was something on the way)."""

    def __init__(self, kind: str, status: int, code: int, *, is_final: bool = False, is_lost: bool = False) -> None:
        super().__init__(kind, f"HTTP {status}, code {code}", is_final=is_final, may_have_arrived=is_lost)
        self.code = code


def classify(status: int, code: int) -> DiscordError:
    """Return the error that an answer is, by its HTTP status and Discord's own code (0 for none)."""
    if code in _FINAL:
        return DiscordError(_FINAL[code], status, code, is_final=True)
    if code in _PASSING:
        return DiscordError(_PASSING[code], status, code)
    if status == 429:
        return DiscordError(LIMITED, status, code)
    if status >= 500:
        return DiscordError(OUTAGE, status, code, is_lost=True)
    if not code:  # nothing about this message: a proxy on the way, Cloudflare, a token that was replaced
        return DiscordError(OUTAGE, status, code)
    kind = {403: NO_PERMISSION, 404: CHANNEL_GONE}.get(status, REFUSED)
    return DiscordError(kind, status, code, is_final=True)
