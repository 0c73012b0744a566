"""Says a text in the language of whoever reads it: the one way that words of ours get into a message.

    with speak("de"):
        say("Nothing here.")            → "Hier ist nichts."

The language is set once around an answer and travels with the task, as it would else be a parameter of every
function that writes a word. English is the source; what a catalogue lacks is said in English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from bot.errors import UserError, Words
from bot.locales import de

ENGLISH = "en"
CATALOGUES: Mapping[str, Mapping[str, str]] = {"de": de.TEXTS}
LANGUAGES = (ENGLISH, *CATALOGUES)
_POINTS = str.maketrans(",.", ".,")
_language: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Say everything inside in a language, one of LANGUAGES."""
    token = _language.set(language if language in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _language.reset(token)


def get_language() -> str:
    """Return the language that is being spoken."""
    return _language.get()


def choose_language(locale: str | None) -> str:
    """Return our language for one of Discord's locales (de, en-GB, pt-BR …): English unless we know better."""
    language = (locale or "").partition("-")[0].lower()
    return language if language in CATALOGUES else ENGLISH


def say(text: str, /, **values: object) -> str:
    """Return an English text in the language being spoken, its `{names}` filled in.

    `text` is a literal, so that a test can find every text that a catalogue must have.
    """
    translated = find_translation(text, _language.get())
    return translated.format(**values) if values else translated


def say_count(count: int, one: str, many: str, **values: object) -> str:
    """Return the text for one or for many, `{n}` being the count with its thousands separated."""
    return say(one if count == 1 else many, n=format_integer(count), **values)


def say_error(error: UserError | Words) -> str:
    """Return what is wrong and what to do in the language being spoken; what a member typed is still live in it."""
    values = {name: say_error(value) if isinstance(value, Words) else value for name, value in error.values.items()}
    return say(error.text, **values)


def find_translation(text: str, language: str) -> str:
    """Return a text in a language, as it is where there is no translation."""
    return CATALOGUES.get(language, {}).get(text, text)


def format_integer(number: int) -> str:
    """Return a whole number with its thousands separated as the language does: 11,313 or 11.313."""
    return format_digits(f"{number:,}")


def format_digits(english: str) -> str:
    """Return an English number, 11,313.5, with its point and commas as the language has them: 11.313,5."""
    return english if _language.get() == ENGLISH else english.translate(_POINTS)
