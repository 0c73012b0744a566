"""Discord's limits and how a text is measured against them; what to leave out to fit is decided elsewhere.

Discord documents its limits as characters. Whether a letter outside the basic plane counts once or twice there
is not documented, so texts are measured the stricter way: in UTF-16 units.
"""

from __future__ import annotations

CONTENT = 2000  # characters of a message's content (Create Message)
TEXT = 4000  # characters over all text displays of one message (Component Reference)
COMPONENTS = 40  # components of one message, nested ones counted (Component Reference)
PAPERS_PER_PART = 10  # ours: two rows of five number buttons
CUSTOM_ID = 100  # characters of a custom id (Component Reference)


def measure(text: str) -> int:
    """Return the length of `text` in UTF-16 units, the stricter of the two ways Discord may count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_units(text: str, limit: int) -> str:
    """Return the beginning of a text that measures at most `limit`, without half a letter at its end."""
    return text.encode("utf-16-le", "surrogatepass")[: limit * 2].decode("utf-16-le", "ignore")
