"""German. The English text of `say` is the key; `{names}` are the same in both. Readers are addressed as "du"."""

from __future__ import annotations

from bot.locales import de_answers, de_channels, de_delivery, de_messages, de_panels

TEXTS: dict[str, str] = {
    **de_delivery.TEXTS,
    **de_messages.TEXTS,
    **de_panels.TEXTS,
    **de_answers.TEXTS,
    **de_channels.TEXTS,
}
