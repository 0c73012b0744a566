"""Gives Discord the commands' texts in every language of ours; names stay, so that /help's mentions fit everyone."""

from __future__ import annotations

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes

from bot.messages.language import choose_language, find_translation

_TRANSLATED = (
    Location.command_description,
    Location.group_description,
    Location.parameter_description,
    Location.choice_name,
)


class CommandTranslator(app_commands.Translator):
    """Translates descriptions and choices from the same catalogues as the messages."""

    async def translate(
        self, string: app_commands.locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        """Return a text in a locale's language, None where it stays as it is."""
        is_menu = context.location is Location.command_name and isinstance(context.data, app_commands.ContextMenu)
        if context.location not in _TRANSLATED and not is_menu:
            return None
        translated = find_translation(string.message, choose_language(locale.value))
        return translated if translated != string.message else None
