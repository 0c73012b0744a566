"""The commands on offer, as values: names, descriptions, options and their fixed choices, each said once.

Discord's commands take their texts from here, the preview page its command box. What a command does is decided
by the router; which values an option completes to as well.
"""

from __future__ import annotations

from bot.answers.options import ALL, DEFAULT_PERIOD, PERIODS
from bot.answers.values import Choice, Command, Option

CATEGORY = Option("category", "An arXiv category or archive, such as cs.CV or stat", completes=True)
_NEEDED_CATEGORY = Option(CATEGORY.name, CATEGORY.description, required=True, completes=True)
_PERIODS = tuple(Choice(name, name) for name in (*PERIODS, ALL))
_CHANNEL = Option("channel", "The channel it goes to; this one unless you say")
_WHICH = Option("digest", "Which digest; needed only where there are several", completes=True)

QUESTIONS = (
    Command(
        "top",
        "The papers people shared most",
        (
            CATEGORY,
            Option("period", f"How far back from the newest post, {DEFAULT_PERIOD} unless you say", choices=_PERIODS),
        ),
    ),
    Command(
        "search",
        "Find papers by words in title, abstract or authors",
        (
            Option("query", "Words to find, or an arXiv id or link", required=True, completes=True),
            CATEGORY,
            Option("since", "Only papers hot since then: 2021-04-13, 2021-04, 30 days", completes=True),
            Option("author", "Only papers by an author of this name"),
        ),
    ),
    Command(
        "paper",
        "One paper: abstract, the posts that made it hot, its history",
        (Option("id", "An arXiv id or link", required=True, completes=True),),
    ),
    Command("saved", "The papers you saved"),
    Command("categories", "Which subjects there are, and how much was hot in each lately"),
    Command("help", "What this bot does and how to ask it"),
)
ORDERS = (
    Command("subscribe", "Get the hottest papers of a category by DM, every day", (_NEEDED_CATEGORY,)),
    Command(
        "unsubscribe",
        "Take a category out of your digest, or stop it",
        (Option("category", "The category to take out; all of them unless you say", completes=True),),
    ),
    Command("subscriptions", "Your own digest: when it comes, how much of what, pause, delete"),
)
STATUS = Command("status", "How the bot is doing: version, newest post, next digests here")
SHOW_PAPERS = "Show papers in this message"  # in a message's own menu, where Discord shows no description

_SETTINGS = (
    Option("categories", "Only these categories, with commas between: cs.CV, stat; all unless you say", completes=True),
    Option("time", "Not before this time: 9, 9am, 21:30", completes=True),
    Option("timezone", "The time's zone: a city, Europe/Berlin, +2", completes=True),
    Option("days", "Which days of the week: every day, weekdays, mon wed fri", completes=True),
    Option("count", "How many papers at most, 10 unless you say"),
    Option(
        "only",
        "Only papers that are hot among those of the last month",
        choices=(Choice("all", "all"), Choice("hot", "hot"), Choice("very hot", "very hot")),
    ),
    Option("mention", "A role to ping with the first message"),
    Option("discussion_thread", "Open a thread for discussion under each digest"),
    Option("tag", "The tag of a forum's posts", completes=True),
)
ADMIN = (
    Command("digest add", "Post the hottest papers to a channel, every day", (_CHANNEL, *_SETTINGS)),
    Command("digest list", "This server's digests: what goes where, last, next, state"),
    Command("digest edit", "Change a digest", (_WHICH,)),
    Command("digest pause", "Let a digest rest", (_WHICH,)),
    Command("digest resume", "Let a resting digest go on", (_WHICH,)),
    Command("digest remove", "Remove a digest", (_WHICH,)),
    Command("digest preview", "See what a digest would post now; only you see it", (_WHICH,)),
    Command("digest post", "Post a digest now", (_WHICH,)),
    Command(
        "digest why",
        "Why the last digest of a channel came, or did not",
        (Option("channel", "The channel to ask about; this one unless you say"),),
    ),
)
DIGEST_GROUP = "Daily digests in this server's channels"
COMMANDS = (*QUESTIONS, *ORDERS, STATUS, *ADMIN)


def get_command(name: str) -> Command:
    """Return the command of a name such as "top" or "digest add"."""
    return next(command for command in COMMANDS if command.name == name)
