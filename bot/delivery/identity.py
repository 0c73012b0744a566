"""The name of a promised message, the same however often it is worked out.

It is made of what the message is for, never of a row's number, so that a restored backup or a second copy of the
bot recognises its own messages: as the nonce Discord compares, and as the marker in the message's buttons.
"""

from __future__ import annotations

import base64
import hashlib

from storage.models import Target


def find_identity(target: Target, subscription_id: int, occasion: str, part: int, generation: int = 1) -> str:
    """Return 22 characters of A-Z a-z 0-9 _ - that name one part of one digest for one target.

    Short enough for a nonce (25, https://discord.com/developers/docs/resources/message#create-message) and for
    the marker of a custom id.
    """
    name = "\n".join((target.kind, target.id, str(subscription_id), occasion, str(part), str(generation)))
    return base64.urlsafe_b64encode(hashlib.blake2b(name.encode(), digest_size=16).digest()).decode().rstrip("=")
